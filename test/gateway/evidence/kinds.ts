/**
 * Every kind of file that is evidence, with what an adversary does to it. A new kind is one row: how a good file is made, how one is verified, and for
 * each attack what it makes of the good file and the code that catches it.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { toBase64 } from "../../../chaincode/proof/bytes";
import { canonicalText } from "../../../chaincode/proof/canonical";
import { CompactRange } from "../../../chaincode/proof/compact-range";
import { inclusionPath, leafHash } from "../../../chaincode/proof/rfc6962";
import { chainOver } from "../../../chaincode/proof/subject-chain";
import { signCheckpoint } from "../../../gateway/evidence/checkpoint";
import { cosign } from "../../../gateway/evidence/cosignature";
import type { EvidenceErrorCode } from "../../../gateway/evidence/errors";
import { HISTORY_FORMAT } from "../../../gateway/evidence/history";
import { JOURNAL_FORMAT } from "../../../gateway/evidence/journal-export";
import { formatLatest, parseLatest, verifyLatest } from "../../../gateway/evidence/latest";
import { signNote } from "../../../gateway/evidence/note";
import { formatVerifierKey, generateSignerKey } from "../../../gateway/evidence/note-key";
import { judgePromise, parsePromise } from "../../../gateway/evidence/promise-kept";
import { formatReceipt, parseReceipt, type Receipt } from "../../../gateway/evidence/receipt";
import { formatTrust, parseTrust, type TrustFile } from "../../../gateway/evidence/trust";
import { mergeTrust } from "../../../gateway/evidence/trust-merge";
import { verifyReceipt } from "../../../gateway/evidence/verify";
import { verifyCheckpointFile } from "../../../gateway/evidence/verify-checkpoint";
import { verifyStream } from "../../../gateway/evidence/verify-stream";
import type { EndorsedAttestation, NodeAttestation } from "../../../gateway/ledger/port";
import { nodesOf } from "../../chaincode/proof/forest";
import { attest, ecdsa, JOURNAL, NOW, ORIGIN, receiptFor, SIZE, statement, type World } from "./ledger";
import { latestAt, promiseFor } from "./promises";

/** What is done, beside cutting a file short, prolonging it and making it huge, which is done to all alike. */
export const ATTACKS = [
  "edit",
  "delete",
  "reorder",
  "roll back",
  "fork",
  "swap two of equal length",
  "forge a key",
  "replay another journal's",
  "borrow a signature of another protocol",
  "index of the size",
] as const;
export type Attack = (typeof ATTACKS)[number];

/** The file that it makes and the code that catches it; or why there is no such attack on this kind. */
export type Attacked = readonly [file: string, code: EvidenceErrorCode] | { readonly none: string };

export interface Kind {
  readonly name: string;
  readonly good: string;
  readonly verify: (file: Uint8Array) => Promise<unknown>;
  /** Codes of what is cut short or prolonged, and of what is huge. */
  readonly malformed: readonly EvidenceErrorCode[];
  readonly huge: EvidenceErrorCode;
  /** What is good by itself, and proves less, when the rest is cut off. */
  readonly lesser?: string;
  /** Whether several of them may stand in one file. */
  readonly continues?: true;
  /** False where some of its bytes are a person's to choose, as all of a trust file are. */
  readonly everyByteCounts: boolean;
  readonly attacks: Readonly<Record<Attack, Attacked>>;
}

const vector = (name: string): Buffer => readFileSync(join("test", "vectors", name));
const NETWORK_NOW = new Date("2027-01-01T00:00:00Z");

export async function kinds(ledger: World): Promise<readonly Kind[]> {
  return [
    await receipt(ledger),
    networkReceipt(ledger),
    await checkpoint(ledger),
    await promise(ledger),
    latest(ledger),
    await trust(ledger),
    await journal(ledger),
    history(ledger),
  ];
}

/** Of other leaves at the same size. */
function forked(leaves: readonly Buffer[]): Pick<World, "leaves" | "root"> {
  const range = CompactRange.empty();
  for (const leaf of leaves) range.append(leafHash(leaf));
  return { leaves, root: Buffer.from(range.root()) };
}

