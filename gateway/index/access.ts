/**
 * Who may see what. Supervisors see everything; a party sees its own events and what is about something of its own, and the table below says
 * through which kinds of things. What it may not see is answered as what does not exist, since even that there is something would tell.
 */
import type { Kind, Role, Subject, SubjectKind } from "../../chaincode/events/definition";
import type { Development } from "../../chaincode/events/developer";
import type { RecordedEvent } from "../../chaincode/events/envelope";
import type { Exit } from "../../chaincode/events/exit-record";
import type { Product } from "../../chaincode/events/offer";
import { BOUND, type Party } from "../../chaincode/events/party";
import { covers } from "../../chaincode/events/time";
import { keys, lastPart, under } from "./keys";
import { holding } from "./marks";
import { belongsTo, formerlyUntil, ownersOf, toldOf } from "./ownership";
import { knownOf } from "./recording";
import { fromJson, type Store } from "./store";

/**
 * Who asks. What it had under a code that it had before it was renamed, or that was a party's which became part of it, it still has; what came of
 * a party that was split, each of those has that it was split into.
 */
export interface Asker {
  /** Credit code. */
  readonly party: string;
  readonly roles: readonly Role[];
}

/** Everything, or what touches the asker's own things of these kinds. */
type Scope = "all" | readonly SubjectKind[];

const HANDLING = ["finding", "complaint"] as const satisfies readonly SubjectKind[];
const OPERATING = [
  ...["authorization", "application", "scenario", "developer", "product", "environment", "asset", "incident", "exit"],
  ...HANDLING,
] as readonly SubjectKind[];

/**
 * The table. A party's own are the things that are its by `ownership.ts`, and those that belong to one of these. A developer has the scenario, too,
 * under which it is authorised, and what belongs to that: what is decided about them, and nothing of what others do there.
 */
export const SCOPES: Readonly<Record<Role, Scope>> = {
  authority: "all",
  "implementing-agency": "all",
  government: "all",
  supervisor: "all",
  "sector-authority": "all",
  assessor: "all",
  "province-authority": "all",
  source: ["resource", ...HANDLING],
  "primary-operator": OPERATING,
  platform: OPERATING,
  developer: ["developer", "scenario", "product", "environment", ...HANDLING],
  "province-platform": [],
  public: [],
};

/** What is said to all members: the rules, the calendar, and what is announced. */
const SAID_TO_ALL: ReadonlySet<string> = new Set<SubjectKind>(["rulebook", "calendar", "announcement"]);

/** What a developer has under a scenario. */
const DEVELOPMENT = "developer";
/** What somebody has under a scenario, and others there have nothing to do with. */
const SOMEBODYS: ReadonlySet<string> = new Set<SubjectKind>([DEVELOPMENT, "environment", "product"]);

/** A product belongs to a scenario, and that to an authorization: no chain of records is longer. */
const DEEPEST = 3;

/** What is seen of a thing: nothing; what is decided about it (办理事项), and no more; its record too; what is done with it (行为记录) too. */
const [NOTHING, TOLD, ACTS, FACTS] = [0, 1, 2, 3] as const;
type Sight = typeof NOTHING | typeof TOLD | typeof ACTS | typeof FACTS;
const best = (sights: readonly Sight[]): Sight => sights.reduce<Sight>((most, sight) => (sight > most ? sight : most), NOTHING);

/** What is seen of a thing, and of what happened until when: milliseconds since 1970. */
interface Seen {
  readonly sight: Sight;
  readonly until: number;
}
const always = (sight: Sight): Seen => ({ sight, until: Infinity });
/** Later than anything that happened. */
const NOW = Number.MAX_VALUE;

export class Access {
  readonly #scope: ReadonlySet<string>;
  readonly #sights = new Map<string, Promise<Seen>>();
  #codes: Promise<ReadonlySet<string>> | undefined;
  #askedFor: Promise<ReadonlySet<string>> | undefined;
  /** Nothing is kept from who asks. */
  readonly all: boolean;

