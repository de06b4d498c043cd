/**
 * Tracing (溯源): from a product, a holding or a resource back to the sources, or forward to the products, event by event. It reads what it
 * answers and nothing else: edges are looked up, calls and accesses are counted, and there is a bound to the answer.
 */
import type { Breach } from "../../chaincode/events/judge";
import type { Entity, Subject } from "../../chaincode/events/vocabulary";
import { toHex } from "../../chaincode/proof/bytes";
import { parseHoldingName } from "../../chaincode/proof/holding-name";
import { leafHash } from "../../chaincode/proof/rfc6962";
import { type Act, Decisions, inLedgerOrder, isDecided } from "./decisions";
import { type Entry, readEntries } from "./entries";
import { findingsOf } from "./events";
import { type Held, readHoldings } from "./holdings";
import { lists, tallies } from "./keys";
import type { Place, Position } from "./place";
import { lastBefore, type Page, readPlaces } from "./places";
import { type Step, stepOf } from "./provenance";
import { type Known, knownOf } from "./recording";
import type { Store } from "./store";
import { readSubjects, type SubjectSummary } from "./subjects";
import { type Tally, tallyOf } from "./tallies";
import type { View } from "./view";

export type Direction = "sources" | "products";

export interface TraceQuery {
  readonly start: Entity;
  readonly direction: Direction;
  /** Events between the start and the farthest thing shown. */
  readonly depth: number;
  /** Entities and activities in the answer. */
  readonly limit: number;
  /** Goes on with the start's own edges: `next` of that entity in an earlier answer. */
  readonly cursor?: string;
}

export interface Trace {
  readonly height: number;
  readonly start: Entity;
  readonly direction: Direction;
  readonly entities: readonly TraceEntity[];
  readonly activities: readonly TraceActivity[];
  readonly edges: readonly TraceEdge[];
  /** What allowed the activities; they name them by their number in this list. */
  readonly acts: readonly TraceAct[];
  /** Whether some entity is `open`. */
  readonly truncated: boolean;
}

/** Data: of a holding what was declared and what became of it, of a resource or a product its name and state. */
export interface TraceEntity extends Entity {
  readonly name?: string;
  readonly state?: unknown;
  readonly authorization?: string;
  readonly declared?: Readonly<Record<string, unknown>>;
  /** How often it was used for something that made no data, by event type. */
  readonly uses?: Tally;
  /** Its origin is not on the ledger: a hole in the chain. */
  readonly hole?: "input-unknown" | "resource-unknown" | "product-unknown";
  /** There may be more edges than are shown: trace it by itself. */
  readonly open?: true;
  /** Where its own edges go on. */
  readonly next?: string;
}

interface Reference extends Position {
  readonly leafHash: string;
  readonly type: string;
  readonly party: string;
  /** When it happened, as reported. */
  readonly time: string;
  /** When the ledger recorded it. */
  readonly recorded: string;
  readonly subjects: readonly Subject[];
}
export type TraceAct = Reference;

export interface TraceActivity extends Reference {
  readonly activity: string;
  readonly findings: readonly Breach[];
  readonly decisions: readonly number[];
}

export interface TraceEdge {
  /** Number in the list of activities. */
  readonly activity: number;
  readonly role: "used" | "generated";
  /** Number in the list of entities. */
  readonly entity: number;
  /** What was generated of a resource or a product: version, digest, rows, bytes. */
  readonly as?: Readonly<Record<string, unknown>>;
  /** The ledger did not know this input when it was used. */
  readonly finding?: "input-unknown";
}

/** Uses of one entity on the way; of the start, as many as the answer holds. */
const USES_SHOWN = 100;
/** Versions of the start, when tracing back. On the way it is the one that was current. */
const VERSIONS_SHOWN = 10;
const VERSION_FIELDS = ["version", "digest", "rows", "bytes"];

/** @returns undefined where the ledger knows nothing of the start */
export async function trace(store: Store, view: View, query: TraceQuery): Promise<Trace | undefined> {
  const tracer = new Tracer(store, view, query);
  await tracer.walk();
  return tracer.answer();
}

/** An entity to go on from, and the event that led to it. */
interface Reached {
  readonly entity: Entity;
  readonly via?: Entry;
}

interface Found {
  readonly entry: Entry;
  readonly known: Known;
  readonly step: Step;
  readonly subjects: readonly Subject[];
}

interface Shown {
  readonly entity: Entity;
  readonly number: number;
  open?: true;
  next?: string;
}

class Tracer {
  readonly #entities = new Map<string, Shown>();
  readonly #activities = new Map<string, { readonly found: Found; readonly number: number }>();
  readonly #edges = new Map<string, TraceEdge>();

  constructor(
    private readonly store: Store,
    private readonly view: View,
    private readonly query: TraceQuery,
  ) {}

