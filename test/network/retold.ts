/**
 * What the tests of the vocabulary tell, told again today: dates moved to the day on which it is told, and names given that no other story has, so
 * that many are told side by side to one ledger, which keeps the time itself and has one authority.
 */
import { creditCodeValid, parties } from "../../chaincode/events/party";
import { addDays, dayOf, startOfDay } from "../../chaincode/events/time";
import { REMARKS } from "../../chaincode/events/codes";
import { vocabulary } from "../../chaincode/events/vocabulary";
import type { Role } from "../../chaincode/events/definition";
import type { Told } from "../chaincode/events/heard";
import { AUTHORITY, example, examples, NOW, type Report, World } from "../chaincode/events/world";
import { creditCode } from "../gateway/running";

const DAY_MS = 24 * 3600_000;
/** Milliseconds from report to report, and half of it from a report to its recording. What is said must be the same at either speed: nobody knows how fast a network is. */
const SPEEDS = [20, 2000];

export type Hosts = Readonly<Record<string, readonly Role[]>>;

/** A report of a story, as it was told first; which organisation speaks for its party; and what the ledger says to it today. */
export interface Step {
  readonly told: Report;
  readonly host: string;
  readonly codes: readonly string[];
  /** Where it stood then; undefined where it was refused. */
  readonly place: string | undefined;
  /** Whether it names the inventory that the ledger has. */
  readonly rooted: boolean;
}

/** What holds for everyone on a ledger, and would change what it says to the other stories. */
function isForAll({ type, data }: Report): boolean {
  const subjects = subjectsOf({ type, data });
  const first = type === "journal.closed" && subjects.some(({ id }) => isFirst(id));
  const authority = type.startsWith("party.") && subjects.some(({ id }) => id === AUTHORITY);
  return first || authority || /^(rulebook|calendar)\./.test(type);
}

/** Every gateway begins with it. */
const isFirst = (journal: string): boolean => /\/(facts|acts)$/.test(journal);

const subjectsOf = ({ type, data }: Pick<Report, "type" | "data">): readonly { readonly kind: string; readonly id: string }[] =>
  vocabulary.get(`suyuan.${type}`)?.about(data) ?? [];

/** Names of no story's own: the developer of a scenario is named by both, what was found by where. */
const COMPOSED = new Set(["developer", "finding"]);

export class Retelling {
  /** By the name that something had: the one that it has here. */
  readonly #names = new Map<string, string>();
  /** By where an event stood: where it stands here. */
  readonly #places = new Map<string, string>();

  /** @param number its own @param now the moment of `NOW`, milliseconds since 1970 */
  constructor(
    reports: readonly Report[],
    private readonly number: number,
    private readonly now: number,
  ) {
    const named = reports.flatMap((report) => [{ kind: "party", id: report.party }, ...subjectsOf(report)]);
    for (const { kind, id } of named) if (!COMPOSED.has(kind) && !this.#names.has(id)) this.#names.set(id, this.#nameFor(kind, id));
    this.#names.set("//test", this.source);
    for (const { type, data } of reports) if (type === "journal.source-moved") this.#nameSource((data as { source: string }).source);
  }

  get source(): string {
    return `//test/${this.number}`;
  }

  /** As it is told here, by the organisation that speaks for its party, at a time. */
  report({ type, party, data, at = NOW, time = at }: Report, host: string, now: number): Report {
    const happened = new Date(now - (Date.parse(at) - Date.parse(time))).toISOString();
    const said = (name: string, value: unknown): unknown =>
      typeof value !== "string" ? value : name === "year" ? this.#yearOf(value) : this.#said(value, host);
    return { type, party: this.own(party), data: JSON.parse(JSON.stringify(data), said) as object, time: happened };
  }

  stands(place: string, here: string): void {
    this.#places.set(place, here);
  }

  #nameSource(source: string): void {
    if (!this.#names.has(source)) this.#names.set(source, `${source}/${this.number}`);
  }

  #nameFor(kind: string, id: string): string {
    if (kind === "journal" && isFirst(id)) return id;
    if (kind !== "party") return `${id}-${this.number}`;
    return id === AUTHORITY || !creditCodeValid(id) ? id : creditCode(100 * this.number + this.#names.size);
  }

  /** What something is called here. */
  readonly own = (name: string): string => this.#names.get(name) ?? name;

  #yearOf(year: string): string {
    return String(Number(year) + Number(dayOf(this.now).slice(0, 4)) - Number(NOW.slice(0, 4)));
  }

