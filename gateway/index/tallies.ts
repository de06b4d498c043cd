/**
 * Counts that go on over the whole ledger: events of a type, findings of a code, uses of an entity. Each block writes the new totals of
 * what it counted, so that the past can be asked too.
 */
import { keys } from "./keys";
import { everyTally, type Told } from "./lists";
import { fromJson, type Changes, type Store, toJson } from "./store";
import type { View } from "./view";

/** By what is counted: how many, and how many of them have findings. */
export type Tally = Readonly<Record<string, readonly [count: number, withFindings: number]>>;

/** Totals kept in memory so that they need not be read again; when there are more, all are forgotten. */
const REMEMBERED = 20_000;

export class TallyWriter {
  readonly #known = new Map<string, Tally>();
  readonly #added = new Map<string, Map<string, [number, number]>>();

  constructor(private readonly store: Store) {}

  /** Counts an event wherever it belongs. */
  note(told: Told): void {
    for (const tally of everyTally) {
      for (const key of tally.holding(told)) {
        const name = tally.of(key);
        for (const what of tally.as(told)) this.#count(name, what, told.codes.length > 0);
      }
    }
  }

  #count(tally: string, what: string, withFindings: boolean): void {
    let added = this.#added.get(tally);
    if (added === undefined) this.#added.set(tally, (added = new Map<string, [number, number]>()));
    const counts = added.get(what);
    if (counts === undefined) added.set(what, [1, withFindings ? 1 : 0]);
    else {
      counts[0]++;
      if (withFindings) counts[1]++;
    }
  }

  async save(block: number, changes: Changes): Promise<void> {
    const unknown = [...this.#added.keys()].filter((name) => !this.#known.has(name));
    await Promise.all(unknown.map(async (name) => this.#known.set(name, await readTally(this.store, block, name))));
    for (const [name, added] of this.#added) {
      const total: Record<string, readonly [number, number]> = { ...this.#known.get(name) };
      for (const [what, [count, withFindings]] of added) {
        const before = total[what] ?? [0, 0];
        total[what] = [before[0] + count, before[1] + withFindings];
      }
      this.#known.set(name, total);
      changes.put(keys.tally(name, block), toJson(total));
    }
    this.#added.clear();
    if (this.#known.size > REMEMBERED) this.#known.clear();
  }
}

/** The totals of a tally before a block. */
async function readTally(store: Store, before: number, name: string): Promise<Tally> {
  const [found] = await store.values({ gte: keys.tally(name, 0), lt: keys.tally(name, before), reverse: true, limit: 1 }).all();
  return found === undefined ? {} : (fromJson(found) as Tally);
}

export const tallyOf = (store: Store, view: View, name: string): Promise<Tally> => readTally(store, view.height, name);

export function added(one: Tally, other: Tally): Tally {
  const sum: Record<string, readonly [number, number]> = { ...one };
  for (const [what, [count, withFindings]] of Object.entries(other)) {
    const before = sum[what] ?? [0, 0];
    sum[what] = [before[0] + count, before[1] + withFindings];
  }
  return sum;
}

/** Of events by type. */
export const byFamily = (types: Tally): Tally =>
  Object.entries(types).reduce<Tally>((families, [type, counts]) => added(families, { [type.split(".")[1] ?? ""]: counts }), {});
