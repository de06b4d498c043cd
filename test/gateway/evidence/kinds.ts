/**
 * Every kind of file that is evidence, with what an adversary does to it. A new kind is one row: how a good file is made, how one is verified, and for
 * each attack what it makes of the good file and the code that catches it.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { toBase64 } from "../../../chaincode/proof/bytes";
import { canonicalText } from "../../../chaincode/proof/canonical";
import { signCheckpoint } from "../../../gateway/evidence/checkpoint";
import { cosign } from "../../../gateway/evidence/cosignature";
import { formatLatest, parseLatest, verifyLatest } from "../../../gateway/evidence/latest";
import { signNote } from "../../../gateway/evidence/note";
import { formatVerifierKey, generateSignerKey } from "../../../gateway/evidence/note-key";
import { judgePromise, parsePromise } from "../../../gateway/evidence/promise-kept";
import { formatReceipt, parseReceipt, type Receipt } from "../../../gateway/evidence/receipt";
import { formatTrust, parseTrust, type TrustFile } from "../../../gateway/evidence/trust";
import { mergeTrust } from "../../../gateway/evidence/trust-merge";
import { verifyReceipt } from "../../../gateway/evidence/verify-receipt";
import { verifyCheckpointFile } from "../../../gateway/evidence/verify-checkpoint";
import type { EndorsedAttestation, NodeAttestation } from "../../../gateway/ledger/port";
import { forked, type Kind } from "./attacks";
import { attest, ecdsa, JOURNAL, noteKey, NOW, ORIGIN, receiptFor, SIZE, statement, type World } from "./ledger";
import { exitKinds } from "./kinds-of-exits";
import { streamKinds } from "./kinds-of-streams";
import { latestAt, promiseFor } from "./promises";

const vector = (name: string): Buffer => readFileSync(join("test", "vectors", name));
const NETWORK_NOW = new Date("2027-01-01T00:00:00Z");

export async function kinds(ledger: World): Promise<readonly Kind[]> {
  return [
    await receipt(ledger),
    networkReceipt(ledger),
    await checkpointKind(ledger),
    await promise(ledger),
    latest(ledger),
    await trust(ledger),
    ...(await streamKinds(ledger)),
    ...(await exitKinds(ledger)),
  ];
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
    beside: { trust, now: NOW },
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
    beside: { trust, now: NETWORK_NOW },
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

export async function checkpointKind({ root, journalKey, leaves, trust: own }: World): Promise<Kind> {
  const witness = await noteKey("witness.example", "witness", "cosignature");
  const witnesses = [{ key: formatVerifierKey(witness.verifier, "cosignature"), validFrom: "2025-01-01T00:00:00Z" }];
  const trust = { ...own, witnesses };
  const signed = await signCheckpoint(SIZE, root, journalKey);
  const good = signed + (await cosign(signed, Date.parse("2025-06-02T00:00:00Z") / 1000, witness));
  const [text = "", signature = ""] = signed.split("\n\n");
  const lines = text.split("\n");
  const stranger = await noteKey(ORIGIN, "stranger");
  const impostor = { verifier: journalKey.verifier, privateKey: stranger.privateKey };
  const other = await noteKey("ledger.example/operator/acts", "acts");
  const earlier = forked(leaves.slice(0, 9)).root;
  // The witness's own bytes, as if it had signed as the journal does.
  const likeJournal = (await signNote(`${text}\n`, witness)).trimEnd().split(" ").at(-1)!;
  return {
    name: "checkpoint",
    good,
    verify: (file) => verifyCheckpointFile(file, trust, NOW),
    beside: { trust, now: NOW },
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
    beside: { trust: ledger.trust, now: NOW, shown: evidence.map((receipt) => Buffer.from(formatReceipt(receipt))) },
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
    beside: { trust: ledger.trust, now: NOW },
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
