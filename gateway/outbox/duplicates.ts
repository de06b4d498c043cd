/** Events that were sent before: they are found, and get the first answer. */
import { leafHash } from "../../chaincode/proof/rfc6962";
import { toHex } from "../../chaincode/proof/bytes";
import { promiseGroup } from "../evidence/promise";
import { type Entry, type Outcome, sameContent } from "./entry";
import type { Known, Position } from "./known";
import { decodeLines } from "./lines";
import type { Progress } from "./progress";
import { keyOf, Recent } from "./recent";
import type { OutboxStore } from "./store";

/** The two journals of a gateway, `MSPID/facts` and `MSPID/acts`. */
export interface Journals {
  readonly facts: string;
  readonly acts: string;
}

/** A group of facts as its first answers were made of it. */
interface Group {
  readonly from: number;
  readonly jws: string;
  readonly paths: readonly string[];
  /** While the group is still in the store. */
  readonly leaves?: readonly Buffer[];
}

export class Duplicates {
  /** Pairs that the read model may not show yet. */
  readonly facts = new Recent();
  readonly acts = new Recent();
  /** The group met last: who repeats a request repeats many events of one group. */
  #group: Group | undefined;

  constructor(
    private readonly store: OutboxStore,
    private readonly known: Known,
    private readonly progress: Progress,
    private readonly journals: Journals,
  ) {}

  /** Where each event stands already in this gateway's journals, all asked at once; for most, nowhere. @param keys of the events, if known */
  async positions(entries: readonly Entry[], keys = entries.map(keyOf)): Promise<readonly (readonly Position[])[]> {
    // In this order: a pair goes from here to there, so that looking there first could miss it in both.
    const recent = keys.map((key) => this.#recently(key));
    const known = await this.known.positions(entries);
    return recent.map((here, i) => {
      const there = known[i] ?? NOWHERE;
      return there.length === 0 ? here : [...there.filter(({ journal }) => this.#isOurs(journal)), ...here];
    });
  }

  /** The answer that the same content got at one of these positions; undefined where other content stands at all of them. */
  async firstAnswer(entry: Entry, positions: readonly Position[]): Promise<Outcome | undefined> {
    for (const { journal, index } of positions) {
      const group = journal === this.journals.facts ? await this.#groupOf(index) : undefined;
      const leaf = group?.leaves?.[index - group.from] ?? (await this.#leaf(journal, index));
      if (!sameContent(Buffer.from(leaf).toString("utf8"), entry.leaf)) continue;
      const place = { journal, index, leafHash: toHex(leafHash(leaf)) };
      if (group === undefined) return { state: "anchored", ...place };
      return { state: "accepted", ...place, promise: { jws: group.jws, path: group.paths[index - group.from] ?? "" } };
    }
    return undefined;
  }

  #isOurs(journal: string): boolean {
    return journal === this.journals.facts || journal === this.journals.acts;
  }

  #recently(key: string): readonly Position[] {
    const [facts, acts] = [this.facts.of(key), this.acts.of(key)];
    if (facts.length === 0 && acts.length === 0) return NOWHERE;
    return [
      ...facts.map((index) => ({ journal: this.journals.facts, index })),
      ...acts.map((index) => ({ journal: this.journals.acts, index })),
    ];
  }

  async #leaf(journal: string, index: number): Promise<Uint8Array> {
    await this.progress.until(() => index < this.progress.projected(journal));
    const leaf = await this.known.leaf(journal, index);
    if (leaf === undefined) throw new Error(`the read model lacks ${journal}/${index}`);
    return leaf;
  }

  /** Undefined where no promise is kept: the outbox was lost and made anew. */
  async #groupOf(index: number): Promise<Group | undefined> {
    if (this.#group !== undefined && index >= this.#group.from && index < this.#group.from + this.#group.paths.length) return this.#group;
    const promise = await this.store.promise(index);
    if (promise === undefined) return undefined;
    const { from, size, jws } = promise;
    const stored = await this.store.group(from);
    const leaves = stored && [...decodeLines(stored)].map(({ leaf }) => leaf);
    const hashes = leaves?.map(leafHash) ?? (await this.known.leafHashes(this.journals.facts, from, from + size));
    this.#group = { from, jws, paths: promiseGroup(hashes).paths, ...(leaves && { leaves }) };
    return this.#group;
  }
}

const NOWHERE: readonly Position[] = [];
