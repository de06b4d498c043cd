/**
 * The ledger as the gateway sees it: a channel on which one chaincode runs. Every adapter passes `test/suites/ledger.ts`.
 *
 * Durability: what `submit` has answered survives a crash of every process and of the machine.
 * Order: transactions of one caller commit in the order in which their `submit` calls were awaited; nothing is promised about calls
 * that overlap. Retries: the caller's business, except where a comment says otherwise; `LedgerError.code` tells what is safe.
 */
export interface Ledger {
  /** What this ledger is, for pages, receipts and certificates. */
  readonly network: NetworkName;

  /** Why nothing reaches it at the moment, where its own store is what failed; gone once it goes on, which it tries by itself. */
  readonly failure?: string | undefined;

  /** Those that name who attests: what a verifier trusts. */
  readonly authorities: readonly Authority[];

  /**
   * Endorses, orders and commits one transaction; resolves once the block that holds it is durable and the transaction valid.
   * @throws LedgerError `refused` the chaincode threw; nothing stored, the same call will be refused again
   * @throws LedgerError `conflict` another transaction changed what this one read; nothing stored in the state, safe to send again
   * @throws LedgerError `unavailable` the ledger was not reached; nothing stored, safe to send again
   * @throws LedgerError `outcome-unknown` it may or may not have been committed; ask the ledger before sending again
   */
  submit(call: Call): Promise<Committed>;

  /** Runs a transaction against committed state and stores nothing. Throws as `submit`, except `conflict` and `outcome-unknown`. */
  evaluate(call: Call): Promise<Uint8Array>;

  /** As `evaluate`, with evidence, checkable offline, of who answered what. */
  attest(call: Call): Promise<Attestation>;

  /**
   * Every block from number `from` (the first is 0) in order, then each new one as it is committed, until `signal` aborts, which ends
   * the iteration without an error. Never skips, never repeats. @throws LedgerError `unavailable`; the caller resumes from the next number it lacks
   */
  blocks(from: number, signal?: AbortSignal): AsyncIterable<Block>;

  /** Number of blocks committed. */
  height(): Promise<number>;

  close(): Promise<void>;
}

/** `embedded`: kept by one party. `fabric`: by several. */
export const LEDGER_KINDS = ["embedded", "fabric"] as const;

export interface NetworkName {
  readonly kind: (typeof LEDGER_KINDS)[number];
  /** URL-like name of the network, unique among the networks a verifier trusts. */
  readonly network: string;
  readonly channel: string;
  readonly chaincode: string;
}

/** Who issues the certificates of an organisation's members. */
export interface Authority {
  readonly mspId: string;
  /** PEM */
  readonly certificate: string;
}

export interface Call {
  /** Transaction name, as the contract declares it. */
  readonly transaction: string;
  readonly args: readonly Uint8Array[];
}

export interface Committed {
  readonly transactionId: string;
  readonly block: number;
  /** What the chaincode returned. */
  readonly result: Uint8Array;
}

export interface Block {
  readonly number: number;
  readonly transactions: readonly BlockTransaction[];
}

/** One transaction of a block, invalid ones included: those changed nothing, but they are on the ledger. */
export interface BlockTransaction {
  readonly transactionId: string;
  /** The submitter's clock, RFC 3339 in UTC with milliseconds. */
  readonly time: string;
  readonly mspId: string;
  readonly valid: boolean;
  readonly transaction: string;
  readonly args: readonly Uint8Array[];
  readonly result: Uint8Array;
  /** Of the chaincode that judged it; missing where that tells none. */
  readonly version?: string;
  /** State it wrote, in UTF-8 order of keys; a missing value is a deletion. Empty where `valid` is false. */
  readonly writes: readonly StateWrite[];
  /** Absent where `valid` is false. */
  readonly event?: { readonly name: string; readonly payload: Uint8Array };
}

export interface StateWrite {
  readonly key: string;
  readonly value?: Uint8Array;
}

/** Embedded: the node's own signature. Fabric: endorsements of a read by several organisations. */
export type Attestation = NodeAttestation | EndorsedAttestation;

/** ECDSA P-256 over `statement`: canonical JSON of {@link AttestedStatement}. */
export interface NodeAttestation {
  readonly kind: "node";
  readonly statement: string;
  /** DER, base64. */
  readonly signature: string;
  /** The node's certificate, PEM. */
  readonly certificate: string;
}

export interface AttestedStatement {
  readonly network: string;
  readonly channel: string;
  readonly chaincode: string;
  readonly transaction: string;
  /** base64 */
  readonly args: readonly string[];
  /** base64 */
  readonly result: string;
  /** Blocks committed when the read was made. */
  readonly height: number;
  /** RFC 3339, UTC. */
  readonly time: string;
}

/**
 * A read that peers of several organisations signed and nobody ordered, as messages of Fabric in base64. Each endorsement is ECDSA with
 * SHA-256 over the bytes of `response` followed by those of `endorser`.
 */
export interface EndorsedAttestation {
  readonly kind: "endorsements";
  /** `protos.Proposal`: channel, chaincode, transaction, arguments, who asked and when. */
  readonly proposal: string;
  /** `protos.ProposalResponsePayload`: hash of the proposal's parts, what was read in which version, and the answer. */
  readonly response: string;
  readonly endorsements: readonly Endorsement[];
}

/** How many organisations' word makes an attestation: three, and always more than half. */
export const attesting = (organisations: number): number => Math.max(3, Math.floor(organisations / 2) + 1);

export interface Endorsement {
  /** `msp.SerializedIdentity`: MSP ID and certificate of a peer, base64. */
  readonly endorser: string;
  /** DER, base64. */
  readonly signature: string;
}

export const LEDGER_ERROR_CODES = ["refused", "conflict", "unavailable", "outcome-unknown"] as const;
export type LedgerErrorCode = (typeof LEDGER_ERROR_CODES)[number];

/** Why the ledger is not being followed or written at the moment: one of a closed set, so that everyone may read it. */
export const TROUBLES = [...LEDGER_ERROR_CODES, "unexpected"] as const;
export type Trouble = (typeof TROUBLES)[number];

export const troubleOf = (error: unknown): Trouble => (error instanceof LedgerError ? error.code : "unexpected");

export class LedgerError extends Error {
  override readonly name = "LedgerError";
  /** @param message with `refused`, exactly the chaincode's message: that is where its own code stands */
  constructor(
    readonly code: LedgerErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
