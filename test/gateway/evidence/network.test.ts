/**
 * A receipt of a network of four organisations, recorded from a real one (Fabric 3.1.5, `test/vectors/network-*.json`): what it proves, and that
 * nothing else passes for it.
 */
import { expect } from "chai";
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fromBase64, toBase64 } from "../../../chaincode/proof/bytes";
import { readMessage } from "../../../gateway/evidence/protobuf";
import { parseReceipt, type Receipt } from "../../../gateway/evidence/receipt";
import { parseTrust, type TrustedNetwork, type TrustFile } from "../../../gateway/evidence/trust";
import { verifyReceipt } from "../../../gateway/evidence/verify-receipt";
import { attesting, type EndorsedAttestation, type Endorsement } from "../../../gateway/ledger/port";
import { codeOf, ecdsa, world } from "./ledger";

const vector = (name: string): Buffer => readFileSync(join("test", "vectors", name));
const NOW = new Date("2027-01-01T00:00:00Z");
const MAX_BUNDLE = 20_000;

describe("a receipt of a network of four organisations", () => {
  const file = vector("network-receipt.json");
  const receipt = parseReceipt(file);
  const trust = parseTrust(vector("network-trust.json"));
  const attestation = receipt.attestation as EndorsedAttestation;
  const [network] = trust.networks as [TrustedNetwork];

  const code = (changes: Partial<Receipt>, by: TrustFile = trust, now = NOW): Promise<string | undefined> =>
    codeOf(() => verifyReceipt({ ...receipt, ...changes }, by, now));
  const attested = (changes: Partial<EndorsedAttestation>): Partial<Receipt> => ({ attestation: { ...attestation, ...changes } });
  const known = (changes: Partial<TrustedNetwork>): TrustFile => ({ ...trust, networks: [{ ...network, ...changes }] });
  const flipped = (base64: string, at: number): string => {
    const bytes = fromBase64(base64)!;
    bytes[at < 0 ? bytes.length + at : at]! ^= 1;
    return toBase64(bytes);
  };

  it("proves that three of four organisations attest the head, and says who, and what stays open", async () => {
    const verdict = await verifyReceipt(receipt, trust, NOW);
    expect(verdict.proven).to.deep.equal(["record-in-journal", "head-signed-by-journal", "head-attested-by-organisations"]);
    expect(verdict.notProven).to.deep.equal(["code-run", "no-unrecorded-copy", "represented-faithfully"]);
    expect([...verdict.attestedBy].sort()).to.deep.equal(["AuthorityMSP", "DeveloperMSP", "SourceMSP"]);
    expect([verdict.journal, verdict.index, verdict.chaincodeVersion]).to.deep.equal(["OperatorMSP/facts", 4, "1"]);
  });

  it("stays checkable when the certificates in it have ended", async () => {
    expect(await code({}, trust, new Date("2040-01-01T00:00:00Z"))).to.equal(undefined);
  });

  it(`is smaller than ${MAX_BUNDLE} bytes`, () => expect(file.length).to.be.below(MAX_BUNDLE));

  it("needs three organisations, more than half of the network's, each once", async () => {
    const [one, two] = attestation.endorsements as [Endorsement, Endorsement];
    expect(await code(attested({ endorsements: [] }))).to.equal("attestation-insufficient");
    expect(await code(attested({ endorsements: [one, two] }))).to.equal("attestation-insufficient");
    expect(await code(attested({ endorsements: [one, two, two] }))).to.equal("attestation-insufficient");
    const more = ["AMSP", "BMSP"].map((mspId) => ({ mspId, certificates: [] }));
    expect(await code({}, known({ organisations: [...network.organisations, ...more] }))).to.equal("attestation-insufficient");
    expect([1, 3, 4, 5, 6, 7].map(attesting)).to.deep.equal([3, 3, 3, 3, 4, 4]);
  });

  it("is signed by each of them, over what all of them answered", async () => {
    const [one, ...others] = attestation.endorsements as [Endorsement, ...Endorsement[]];
    const signed = (endorsement: Partial<Endorsement>): Promise<string | undefined> =>
      code(attested({ endorsements: [{ ...one, ...endorsement }, ...others] }));
    const { node } = await world();
    expect(await signed({ signature: ecdsa(node.key, "x") })).to.equal("attestation-signature-wrong");
    expect(await signed({ signature: others[0]!.signature })).to.equal("attestation-signature-wrong");
    expect(await signed({ signature: flipped(one.signature, -1) })).to.equal("attestation-signature-wrong");
    expect(await signed({ endorser: "" })).to.equal("certificate-untrusted");
    expect(await signed({ endorser: flipped(one.endorser, 2) })).to.equal("certificate-untrusted");
  });

  it("answers the question that it holds", async () => {
    expect(await code(attested({ proposal: flipped(attestation.proposal, -1) }))).to.equal("attestation-differs");
    expect(await code(attested({ response: flipped(attestation.response, 4) }))).to.equal("attestation-differs");
    expect(await code(attested({ proposal: "" }))).to.equal("attestation-differs");
    const longer = toBase64(Uint8Array.of(...fromBase64(attestation.proposal)!, 0x1a, 1, 0));
    expect(await code(attested({ proposal: longer }))).to.equal("attestation-malformed");
  });

  it("counts nobody whose authority is another's, or whose certificate was revoked by then", async () => {
    const [first, second, ...rest] = network.organisations as [TrustedNetwork["organisations"][0], TrustedNetwork["organisations"][0]];
    const swapped = [{ ...first, certificates: second.certificates }, { ...second, certificates: first.certificates }, ...rest];
    expect(await code({}, known({ organisations: swapped }))).to.equal("certificate-untrusted");
    expect(await code({}, known({ organisations: [second, ...rest] }))).to.equal("certificate-untrusted");
    const endorser = attestation.endorsements.map((one) => Buffer.from(one.endorser, "base64").toString("latin1"))[0]!;
    const pem = endorser.slice(endorser.indexOf("-----BEGIN"));
    const serial = new X509Certificate(pem).serialNumber.toLowerCase();
    const revoked = (since: string): TrustFile =>
      known({ organisations: network.organisations.map((one) => ({ ...one, revoked: [{ serial, since }] })) });
    expect(await code({}, revoked("2026-11-24T00:00:00Z"))).to.equal("certificate-revoked");
    expect(await code({}, revoked("2026-11-25T00:00:00Z"))).to.equal(undefined);
  });

  it("is of a network that the trust file knows, told by the journal's name where channels are called alike", async () => {
    for (const change of [{ channel: "x" }, { chaincode: "x" }, { kind: "embedded" as const }])
      expect(await code({}, known(change))).to.equal("network-unknown");
    const other = { ...network, network: "other.suyuan", organisations: [] };
    expect(await code({}, { ...trust, networks: [other, network] })).to.equal(undefined);
    expect(await code({}, { ...trust, networks: [other] })).to.equal("journal-unknown");
  });
});

