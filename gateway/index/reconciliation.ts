/**
 * Transfers (供数), each with what both sides said of it: the source or the city base that it supplied, the operator or the platform that it pulled;
 * of what goes from a source to the city base, what each of them said was aggregated. Only who has a say in a side is heard, by the records of the
 * resource and the authorization. One record a transfer, kept up with every block.
 */
import type { SubjectKind, World } from "../../chaincode/events/definition";
import { isSourceOf } from "../../chaincode/events/catalogue";
import { parametersAt, RULEBOOK } from "../../chaincode/events/rulebook";
import { keys } from "./keys";
import type { Place, Position } from "./place";
import type { Known } from "./recording";
import type { PlaceLists } from "./places";
import type { Told } from "./lists";
import type { View } from "./view";
import type { Breach } from "../../chaincode/events/judge";
import { fromJson, type Changes, type Store, toJson } from "./store";
import type { SubjectWriter } from "./subjects";

/** What was reported of a transfer, the last time. */
export interface Report {
  readonly party: string;
  readonly rows?: number;
  readonly bytes?: number;
  readonly digest?: string;
  readonly at: readonly [journal: number, index: number];
}

/** What one side said: in what capacity it spoke for that side. */
export interface Side extends Report {
  readonly as: Capacity;
}
/** The source of the resource, the operator of the authorization, or the city base, which stands for either where it says nothing itself. */
export const CAPACITIES = ["source", "operator", "platform"] as const;
export type Capacity = (typeof CAPACITIES)[number];

/** What somebody said of it who has no say in it: kept, and compared with nothing. */
export interface Other extends Report {
  readonly side: "supplied" | "pulled";
}

export interface Stored {
  /** Whose data it is, as far as it was known then. */
  readonly source?: string;
  readonly leg: Leg;
  readonly supplied?: Side;
  readonly pulled?: Side;
  /** By party and side, the newest last. */
  readonly others?: readonly Other[];
}

/** From a source to the city base, or from there to the operator. */
export type Leg = "to-base" | "to-operator";

/** By leg: how much a source supplied. */
export type Contribution = Readonly<Partial<Record<Leg, { readonly transfers: number; readonly rows: number; readonly bytes: number }>>>;

export const RECONCILIATION_CODES = ["supplied-not-pulled", "pulled-not-supplied", "amounts-differ"] as const;
export type ReconciliationCode = (typeof RECONCILIATION_CODES)[number];

interface Reported {
  readonly authorization?: string;
  readonly scenario?: string;
  readonly resource: string;
  readonly transfer?: string;
  readonly rows?: number;
  readonly bytes?: number;
  readonly digest?: string;
}

export type Name = readonly [authorization: string, resource: string, scenario: string, transfer: string];

const SUPPLIED = "suyuan.data.supplied";
const PULLED = "suyuan.data.pulled";
const AGGREGATED = "suyuan.data.aggregated";
const TYPES: ReadonlySet<string> = new Set([SUPPLIED, PULLED, AGGREGATED]);

/** Of those who have no say in a transfer, so many are kept. */
const OTHERS_KEPT = 16;

/** What lists look at of an event, and whether it stands where findings stand already. */
type Listed = Told & { readonly isFound: boolean };

interface Reporting {
  readonly name: Name;
  readonly type: string;
  readonly report: Report;
  readonly happened: number;
  readonly listed: Listed;
}

/** Collects what one block says of transfers. */
export class ReconciliationWriter {
  readonly #told: Reporting[] = [];
  /** Records that several of these ask for. */
  readonly #known = new Map<string, Promise<unknown>>();

  constructor(
    private readonly store: Store,
    private readonly changes: Changes,
    private readonly subjects: SubjectWriter,
  ) {}

  note({ type, event }: Known, { journal, index }: Place, position: Position, listed: Listed): void {
    if (!TYPES.has(type.type)) return;
    const data = event.data as Reported;
    if (data.transfer === undefined && type.type !== PULLED) return;
    const { rows, bytes, digest } = data;
    const report = {
      party: event.party,
      ...(rows === undefined ? {} : { rows }),
      ...(bytes === undefined ? {} : { bytes }),
      ...(digest === undefined ? {} : { digest }),
      at: [journal, index] as const,
    };
    const happened = Date.parse(event.time);
    this.#told.push({ name: nameOf(data, position), type: type.type, report, happened, listed });
  }