  #said(text: string, host: string): string {
    if (/^\d{4}-\d\d-\d\d$/.test(text)) return addDays(text, (startOfDay(dayOf(this.now)) - startOfDay(dayOf(Date.parse(NOW)))) / DAY_MS);
    if (/^\d{4}-\d\d-\d\dT/.test(text)) return new Date(Date.parse(text) + this.now - Date.parse(NOW)).toISOString();
    const [, place = "", rest = ""] = /^(SuyuanMSP\/\w+\/\d+)(\/.*)?$/.exec(text) ?? [];
    if (place !== "") return (this.#places.get(place) ?? place) + rest;
    if (this.#names.has(text)) return this.own(text).replace(/^SuyuanMSP\//, `${host}/`);
    return text.split(":").map(this.own).join(":");
  }
}

/** What a ledger in memory says to a story today; undefined where that depends on how fast it is told, or where there is not all of it. */
export function stepsOf(told: Told, hosts: Hosts, now: number): readonly Step[] | undefined {
  const [steps, ...others] = SPEEDS.map((speed) => spoken(told, hosts, now, speed));
  return others.every((other) => JSON.stringify(other) === JSON.stringify(steps)) ? steps : undefined;
}

function spoken(told: Told, hosts: Hosts, now: number, speed: number): readonly Step[] | undefined {
  const world = new World(hosts);
  const [central = ""] = Object.keys(hosts);
  const retelling = new Retelling(
    told.map(({ report }) => report),
    1,
    now,
  );
  for (const calendar of calendarsOf(now)) world.tell({ ...calendar, at: new Date(now).toISOString(), mspId: central });
  const counts = { facts: 0, acts: 0 };
  const steps: Step[] = [];
  for (const { report: given, codes: then = [] } of told) {
    const kind = vocabulary.get(`suyuan.${given.type}`)?.kind === "fact" ? "facts" : "acts";
    const recorded = kind === "facts" || then.every((code) => REMARKS.has(code));
    const place = recorded ? `SuyuanMSP/${kind}/${counts[kind]++}` : undefined;
    if (isForAll(given)) continue;
    const at = now + (steps.length + 1) * speed;
    const { party } = retelling.report(given, central, at);
    const host = world.get(parties, party)?.host ?? central;
    const rooted = given.type === "exit.inventory-frozen" && !then.includes("holding-mismatch");
    const report = retelling.report(rooted ? { ...given, data: { ...given.data, root: EXAMPLE_ROOT } } : given, host, at - speed / 2);
    const before = world.place;
    const codes = world.codes({ ...report, at: new Date(at).toISOString(), mspId: host });
    if (codes === undefined) return undefined;
    if (place !== undefined && world.place !== before) retelling.stands(place, world.place);
    steps.push({ told: given, host, codes, place, rooted: rooted && !codes.includes("exit-unknown") });
  }
  return steps;
}

/** The working days of this year and the next, without holidays: what stories are told after. */
export const calendarsOf = (now: number): readonly Report[] =>
  [0, 1].map((years) => {
    const year = String(Number(dayOf(now).slice(0, 4)) + years);
    return example("calendar.set", AUTHORITY, { year, holidays: [], workdays: [] });
  });

/** A ledger in memory takes it for the one that is right. */
const EXAMPLE_ROOT = examples["suyuan.exit.inventory-frozen"].valid.root;
