/** What is wrong with a piece of evidence. One code for each step of a verification; words for them in `errors.labels.json`. */

export type EvidenceErrorCode =
  // receipt
  | "receipt-too-large"
  | "receipt-malformed"
  | "inclusion-wrong"
  // streams of events: histories, journals, traces
  | "stream-malformed"
  | "events-missing"
  | "events-excess"
  | "events-out-of-order"
  | "events-differ"
  // certificates of exits
  | "exit-malformed"
  | "exit-key-unknown"
  | "exit-key-not-valid"
  | "exit-signature-wrong"
  | "exit-history-differs"
  | "exit-acts-differ"
  // it lacks what certificates tell since 0.7.0, and the authority certified none that does
  | "exit-particulars-missing"
  | "exit-inventory-differs"
  | "exit-items-differ"
  | "exit-countersignature-differs"
  | "exit-superseded"
  // checkpoint
  | "checkpoint-malformed"
  | "checkpoint-differs"
  | "checkpoint-key-unknown"
  | "checkpoint-key-not-valid"
  | "checkpoint-signature-wrong"
  // attestation
  | "attestation-malformed"
  | "attestation-differs"
  | "attestation-insufficient"
  | "attestation-in-future"
  | "attestation-before-head"
  | "attestation-signature-wrong"
  | "certificate-malformed"
  | "certificate-untrusted"
  | "certificate-not-valid"
  | "certificate-revoked"
  // witnesses
  | "cosignature-wrong"
  | "witness-unknown"
  | "witness-not-valid"
  // trust file
  | "trust-malformed"
  | "trust-conflict"
  | "network-unknown"
  | "journal-unknown"
  // signed in the journal's name by a key that is not there: replaced since, or forged
  | "key-not-in-trust"
  // promise
  | "promise-malformed"
  | "promise-key-unknown"
  | "promise-signature-wrong"
  | "promise-key-not-valid"
  | "promise-differs"
  | "promise-evidence-differs"
  // the ledger's word on how far a journal reaches
  | "latest-malformed"
  // what is no evidence by itself: a trust file, the items of an exit
  | "no-evidence-alone";

export class EvidenceError extends Error {
  override readonly name = "EvidenceError";
  /** Of a stream, the line at which it failed; the first is 1. */
  readonly line?: number;
  constructor(
    readonly code: EvidenceErrorCode,
    { line, ...options }: ErrorOptions & { readonly line?: number } = {},
  ) {
    super(code, options);
    if (line !== undefined) this.line = line;
  }
}

/** @throws EvidenceError with this code unless the condition holds */
export function demand(condition: boolean, code: EvidenceErrorCode): asserts condition {
  if (!condition) throw new EvidenceError(code);
}

/** The value. @throws EvidenceError with this code if there is none */
export function given<T>(value: T | undefined, code: EvidenceErrorCode): T {
  if (value === undefined) throw new EvidenceError(code);
  return value;
}
