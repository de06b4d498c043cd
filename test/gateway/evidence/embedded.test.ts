import { expect } from "chai";
import { encodeLine } from "../../../chaincode/batch";
import type { Appended } from "../../../chaincode/append";
import { inclusionPath, rootOf } from "../../../chaincode/proof/rfc6962";
import { signCheckpoint } from "../../../gateway/evidence/checkpoint";
import { formatVerifierKey, generateSignerKey } from "../../../gateway/evidence/note-key";
import { formatReceipt, parseReceipt, receiptOf } from "../../../gateway/evidence/receipt";
import { formatTrust, parseTrust, trustedNetwork, type TrustFile } from "../../../gateway/evidence/trust";
import { verifyReceipt } from "../../../gateway/evidence/verify-receipt";
import { leavesOf, nodesOf } from "../../chaincode/proof/forest";
import { batchOf, FACTS, OnLedger } from "../../chaincode/on-ledger";
import { codeOf } from "./ledger";

describe("a receipt from the embedded ledger", () => {
  let on: OnLedger;
  before(async () => {
    on = await OnLedger.open();
    await on.init();
  });
  after(() => on.close());

  it("is verified with its trust file and nothing else", async () => {
    const leaves = leavesOf(7);
    const appended = (await on.submit("append", FACTS, "0", batchOf(leaves.map((leaf) => encodeLine(leaf, []))))) as Appended;
    const nodes = nodesOf(leaves);
    const { key } = await generateSignerKey("test.example/facts");
    const file = formatReceipt(
      receiptOf({
        leaf: leaves[4]!,
        journal: FACTS,
        index: 4,
        size: 7,
        inclusion: inclusionPath(4, 7, nodes),
        checkpoint: await signCheckpoint(7, rootOf(7, nodes), key),
        attestation: await on.ledger.attest({ transaction: "root", args: [Buffer.from(FACTS), Buffer.from("7")] }),
      }),
    );
    const trust: TrustFile = {
      format: "suyuan-trust/1",
      networks: [trustedNetwork(on.ledger.network, on.ledger.authorities)],
      journals: [
        {
          network: on.ledger.network.network,
          journal: FACTS,
          origin: "test.example/facts",
          keys: [{ key: formatVerifierKey(key.verifier), validFrom: "2020-01-01T00:00:00Z" }],
        },
      ],
    };
    const verdict = await verifyReceipt(parseReceipt(file), parseTrust(formatTrust(trust)));
    expect(verdict.index).to.equal(4);
    expect(verdict.recorded).to.equal(appended.time);
    const forged = parseReceipt(file.replace(`"index":4`, `"index":3`));
    expect(await codeOf(() => verifyReceipt(forged, trust))).to.equal("inclusion-wrong");
  });
});
