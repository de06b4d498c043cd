/** The walk of a trace: from one entity along the edges between events and data, one event farther with each turn, as far as there is room. */
import type { Entity, Subject } from "../../chaincode/events/definition";
import { parseHoldingName } from "../../chaincode/proof/holding-name";
import { type Entry, readEntries } from "./entries";
import { lists } from "./lists";
import type { Place, Position } from "./place";
import { lastBefore, type Page, readPlaces } from "./places";
import { type Step, stepOf } from "./provenance";
import { type Known, knownOf } from "./recording";
import type { Store } from "./store";
import type { TraceEdge, TraceQuery } from "./trace";
import type { View } from "./view";

/** Uses of one entity on the way; of the start, as many as the answer holds. */
const USES_SHOWN = 100;
/** Versions of the start, when tracing back. On the way it is the one that was current. */
const VERSIONS_SHOWN = 10;
const VERSION_FIELDS = ["version", "digest", "rows", "bytes"];
/** Entities that are looked up together. */
const TOGETHER = 32;

/** An entity to go on from, and the event that led to it. */
interface Reached {
  readonly entity: Entity;
  readonly via?: Found;
}

/** An event on the way. */
export interface Found {
  readonly entry: Entry;
  readonly known: Known;
  readonly step: Step;
  readonly subjects: readonly Subject[];
}

/** An entity on the way. */
export interface Shown {
  readonly entity: Entity;
  readonly number: number;
  open?: true;
  next?: string;
}

export class Walk {
  readonly #entities = new Map<string, Shown>();
  readonly #activities = new Map<string, { readonly found: Found; readonly number: number }>();
  readonly #edges = new Map<string, TraceEdge>();

  constructor(
    private readonly store: Store,
    private readonly view: View,
    private readonly query: TraceQuery,
    /** Whether it goes on from an entity that an event led to. */
    private readonly goesOn: (entity: Entity, via: Found) => Promise<boolean>,
  ) {}

  /** In the order in which they were met, the start first. */
  get entities(): readonly Shown[] {
    return [...this.#entities.values()];
  }

  get activities(): readonly Found[] {
    return [...this.#activities.values()].map(({ found }) => found);
  }

  /** By number of activity and entity. */
  get edges(): readonly TraceEdge[] {
    return [...this.#edges.values()];
  }

  async go(): Promise<void> {
    let frontier: readonly Reached[] = [{ entity: this.query.start }];
    this.#show(this.query.start);
    for (let depth = 0; depth < this.query.depth && frontier.length > 0; depth++) {
      const next: Reached[] = [];
      for (let i = 0; i < frontier.length; i += TOGETHER) next.push(...(await this.#turn(frontier.slice(i, i + TOGETHER))));
      const goes = await Promise.all(next.map(async ({ entity, via }) => via === undefined || (await this.goesOn(entity, via))));
      frontier = next.filter((_, i) => goes[i]);
    }
    for (const { entity } of frontier) this.#show(entity).open = true;
  }

  /** Goes on from these. @returns what it came to */
  async #turn(reached: readonly Reached[]): Promise<readonly Reached[]> {
    if (this.#size >= this.query.limit) {
      for (const { entity } of reached) this.#show(entity).open = true;
      return [];
    }
    const pages = await Promise.all(reached.map((each) => this.#lookUp(each)));
    const found = await this.#read(pages.flatMap(({ places }) => places));
    return reached.flatMap(({ entity }, i) => this.#follow(entity, pages[i] ?? NOTHING, found));
  }

  get #size(): number {
    return this.#entities.size + this.#activities.size;
  }

  /** Where the events stand that made an entity, or made something of it. */
  async #lookUp({ entity, via }: Reached): Promise<Page> {
    const { store, view, query } = this;
    const cursor = via === undefined && query.cursor !== undefined ? { cursor: query.cursor } : {};
    if (query.direction === "products") {
      const limit = via === undefined ? query.limit : USES_SHOWN;
      return readPlaces(store, view, lists.used.of(entity), { order: "oldest", limit, ...cursor });
    }
    if (entity.kind === "holding") return only(view.place(parseHoldingName(entity.id) ?? NOWHERE));
    if (via !== undefined) return only(await lastBefore(store, view, lists.made.of(entity), via.entry));
    return readPlaces(store, view, lists.made.of(entity), { order: "newest", limit: VERSIONS_SHOWN, ...cursor });
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
    // One event is shown whatever its size, so that whoever goes on from there comes to an end.
    if (this.#size + 1 + unseen.size > this.query.limit && this.#activities.size > 0) return undefined;
    const number = this.#activities.size;
    this.#activities.set(name, { found, number });
    this.#connect(number, found, entity, back ? "generated" : "used");
    for (const other of there) this.#connect(number, found, other, back ? "used" : "generated");
    // Of a resource or a product, each use had the version that was current.
    const onward = there.filter((other) => unseen.has(nameOf(other)) || (back && other.kind !== "holding"));
    return onward.map((other) => ({ entity: other, via: found }));
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
}

const NOTHING: Page = { places: [], cursors: [] };
const only = (place: Place | undefined): Page => (place === undefined ? NOTHING : { places: [place], cursors: [""] });
const NOWHERE: Position = { journal: "", index: 0 };

export const nameOf = ({ kind, id }: Entity): string => `${kind} ${id}`;
export const nameOfPlace = ({ journal, index }: Place): string => `${journal}/${index}`;
