/**
 * SHA-256, the only hash of the ledger, and the only place here that needs Node: a browser build puts a synchronous SHA-256 in this file's stead.
 */
import { hash } from "node:crypto";

/** 32 bytes. */
export type Hash = Uint8Array;

export const HASH_BYTES = 32;

export function sha256(data: Uint8Array): Hash {
  // Asked for as text, because a buffer from there takes twice as long to make.
  return Buffer.from(hash("sha256", data, "binary"), "latin1");
}
