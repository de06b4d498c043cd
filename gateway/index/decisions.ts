/**
 * The decisions that allowed an activity: the acts about its authorization, scenario, resource or product that were in force when it
 * happened, of each kind the last. For every subject there is a record of them as of each block that changed it, so that a
 * trace finds them however much was decided since.
 */
import type { Subject } from "../../chaincode/events/definition";
import { type Entry, readEntries } from "./entries";
import { keys, lastPart, parseOrdered } from "./keys";
import type { Place } from "./place";
import { type Known, knownOf } from "./recording";
import { fromJson, type Changes, type Store, toJson } from "./store";
import type { View } from "./view";

/** The last act of each kind: its type, and the resource where it is about one, since a consent for one says nothing of another. */
type InForce = Readonly<Record<string, readonly [journal: number, index: number]>>;

interface Version {
  /** Time of the transaction that made it, milliseconds since 1970. */
  readonly time: number;
  readonly acts: InForce;
}

const kindOf = (type: string, resources: readonly string[]): string => (resources.length === 1 ? `${type} ${resources[0] ?? ""}` : type);

const resourcesOf = (subjects: readonly Subject[]): readonly string[] =>
  subjects.flatMap(({ kind, id }) => (kind === "resource" ? [id] : []));

/** Collects the acts of one block. */
export class DecisionWriter {
  readonly #decided = new Map<
    string,
    { readonly subject: Subject; time: number; readonly acts: Record<string, readonly [number, number]> }
  >();

  constructor(
    private readonly store: Store,
    private readonly changes: Changes,
  ) {}

  /** An act of the subject's own family. @param about all that it is about */
  note(type: string, subject: Subject, about: readonly Subject[], { journal, index }: Place, time: number): void {
    const name = nameOf(subject);
    const decided = this.#decided.get(name) ?? { subject, time, acts: {} };
    decided.acts[kindOf(type, resourcesOf(about))] = [journal, index];
    decided.time = Math.max(decided.time, time);
    this.#decided.set(name, decided);
  }

  async save(block: number): Promise<void> {
    const decided = [...this.#decided.values()];
    const before = await Promise.all(decided.map(({ subject }) => versions(this.store, subject, block - 1, 1)));
    decided.forEach(({ subject: { kind, id }, time, acts }, i) => {
      const version: Version = { time, acts: { ...before[i]?.[0]?.acts, ...acts } };
      this.changes.put(keys.decisions(kind, id, block), toJson(version));
    });
  }
}

interface VersionAt extends Version {
  readonly block: number;
}

/** The newest versions up to a block. */
async function versions(store: Store, { kind, id }: Subject, block: number, limit: number): Promise<VersionAt[]> {
  if (block < 0) return [];
  const found = await store
    .iterator({ gte: keys.decisions(kind, id, 0), lte: keys.decisions(kind, id, block), reverse: true, limit })
    .all();
  return found.map(([key, value]) => ({ ...(fromJson(value) as Version), block: parseOrdered(lastPart(key)) }));
}

/** Whether anything had been decided about a subject. */
export const isDecided = async (store: Store, view: View, subject: Subject): Promise<boolean> =>
  (await versions(store, subject, view.height - 1, 1)).length > 0;

/** What decisions are looked for. */
export interface Activity {
  readonly entry: Entry;
  readonly known: Known;
  readonly subjects: readonly Subject[];
}

export type Act = Activity;

/** Versions of a subject that are read at once; most never have more. */
const READ = 64;

export class Decisions {
  readonly #versions = new Map<string, Promise<readonly VersionAt[]>>();

  constructor(
    private readonly store: Store,
    private readonly view: View,
  ) {}

  /** The decisions that allowed each of these, in the order of the ledger. */
  async ofAll(activities: readonly Activity[]): Promise<(readonly Act[])[]> {
    const inForce = await Promise.all(activities.map((activity) => this.#placesOf(activity)));
    const acts = await this.#read(inForce.flat());
    return activities.map((activity, i) => {
      const places = new Set((inForce[i] ?? []).map(nameOfPlace));
      return inLedgerOrder([...places].flatMap((name) => acts.get(name) ?? []).filter((act) => allows(act, activity)));
    });
  }

  async #placesOf({ entry, known, subjects }: Activity): Promise<readonly Place[]> {
    // A fact is judged by what was in force when it happened, an act by what was when it was recorded.
    const until = known.type.kind === "fact" ? Date.parse(known.event.time) : entry.recorded;
    const each = await Promise.all(
      subjects.map(async (subject) => {
        const before = await this.#version(subject, entry.block - 1, until);
        const here = await this.#version(subject, entry.block, until);
        const earlier = Object.entries(here?.acts ?? {}).filter(
          ([, [journal, index]]) => journal !== entry.place.journal || index < entry.place.index,
        );
        return Object.values({ ...before?.acts, ...Object.fromEntries(earlier) });
      }),
    );
    return each.flat().map(([journal, index]) => ({ journal, index }));
  }

  /** What was in force after a block, as far as it had been decided by then. */
  async #version(subject: Subject, block: number, until: number): Promise<Version | undefined> {
    const fits = (version: VersionAt): boolean => version.block <= block && version.time <= until;
    const name = nameOf(subject);
    const newest = this.#versions.get(name) ?? versions(this.store, subject, this.view.height - 1, READ);
    this.#versions.set(name, newest);
    let read = await newest;
    // Further back, from the activity on: times hardly ever differ from the order of the ledger.
    for (let at = block; !read.some(fits) && read.length === READ; at = (read.at(-1)?.block ?? 0) - 1) {
      read = await versions(this.store, subject, at, READ);
    }
    return read.find(fits);
  }

  async #read(places: readonly Place[]): Promise<ReadonlyMap<string, Act>> {
    const distinct = [...new Map(places.map((place) => [nameOfPlace(place), place])).values()];
    const acts = new Map<string, Act>();
    for (const entry of await readEntries(this.store, distinct)) {
      const known = entry && knownOf(JSON.parse(entry.leaf.toString("utf8")));
      if (entry === undefined || known === undefined) continue;
      const subjects = known.type.about(known.event.data);
      acts.set(nameOfPlace(entry.place), { entry, known, subjects });
    }
    return acts;
  }
}

/** Consent for another resource allowed nothing. */
function allows({ subjects }: Act, activity: Activity): boolean {
  const [about, resources] = [resourcesOf(subjects), resourcesOf(activity.subjects)];
  return about.length === 0 || resources.length === 0 || about.some((id) => resources.includes(id));
}

export const inLedgerOrder = (acts: readonly Act[]): Act[] =>
  acts.toSorted(({ entry: a }, { entry: b }) => (isLater(a, b) ? 1 : isLater(b, a) ? -1 : 0));

/** In the order of the ledger, as far as one journal or different blocks tell it. */
const isLater = (a: Entry, b: Entry): boolean =>
  a.block === b.block ? a.place.journal === b.place.journal && a.place.index > b.place.index : a.block > b.block;

const nameOf = ({ kind, id }: Subject): string => `${kind} ${id}`;
const nameOfPlace = ({ journal, index }: Place): string => `${journal}/${index}`;
