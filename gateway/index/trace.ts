/**
 * Tracing (溯源): from a product, a holding or a resource back to the sources, or forward to the products, event by event. It reads what it
 * answers and nothing else: edges are looked up, calls and accesses are counted, and there is a bound to the answer.
 */
import type { Breach } from "../../chaincode/events/judge";
import type { Entity, Subject } from "../../chaincode/events/definition";
import { toHex } from "../../chaincode/proof/bytes";
import { leafHash } from "../../chaincode/proof/rfc6962";
import type { Access } from "./access";
import { type Corrected, Corrections } from "./corrections";
import { type Activity, Decisions, inLedgerOrder, isDecided } from "./decisions";
import { findingsOf } from "./events";
import { type Held, readHoldings } from "./holdings";
import { tallies } from "./lists";
import type { Position } from "./place";
import type { Store } from "./store";
import { readSubjects, type SubjectSummary } from "./subjects";
import { type Tally, tallyOf } from "./tallies";
import type { View } from "./view";
import { nameOf, type Shown, Walk } from "./walk";
import { Withholding } from "./withheld";

export type Direction = "sources" | "products";

export interface TraceQuery {
  readonly start: Entity;
  readonly direction: Direction;
  /** Events between the start and the farthest thing shown. */
  readonly depth: number;
  /** Entities and activities in the answer. */
  readonly limit: number;
  /** Goes on with the start's own edges: `next` of that entity in an earlier answer. */
  readonly cursor?: string | undefined;
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
  /** Not for the asker: its id stands for another. */
  readonly withheld?: true;
}

interface Reference extends Position, Corrected {
  readonly leafHash: string;
  readonly type: string;
  readonly party: string;
  /** When it happened, as reported. */
  readonly time: string;
  /** When the ledger recorded it. */
  readonly recorded: string;
  readonly subjects: readonly Subject[];
  /** Not for the asker: where it stands, and nothing more. */
  readonly withheld?: true;
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

/** @returns undefined where the ledger knows nothing of the start, or it may not be seen */
export async function trace(store: Store, view: View, access: Access, query: TraceQuery): Promise<Trace | undefined> {
  const withholding = new Withholding(store, view, access);
  if (!access.all && !(await withholding.owns(query.start))) return undefined;
  const walk = new Walk(store, view, query, (entity, { known }) => withholding.goesOn(entity, known));
  await walk.go();
  const { activities, edges } = walk;
  const corrections = new Corrections(store, view);
  const [entities, findings, decisions] = await Promise.all([
    describe(store, view, walk.entities),
    findingsOf(
      store,
      view,
      corrections,
      activities.map(({ entry }) => entry),
    ),
    new Decisions(store, view).ofAll(activities),
  ]);
  if (activities.length === 0 && entities[0]?.hole !== undefined) return undefined;
  const acts = inLedgerOrder([...new Set(decisions.flat())]);
  const numbers = new Map(acts.map((act, number) => [act, number]));
  const corrected = await corrections.of([...activities, ...acts].map(({ entry }) => entry.place));
  const whole: Trace = {
    height: view.height,
    start: query.start,
    direction: query.direction,
    entities,
    activities: activities.map((activity, i) => ({
      ...reference(view, activity, corrected[i]),
      activity: activity.step.activity,
      findings: findings[i] ?? [],
      decisions: (decisions[i] ?? []).flatMap((act) => numbers.get(act) ?? []),
    })),
    edges: edges.map((edge) => {
      const unknown = findings[edge.activity]?.find(({ code }) => code === "input-unknown")?.missing ?? [];
      const isUnknown = edge.role === "used" && unknown.includes(entities[edge.entity]?.id ?? "");
      return isUnknown ? { ...edge, finding: "input-unknown" } : edge;
    }),
    acts: acts.map((act, i) => reference(view, act, corrected[activities.length + i])),
    truncated: entities.some(({ open }) => open),
  };
  return withholding.of(whole, { activities, acts });
}

async function describe(store: Store, view: View, shown: readonly Shown[]): Promise<TraceEntity[]> {
  const entities = shown.map(({ entity }) => entity);
  const uses = await Promise.all(entities.map((entity) => tallyOf(store, view, tallies.uses.of(entity))));
  const names = entities.flatMap(({ kind, id }) => (kind === "holding" ? [id] : []));
  const holdings = new Map((await readHoldings(store, view, names)).map((held, i) => [names[i], held]));
  const others = entities.flatMap(({ kind, id }) => (kind === "holding" ? [] : [{ kind, id }]));
  const subjects = new Map((await knownSubjects(store, view, others)).map((summary) => [nameOf(summary as Entity), summary]));
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
async function knownSubjects(store: Store, view: View, subjects: readonly Subject[]): Promise<readonly SubjectSummary[]> {
  const summaries = await readSubjects(store, subjects);
  if (!view.isPast) return summaries.filter(({ state }) => state !== undefined);
  const decided = await Promise.all(subjects.map((subject) => isDecided(store, view, subject)));
  return summaries.flatMap(({ state: _, ...summary }, i) => (decided[i] === true ? [summary] : []));
}

const describeHolding = (entity: Entity, held: Held | undefined): TraceEntity =>
  held === undefined
    ? { ...entity, hole: "input-unknown" }
    : { ...entity, state: held.state, authorization: held.authorization, declared: held.declared };

const describeSubject = (entity: Entity, summary: SubjectSummary | undefined): TraceEntity =>
  summary === undefined
    ? { ...entity, hole: entity.kind === "product" ? "product-unknown" : "resource-unknown" }
    : { ...summary, ...entity };

const reference = (
  view: View,
  { entry: { place, leaf, recorded }, known: { event }, subjects }: Activity,
  corrected: Corrected | undefined,
): Reference => ({
  ...view.position(place),
  leafHash: toHex(leafHash(leaf)),
  type: event.type,
  party: event.party,
  time: event.time,
  recorded: new Date(recorded).toISOString(),
  subjects,
  ...corrected,
});
