/** What an erasure is asked for, and what became of it. */
import type { ItemState } from "../../evidence/exit-certificate";
import type { EraseErrorCode, NotReached } from "./eraser";

/** Of the inventory, or of what goes on beside it. */
export interface Item {
  readonly holding: string;
  readonly digest: string;
  /** Credit code of who declared it. */
  readonly party: string;
  /** Where it lies, as declared. */
  readonly place: string;
  readonly form: string;
  readonly state: ItemState;
  readonly until?: string;
  /** The exit does not end it: it is kept, and nothing is told of it. */
  readonly goesOn?: true;
}

/**
 * `erased`: gone and taken by the gateway · `would-erase`: it is there and as declared, or half erased · `would-report`: an earlier run erased it · `settled`: the ledger has it as no longer outstanding · `uncovered`: no place
 * for it · `missing`: nothing is there · `differs`: something else is there · `refused`: not touched, `code` says why · `failed`: it may be there still, or in part ·
 * `unrecorded`: gone, and the gateway refused the report, or the ledger did not accept it
 */
export const RESULTS = [
  ...(["erased", "would-erase", "would-report", "settled", "uncovered"] as const),
  ...(["missing", "differs", "refused", "failed", "unrecorded"] as const),
] as const;
export type Result = (typeof RESULTS)[number];

export interface Outcome {
  readonly holding: string;
  readonly place: string;
  readonly result: Result;
  readonly state?: ItemState;
  readonly until?: string;
  readonly target?: string;
  readonly code?: EraseErrorCode;
  readonly what?: string;
  /** Code of the gateway's problem, or of the ledger's finding. */
  readonly problem?: string;
  /** Digest of what is there. */
  readonly found?: string;
  readonly unreached?: readonly NotReached[];
  readonly leafHash?: string;
}
