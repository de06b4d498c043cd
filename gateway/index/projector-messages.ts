/** What the projector's two sides say to each other: each question has one answer, in the order of the questions. */
import type { Block } from "../ledger/port";

export type Question =
  /** The ledger's block at the height that the read model has come to, less one; none where the ledger has no such block, or that height is 0. */
  | { readonly kind: "compare"; readonly block?: Block }
  /** The next block. */
  | { readonly kind: "project"; readonly block: Block }
  /** Then it ends. */
  | { readonly kind: "stop" };

/** How far the read model is. Sent once unasked, when it is open. */
export interface ProjectorState {
  /** Blocks projected. */
  readonly height: number;
  /** Events projected, by journal. */
  readonly sizes: Readonly<Record<string, number>>;
}
