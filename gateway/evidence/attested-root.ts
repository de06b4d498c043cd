/** Answers of the ledger on which evidence rests: which root a journal has at which size, how far it reaches, and how many events of which journals name a subject. */
import { type Json, parseStrict } from "../../chaincode/proof/canonical";
import { HASH_BYTES } from "../../chaincode/proof/sha256";
import { demand } from "./errors";
import { utf8 } from "./utf8";
import { type Guard, hex, integer, list, record, text, time } from "./shape";

/** What the transaction `root` answers. */
export interface AttestedRoot {
  readonly journal: string;
  readonly size: number;
  /** Hex. */
  readonly root: string;
  /** When the journal came to have this size, RFC 3339. */
  readonly time: string;
  /** Its size before: what stands from there on was recorded at that time. Missing where the ledger's rules were of a version before 0.5.0. */
  readonly from?: number;
}

const isRoot = record<AttestedRoot>({ journal: text(200), size: integer(0), root: hex(HASH_BYTES), time, from: integer(0) }, ["from"]);

/**
 * The answer to `root`, asked for the journal and size that it names.
 * @throws EvidenceError `attestation-malformed`, `attestation-differs` (an answer to another question)
 */
export function readRoot(transaction: string, args: readonly Uint8Array[], result: Uint8Array): AttestedRoot {
  demand(transaction === "root", "attestation-differs");
  const head = readJson(result, isRoot);
  const asked = args.map(textOf);
  demand(asked.length === 2 && asked[0] === head.journal && asked[1] === String(head.size), "attestation-differs");
  demand(head.from === undefined || head.from < head.size, "attestation-malformed");
  return head;
}

/** What the transaction `head` answers: how far a journal reaches at the moment; size 0 alone where nobody has opened it. */
export type AttestedLatest = Pick<AttestedRoot, "journal" | "size"> & Partial<Pick<AttestedRoot, "root" | "time">>;

const isLatest = record<AttestedLatest>({ journal: text(200), size: integer(0), root: hex(HASH_BYTES), time }, ["root", "time"]);

/**
 * The answer to `head`, asked for the journal that it names.
 * @throws EvidenceError `attestation-malformed`, `attestation-differs` (an answer to another question)
 */
export function readLatest(transaction: string, args: readonly Uint8Array[], result: Uint8Array): AttestedLatest {
  demand(transaction === "head", "attestation-differs");
  const latest = readJson(result, isLatest);
  const asked = args.map(textOf);
  demand(asked.length === 1 && asked[0] === latest.journal, "attestation-differs");
  return latest;
}

/** What the transaction `subject` answers for one journal that names the subject; one that is not named holds nothing about it. */
export interface AttestedChain {
  readonly journal: string;
  readonly count: number;
  /** Over the hashes of all leaves that name the subject, in order: hex, see `chaincode/proof/subject-chain.ts`. */
  readonly chain: string;
}

const isChains = list(record<AttestedChain>({ journal: text(200), count: integer(1), chain: hex(HASH_BYTES) }), 1000);

/**
 * The answer to `subject`: one read of the whole range, so that it leaves out no journal.
 * @returns in the order of the journals' names, each once
 * @throws EvidenceError `attestation-malformed`, `attestation-differs` (an answer to another question)
 */
export function readChains({ transaction, args, result }: Answered, kind: string, id: string): readonly AttestedChain[] {
  const asked = args.map(textOf);
  demand(transaction === "subject" && asked.length === 2 && asked[0] === kind && asked[1] === id, "attestation-differs");
  const chains = readJson(result, isChains);
  demand(new Set(chains.map(({ journal }) => journal)).size === chains.length, "attestation-malformed");
  return chains;
}

interface Answered {
  readonly transaction: string;
  readonly args: readonly Uint8Array[];
  readonly result: Uint8Array;
}

/** An argument, as it was asked. @throws EvidenceError `attestation-malformed` */
export const textOf = (arg: Uint8Array): string => utf8(arg, "attestation-malformed");

/** @throws EvidenceError `attestation-malformed` */
export function readJson<T>(json: string | Uint8Array, guard: Guard<T>): T {
  const value: Json | undefined = parseStrict(json, { maxDepth: 4 }).value;
  demand(guard(value), "attestation-malformed");
  return value;
}
