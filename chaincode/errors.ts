/** Errors of the contract. Only a message crosses the chaincode shim, so the code is encoded in it. */
import type { Breach } from "./events/judge";

export type ContractErrorCode =
  | "acts-refused"
  | "already-initialised"
  | "channel-not-empty"
  | "arguments-malformed"
  | "batch-malformed"
  | "batch-too-large"
  | "called-by-another"
  | "clock-differs"
  | "history-differs"
  | "history-not-admitted"
  | "history-open"
  | "history-unfit"
  | "not-an-administrator"
  | "not-initialised"
  | "not-next"
  | "not-your-journal"
  | "root-unknown";

/** A refused act: its line in the batch, counted from 0, and the rules it broke. */
export type RefusedLine = readonly [line: number, breaches: readonly Breach[]];

export interface ContractErrorDetails {
  /** `not-next`: the size of the journal, from which a batch must continue. */
  readonly size?: number;
  /** `acts-refused` */
  readonly lines?: readonly RefusedLine[];
}

export class ContractError extends Error {
  override readonly name = "ContractError";
  constructor(
    readonly code: ContractErrorCode,
    readonly details: ContractErrorDetails = {},
  ) {
    super(JSON.stringify({ code, ...details }));
  }
}

/** The error that a message carries; undefined where it is not one of the contract's. */
export function parseContractError(message: string): ContractError | undefined {
  // A peer may put words of its own before what the contract said.
  const start = message.indexOf('{"code":"');
  if (start === -1) return undefined;
  try {
    const { code, ...details } = JSON.parse(message.slice(start)) as ContractErrorDetails & { code: ContractErrorCode };
    return new ContractError(code, details);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