  /** @param places where what does not agree is entered as found */
  async save(places: PlaceLists): Promise<void> {
    const counts = new Map<string, number>();
    const transfers = new Map<string, Stored>();
    const contributions = new Map<string, Contribution>();
    for (const told of this.#told) {
      const { name } = told;
      const key = keys.transfer(...name);
      const before = transfers.get(key) ?? ((await this.#read(key)) as Stored | undefined);
      const after = await this.#with(before, told);
      transfers.set(key, after);
      this.changes.put(key, toJson(after));
      const [was, is] = [before && codeOf(before), codeOf(after)];
      if (is === undefined) this.changes.del(keys.unreconciled(...name));
      else this.changes.put(keys.unreconciled(...name), NOTHING);
      if (was !== is)
        for (const [code, by] of [[was, -1] as const, [is, 1] as const]) if (code) counts.set(code, (counts.get(code) ?? 0) + by);
      const { listed, report } = told;
      if (is !== undefined && isOf(after, report))
        places.noteFound({ ...listed, codes: [is] }, { journal: report.at[0], index: report.at[1] }, listed.isFound);
      if (after.source === undefined || after.supplied === before?.supplied) continue;
      const total = keys.contribution(after.source);
      const known = contributions.get(total) ?? ((await this.#read(total)) as Contribution | undefined) ?? {};
      contributions.set(total, added(known, after.leg, before?.supplied, after.supplied));
    }
    for (const [key, total] of contributions) this.changes.put(key, toJson(total));
    for (const [code, by] of counts) {
      const before = ((await this.#read(keys.unreconciledCount(code))) as number | undefined) ?? 0;
      this.changes.put(keys.unreconciledCount(code), toJson(before + by));
    }
  }

  async #with(before: Stored | undefined, told: Reporting): Promise<Stored> {
    const { type, report } = told;
    const [side, as] = await this.#sayOf(told);
    const source = before?.source ?? (await this.#current("resource", told.name[1]))?.source;
    const stored: Stored = { leg: type === AGGREGATED ? "to-base" : "to-operator", ...(source === undefined ? {} : { source }), ...before };
    const said = before?.[side];
    if (as !== undefined && isHeard({ ...report, as }, said, before?.[side === "supplied" ? "pulled" : "supplied"])) {
      const unheard = said === undefined || said.party === report.party ? stored : withOther(stored, said, side);
      return { ...unheard, [side]: { ...report, as } };
    }
    return withOther(stored, report, side);
  }

  /** Of which side a report speaks, and in what capacity whoever made it does; in none, where it is not theirs to say. */
  async #sayOf({
    name: [authorization, resource],
    type,
    report: { party },
    happened,
  }: Reporting): Promise<readonly [Other["side"], Capacity | undefined]> {
    const { roles = [], former = [] } = (await this.#current("party", party)) ?? {};
    const codes = [party, ...former];
    const record = await this.#current("resource", resource);
    const world = { get: () => record } as unknown as World;
    const isSource = codes.some((code) => isSourceOf(world, code, resource, happened));
    const operator = authorization === "" ? undefined : (await this.#current("authorization", authorization))?.operator;
    const isOperator = operator !== undefined && codes.includes(operator);
    const asPlatform = roles.includes("platform") ? "platform" : undefined;
    if (type === PULLED) return ["pulled", isOperator ? "operator" : asPlatform];
    if (isSource) return ["supplied", "source"];
    if (type === AGGREGATED) return [asPlatform === undefined ? "supplied" : "pulled", asPlatform];
    return ["supplied", isOperator ? undefined : asPlatform];
  }

  #current(kind: SubjectKind, id: string): Promise<Asked | undefined> {
    const name = `${kind} ${id}`;
    let known = this.#known.get(name);
    if (known === undefined) this.#known.set(name, (known = this.subjects.current(kind, id)));
    return known as Promise<Asked | undefined>;
  }

  async #read(key: string): Promise<unknown> {
    const bytes = await this.store.get(key);
    return bytes && fromJson(bytes);
  }
}

const NOTHING = Buffer.alloc(0);
const HOUR_MS = 3600_000;

/** What is asked of a record, of whatever kind. */
interface Asked {
  readonly source?: string;
  readonly operator?: string;
  readonly roles?: readonly string[];
  readonly former?: readonly string[];
}

/** The city base speaks for a side as long as that does not itself, and never for both. */
const isHeard = (report: Side, before: Side | undefined, other: Side | undefined): boolean =>
  report.as !== "platform" ||
  ((before === undefined || (before.as === "platform" && before.party === report.party)) && other?.party !== report.party);

function withOther(stored: Stored, { party, rows, bytes, digest, at }: Report, side: Other["side"]): Stored {
  const others = (stored.others ?? []).filter((other) => other.party !== party || other.side !== side);
  const told = {
    ...(rows === undefined ? {} : { rows }),
    ...(bytes === undefined ? {} : { bytes }),
    ...(digest === undefined ? {} : { digest }),
  };
  return { ...stored, others: [...others, { side, party, ...told, at }].slice(-OTHERS_KEPT) };
}

/** What a source supplied, once one report of it has taken the place of another. */
function added(total: Contribution, leg: Leg, before: Side | undefined, after: Side | undefined): Contribution {
  if (after === undefined) return total;
  const { transfers, rows, bytes } = total[leg] ?? { transfers: 0, rows: 0, bytes: 0 };
  return {
    ...total,
    [leg]: {
      transfers: transfers + (before === undefined ? 1 : 0),
      rows: rows + (after.rows ?? 0) - (before?.rows ?? 0),
      bytes: bytes + (after.bytes ?? 0) - (before?.bytes ?? 0),
    },
  };
}

const AMOUNTS = ["rows", "bytes", "digest"] as const;

/** Amounts that both sides tell, and not the same. */
export const differing = ({ supplied, pulled }: Stored): readonly string[] =>
  AMOUNTS.filter((amount) => {
    const [one, other] = [supplied?.[amount], pulled?.[amount]];
    return one !== undefined && other !== undefined && one !== other;
  });

/** The report in which a finding about a transfer is shown. */
export const lastOf = ({ supplied, pulled }: Stored): Side | undefined => pulled ?? supplied;

const isOf = (transfer: Stored, { at: [journal, index] }: Pick<Report, "at">): boolean => {
  const last = lastOf(transfer);
  return last?.at[0] === journal && last.at[1] === index;
};

/**
 * What comparing shows of each of these events now, as transfers stand. That a side is missing is found once it is late: until then whoever did its part
 * may still report it.
 */
export async function readUnreconciled(
  store: Store,
  view: View,
  events: readonly (Known & { readonly place: Place; readonly recorded: number })[],
): Promise<(readonly Breach[])[]> {
  if (view.isPast) return events.map(() => []);
  const names = events.map(({ type, event, place }) =>
    TYPES.has(type.type) ? nameOf(event.data as Reported, view.position(place)) : undefined,
  );
  if (names.every((name) => name === undefined)) return events.map(() => []);
  const found = await store.getMany(names.map((name) => (name === undefined ? "" : keys.transfer(...name))));
  const rulebook = await store.get(keys.record("rulebook", RULEBOOK));
  const world = { get: () => rulebook && fromJson(rulebook) } as unknown as World;
  return found.map((bytes, i) => {
    const transfer = bytes && (fromJson(bytes) as Stored);
    const { place: { journal = -1, index = -1 } = {}, recorded = 0 } = events[i] ?? {};
    if (transfer === undefined || !isOf(transfer, { at: [journal, index] })) return [];
    const isLate = view.latest - recorded > parametersAt(world, recorded).lateHours * HOUR_MS;
    return breachesOf(transfer).filter(({ code }) => isLate || code === "amounts-differ");
  });
}

/** By which a pull without a number is called: no supply can be matched with it. */
const nameOf = ({ authorization = "", scenario = "", resource, transfer }: Reported, { journal, index }: Position): Name => [
  ...([authorization, resource, scenario] as const),
  transfer ?? `${journal}/${index}`,
];

export function breachesOf(transfer: Stored): readonly (Breach & { readonly code: ReconciliationCode })[] {
  const code = codeOf(transfer);
  return code === undefined ? [] : [{ code, ...(code === "amounts-differ" ? { missing: differing(transfer) } : {}) }];
}

/** How many transfers do not agree now, by code. */
export async function countUnreconciled(store: Store): Promise<Readonly<Partial<Record<ReconciliationCode, number>>>> {
  const found = await store.getMany(RECONCILIATION_CODES.map((code) => keys.unreconciledCount(code)));
  return Object.fromEntries(
    RECONCILIATION_CODES.flatMap((code, i) => (found[i] === undefined ? [] : [[code, fromJson(found[i]) as number]])),
  );
}

export function codeOf(transfer: Stored): ReconciliationCode | undefined {
  if (transfer.pulled === undefined && transfer.supplied === undefined) return undefined;
  if (transfer.pulled === undefined) return "supplied-not-pulled";
  if (transfer.supplied === undefined) return "pulled-not-supplied";
  return differing(transfer).length > 0 ? "amounts-differ" : undefined;
}
