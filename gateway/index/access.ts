/**
 * Who may see what. Supervisors see everything; a party sees its own events and what is about something of its own, and the table below says
 * through which kinds of things. What it may not see is answered as what does not exist, since even that there is something would tell.
 */
import type { Role, Subject, SubjectKind } from "../../chaincode/events/definition";
import { SUBJECT_KINDS } from "../../chaincode/events/definition";
import type { RecordedEvent } from "../../chaincode/events/envelope";
import { keys } from "./keys";
import { marksOf } from "./marks";
import { knownOf } from "./recording";
import { fromJson, type Store } from "./store";

/** Who asks. */
export interface Asker {
  /** Credit code. */
  readonly party: string;
  readonly roles: readonly Role[];
}

/** Everything, or what touches the asker's own things of these kinds. */
type Scope = "all" | readonly SubjectKind[];

const HANDLING = ["finding", "complaint", "incident"] as const satisfies readonly SubjectKind[];
const OPERATING = [
  ...["authorization", "application", "scenario", "developer", "product", "environment", "asset", "exit"],
  ...HANDLING,
] as readonly SubjectKind[];

/** The table. A party's own are the things whose records name it, and those that belong to one of these. */
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
const isDevelopment = ({ kind }: { readonly kind: string }): boolean => kind === DEVELOPMENT;

/** A product belongs to a scenario, and that to an authorization: no chain of records is longer. */
const DEEPEST = 3;

export class Access {
  readonly #scope: ReadonlySet<string>;
  readonly #own = new Map<string, Promise<boolean>>();
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
    return this.all || SAID_TO_ALL.has(subject.kind) || this.#owns(subject);
  }

  /** Whether something may be seen that is about these. */
  async about(subjects: readonly Subject[]): Promise<boolean> {
    if (this.all) return true;
    if (subjects.length > 0 && subjects.every(({ kind }) => SAID_TO_ALL.has(kind))) return true;
    const within = this.#decisive(subjects).filter(({ kind }) => kind === "party" || this.#scope.has(kind));
    return (await Promise.all(within.map((subject) => this.#owns(subject)))).includes(true);
  }

  /** Whether an event may be seen. @param leaf parsed, or what cannot be. @param quarantined nobody vouches for what it says */
  async event(leaf: unknown, quarantined = false): Promise<boolean> {
    if (this.all) return true;
    const { party } = (leaf ?? {}) as Partial<RecordedEvent>;
    if (party !== undefined && party === this.asker?.party) return true;
    const known = quarantined ? undefined : knownOf(leaf);
    return known !== undefined && this.about(known.type.about(known.event.data));
  }

  /** Those of some things that may be seen. */
  async only<T>(things: readonly T[], visible: (thing: T) => Promise<boolean>): Promise<readonly T[]> {
    if (this.all) return things;
    const seen = await Promise.all(things.map(visible));
    return things.filter((_, i) => seen[i]);
  }

  /** What one developer has under a scenario is no other's business: then it is not the scenario that counts, unless for its operator. */
  #decisive(subjects: readonly Subject[]): readonly Subject[] {
    if (this.#scope.has("authorization") || !subjects.some(isDevelopment)) return subjects;
    return subjects.filter((subject) => isDevelopment(subject) || subject.kind === "party");
  }

  #owns(subject: Subject, deep = 0): Promise<boolean> {
    if (subject.kind === "party") return Promise.resolve(subject.id === this.asker?.party);
    const name = keys.record(subject.kind, subject.id);
    let own = this.#own.get(name);
    if (own === undefined) this.#own.set(name, (own = this.#ask(subject, deep)));
    return own;
  }

  async #ask({ kind, id }: Subject, deep: number): Promise<boolean> {
    const bytes = await this.store.get(keys.record(kind, id));
    if (bytes === undefined) return false;
    if (kind === "scenario" && this.#scope.has(kind) && (await this.#developsUnder(id))) return true;
    const texts = [...textsOf(fromJson(bytes))];
    if (texts.some(([, text]) => text === this.asker?.party)) return true;
    if (deep === DEEPEST) return false;
    const leads = (field: string): boolean => this.#scope.has(field) && (!isDevelopment({ kind }) || field === "authorization");
    const belongsTo = texts.flatMap(([field, id]) => (leads(field) ? [{ kind: field as SubjectKind, id }] : []));
    return (await Promise.all(belongsTo.map((subject) => this.#owns(subject, deep + 1)))).includes(true);
  }

  /** Whether the asker was ever authorised to develop under a scenario. */
  async #developsUnder(scenario: string): Promise<boolean> {
    const bytes = await this.store.get(keys.record(DEVELOPMENT, `${this.asker?.party ?? ""}:${scenario}`));
    return bytes !== undefined && marksOf(fromJson(bytes), "authorised").length > 0;
  }
}

const KINDS: ReadonlySet<string> = new Set<string>(SUBJECT_KINDS);

/** Every text of a record with the field that it stands in; of a list of things of one kind, that kind. Steps name acts, which are no things. */
function* textsOf(value: unknown, field = ""): Generator<readonly [field: string, text: string], void> {
  if (typeof value === "string") yield [field, value];
  else if (Array.isArray(value)) for (const item of value) yield* textsOf(item, KINDS.has(field.slice(0, -1)) ? field.slice(0, -1) : field);
  else if (typeof value === "object" && value !== null)
    for (const [name, inner] of Object.entries(value)) if (name !== "steps") yield* textsOf(inner, name);
}