async function receipt(ledger: World): Promise<Kind> {
  const { leaves, root, journalKey, node, trust } = ledger;
  const good = await receiptFor(5, ledger);
  const neighbour = await receiptFor(6, ledger);
  const with_ = (changes: Partial<Receipt>): string => formatReceipt({ ...good, ...changes });
  const fork = { ...ledger, ...forked(leaves.map((leaf, i) => (i === 5 ? Buffer.from("leaf Z") : leaf))) };
  const earlier = forked(leaves.slice(0, 9));
  const { key: stranger } = await generateSignerKey(ORIGIN);
  const { key: acts } = await generateSignerKey("ledger.example/operator/acts");
  const { promise: jws } = await promiseFor(5, ledger);
  const borrowed = Buffer.concat([Buffer.from(journalKey.verifier.id, "hex"), Buffer.from(jws.jws.split(".")[2]!, "base64url")]);
  const text = good.checkpoint.split("\n\n")[0]!;
  return {
    name: "receipt of an embedded ledger",
    good: formatReceipt(good),
    verify: async (file) => verifyReceipt(parseReceipt(file), trust, NOW),
    malformed: ["receipt-malformed"],
    huge: "receipt-too-large",
    everyByteCounts: true,
    attacks: {
      edit: [with_({ leaf: toBase64(Buffer.from("leaf 9")) }), "inclusion-wrong"],
      delete: [with_({ inclusion: good.inclusion.slice(1) }), "inclusion-wrong"],
      reorder: [with_({ inclusion: [...good.inclusion].reverse() }), "inclusion-wrong"],
      // What the ledger said of an earlier tree, beside the newer one.
      "roll back": [with_({ checkpoint: await signCheckpoint(9, earlier.root, journalKey) }), "inclusion-wrong"],
      // The journal's own key signs the other history; the ledger has not seen it.
      fork: [formatReceipt({ ...(await receiptFor(5, fork)), attestation: good.attestation }), "attestation-differs"],
      "swap two of equal length": [with_({ leaf: neighbour.leaf }), "inclusion-wrong"],
      "forge a key": [with_({ checkpoint: await signCheckpoint(SIZE, root, stranger) }), "key-not-in-trust"],
      "replay another journal's": [with_({ checkpoint: await signCheckpoint(SIZE, root, acts) }), "checkpoint-differs"],
      "borrow a signature of another protocol": [
        with_({ checkpoint: `${text}\n\n— ${ORIGIN} ${toBase64(borrowed)}\n` }),
        "checkpoint-signature-wrong",
      ],
      "index of the size": [with_({ index: SIZE, attestation: attest(statement(root), node) }), "inclusion-wrong"],
    },
  };
}