  async walk(): Promise<void> {
    let frontier: readonly Reached[] = [{ entity: this.query.start }];
    this.#show(this.query.start);
    for (let depth = 0; depth < this.query.depth && frontier.length > 0; depth++) {
      const pages = await Promise.all(frontier.map((reached) => this.#lookUp(reached)));
      const found = await this.#read(pages.flatMap(({ places }) => places));
      frontier = frontier.flatMap(({ entity }, i) => this.#follow(entity, pages[i] ?? NOTHING, found));
    }
    for (const { entity } of frontier) this.#show(entity).open = true;
  }

  /** Where the events stand that made an entity, or made something of it. */
  async #lookUp({ entity: { kind, id }, via }: Reached): Promise<Page> {
    const { store, view, query } = this;
    const cursor = via === undefined && query.cursor !== undefined ? { cursor: query.cursor } : {};
    if (query.direction === "products") {
      const limit = via === undefined ? query.limit : USES_SHOWN;
      return readPlaces(store, view, lists.used(kind, id), { order: "oldest", limit, ...cursor });
    }
    if (kind === "holding") return only(view.place(parseHoldingName(id) ?? NOWHERE));
    if (via !== undefined) return only(await lastBefore(store, view, lists.made(kind, id), via));
    return readPlaces(store, view, lists.made(kind, id), { order: "newest", limit: VERSIONS_SHOWN, ...cursor });
  }

  async #read(places: readonly Place[]): Promise<ReadonlyMap<string, Found>> {
    const found = new Map<string, Found>();
    for (const entry of await readEntries(this.store, places)) {
      if (entry === undefined || entry.quarantined) continue;
      const known = knownOf(JSON.parse(entry.leaf.toString("utf8")));
      if (known === undefined) continue;
      const step = stepOf(known, this.view.position(entry.place));
      if (step !== undefined) found.set(nameOfPlace(entry.place), { entry, known, step, subjects: known.type.about(known.event.data) });
    }
    return found;
  }

  /** Adds the events that an entity led to, as far as there is room. @returns what they lead on to */
  #follow(entity: Entity, page: Page, all: ReadonlyMap<string, Found>): readonly Reached[] {
    const reached: Reached[] = [];
    for (const [i, place] of page.places.entries()) {
      const found = all.get(nameOfPlace(place));
      // A holding's name can be made up.
      if (found === undefined || !this.#ends(found).here.some((other) => nameOf(other) === nameOf(entity))) continue;
      const next = this.#add(entity, found);
      if (next === undefined) {
        Object.assign(this.#show(entity), { open: true }, i === 0 ? {} : { next: page.cursors[i] });
        return reached;
      }
      reached.push(...next);
    }
    if (page.next !== undefined) Object.assign(this.#show(entity), { open: true, next: page.next });
    return reached;
  }

  /** What a step has on the side that we come from, and what on the other. */
  #ends({ step }: Found): { readonly here: readonly Entity[]; readonly there: readonly Entity[] } {
    return this.query.direction === "sources" ? { here: step.generated, there: step.used } : { here: step.used, there: step.generated };
  }

  /** Adds one event with everything on its other side; undefined where there is no room for it. */
  #add(entity: Entity, found: Found): readonly Reached[] | undefined {
    const back = this.query.direction === "sources";
    const { there } = this.#ends(found);
    const name = nameOfPlace(found.entry.place);
    const known = this.#activities.get(name);
    if (known !== undefined) {
      this.#connect(known.number, found, entity, back ? "generated" : "used");
      return [];
    }
    const unseen = new Set(there.map(nameOf).filter((other) => !this.#entities.has(other)));
    const size = this.#entities.size + this.#activities.size;
    // One event is shown whatever its size, so that whoever goes on from there comes to an end.
    if (size + 1 + unseen.size > this.query.limit && this.#activities.size > 0) return undefined;
    const number = this.#activities.size;
    this.#activities.set(name, { found, number });
    this.#connect(number, found, entity, back ? "generated" : "used");
    for (const other of there) this.#connect(number, found, other, back ? "used" : "generated");
    // Of a resource or a product, each use had the version that was current.
    const onward = there.filter((other) => unseen.has(nameOf(other)) || (back && other.kind !== "holding"));
    return onward.map((other) => ({ entity: other, via: found.entry }));
  }

  #show(entity: Entity): Shown {
    const name = nameOf(entity);
    let shown = this.#entities.get(name);
    if (shown === undefined)
      this.#entities.set(name, (shown = { entity: { kind: entity.kind, id: entity.id }, number: this.#entities.size }));
    return shown;
  }

  #connect(activity: number, { known }: Found, entity: Entity, role: TraceEdge["role"]): void {
    const { number } = this.#show(entity);
    const data = known.event.data as Readonly<Record<string, unknown>>;
    const as = role === "generated" && entity.kind !== "holding" ? VERSION_FIELDS.filter((field) => data[field] !== undefined) : [];
    this.#edges.set(`${activity} ${role} ${number}`, {
      activity,
      role,
      entity: number,
      ...(as.length > 0 ? { as: Object.fromEntries(as.map((field) => [field, data[field]])) } : {}),
    });
  }

