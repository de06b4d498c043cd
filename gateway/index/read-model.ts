/** The read model as the gateway's main thread sees it: reads only, the projector's thread writes. */
import { fromHex } from "../../chaincode/proof/bytes";
import { HASH_BYTES, type Hash } from "../../chaincode/proof/sha256";
import { Access, type Asker } from "./access";
import { readCheckpoint } from "./checkpoint";
import { readEntries } from "./entries";
import { readSlot } from "./holdings";
import { findLeaf } from "./leaves";
import { readPairs } from "./pairs";
import type { Place, Position } from "./place";
import { Reader } from "./reader";
import type { Pair } from "./recording";
import { openStore, type Store } from "./store";
import { readLeafHashes } from "./tiles";
import { View } from "./view";

export class ReadModel {
  /** Journals by number; it only grows. */
  #names: readonly string[] = [];

  private constructor(private readonly store: Store) {}

  /** @param directory the projector's; made when it does not exist */
  static async open(directory: string): Promise<ReadModel> {
    return new ReadModel(await openStore(directory));
  }

  close(): Promise<void> {
    return this.store.close();
  }

  /**
   * All queries, on one state: everything projected so far, or what had been recorded at a time (milliseconds since 1970); of it,
   * what the asker may see today.
   * @param asker undefined for the gateway itself, which sees everything
   */
  async reader(asOf?: number, asker?: Asker): Promise<Reader> {
    const view = asOf === undefined ? await View.latest(this.store) : await View.asOf(this.store, asOf);
    return new Reader(this.store, view, new Access(this.store, asker));
  }

  /** Blocks projected. */
  async height(): Promise<number> {
    return (await readCheckpoint(this.store)).height;
  }

  /** Where the events with each pair of source and id stand; empty where there is none. The first is the one that counts. */
  async positions(pairs: readonly Pair[]): Promise<readonly (readonly Position[])[]> {
    const found = await readPairs(this.store, pairs);
    const known = found.some((places) => places.length > 0)
      ? await this.#journals(Math.max(...found.flat().map(({ journal }) => journal)))
      : [];
    return found.map((places) => places.map(({ journal, index }) => ({ journal: known[journal] ?? "", index })));
  }

  async leaf(journal: string, index: number): Promise<Uint8Array | undefined> {
    const place = await this.#place(journal, index);
    const [entry] = place === undefined ? [] : await readEntries(this.store, [place]);
    return entry?.leaf;
  }

  /** Hashes of the leaves from one index up to another, as far as they are projected. */
  async leafHashes(journal: string, from: number, to: number): Promise<Hash[]> {
    const place = await this.#place(journal, from);
    return place === undefined ? [] : readLeafHashes(this.store, place.journal, from, to);
  }

  /** @param leafHash lower-case hex */
  async position(leafHash: string): Promise<Position | undefined> {
    const hash = fromHex(leafHash);
    const place = hash?.length === HASH_BYTES ? await findLeaf(this.store, hash) : undefined;
    return place && { journal: (await this.#journals(place.journal))[place.journal] ?? "", index: place.index };
  }

  /** Number of a holding among those of its authorization and journal. @param holding `MSPID/journal/index/ordinal` */
  slot(holding: string): Promise<number | undefined> {
    return readSlot(this.store, holding);
  }

  async #place(journal: string, index: number): Promise<Place | undefined> {
    let number = this.#names.indexOf(journal);
    if (number === -1) number = (await this.#journals(Infinity)).indexOf(journal);
    return number === -1 ? undefined : { journal: number, index };
  }

  /** Names of the journals, at least up to a number if there are so many. */
  async #journals(number: number): Promise<readonly string[]> {
    if (number >= this.#names.length) this.#names = (await readCheckpoint(this.store)).journals.map(({ name }) => name);
    return this.#names;
  }
}
