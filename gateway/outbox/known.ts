/** What the outbox asks the read model: `gateway/index` answers. */

/** What names an event: the same pair is the same event, sent again. */
export interface Pair {
  readonly source: string;
  readonly id: string;
}

export interface Position {
  readonly journal: string;
  readonly index: number;
}

export interface Known {
  /** Of each pair, where it stands: nowhere, once, or (reported with differing content) more than once. */
  positions(pairs: readonly Pair[]): Promise<readonly (readonly Position[])[]>;
  leaf(journal: string, index: number): Promise<Uint8Array | undefined>;
  /** Of the leaves from `from` up to but not including `to`. */
  leafHashes(journal: string, from: number, to: number): Promise<readonly Uint8Array[]>;
  /** Of a holding, by its name. */
  slot(holding: string): Promise<number | undefined>;
}
