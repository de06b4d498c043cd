/**
 * The published test vectors beside this file: evidence, good and bad, with what a verifier must say of it, for whoever writes another one. Made of keys
 * that come from seeds, so that making them again makes the same bytes. `npm run vectors`
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { toBase64, toHex } from "../../chaincode/proof/bytes";
import { canonicalText } from "../../chaincode/proof/canonical";
import { consistencyPath, inclusionPath, leafHash } from "../../chaincode/proof/rfc6962";
import { signCheckpoint } from "../../gateway/evidence/checkpoint";
import type { EvidenceErrorCode } from "../../gateway/evidence/errors";
import { formatLatest } from "../../gateway/evidence/latest";
import { signNote } from "../../gateway/evidence/note";
import { formatVerifierKey } from "../../gateway/evidence/note-key";
import type { PromiseOutcome } from "../../gateway/evidence/promise-kept";
import { formatReceipt, parseReceipt, type Receipt } from "../../gateway/evidence/receipt";
import { formatTrust } from "../../gateway/evidence/trust";
import type { EndorsedAttestation } from "../../gateway/ledger/port";
import { leavesOf, mth, nodesOf } from "../chaincode/proof/forest";
import { ATTACKS, type Kind } from "../gateway/evidence/attacks";
import { exiting, exitOf, exitText } from "../gateway/evidence/exits";
import { checkpointKind } from "../gateway/evidence/kinds";
import { exitKinds } from "../gateway/evidence/kinds-of-exits";
import { streamKinds } from "../gateway/evidence/kinds-of-streams";
import { attest, ecdsa, noteKey, NOW, ORIGIN, receiptFor, SIZE, statement, world, type World } from "../gateway/evidence/ledger";
import { latestAt, promiseFor } from "../gateway/evidence/promises";

export const DIRECTORY = join("test", "vectors");
export const NETWORK_NOW = "2027-01-01T00:00:00.000Z";

/** Hashes in hex. */
export interface ProofVector {
  readonly name: string;
  readonly kind: "inclusion" | "consistency";
  /** Of inclusion: the leaf's index; of consistency: the earlier size. */
  readonly from: number;
  readonly size: number;
  /** The leaf's hash; the earlier root. */
  readonly hash: string;
  readonly root: string;
  readonly path: readonly string[];
  readonly good: boolean;
}

export interface NoteVector {
  readonly name: string;
  readonly note: string;
  /** Verifier keys, in the text form of Go's `sumdb/note`. */
  readonly keys: readonly string[];
  /** Whether at least one of the keys signed it, and none that it names signed wrongly. */
  readonly good: boolean;
}

export interface ReceiptVector {
  readonly name: string;
  /** The file's content. */
  readonly file: string;
  /** File with what it is checked against, beside this one. */
  readonly trust: "vector-trust.json" | "network-trust.json";
  readonly now: string;
  readonly outcome: "verified" | EvidenceErrorCode;
}

export interface PromiseVector {
  readonly name: string;
  readonly promise: string;
  readonly shown: readonly string[];
  readonly now: string;
  readonly outcome: PromiseOutcome | EvidenceErrorCode;
}

/** Of checkpoints with cosignatures, of streams of events, and of exits: what the adversary's suite tries, and what comes out at the one entrance. */
export interface EvidenceVector {
  readonly name: string;
  readonly file: string;
  /** The file of items, or of those of one source, beside the certificate of an exit. */
  readonly items?: string;
  readonly trust: "vector-trust.json" | "witness-trust.json";
  readonly now: string;
  readonly outcome: "verified" | EvidenceErrorCode;
}

export interface Vectors {
  readonly proofs: readonly ProofVector[];
  readonly notes: readonly NoteVector[];
  readonly receipts: readonly ReceiptVector[];
  readonly promises: readonly PromiseVector[];
  readonly checkpoints: readonly EvidenceVector[];
  readonly streams: readonly EvidenceVector[];
  readonly exits: readonly EvidenceVector[];
}

