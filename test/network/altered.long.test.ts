/** One organisation runs another code than was agreed on: what it lets through alone reaches nobody's state, and the others go on without it. */
import { connect, type Contract, hash, signers, StatusCode } from "@hyperledger/fabric-gateway";
import { Client, credentials } from "@grpc/grpc-js";
import { expect } from "chai";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { encodeLine } from "../../chaincode/batch";
import type { Appended } from "../../chaincode/append";
import examples from "../../chaincode/events/data.examples.json";
import { FabricGatewayLedger } from "../../gateway/ledger/fabric-gateway";
import { type Block, type Call, LedgerError } from "../../gateway/ledger/port";
import { OrganisationFiles } from "../../network/directory";
import { serviceOf } from "../../network/processes/services";
import type { MixEvent } from "../../scripts/bench/mix";
import { batchOf, leafOf } from "../chaincode/on-ledger";
import { onFabricAtLength } from "../gateway/ledger/fabric-network";
import { codeOf } from "../suites/ledger";
import { Four } from "./four";

const TITLE = "an organisation whose chaincode is not the one agreed on";
const ORGANISATIONS = ["authority", "operator", "developer", "source"] as const;
const AUTHORITY = "11990000MB1A0001XD";
const SOURCE = "11990000MB1A000443";

/** What it was made to forget: every rule. */
const RULES = "function judge(event, mspId, world) {\n";
const NONE = `${RULES}    return [];\n`;

/** An act that only the authority may record. */
const REGISTERED = { type: "suyuan.party.registered", party: AUTHORITY, data: { code: SOURCE, name: "数源单位", roles: ["source"] } };
/** A fact of a party that nobody knows: on the ledger, with the finding that it cannot be judged. */
const PULLED = { type: "suyuan.data.pulled", party: "91990000MA1A00032H", data: examples["suyuan.data.pulled"].valid };

type Report = Pick<MixEvent, "type" | "party" | "data">;

const lineOf = (report: Report): Uint8Array => {
  const attributes = { specversion: "1.0" as const, id: `it-${Math.random()}`, source: "https://example.cn/altered" };
  return encodeLine(leafOf({ ...attributes, time: new Date().toISOString(), ...report }), []);
};

const append = (journal: string, from: number, report: Report): Call => ({
  transaction: "append",
  args: [Buffer.from(journal), Buffer.from(String(from)), batchOf([lineOf(report)])],
});

const parsed = (answer: Uint8Array): Appended => JSON.parse(Buffer.from(answer).toString("utf8")) as Appended;