function networkReceipt(ledger: World): Kind {
  const good = parseReceipt(vector("network-receipt.json"));
  const attestation = good.attestation as EndorsedAttestation;
  const [one, two, three] = attestation.endorsements;
  const trust = parseTrust(vector("network-trust.json"));
  const with_ = (changes: Partial<Receipt>): string => formatReceipt({ ...good, ...changes });
  const attested = (changes: Partial<EndorsedAttestation>): string => with_({ attestation: { ...attestation, ...changes } });
  const answered = Buffer.from(attestation.response, "base64").toString("latin1");
  const changed = answered.replace(/"root":"(.)/, (_, digit: string) => `"root":"${digit === "0" ? "1" : "0"}`);
  const otherRoot = Buffer.from(changed, "latin1").toString("base64");
  return {
    name: "receipt of a network of four",
    good: formatReceipt(good),
    verify: async (file) => verifyReceipt(parseReceipt(file), trust, NETWORK_NOW),
    malformed: ["receipt-malformed"],
    huge: "receipt-too-large",
    everyByteCounts: true,
    attacks: {
      edit: [with_({ leaf: toBase64(Buffer.from("x")) }), "inclusion-wrong"],
      delete: [attested({ endorsements: [one!, two!] }), "attestation-insufficient"],
      reorder: [attested({ proposal: attestation.response, response: attestation.proposal }), "attestation-malformed"],
      "roll back": [with_({ size: good.size - 1 }), "inclusion-wrong"],
      fork: [attested({ response: otherRoot }), "attestation-differs"],
      "swap two of equal length": [
        attested({ endorsements: [{ ...one!, signature: two!.signature }, { ...two!, signature: one!.signature }, three!] }),
        "attestation-signature-wrong",
      ],
      "forge a key": [attested({ endorsements: [{ ...one!, endorser: three!.endorser }, two!, three!] }), "attestation-signature-wrong"],
      "replay another journal's": [with_({ journal: "OperatorMSP/acts" }), "attestation-differs"],
      "borrow a signature of another protocol": [
        attested({ endorsements: [{ ...one!, signature: ecdsa(ledger.node.key, "what a node says") }, two!, three!] }),
        "attestation-signature-wrong",
      ],
      "index of the size": [with_({ index: good.size }), "inclusion-wrong"],
    },
  };
}

async function checkpoint({ root, journalKey, leaves, trust: own }: World): Promise<Kind> {
  const { key: witness } = await generateSignerKey("witness.example", "cosignature");
  const witnesses = [{ key: formatVerifierKey(witness.verifier, "cosignature"), validFrom: "2025-01-01T00:00:00Z" }];
  const trust = { ...own, witnesses };
  const signed = await signCheckpoint(SIZE, root, journalKey);
  const good = signed + (await cosign(signed, Date.parse("2025-06-02T00:00:00Z") / 1000, witness));
  const [text = "", signature = ""] = signed.split("\n\n");
  const lines = text.split("\n");
  const { key: stranger } = await generateSignerKey(ORIGIN);
  const impostor = { verifier: journalKey.verifier, privateKey: stranger.privateKey };
  const { key: other } = await generateSignerKey("ledger.example/operator/acts");
  const earlier = forked(leaves.slice(0, 9)).root;
  // The witness's own bytes, as if it had signed as the journal does.
  const likeJournal = (await signNote(`${text}\n`, witness)).trimEnd().split(" ").at(-1)!;
  return {
    name: "checkpoint",
    good,
    verify: (file) => verifyCheckpointFile(file, trust, NOW),
    malformed: ["checkpoint-malformed"],
    lesser: signed,
    huge: "checkpoint-malformed",
    everyByteCounts: true,
    attacks: {
      edit: [good.replace("\n11\n", "\n12\n"), "checkpoint-signature-wrong"],
      delete: [good.replace("\n11\n", "\n"), "checkpoint-malformed"],
      reorder: [`${[lines[0], lines[2], lines[1]].join("\n")}\n\n${signature}`, "checkpoint-malformed"],
      "roll back": [`${ORIGIN}\n9\n${toBase64(earlier)}\n\n${signature}`, "checkpoint-signature-wrong"],
      fork: [`${ORIGIN}\n${SIZE}\n${toBase64(earlier)}\n\n${signature}`, "checkpoint-signature-wrong"],
      "swap two of equal length": { none: "it holds one root" },
      "forge a key": [await signCheckpoint(SIZE, root, impostor), "checkpoint-signature-wrong"],
      "replay another journal's": [await signCheckpoint(SIZE, root, other), "journal-unknown"],
      "borrow a signature of another protocol": [good.replace(/(?<=witness\.example ).*/, likeJournal), "cosignature-wrong"],
      "index of the size": { none: "it has no index" },
    },
  };
}

async function promise(ledger: World): Promise<Kind> {
  const good = await promiseFor(5, ledger);
  const evidence = [await receiptFor(5, ledger)];
  const other = await promiseFor(6, ledger);
  const with_ = (changes: object): string => canonicalText({ ...good, ...changes });
  const { jws, path } = good.promise;
  const [header, payload, signature] = jws.split(".") as [string, string, string];
  const terms = JSON.parse(Buffer.from(payload, "base64url").toString("utf8")) as object;
  const restated = (changes: object): string => Buffer.from(JSON.stringify({ ...terms, ...changes })).toString("base64url");
  const { key: stranger } = await generateSignerKey(ORIGIN);
  const impostor = { ...ledger, journalKey: { verifier: ledger.journalKey.verifier, privateKey: stranger.privateKey } };
  const { checkpoint } = await receiptFor(5, ledger);
  const ofNote = Buffer.from(checkpoint.trimEnd().split(" ").at(-1)!, "base64").subarray(4).toString("base64url");
  return {
    name: "promise",
    good: canonicalText(good),
    verify: async (file) => judgePromise(parsePromise(file), evidence, ledger.trust, NOW),
    malformed: ["promise-malformed"],
    huge: "promise-malformed",
    everyByteCounts: true,
    attacks: {
      edit: [with_({ leafHash: other.leafHash }), "promise-differs"],
      delete: [with_({ promise: { jws } }), "promise-malformed"],
      reorder: [with_({ promise: { jws: `${payload}.${header}.${signature}`, path } }), "promise-malformed"],
      // An earlier deadline, or none of the group's others.
      "roll back": [
        with_({ promise: { jws: `${header}.${restated({ deadline: "2025-05-31T12:00:01.000Z" })}.${signature}`, path } }),
        "promise-signature-wrong",
      ],
      fork: [with_({ promise: { jws: `${header}.${restated({ root: "0".repeat(64) })}.${signature}`, path } }), "promise-signature-wrong"],
      "swap two of equal length": [with_({ promise: other.promise }), "promise-differs"],
      "forge a key": [canonicalText(await promiseFor(5, impostor)), "promise-signature-wrong"],
      "replay another journal's": [
        canonicalText({ ...(await promiseFor(5, ledger, { journal: "OperatorMSP/acts" })), journal: JOURNAL }),
        "promise-differs",
      ],
      "borrow a signature of another protocol": [
        with_({ promise: { jws: `${header}.${payload}.${ofNote}`, path } }),
        "promise-signature-wrong",
      ],
      "index of the size": [with_({ index: 6 }), "promise-differs"],
    },
  };
}

function latest(ledger: World): Kind {
  const time = "2025-06-02T00:00:00.000Z";
  const good = latestAt(5, time, ledger);
  const attestation = good.attestation as NodeAttestation;
  const with_ = (changes: Partial<NodeAttestation>): string => formatLatest({ ...good, attestation: { ...attestation, ...changes } });
  const acts = { journal: "OperatorMSP/acts" };
  const args = [Buffer.from(acts.journal).toString("base64")];
  const root = attest(statement(ledger.root), ledger.node);
  return {
    name: "latest state of a journal",
    good: formatLatest(good),
    verify: async (file) => verifyLatest(parseLatest(file), ledger.trust, NOW),
    malformed: ["latest-malformed"],
    huge: "latest-malformed",
    everyByteCounts: true,
    attacks: {
      edit: [with_({ statement: attestation.statement.replace(time, "2025-06-02T00:00:01.000Z") }), "attestation-signature-wrong"],
      delete: [with_({ signature: "" }), "attestation-signature-wrong"],
      reorder: [with_({ certificate: attestation.statement, statement: attestation.certificate }), "attestation-malformed"],
      "roll back": [
        with_({ statement: (latestAt(4, time, ledger).attestation as NodeAttestation).statement }),
        "attestation-signature-wrong",
      ],
      fork: { none: "it says how far a journal reaches, not what is in it" },
      "swap two of equal length": [with_({ signature: root.signature }), "attestation-signature-wrong"],
      "forge a key": [with_({ certificate: ledger.authority.pem }), "certificate-malformed"],
      "replay another journal's": [formatLatest(latestAt(5, time, ledger, { args }, acts)), "attestation-differs"],
      "borrow a signature of another protocol": [formatLatest({ ...good, attestation: root }), "attestation-differs"],
      "index of the size": { none: "it has no index" },
    },
  };
}

/** Its own maker can say in it what he likes: an attack is a change that makes evidence fail, or that does not go with the file one has. */
async function trust(ledger: World): Promise<Kind> {
  const good = ledger.trust;
  const evidence = await receiptFor(5, ledger);
  const [network] = good.networks;
  const [journal] = good.journals;
  const [organisation] = network!.organisations;
  const { key: stranger } = await generateSignerKey(ORIGIN);
  const withNetwork = (changes: object): string => formatTrust({ ...good, networks: [{ ...network!, ...changes }] });
  const withKey = (key: string): TrustFile => ({ ...good, journals: [{ ...journal!, keys: [{ ...journal!.keys[0]!, key }] }] });
  const [own] = journal!.keys;
  return {
    name: "trust file",
    good: formatTrust(good),
    verify: async (file) => verifyReceipt(evidence, mergeTrust(good, parseTrust(file)), NOW),
    malformed: ["trust-malformed"],
    huge: "trust-malformed",
    everyByteCounts: false,
    attacks: {
      edit: [formatTrust(withKey(own!.key.replace("operator", "Operator"))), "trust-malformed"],
      delete: [withNetwork({ organisations: [] }), "trust-conflict"],
      reorder: { none: "the order of what it holds means nothing" },
      "roll back": [
        formatTrust({ ...good, journals: [{ ...journal!, keys: [{ ...own!, validFrom: "2024-01-01T00:00:00Z" }] }] }),
        "trust-conflict",
      ],
      fork: [withNetwork({ channel: "other" }), "trust-conflict"],
      "swap two of equal length": [withNetwork({ organisations: [{ ...organisation!, mspId: "OperatorMSQ" }] }), "trust-conflict"],
      "forge a key": [formatTrust(withKey(formatVerifierKey(stranger.verifier))), "trust-conflict"],
      "replay another journal's": [
        formatTrust({ ...good, journals: [...good.journals, { ...journal!, journal: "OperatorMSP/acts" }] }),
        "trust-malformed",
      ],
      "borrow a signature of another protocol": { none: "nobody signs it" },
      "index of the size": { none: "it has no index" },
    },
  };
}

/** Reads all of a stream, in pieces. */
async function streamed(file: Uint8Array, trust: TrustFile): Promise<void> {
  const pieces = (function* () {
    for (let at = 0; at < file.length; at += 1000) yield file.subarray(at, at + 1000);
  })();
  for await (const verdict of verifyStream(Readable.from(pieces), trust, NOW))
    if (verdict.proven.length === 0) throw new Error("it proves nothing");
}

const linesOf = (lines: readonly object[]): string => lines.map((line) => `${canonicalText(line)}\n`).join("");
const swapped = (lines: readonly object[], a: number, b: number): string =>
  linesOf(lines.map((line, i) => (i === a ? lines[b]! : i === b ? lines[a]! : line)));

async function journal(ledger: World): Promise<Kind> {
  const { leaves, root, journalKey, node, trust } = ledger;
  const head = async (size: number, of: Uint8Array, key = journalKey): Promise<object> => ({
    format: JOURNAL_FORMAT,
    journal: JOURNAL,
    size,
    checkpoint: await signCheckpoint(size, of, key),
    attestation: attest(statement(root), node),
  });
  const header = await head(SIZE, root);
  const told = (leaves: readonly Buffer[]): object[] => leaves.map((leaf, index) => ({ index, leaf: toBase64(leaf) }));
  const events = told(leaves);
  const lines = [header, ...events];
  const { key: stranger } = await generateSignerKey(ORIGIN);
  const { key: acts } = await generateSignerKey("ledger.example/operator/acts");
  const other = leaves.map((leaf, i) => (i === 5 ? Buffer.from("leaf Z") : leaf));
  const exchanged = leaves.map((leaf, i) => (i === 4 ? leaves[5]! : i === 5 ? leaves[4]! : leaf));
  return {
    name: "export of a journal",
    good: linesOf(lines),
    verify: (file) => streamed(file, trust),
    malformed: ["stream-malformed", "events-missing"],
    huge: "stream-malformed",
    continues: true,
    everyByteCounts: true,
    attacks: {
      edit: [linesOf([header, ...told(other)]), "events-differ"],
      delete: [linesOf(lines.filter((_, i) => i !== 6)), "events-missing"],
      reorder: [swapped(lines, 3, 4), "events-missing"],
      "roll back": [linesOf([await head(9, forked(leaves.slice(0, 9)).root), ...events.slice(0, 9)]), "attestation-differs"],
      fork: [linesOf([await head(SIZE, forked(other).root), ...told(other)]), "attestation-differs"],
      "swap two of equal length": [linesOf([header, ...told(exchanged)]), "events-differ"],
      "forge a key": [linesOf([await head(SIZE, root, stranger), ...events]), "key-not-in-trust"],
      "replay another journal's": [linesOf([await head(SIZE, root, acts), ...events]), "checkpoint-differs"],
      "borrow a signature of another protocol": [
        linesOf([{ ...header, attestation: latestAt(SIZE, "2025-06-02T00:00:00.000Z", ledger).attestation }, ...events]),
        "attestation-differs",
      ],
      "index of the size": [linesOf([...lines, { index: SIZE, leaf: toBase64(Buffer.from("more")) }]), "events-excess"],
    },
  };
}

function history(ledger: World): Kind {
  const { leaves, root, node, trust } = ledger;
  const [kind, id] = ["scenario", "S-1"];
  const indexes = [2, 5, 6, 10];
  const base64 = (text: string): string => Buffer.from(text).toString("base64");
  const answered = (subject = id): NodeAttestation => {
    const { count, hash } = chainOver(indexes.map((index) => leafHash(leaves[index]!)));
    const result = base64(canonicalText([{ journal: JOURNAL, count, chain: Buffer.from(hash).toString("hex") }]));
    return attest(statement(root, { transaction: "subject", args: [base64(kind), base64(subject)], result }), node);
  };
  const headed = (attestation: object): object => ({
    format: HISTORY_FORMAT,
    kind,
    id,
    attestation,
    heads: [{ journal: JOURNAL, size: SIZE, attestation: attest(statement(root), node) }],
  });
  const header = headed(answered());
  const event = (index: number, leaf = leaves[index]!): object => ({
    journal: JOURNAL,
    index,
    leaf: toBase64(leaf),
    inclusion: inclusionPath(index, SIZE, nodesOf(leaves)).map(toBase64),
  });
  const events = indexes.map((index) => event(index));
  const lines = [header, ...events];
  return {
    name: "history of a subject",
    good: linesOf(lines),
    verify: (file) => streamed(file, trust),
    malformed: ["stream-malformed", "events-missing"],
    huge: "stream-malformed",
    continues: true,
    everyByteCounts: true,
    attacks: {
      edit: [linesOf([header, event(2, Buffer.from("leaf Z")), ...events.slice(1)]), "inclusion-wrong"],
      delete: [linesOf(lines.filter((_, i) => i !== 2)), "events-missing"],
      reorder: [swapped(lines, 2, 3), "events-out-of-order"],
      "roll back": [linesOf(lines.slice(0, -1)), "events-missing"],
      // Of the journal, but of other subjects: each with a path that is good.
      fork: [linesOf([header, event(2), event(5), event(7), event(10)]), "events-differ"],
      "swap two of equal length": [
        linesOf([header, event(2), { ...event(5), leaf: toBase64(leaves[6]!) }, ...events.slice(2)]),
        "inclusion-wrong",
      ],
      "forge a key": [linesOf([headed({ ...answered(), certificate: ledger.authority.pem }), ...events]), "certificate-malformed"],
      "replay another journal's": [linesOf([headed(answered("S-2")), ...events]), "attestation-differs"],
      "borrow a signature of another protocol": [linesOf([headed(attest(statement(root), node)), ...events]), "attestation-differs"],
      "index of the size": [linesOf([...lines.slice(0, -1), { ...event(10), index: SIZE }]), "inclusion-wrong"],
    },
  };
}
