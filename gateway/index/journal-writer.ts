/** One journal as the projector writes it: entries, hash tiles and the tree that they make, checked against the ledger's. */
import { toHex } from "../../chaincode/proof/bytes";
import { CompactRange } from "../../chaincode/proof/compact-range";
import type { Hash } from "../../chaincode/proof/sha256";
import type { Anchoring } from "./anchorings";
import type { JournalState } from "./checkpoint";
import { EntryWriter, type NewEntry } from "./entries";
import { keys } from "./keys";
import type { Batch } from "./recording";
import { type Changes, type Store, toJson } from "./store";
import { TileWriter } from "./tiles";

export class JournalWriter {
  private constructor(
    readonly number: number,
    readonly name: string,
    private readonly range: CompactRange,
    private readonly entries: EntryWriter,
    private readonly tiles: TileWriter,
  ) {}

  static async open(store: Store, number: number, { name, range }: JournalState): Promise<JournalWriter> {
    const tree = CompactRange.from(range);
    if (tree === undefined) throw new Error(`the checkpoint of ${name} is damaged`);
    return new JournalWriter(
      number,
      name,
      tree,
      await EntryWriter.open(store, number, tree.size),
      await TileWriter.open(store, number, tree.size),
    );
  }

  /** A journal that nobody has appended to yet. */
  static begin(number: number, name: string): JournalWriter {
    return new JournalWriter(number, name, CompactRange.empty(), EntryWriter.begin(number), TileWriter.begin(number));
  }

  get state(): JournalState {
    return { name: this.name, range: this.range.state() };
  }

  append(entry: NewEntry, hash: Hash, changes: Changes): void {
    this.range.append(hash, (level, _, node) => this.tiles.add(level, node, changes));
    this.entries.append(entry, changes);
  }

  /** @throws Error when the batch does not make the tree that the ledger says it makes */
  close({ size, root, transactionId, time }: Batch, block: number, changes: Changes): void {
    this.entries.save(changes);
    this.tiles.save(changes);
    if (this.range.size !== size || toHex(this.range.root()) !== root)
      throw new Error(`the ledger's root of ${this.name} at ${size} is another`);
    const anchoring: Anchoring = { transactionId, block, time: Date.parse(time), root };
    changes.put(keys.batch(this.number, size), toJson(anchoring));
  }
}