onFabricAtLength(TITLE, () => {
  describe(TITLE, function () {
    this.timeout(120_000);
    const four = new Four();
    const ledgers = {} as Record<(typeof ORGANISATIONS)[number], FabricGatewayLedger>;

    /** What the operator's own service runs from now on. */
    async function run(change: (code: string) => string): Promise<void> {
      const operator = four.network.topology.organisations[1]!;
      const file = join(new OrganisationFiles(four.network.directory, operator).chaincode.code, "events", "judge.js");
      const before = await readFile(file, "utf8");
      const after = change(before);
      expect(after).not.to.equal(before);
      await writeFile(file, after);
      await serviceOf(four.network.directory, operator, "chaincode").stop();
      await four.up();
    }

    const sizes = (journal: string): Promise<number[]> =>
      Promise.all(
        ORGANISATIONS.map(async (name) => {
          const head = await ledgers[name].evaluate({ transaction: "head", args: [Buffer.from(journal)] });
          return parsed(head).size;
        }),
      );

    /** As a gateway does it: a peer that lags a block behind leaves too few that agree, until it has it. */
    async function recorded(name: (typeof ORGANISATIONS)[number], call: Call): ReturnType<FabricGatewayLedger["submit"]> {
      for (let again = 20; ; again--) {
        try {
          return await ledgers[name].submit(call);
        } catch (error) {
          if (!(error instanceof LedgerError) || error.code !== "conflict" || again === 0) throw error;
        }
        await pause(250);
      }
    }

    async function blockAt(name: (typeof ORGANISATIONS)[number], number: number): Promise<Block> {
      for await (const block of ledgers[name].blocks(number)) return block;
      throw new Error("the peer ended the stream");
    }

    before(async () => {
      await four.make();
      await four.init();
      await four.up();
      await run((code) => code.replace(RULES, NONE));
      for (const name of ORGANISATIONS) ledgers[name] = new FabricGatewayLedger(four.connectionOf(name));
    });
    after(async () => {
      await Promise.all(Object.values(ledgers).map((ledger) => ledger.close()));
      await four.remove();
    });

    it("records no act of the authority, though its own peer lets it", async () => {
      const call = append("OperatorMSP/acts", 0, REGISTERED);
      expect(parsed(await ledgers.operator.evaluate(call)).size).to.equal(1);
      expect(await codeOf(ledgers.operator.submit(call))).to.equal("conflict");
      expect(await sizes("OperatorMSP/acts")).to.deep.equal([0, 0, 0, 0]);
    });

    it("records no fact without the findings that the others have of it", async () => {
      const call = append("OperatorMSP/facts", 0, PULLED);
      expect(parsed(await ledgers.operator.evaluate(call)).findings).to.deep.equal([]);
      expect(await codeOf(ledgers.operator.submit(call))).to.equal("conflict");
      expect(await sizes("OperatorMSP/facts")).to.deep.equal([0, 0, 0, 0]);
    });

    it("has what it alone endorsed in a block, past every gateway, and invalid with all four, itself included", async () => {
      const connection = four.connectionOf("operator");
      const [peer] = connection.peers;
      const tls = credentials.createSsl(
        Buffer.from(peer!.tlsRoots),
        Buffer.from(connection.tls.key),
        Buffer.from(connection.tls.certificate),
      );
      const client = new Client(peer!.address, tls);
      const gateway = connect({
        client,
        hash: hash.sha256,
        identity: { mspId: connection.mspId, credentials: Buffer.from(connection.identity.certificate) },
        signer: signers.newPrivateKeySigner(connection.identity.key),
      });
      try {
        const contract: Contract = gateway.getNetwork(connection.channel).getContract(connection.chaincode);
        const { args } = append("OperatorMSP/acts", 0, REGISTERED);
        const proposal = contract.newProposal("append", { arguments: [...args], endorsingOrganizations: ["OperatorMSP"] });
        const committed = await (await (await proposal.endorse()).submit()).getStatus();
        expect(committed.code).to.equal(StatusCode.ENDORSEMENT_POLICY_FAILURE);
        for (const name of ORGANISATIONS) {
          const { transactions } = await blockAt(name, Number(committed.blockNumber));
          expect(
            transactions.map(({ valid, mspId }) => [valid, mspId]),
            name,
          ).to.deep.equal([[false, "OperatorMSP"]]);
        }
        expect(await sizes("OperatorMSP/acts")).to.deep.equal([0, 0, 0, 0]);
      } finally {
        gateway.close();
        client.close();
      }
    });

    it("holds up nobody: what the others record has their three endorsements, and reaches its own peer as they judged it", async () => {
      for (let size = 0; size < 8; size++) {
        const { block, result } = await recorded("authority", append("AuthorityMSP/facts", size, PULLED));
        const quarantined = [[size, [{ code: "quarantined" }]]];
        expect(parsed(result).findings).to.deep.equal(quarantined);
        const [transaction] = (await blockAt("operator", block)).transactions;
        expect([transaction?.valid, parsed(transaction!.result).findings]).to.deep.equal([true, quarantined]);
      }
      expect(await sizes("AuthorityMSP/facts")).to.deep.equal([8, 8, 8, 8]);
    });

    it("is back once it runs what was agreed on: its act is refused by itself, its fact recorded with what it breaks", async () => {
      await run((code) => code.replace(NONE, RULES));
      expect(await codeOf(ledgers.operator.submit(append("OperatorMSP/acts", 0, REGISTERED)))).to.equal("refused");
      const { size } = parsed((await recorded("authority", append("AuthorityMSP/acts", 0, REGISTERED))).result);
      expect(size, "the authority itself may").to.equal(1);
      const { result } = await recorded("operator", append("OperatorMSP/facts", 0, PULLED));
      expect(parsed(result).findings).to.deep.equal([[0, [{ code: "quarantined" }]]]);
    });
  });
});