function proofs(): ProofVector[] {
  const vectors: ProofVector[] = [];
  const add = (
    kind: ProofVector["kind"],
    name: string,
    from: number,
    size: number,
    hash: Uint8Array,
    root: Uint8Array,
    path: readonly Uint8Array[],
    good: boolean,
  ): number => vectors.push({ name, kind, from, size, hash: toHex(hash), root: toHex(root), path: path.map(toHex), good });
  for (const size of [1, 2, 3, 7, 8, 11]) {
    const leaves = leavesOf(size);
    const [nodes, root] = [nodesOf(leaves), mth(leaves)];
    for (let index = 0; index < size; index++) {
      const leaf = leafHash(leaves[index]!);
      const path = inclusionPath(index, size, nodes);
      add("inclusion", `leaf ${index} of ${size}`, index, size, leaf, root, path, true);
      add("inclusion", `leaf ${index} of ${size}, said to be at the index of the size`, size, size, leaf, root, path, false);
      if (size > 1) add("inclusion", `leaf ${index} of ${size}, said to be the next`, (index + 1) % size, size, leaf, root, path, false);
      add("inclusion", `leaf ${index} of ${size}, path too long`, index, size, leaf, root, [...path, root], false);
      if (path.length > 0) add("inclusion", `leaf ${index} of ${size}, path too short`, index, size, leaf, root, path.slice(1), false);
    }
    for (let from = 1; from < size; from++) {
      const path = consistencyPath(from, size, nodes);
      const earlier = mth(leaves.slice(0, from));
      add("consistency", `${from} to ${size}`, from, size, earlier, root, path, true);
      add("consistency", `${from} to ${size}, forked`, from, size, mth(leavesOf(from + 1).slice(1)), root, path, false);
      add("consistency", `${from} to ${size}, path cut`, from, size, earlier, root, path.slice(1), false);
    }
  }
  return vectors;
}

async function notes({ root, journalKey }: World): Promise<NoteVector[]> {
  const successor = await noteKey(ORIGIN, "vector successor");
  const stranger = await noteKey("elsewhere.example/facts", "vector stranger");
  const [own, next, other] = [journalKey, successor, stranger].map(({ verifier }) => formatVerifierKey(verifier)) as [
    string,
    string,
    string,
  ];
  const checkpoint = await signCheckpoint(SIZE, root, journalKey);
  const [text = ""] = checkpoint.split("\n\n");
  const also = (await signCheckpoint(SIZE, root, successor)).split("\n\n")[1] ?? "";
  const impostor = { verifier: journalKey.verifier, privateKey: successor.privateKey };
  return [
    { name: "checkpoint", note: checkpoint, keys: [own], good: true },
    { name: "checkpoint, signed by the successor too", note: checkpoint + also, keys: [own, next], good: true },
    { name: "checkpoint with a signature that is not known", note: checkpoint + also, keys: [own], good: true },
    { name: "checkpoint with an extension", note: await signNote(`${text}\nextension\n`, journalKey), keys: [own], good: true },
    { name: "text outside ASCII", note: await signNote("溯源\n\n第二段\n", stranger), keys: [other], good: true },
    { name: "no key of it is known", note: checkpoint, keys: [next, other], good: false },
    { name: "size changed", note: checkpoint.replace("\n11\n", "\n12\n"), keys: [own], good: false },
    { name: "signed by another with the id of the key", note: await signCheckpoint(SIZE, root, impostor), keys: [own], good: false },
    { name: "text without its last newline", note: checkpoint.replace("\n\n", "\n"), keys: [own], good: false },
    { name: "cut", note: checkpoint.slice(0, -1), keys: [own], good: false },
    { name: "trailing line", note: `${checkpoint}x\n`, keys: [own], good: false },
  ];
}

