/** What the thread of the ledger is asked, and what it answers. */
import type { Call, Committed, LedgerErrorCode, NodeAttestation } from "../port";
import { FieldReader, FieldWriter } from "./fields";
import type { LedgerName } from "./files";

export interface WorkerOptions {
  readonly directory: string;
  readonly name: LedgerName;
  readonly contract: string;
  readonly now: Date;
}

export interface Requests {
  submit: { readonly call: Uint8Array; readonly time: number };
  evaluate: { readonly call: Uint8Array; readonly time: number };
  attest: { readonly call: Uint8Array; readonly time: number };
  block: { readonly number: number };
  close: object;
}

export interface Answers {
  submit: Committed;
  evaluate: Uint8Array;
  attest: NodeAttestation;
  block: Uint8Array;
  close: undefined;
}

export type Kind = keyof Requests;
export type Request = { [K in Kind]: { readonly id: number; readonly kind: K } & Requests[K] }[Kind];

export type Message =
  | { readonly kind: "opened"; readonly height: number; readonly authority: string }
  | { readonly kind: "height"; readonly height: number }
  | { readonly kind: "answer"; readonly id: number; readonly value: Answers[Kind] }
  | { readonly kind: "error"; readonly id?: number; readonly code: LedgerErrorCode; readonly message: string };

/** A call in one piece of memory of its own, which can be handed over without another copy and leaves the caller's bytes to the caller. */
export function packCall({ transaction, args }: Call): Uint8Array<ArrayBuffer> {
  const fields = new FieldWriter().text(transaction).u32(args.length);
  for (const argument of args) fields.bytes(argument);
  return ownMemory(fields.finish());
}

export function unpackCall(bytes: Uint8Array): Call {
  const fields = new FieldReader(bytes);
  return { transaction: fields.text(), args: fields.list(() => fields.bytes()) };
}

/** Bytes that share no memory with others: small Buffers lie together in a pool. */
export const ownMemory = (bytes: Uint8Array): Uint8Array<ArrayBuffer> =>
  bytes.buffer instanceof ArrayBuffer && bytes.byteLength === bytes.buffer.byteLength
    ? new Uint8Array(bytes.buffer)
    : new Uint8Array(bytes);