  /** @param asker undefined for the gateway itself */
  constructor(
    private readonly store: Store,
    readonly asker?: Asker,
  ) {
    const scopes = asker?.roles.map((role) => SCOPES[role]) ?? ["all"];
    this.all = scopes.includes("all");
    this.#scope = new Set<string>(scopes.flatMap((scope) => (scope === "all" ? [] : scope)));
  }

  /** Whether a subject may be seen. */
  async subject(subject: Subject): Promise<boolean> {
    return this.all || SAID_TO_ALL.has(subject.kind) || (await this.#sightOf(subject)) >= ACTS;
  }

  /**
   * Whether somebody is told how far a thing has come, and no more of it: who may see it, and of an exit whoever may be asked to take a step of it: a
   * source that was asked for data of what ends, and a platform that is no operator's or developer's own.
   */
  async howFar(subject: Subject): Promise<boolean> {
    return (await this.subject(subject)) || (subject.kind === "exit" && (await this.#actsOn(subject.id)));
  }

  async #actsOn(exit: string): Promise<boolean> {
    const { party = "", roles = [] } = this.asker ?? {};
    const known = await this.#record<Party>("party", party);
    if (known === undefined || [...roles, ...known.roles].some((role) => BOUND.includes(role))) return false;
    if (roles.includes("platform")) return true;
    const record = roles.includes("source") ? await this.#record<Exit>("exit", exit) : undefined;
    if (record === undefined) return false;
    const { authorization, product, scenario = (await this.#record<Product>("product", product ?? ""))?.scenario } = record;
    const asked = await (this.#askedFor ??= this.#readAskedFor());
    return asked.has(`scenario ${scenario}`) || (record.leaving === "operator" && asked.has(`authorization ${authorization}`));
  }

  /** Scenarios that ask for data of the asker's, and their authorizations. */
  async #readAskedFor(): Promise<ReadonlySet<string>> {
    const found = new Set<string>();
    for await (const [key, value] of this.store.iterator(under("r", "scenario"))) {
      const record = fromJson(value) as Readonly<Record<string, unknown>>;
      const resources = belongsTo("scenario", record).filter(({ kind }) => kind === "resource");
      if (best(await Promise.all(resources.map((resource) => this.#sightOf(resource)))) < FACTS) continue;
      found.add(`scenario ${lastPart(key)}`).add(`authorization ${String(record["authorization"])}`);
    }
    return found;
  }

  async #record<R>(kind: SubjectKind, id: string): Promise<R | undefined> {
    const bytes = await this.store.get(keys.record(kind, id));
    return bytes && (fromJson(bytes) as R);
  }

  /** Whether something may be seen that is about these: a decision, or what somebody did. @param at when it happened, milliseconds since 1970 */
  async about(subjects: readonly Subject[], what: Kind, at = NOW): Promise<boolean> {
    if (this.all) return true;
    if (subjects.length > 0 && subjects.every(({ kind }) => SAID_TO_ALL.has(kind))) return true;
    const within = this.#decisive(subjects).filter(({ kind }) => kind === "party" || this.#scope.has(kind));
    return best(await Promise.all(within.map((subject) => this.#sightOf(subject, at)))) >= (what === "act" ? TOLD : FACTS);
  }

  /** Whether an event may be seen: whoever reported it or is named in it sees it. @param leaf parsed, or what cannot be. @param quarantined nobody vouches for what it says */
  async event(leaf: unknown, quarantined = false): Promise<boolean> {
    if (this.all) return true;
    const { party } = (leaf ?? {}) as Partial<RecordedEvent>;
    const codes = await this.codes();
    if (party !== undefined && codes.has(party)) return true;
    const known = quarantined ? undefined : knownOf(leaf);
    if (known === undefined) return false;
    const { event, type } = known;
    return names(event.data, codes) || this.about(type.about(event.data), type.kind, Date.parse(event.time));
  }

  /** Credit codes under which the asker is or was known. */
  codes(): Promise<ReadonlySet<string>> {
    this.#codes ??= this.#readCodes();
    return this.#codes;
  }

  async #readCodes(): Promise<ReadonlySet<string>> {
    const { party } = this.asker ?? {};
    if (party === undefined) return new Set();
    const bytes = await this.store.get(keys.record("party", party));
    const { former = [] } = (bytes && (fromJson(bytes) as Pick<Party, "former">)) ?? {};
    return new Set([party, ...former]);
  }

  /** Those of some things that may be seen. */
  async only<T>(things: readonly T[], visible: (thing: T) => Promise<boolean>): Promise<readonly T[]> {
    if (this.all) return things;
    const seen = await Promise.all(things.map(visible));
    return things.filter((_, i) => seen[i]);
  }

  /**
   * Of what is somebody's it is not the scenario that counts, unless for its operator. Under the number of an incident or a complaint anybody may speak:
   * what is said of an incident is for whose authorization it names, and what is said in a complaint not for whom it is about.
   */
  #decisive(subjects: readonly Subject[]): readonly Subject[] {
    const complaints = subjects.filter(({ kind }) => kind === "complaint");
    if (complaints.length > 0) return complaints;
    const own = !this.#scope.has("authorization") && subjects.some(({ kind }) => SOMEBODYS.has(kind));
    return subjects.filter(({ kind }) => kind !== "incident" && !(own && kind === "scenario"));
  }

  async #sightOf(subject: Subject, at = NOW, deep = 0): Promise<Sight> {
    if (subject.kind === "party") return (await this.codes()).has(subject.id) ? FACTS : NOTHING;
    const name = keys.record(subject.kind, subject.id);
    let seen = this.#sights.get(name);
    if (seen === undefined) this.#sights.set(name, (seen = this.#look(subject, deep)));
    const { sight, until } = await seen;
    return at < until ? sight : NOTHING;
  }

  async #look({ kind, id }: Subject, deep: number): Promise<Seen> {
    const bytes = await this.store.get(keys.record(kind, id));
    if (bytes === undefined) return always(NOTHING);
    const record = fromJson(bytes) as Readonly<Record<string, unknown>>;
    const codes = await this.codes();
    const isOne = (code: string): boolean => codes.has(code);
    if (ownersOf(kind, record).some(isOne)) return always(FACTS);
    const until = formerlyUntil(record, codes);
    if (until !== undefined) return { sight: FACTS, until };
    const told = toldOf(kind, record).some(isOne) ? TOLD : NOTHING;
    const develops = kind === "scenario" && this.#scope.has(DEVELOPMENT) && (await this.#developsUnder(id)) ? ACTS : told;
    if (deep === DEEPEST) return always(develops);
    const within = belongsTo(kind, record).filter(({ kind }) => this.#scope.has(kind));
    const sights = await Promise.all(within.map((subject) => this.#sightOf(subject, NOW, deep + 1)));
    // Who develops under a scenario is given the products of its operator, and works with them.
    const given = kind === "product" && (record as Partial<Product>).level === "1";
    return always(best([develops, ...sights.filter((sight) => sight === FACTS || (given && sight === ACTS))]));
  }

  /** Whether the asker is authorised to develop under a scenario today. */
  async #developsUnder(scenario: string): Promise<boolean> {
    const names = [...(await this.codes())].map((code) => keys.record(DEVELOPMENT, `${code}:${scenario}`));
    const now = Date.now();
    return (await this.store.getMany(names)).some((bytes) => {
      if (bytes === undefined) return false;
      const { terms, ...record } = fromJson(bytes) as Pick<Development, "terms" | "steps">;
      return holding(record, "authorised", now) !== undefined && terms.some((term) => covers(term, now));
    });
  }
}

/** Whether a credit code stands anywhere in what was said. */
function names(said: unknown, codes: ReadonlySet<string>): boolean {
  if (typeof said === "string") return codes.has(said);
  return typeof said === "object" && said !== null && Object.values(said).some((inner) => names(inner, codes));
}
