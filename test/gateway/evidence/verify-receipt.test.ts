import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { expect } from "chai";
import { canonicalText } from "../../../chaincode/proof/canonical";
import { leafHash } from "../../../chaincode/proof/rfc6962";
import { signCheckpoint } from "../../../gateway/evidence/checkpoint";
import type { EvidenceErrorCode } from "../../../gateway/evidence/errors";
import labels from "../../../gateway/evidence/errors.labels.json";
import { formatVerifierKey, generateSignerKey } from "../../../gateway/evidence/note-key";
import { signNote } from "../../../gateway/evidence/note";
import type { Receipt } from "../../../gateway/evidence/receipt";
import type { TrustedJournal, TrustedNetwork, TrustedOrganisation, TrustFile } from "../../../gateway/evidence/trust";
import { type NotProven, type Proven, verifyReceipt } from "../../../gateway/evidence/verify-receipt";
import verdicts from "../../../gateway/evidence/verdict.labels.json";
import type { NodeAttestation } from "../../../gateway/ledger/port";
import {
  attest,
  Authority,
  ATTESTED,
  codeOf,
  ecdsa,
  JOURNAL,
  NETWORK,
  NOW,
  ORIGIN,
  receiptFor,
  RECORDED,
  SIZE,
  statement,
  world,
  type World,
} from "./ledger";

