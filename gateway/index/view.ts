/**
 * The read model as it stood at one height. Records are only ever added, each with its block or its index, so that whoever keeps to a
 * view reads one state of the ledger while the projector goes on, and the past as easily as the present.
 */
import { type Checkpoint, readCheckpoint, type Moment } from "./checkpoint";
import { keys } from "./keys";
import type { Place, Position } from "./place";
import { fromJson, type Store } from "./store";

export class View {
  private constructor(
    /** Blocks that it reflects. */
    readonly height: number,
    readonly journals: readonly { readonly name: string; readonly size: number }[],
    /** Of the latest transaction, milliseconds since 1970: what time it is, as the ledger goes. */
    readonly latest: number,
    /** What the world state says now is not what it said then. */
    readonly isPast = false,
  ) {}

  /** Everything projected so far. */
  static async latest(store: Store): Promise<View> {
    return View.at(await readCheckpoint(store));
  }

  static at({ height, journals, latest }: Checkpoint): View {
    return new View(
      height,
      journals.map(({ name, range }) => ({ name, size: range.size })),
      latest,
    );
  }

  /** What had been recorded at a time, milliseconds since 1970, by the times of the ledger's transactions. */
  static async asOf(store: Store, time: number): Promise<View> {
    const latest = await View.latest(store);
    const [found] = await store.values({ gte: keys.clock(0), lte: keys.clock(time), reverse: true, limit: 1 }).all();
    const { height, sizes } = found === undefined ? { height: 0, sizes: [] } : (fromJson(found) as Moment);
    const journals = latest.journals.slice(0, sizes.length).map(({ name }, number) => ({ name, size: sizes[number] ?? 0 }));
    return new View(height, journals, time, height < latest.height);
  }

  has({ journal, index }: Place): boolean {
    return index < (this.journals[journal]?.size ?? 0);
  }

  size(journal: string): number {
    return this.journals.find(({ name }) => name === journal)?.size ?? 0;
  }

  /** @returns undefined for a journal that this view does not know */
  number(journal: string): number | undefined {
    const number = this.journals.findIndex(({ name }) => name === journal);
    return number === -1 ? undefined : number;
  }

  /** @returns undefined where this view has no such event */
  place({ journal, index }: Position): Place | undefined {
    const number = this.number(journal);
    return number === undefined || !this.has({ journal: number, index }) ? undefined : { journal: number, index };
  }

  position({ journal, index }: Place): Position {
    const name = this.journals[journal]?.name;
    if (name === undefined) throw new RangeError(`no journal ${journal} at height ${this.height}`);
    return { journal: name, index };
  }
}