describe("messages of Protocol Buffers", () => {
  const fields = { one: [1, "integer"], two: [2, "bytes"], three: [3, "list"] } as const;
  const read = (...bytes: number[]): unknown => readMessage(Uint8Array.from(bytes), fields);

  it("are read field by field, what is absent being empty", () => {
    expect(read()).to.deep.equal({ one: 0, two: new Uint8Array(0), three: [] });
    expect(read(8, 0x96, 1, 0x12, 1, 7, 0x1a, 0, 0x1a, 1, 9)).to.deep.equal({
      one: 150,
      two: Uint8Array.of(7),
      three: [new Uint8Array(0), Uint8Array.of(9)],
    });
  });

  it("have one spelling", () => {
    const bad: Readonly<Record<string, number[]>> = {
      "a field twice": [8, 1, 8, 1],
      "fields out of order": [0x12, 1, 7, 8, 1],
      "an unknown field": [0x20, 1],
      "another wire type": [0x0a, 1, 7],
      "a default spelled out": [8, 0],
      "empty bytes spelled out": [0x12, 0],
      "an integer longer than it need be": [8, 0x81, 0],
      "an integer beyond all": [8, 255, 255, 255, 255, 255, 255, 255, 255, 1],
      "bytes cut short": [0x12, 2, 7],
      "a tag without a value": [8],
      "field zero": [0, 1],
    };
    for (const [what, bytes] of Object.entries(bad)) expect(read(...bytes), what).to.equal(undefined);
  });
});
