import { expect } from "chai";
import { randomBytes, X509Certificate } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  decodeBlock,
  decodeEndorsement,
  encodeBlock,
  encodeEndorsement,
  encodeProposal,
  openBlock,
  type Proposal,
  verifyBlock,
  verifyTransaction,
} from "../../../gateway/ledger/embedded/block";
import { createIdentities, type Identities, loadIdentities, serializeIdentity, signBytes } from "../../../gateway/ledger/embedded/identity";
import { NAME } from "./embedded";

describe("a block", () => {
  let directory: string;
  let identities: Identities;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "suyuan-block-"));
    identities = await createIdentities(directory, NAME.mspId, { role: "gateway" }, new Date());
  });
  after(() => rm(directory, { recursive: true }));

  const endorsement = {
    height: 4,
    result: Buffer.from("result"),
    event: { name: "event", payload: Buffer.from("payload") },
    writes: [{ key: "gone" }, { key: "溯源", value: Buffer.from("value") }],
  };
  const previousHash = randomBytes(32);
  const expected = { number: 5, previousHash };

  function signed(who: Identities): Buffer {
    const proposal: Proposal = {
      creator: serializeIdentity(who.gateway.mspId, who.gateway.certificate),
      nonce: randomBytes(24),
      time: Date.parse("2026-03-01T00:00:00.001Z"),
      ...NAME,
      transaction: "put",
      args: [Buffer.from("a"), Buffer.from([0xff, 0])],
    };
    const bytes = encodeProposal(proposal);
    const transaction = {
      proposal: bytes,
      signature: signBytes(who.gateway.key, bytes),
      args: proposal.args,
      endorsement: encodeEndorsement(endorsement),
    };
    const der = new X509Certificate(who.node.certificate).raw;
    return encodeBlock(
      5,
      previousHash,
      [
        { ...transaction, valid: true },
        { ...transaction, valid: false },
      ],
      { key: who.node.key, der },
    ).bytes;
  }

  /** Whether nothing is wrong with these bytes. */
  function holds(bytes: Buffer): boolean {
    const block = decodeBlock(bytes);
    block.transactions.forEach((one) => decodeEndorsement(one.endorsement));
    const ledger = { ...NAME, authority: identities.authority };
    return (
      verifyBlock(block, expected, identities.authority).length === 0 && block.transactions.every((one) => verifyTransaction(one, ledger))
    );
  }

  it("is read as it was written", () => {
    const { number, transactions } = openBlock(signed(identities));
    expect(number).to.equal(5);
    const [valid, invalid] = transactions;
    const { transactionId } = valid!;
    const common = { transactionId, time: "2026-03-01T00:00:00.001Z", mspId: NAME.mspId, transaction: "put", result: endorsement.result };
    const args = [Buffer.from("a"), Buffer.from([0xff, 0])];
    expect(valid).to.deep.equal({ ...common, args, valid: true, writes: endorsement.writes, event: endorsement.event });
    expect(invalid).to.deep.equal({ ...common, args, valid: false, writes: [] });
    expect(holds(signed(identities))).to.be.true;
  });

  it("does not hold with any one of its bytes changed, nor cut short, nor longer", () => {
    const whole = signed(identities);
    const survives = (bytes: Buffer): boolean => {
      try {
        return holds(bytes);
      } catch (error) {
        expect((error as Error).name).to.equal("MalformedFields");
        return false;
      }
    };
    for (let position = 0; position < whole.length; position++) {
      const bytes = Buffer.from(whole);
      bytes[position]! ^= 1 << (position % 8);
      expect(survives(bytes), `byte ${position}`).to.be.false;
    }
    expect(survives(whole.subarray(0, -1))).to.be.false;
    expect(survives(Buffer.concat([whole, Buffer.of(0)]))).to.be.false;
  }).timeout(30_000);

  it("does not hold when another ledger's identities signed it", async () => {
    const others = await createIdentities(join(directory, "others"), NAME.mspId, {}, new Date());
    expect(holds(signed(others))).to.be.false;
    expect(holds(signed({ ...identities, node: others.node }))).to.be.false;
    expect(holds(signed({ ...identities, gateway: others.gateway }))).to.be.false;
  });

  it("is signed by a node, its transactions by clients, and not the other way round", () => {
    expect(holds(signed({ ...identities, node: identities.gateway }))).to.be.false;
    expect(holds(signed({ ...identities, gateway: identities.node }))).to.be.false;
  });

  it("is made with identities that can be loaded again", async () => {
    const loaded = await loadIdentities(directory, NAME.mspId);
    expect(loaded.authority).to.equal(identities.authority);
    expect(loaded.node.certificate).to.equal(identities.node.certificate);
    expect(holds(signed(loaded))).to.be.true;
  });
});