  async answer(): Promise<Trace | undefined> {
    const { store, view, query } = this;
    const shown = [...this.#entities.values()];
    const found = [...this.#activities.values()].map((activity) => activity.found);
    const [entities, findings, acts] = await Promise.all([
      this.#describe(shown),
      findingsOf(
        store,
        found.map(({ entry }) => entry),
      ),
      this.#acts(found),
    ]);
    if (found.length === 0 && entities[0]?.hole !== undefined) return undefined;
    const numbers = new Map(acts.all.map((act, number) => [nameOfPlace(act.entry.place), number]));
    return {
      height: view.height,
      start: query.start,
      direction: query.direction,
      entities,
      activities: found.map(({ entry, known, step, subjects }, i) => ({
        ...reference(view, entry, known, subjects),
        activity: step.activity,
        findings: findings[i] ?? [],
        decisions: (acts.each[i] ?? []).flatMap((act) => numbers.get(nameOfPlace(act.entry.place)) ?? []),
      })),
      edges: [...this.#edges.values()].map((edge) => {
        const unknown = findings[edge.activity]?.find(({ code }) => code === "input-unknown")?.missing ?? [];
        const isUnknown = edge.role === "used" && unknown.includes(shown[edge.entity]?.entity.id ?? "");
        return isUnknown ? { ...edge, finding: "input-unknown" } : edge;
      }),
      acts: acts.all.map((act) => reference(view, act.entry, act.known, act.subjects)),
      truncated: shown.some(({ open }) => open),
    };
  }

  async #describe(shown: readonly Shown[]): Promise<TraceEntity[]> {
    const { store, view } = this;
    const entities = shown.map(({ entity }) => entity);
    const uses = await Promise.all(entities.map(({ kind, id }) => tallyOf(store, view, tallies.uses(kind, id))));
    const names = entities.flatMap(({ kind, id }) => (kind === "holding" ? [id] : []));
    const holdings = new Map((await readHoldings(store, view, names)).map((held, i) => [names[i], held]));
    const others = entities.flatMap(({ kind, id }) => (kind === "holding" ? [] : [{ kind, id }]));
    const subjects = new Map((await this.#subjects(others)).map((summary) => [nameOf(summary as Entity), summary]));
    return shown.map(({ entity, open, next }, i) => ({
      ...(entity.kind === "holding"
        ? describeHolding(entity, holdings.get(entity.id))
        : describeSubject(entity, subjects.get(nameOf(entity)))),
      ...(Object.keys(uses[i] ?? {}).length === 0 ? {} : { uses: uses[i] ?? {} }),
      ...(open && { open }),
      ...(next === undefined ? {} : { next }),
    }));
  }

  /** Those that an act had made known; of the past, the world state tells nothing. */
  async #subjects(subjects: readonly Subject[]): Promise<readonly SubjectSummary[]> {
    const { store, view } = this;
    const summaries = await readSubjects(store, subjects);
    if (!view.isPast) return summaries.filter(({ state }) => state !== undefined);
    const decided = await Promise.all(subjects.map((subject) => isDecided(store, view, subject)));
    return summaries.flatMap(({ state: _, ...summary }, i) => (decided[i] === true ? [summary] : []));
  }

  async #acts(found: readonly Found[]): Promise<{ readonly all: readonly Act[]; readonly each: readonly (readonly Act[])[] }> {
    const each = await new Decisions(this.store, this.view).ofAll(found);
    return { all: inLedgerOrder([...new Set(each.flat())]), each };
  }
}

const describeHolding = (entity: Entity, held: Held | undefined): TraceEntity =>
  held === undefined
    ? { ...entity, hole: "input-unknown" }
    : { ...entity, state: held.state, authorization: held.authorization, declared: held.declared };

const describeSubject = (entity: Entity, summary: SubjectSummary | undefined): TraceEntity =>
  summary === undefined
    ? { ...entity, hole: entity.kind === "product" ? "product-unknown" : "resource-unknown" }
    : { ...summary, ...entity };

const reference = (view: View, { place, leaf, recorded }: Entry, { event }: Known, subjects: readonly Subject[]): Reference => ({
  ...view.position(place),
  leafHash: toHex(leafHash(leaf)),
  type: event.type,
  party: event.party,
  time: event.time,
  recorded: new Date(recorded).toISOString(),
  subjects,
});

const NOTHING: Page = { places: [], cursors: [] };
const only = (place: Place | undefined): Page => (place === undefined ? NOTHING : { places: [place], cursors: [""] });
const NOWHERE: Position = { journal: "", index: 0 };

const nameOf = ({ kind, id }: Entity): string => `${kind} ${id}`;
const nameOfPlace = ({ journal, index }: Place): string => `${journal}/${index}`;