describe("verifying a receipt", () => {
  let ledger: World;
  let receipt: Receipt;
  before(async () => {
    ledger = await world();
    receipt = await receiptFor(5, ledger);
  });

  const code = (changes: Partial<Receipt> = {}, trust: TrustFile = ledger.trust, now = NOW): Promise<string | undefined> =>
    codeOf(() => verifyReceipt({ ...receipt, ...changes }, trust, now));
  const withNetwork = (changes: Partial<TrustedNetwork>): TrustFile => ({
    ...ledger.trust,
    networks: [{ ...ledger.trust.networks[0]!, ...changes }],
  });
  const withAuthorities = (certificates: readonly string[], revoked: TrustedOrganisation["revoked"] = []): TrustFile =>
    withNetwork({ organisations: [{ mspId: "OperatorMSP", certificates, revoked }] });
  const withJournal = (changes: Partial<TrustedJournal>): TrustFile => ({
    ...ledger.trust,
    journals: [{ ...ledger.trust.journals[0]!, ...changes }],
  });
  const attested = (changes: Partial<NodeAttestation>): Partial<Receipt> => ({
    attestation: { ...(receipt.attestation as NodeAttestation), ...changes },
  });

  it("says what is proven, and what is not", async () => {
    expect(await verifyReceipt(receipt, ledger.trust, NOW)).to.deep.equal({
      proven: ["record-in-journal", "head-signed-by-journal", "head-attested-by-node"],
      notProven: ["several-parties", "no-unrecorded-copy", "represented-faithfully"],
      network: NETWORK,
      journal: JOURNAL,
      index: 5,
      leafHash: Buffer.from(leafHash(ledger.leaves[5]!)).toString("hex"),
      recorded: RECORDED,
      attested: ATTESTED,
      attestedBy: ["OperatorMSP"],
    });
  });

  it("succeeds for every leaf of the journal", async () => {
    for (let index = 0; index < SIZE; index++)
      expect((await verifyReceipt(await receiptFor(index, ledger), ledger.trust, NOW)).index).to.equal(index);
  });

  describe("the leaf", () => {
    it("is the one at its index", async () => {
      expect(await code({ leaf: Buffer.from("another").toString("base64") })).to.equal("inclusion-wrong");
      expect(await code({ index: 4 })).to.equal("inclusion-wrong");
      expect(await code({ index: SIZE })).to.equal("inclusion-wrong");
      expect(await code({ inclusion: receipt.inclusion.slice(1) })).to.equal("inclusion-wrong");
      expect(await code({ inclusion: [...receipt.inclusion, receipt.inclusion[0]!] })).to.equal("inclusion-wrong");
    });

    it("is in the tree of the size that the checkpoint states", async () => {
      // Of this shape is also the path in a tree of one leaf more.
      expect(await code({ size: SIZE + 1 })).to.equal("checkpoint-differs");
    });
  });

  describe("the checkpoint", () => {
    it("is signed by a key of the journal", async () => {
      const { key } = await generateSignerKey(ORIGIN);
      expect(await code({ checkpoint: await signCheckpoint(SIZE, ledger.root, key) })).to.equal("key-not-in-trust");
      expect(await code({ checkpoint: "nothing" })).to.equal("checkpoint-malformed");
      const forged = await signCheckpoint(SIZE, leafHash(Buffer.from("x")), ledger.journalKey);
      const [text] = receipt.checkpoint.split("\n\n");
      expect(await code({ checkpoint: `${text ?? ""}\n\n${forged.split("\n\n")[1] ?? ""}` })).to.equal("checkpoint-signature-wrong");
    });

    it("names the journal's origin", async () => {
      const { key } = await generateSignerKey("ledger.example/other");
      expect(await code({ checkpoint: await signCheckpoint(SIZE, ledger.root, key) })).to.equal("checkpoint-differs");
      const other = receipt.checkpoint.split("\n\n")[0]!.replace(ORIGIN, "ledger.example/other");
      expect(await code({ checkpoint: await signNote(`${other}\n`, ledger.journalKey) })).to.equal("checkpoint-differs");
    });

    it("is signed by a key that was valid when the ledger attested", async () => {
      const key = formatVerifierKey(ledger.journalKey.verifier);
      const keys = (validFrom: string, validUntil?: string): TrustFile =>
        withJournal({ keys: [{ key, validFrom, ...(validUntil === undefined ? {} : { validUntil }) }] });
      expect(await code({}, keys(ATTESTED))).to.equal(undefined);
      expect(await code({}, keys("2025-06-02T08:00:00.001+08:00"))).to.equal("checkpoint-key-not-valid");
      expect(await code({}, keys(RECORDED, ATTESTED))).to.equal("checkpoint-key-not-valid");
      expect(await code({}, keys(RECORDED, "2025-06-02T08:00:00.001+08:00"))).to.equal(undefined);
    });

    it("may bear the signature of a successor too, if we know it, and no other line", async () => {
      const { key } = await generateSignerKey(ORIGIN);
      const [, theirs = ""] = (await signCheckpoint(SIZE, ledger.root, key)).split("\n\n");
      const both = { checkpoint: receipt.checkpoint + theirs };
      const [known] = ledger.trust.journals[0]!.keys;
      const successor = { key: formatVerifierKey(key.verifier), validFrom: "2025-09-01T00:00:00Z" };
      expect(await code(both, withJournal({ keys: [known!, successor] }))).to.equal(undefined);
      expect(await code(both)).to.equal("checkpoint-key-unknown");
      const [, own = ""] = receipt.checkpoint.split("\n\n");
      expect(await code({ checkpoint: receipt.checkpoint + own })).to.equal("checkpoint-key-unknown");
    });
  });

  describe("the attestation", () => {
    const restated = (changes: Parameters<typeof statement>[1], head?: object): Partial<Receipt> => ({
      attestation: attest(statement(ledger.root, changes, head), ledger.node),
    });
    const base64 = (text: string): string => Buffer.from(text).toString("base64");

    it("states this root of this journal at this size", async () => {
      expect(await code(restated({}))).to.equal(undefined);
      const otherRoot = Buffer.from(leafHash(Buffer.from("x"))).toString("hex");
      expect(await code(restated({}, { root: otherRoot }))).to.equal("attestation-differs");
      expect(await code(restated({ args: [base64("OperatorMSP/acts"), base64("11")] }, { journal: "OperatorMSP/acts" }))).to.equal(
        "attestation-differs",
      );
      expect(await code(restated({ args: [base64(JOURNAL), base64("12")] }, { size: 12 }))).to.equal("attestation-differs");
    });

    it("answers the question that was asked", async () => {
      expect(await code(restated({ transaction: "head" }))).to.equal("attestation-differs");
      for (const args of [
        [base64(JOURNAL)],
        [base64(JOURNAL), base64("12")],
        [base64("x"), base64("11")],
        [base64(JOURNAL), base64("011")],
        [base64(JOURNAL), base64("11"), ""],
      ])
        expect(await code(restated({ args })), args.join()).to.equal("attestation-differs");
    });

    it("comes from a network that we know", async () => {
      for (const change of [{ network: "x" }, { channel: "x" }, { chaincode: "x" }])
        expect(await code(restated(change))).to.equal("network-unknown");
    });

    it("has the form that the ledger gives it", async () => {
      for (const change of [
        { result: "e30=" },
        { result: "!" },
        { result: base64("[]") },
        { height: -1 },
        { time: "2025" },
        { more: 1 },
      ] as object[])
        expect(await code(restated(change)), JSON.stringify(change)).to.equal("attestation-malformed");
      for (const text of ["", "{}", "7", '{"a":1,"a":1}'])
        expect(await code(attested({ statement: text })), text).to.equal("attestation-malformed");
      expect(await code(restated({}, { more: 1 }))).to.equal("attestation-malformed");
    });

    it("is signed by the node", async () => {
      const { statement: words } = receipt.attestation as NodeAttestation;
      const stranger = await ledger.authority.issue();
      expect(await code(attested({ signature: ecdsa(stranger.key, words) }))).to.equal("attestation-signature-wrong");
      expect(await code(attested({ certificate: stranger.pem }))).to.equal("attestation-signature-wrong");
      expect(await code(attested({ signature: ecdsa(ledger.node.key, words, "higher") }))).to.equal("attestation-signature-wrong");
      expect(await code(attested({ signature: "" }))).to.equal("attestation-signature-wrong");
      expect(await code(attested({ statement: canonicalText(statement(ledger.root, { height: 4 })) }))).to.equal(
        "attestation-signature-wrong",
      );
    });

    it("is not dated in the future", async () => {
      expect(await code({}, ledger.trust, new Date("2025-06-01T23:56:00Z"))).to.equal(undefined);
      expect(await code({}, ledger.trust, new Date("2025-06-01T23:54:00Z"))).to.equal("attestation-in-future");
    });

    it("is not dated before the head that it speaks of", async () => {
      expect(await code(restated({}, { time: "2025-06-02T00:10:00.000Z" }))).to.equal(undefined);
      expect(await code(restated({}, { time: "2025-06-02T00:10:00.001Z" }))).to.equal("attestation-before-head");
    });

    it("of one node does not do for a network of several organisations", async () => {
      expect(await code({}, withNetwork({ kind: "fabric" }))).to.equal("attestation-insufficient");
    });
  });

  describe("the node's certificate", () => {
    const by = async (authority: Authority, options?: Parameters<Authority["issue"]>[0]): Promise<Partial<Receipt>> => ({
      attestation: attest(statement(ledger.root), await authority.issue(options)),
    });

    it("is issued by an authority that we trust", async () => {
      const other = await Authority.create();
      expect(await code(await by(other))).to.equal("certificate-untrusted");
      expect(await code(await by(other), withAuthorities([ledger.authority.pem, other.pem]))).to.equal(undefined);
      expect(await code({}, withAuthorities([]))).to.equal("certificate-untrusted");
    });

    it("was valid when the ledger attested, and its authority's too", async () => {
      const dates = { notBefore: new Date("2025-01-01T00:00:00Z"), notAfter: new Date("2025-06-01T00:00:00Z") };
      expect(await code(await by(ledger.authority, { dates }))).to.equal("certificate-not-valid");
      const later = { notBefore: new Date("2025-06-02T00:00:01Z"), notAfter: new Date("2026-01-01T00:00:00Z") };
      expect(await code(await by(ledger.authority, { dates: later }))).to.equal("certificate-not-valid");
      const expired = await Authority.create("CN=old,O=old", { dates });
      expect(await code(await by(expired), withAuthorities([expired.pem]))).to.equal("certificate-not-valid");
    });

    it("was not revoked when the ledger attested", async () => {
      const serial = "2";
      const revoked = (since: string, number = serial): TrustFile => withAuthorities([ledger.authority.pem], [{ serial: number, since }]);
      expect(await code({}, revoked(ATTESTED))).to.equal("certificate-revoked");
      expect(await code({}, revoked("2025-06-02T00:00:00.001Z"))).to.equal(undefined);
      expect(await code({}, revoked(ATTESTED, "3"))).to.equal(undefined);
    });

    it("is a node's: a client of the same authority attests nothing", async () => {
      expect(await code(await by(ledger.authority, { unit: "client" }))).to.equal("certificate-malformed");
      expect(await code(attested({ certificate: ledger.authority.pem }))).to.equal("certificate-malformed");
    });

    it("allows signatures, and has no critical extension that we do not know", async () => {
      expect(await code(await by(ledger.authority, { usage: x509.KeyUsageFlags.keyEncipherment }))).to.equal("certificate-malformed");
      const critical = [new x509.Extension("1.2.3.4.5.6.7.8.1", true, Buffer.from("{}"))];
      expect(await code(await by(ledger.authority, { critical }))).to.equal("certificate-malformed");
      const uncritical = [new x509.Extension("1.2.3.4.5.6.7.8.1", false, Buffer.from("{}"))];
      expect(await code(await by(ledger.authority, { critical: uncritical }))).to.equal(undefined);
    });

    it("has one spelling", async () => {
      const { pem } = ledger.node;
      for (const certificate of [
        "",
        "x",
        pem.trim() + "\n\n",
        `x${pem}`,
        pem + pem,
        pem.replaceAll("\n", "\r\n"),
        pem.replace("CERTIFICATE", "certificate"),
      ])
        expect(await code(attested({ certificate })), certificate.slice(0, 40)).to.equal("certificate-malformed");
      expect(await code(attested({ certificate: pem.trim() }))).to.equal(undefined);
      expect(await code(await by(ledger.authority, { lowS: false }))).to.equal("certificate-malformed");
    });
  });

  it("knows the journal from the trust file alone", async () => {
    expect(await code({}, withJournal({ journal: "OperatorMSP/acts" }))).to.equal("journal-unknown");
    expect(await code({}, withJournal({ network: "elsewhere.example" }))).to.equal("journal-unknown");
    expect(await code({}, withNetwork({ network: "elsewhere.example" }))).to.equal("network-unknown");
  });
});

describe("words for what a verification says", () => {
  it("exist for every code, in two languages, with what to do next", () => {
    // Both ways: no code without words, no words without code.
    const all: Readonly<Record<EvidenceErrorCode, { zh: string; en: string; next: { zh: string; en: string } }>> = labels;
    const codes: readonly EvidenceErrorCode[] = Object.keys(labels) as (keyof typeof labels)[];
    for (const code of codes)
      for (const words of [all[code], all[code].next]) expect(words.zh !== "" && words.en !== "", code).to.equal(true);
  });

  it("exist for every verdict", () => {
    const proven: Readonly<Record<Proven, { zh: string; en: string }>> = verdicts.proven;
    const notProven: Readonly<Record<NotProven, { zh: string; en: string }>> = verdicts.notProven;
    for (const words of [...Object.values(proven), ...Object.values(notProven)]) expect(words.zh !== "" && words.en !== "").to.equal(true);
    expect(notProven["several-parties"].zh).to.equal("单方账本，不具多方证明力");
  });
});