async function receipts(ledger: World): Promise<ReceiptVector[]> {
  const vectors: ReceiptVector[] = [];
  const at = { trust: "vector-trust.json", now: NOW.toISOString() } as const;
  const add = (name: string, receipt: Receipt, outcome: ReceiptVector["outcome"]): number =>
    vectors.push({ name, file: formatReceipt(receipt), ...at, outcome });
  for (const index of [0, 5, SIZE - 1]) add(`leaf ${index}`, await receiptFor(index, ledger), "verified");
  const good = await receiptFor(5, ledger);
  add("another leaf", { ...good, leaf: toBase64(Buffer.from("leaf x")) }, "inclusion-wrong");
  add("another index", { ...good, index: 4 }, "inclusion-wrong");
  add("index of the size", { ...good, index: SIZE }, "inclusion-wrong");
  add("another size", { ...good, size: SIZE + 1 }, "checkpoint-differs");
  add("another root attested", { ...good, attestation: attest(statement(leafHash(Buffer.from("x"))), ledger.node) }, "attestation-differs");
  const stranger = await noteKey(ORIGIN, "vector stranger");
  add("checkpoint of an unknown key", { ...good, checkpoint: await signCheckpoint(SIZE, ledger.root, stranger) }, "key-not-in-trust");
  if (good.attestation.kind !== "node") throw new Error("not of one node");
  const { attestation } = good;
  const higher = ecdsa(ledger.node.key, attestation.statement, "higher");
  add("signature with the higher s", { ...good, attestation: { ...attestation, signature: higher } }, "attestation-signature-wrong");
  const future = attest(statement(ledger.root, { time: "2025-07-01T00:00:00.000Z" }), ledger.node);
  add("attested in the future", { ...good, attestation: future }, "attestation-in-future");
  const client = await ledger.authority.issue({ unit: "client", seed: "vector client" });
  add("attested by a client", { ...good, attestation: attest(statement(ledger.root), client) }, "certificate-malformed");
  const other = await world("vector other");
  add("another ledger's node", { ...good, attestation: attest(statement(ledger.root), other.node) }, "certificate-untrusted");
  for (const [name, file] of [
    ["trailing byte", `${formatReceipt(good)} `],
    ["spelled otherwise", JSON.stringify(good)],
    ["one field more", canonicalText({ ...good, more: 1 })],
    ["cut", formatReceipt(good).slice(0, -1)],
  ] as const)
    vectors.push({ name, file, ...at, outcome: "receipt-malformed" });
  return [...vectors, ...networkReceipts()];
}

/** Of the one that a real network gave. */
function networkReceipts(): ReceiptVector[] {
  const file = readFileSync(join(DIRECTORY, "network-receipt.json"), "utf8").trimEnd();
  const good = parseReceipt(file);
  const attestation = good.attestation as EndorsedAttestation;
  const [one, two, three] = attestation.endorsements;
  const changed = (changes: Partial<EndorsedAttestation>): string =>
    formatReceipt({ ...good, attestation: { ...attestation, ...changes } });
  const at = { trust: "network-trust.json", now: NETWORK_NOW } as const;
  return [
    { name: "network", file, ...at, outcome: "verified" },
    { name: "network, two organisations", file: changed({ endorsements: [one!, two!] }), ...at, outcome: "attestation-insufficient" },
    { name: "network, one twice", file: changed({ endorsements: [one!, two!, two!] }), ...at, outcome: "attestation-insufficient" },
    {
      name: "network, signature of another endorser",
      file: changed({ endorsements: [{ ...one!, signature: two!.signature }, two!, three!] }),
      ...at,
      outcome: "attestation-signature-wrong",
    },
    { name: "network, unknown to the trust file", file, trust: "vector-trust.json", now: NETWORK_NOW, outcome: "network-unknown" },
  ];
}

async function promises(ledger: World): Promise<PromiseVector[]> {
  const receipt = async (index: number, time: string): Promise<string> =>
    formatReceipt(await receiptFor(index, ledger, { attestation: attest(statement(ledger.root, {}, { time }), ledger.node) }));
  const [before, after] = ["2025-06-01T11:00:00.000Z", "2025-06-01T13:00:00.000Z"];
  const good = await promiseFor(5, ledger);
  const other = await promiseFor(5, ledger, { leaf: Buffer.from("what was promised") });
  const short = formatLatest(latestAt(5, "2025-06-01T12:30:00.000Z", ledger));
  const cases: readonly (readonly [string, object, readonly string[], PromiseVector["outcome"]])[] = [
    ["kept", good, [await receipt(5, before)], "kept"],
    ["kept late", good, [short, await receipt(5, after)], "kept-late"],
    ["recorded, it is not shown since when", good, [await receipt(5, after)], "kept-time-unknown"],
    ["another record at its index", other, [await receipt(5, after)], "broken-other-record"],
    ["the journal ends before it past the deadline", good, [short], "broken-missing"],
    ["recorded in time, and gone later", good, [await receipt(5, before), short], "two-histories"],
    ["nothing shown", good, [], "unsettled"],
    ["another index", { ...good, index: 6 }, [], "promise-differs"],
    ["another leaf", { ...good, leafHash: other.leafHash }, [], "promise-differs"],
    ["another journal", { ...good, journal: "OperatorMSP/acts" }, [], "promise-key-unknown"],
    ["no promise", { ...good, promise: { jws: "", path: "" } }, [], "promise-malformed"],
  ];
  return cases.map(([name, promise, shown, outcome]) => ({
    name,
    promise: canonicalText(promise),
    shown,
    now: NOW.toISOString(),
    outcome,
  }));
}

/** The good file of a kind, and those that an adversary makes of it. */
function tried({ name, good, attacks }: Kind, trust: EvidenceVector["trust"], of: (file: string) => object = (file) => ({ file })) {
  const at = { trust, now: NOW.toISOString() };
  const vectors = [{ name, ...of(good), ...at, outcome: "verified" } as EvidenceVector];
  for (const attack of ATTACKS) {
    const attacked = attacks[attack];
    if ("none" in attacked) continue;
    const [file, outcome] = attacked;
    vectors.push({ name: `${name}: ${attack}`, ...of(file), ...at, outcome } as EvidenceVector);
  }
  return vectors;
}

async function exits(ledger: World): Promise<readonly EvidenceVector[]> {
  const file = exitText(await exitOf(exiting(ledger)));
  return (await exitKinds(ledger)).flatMap((kind) =>
    tried(kind, "vector-trust.json", kind.beside === undefined ? (items) => ({ file, items }) : undefined),
  );
}

/** @returns contents by file name */
export async function makeVectors(): Promise<Readonly<Record<string, string>>> {
  const ledger = await world("vector");
  const checkpoint = await checkpointKind(ledger);
  const made: Vectors = {
    proofs: proofs(),
    notes: await notes(ledger),
    receipts: await receipts(ledger),
    promises: await promises(ledger),
    checkpoints: tried(checkpoint, "witness-trust.json"),
    streams: (await streamKinds(ledger)).flatMap((kind) => tried(kind, "vector-trust.json")),
    exits: await exits(ledger),
  };
  return {
    "vector-trust.json": `${formatTrust(ledger.trust)}\n`,
    "witness-trust.json": `${formatTrust(checkpoint.beside?.trust ?? ledger.trust)}\n`,
    ...Object.fromEntries(Object.entries(made).map(([name, vectors]) => [`${name}.json`, `${JSON.stringify(vectors, null, 1)}\n`])),
  };
}

export function readVectors<K extends keyof Vectors>(name: K): Vectors[K] {
  return JSON.parse(readFileSync(join(DIRECTORY, `${name}.json`), "utf8")) as Vectors[K];
}

if (require.main === module)
  void makeVectors().then((made) => {
    for (const [name, content] of Object.entries(made)) writeFileSync(join(DIRECTORY, name), content);
  });
