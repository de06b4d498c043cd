/** A ledger kept by one party moves onto a network of four, by the command line; and what a member that names its own certificates gains there. */
import { expect } from "chai";
import { spawn } from "node:child_process";
import { createPrivateKey } from "node:crypto";
import { once } from "node:events";
import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { encodeLine } from "../../chaincode/batch";
import { parseContractError } from "../../chaincode/errors";
import { FabricGatewayLedger } from "../../gateway/ledger/fabric-gateway";
import { LedgerError } from "../../gateway/ledger/port";
import { OrganisationFiles } from "../../network/directory";
import { Authority } from "../../network/identities/authority";
import { batchOf, leafOf } from "../chaincode/on-ledger";
import { AUTHORITY, TRANSPORT } from "../chaincode/events/world";
import { onFabricAtLength } from "../gateway/ledger/fabric-network";
import { eventOf, PRODUCT, tell, type Told, tokenOf } from "../scripts/story";
import { documents, errorCode, Served, suyuan } from "../scripts/suyuan";
import { Four } from "./four";

const TITLE = "a ledger that moves onto a network";
const CLI = join(__dirname, "..", "..", "scripts", "cli.js");
const QUERIES = [
  `/v1/trace/product/${PRODUCT}`,
  `/v1/trace/product/${PRODUCT}?direction=products`,
  "/v1/findings",
  "/v1/subjects/party",
  "/v1/subjects/resource",
  "/v1/subjects/authorization",
  `/v1/subjects/product/${PRODUCT}`,
  `/v1/subjects/product/${PRODUCT}/events`,
];

async function asked(served: Served, path: string): Promise<unknown> {
  const response = await fetch(`${served.url}${path}`, { headers: { authorization: `Bearer ${await tokenOf(AUTHORITY, served)}` } });
  return response.json();
}

/** How many blocks there are is the ledger's own affair, and so is now who speaks for a party. */
const OTHERS = ["height", "block", "next", "host"];
const comparable = (answer: unknown): unknown =>
  JSON.parse(JSON.stringify(answer, (key, value: unknown) => (OTHERS.includes(key) ? undefined : value)));

onFabricAtLength(TITLE, () => {
  describe(TITLE, function () {
    this.timeout(180_000);
    const four = new Four();
    let base: string;
    let old: string;
    let manifest: string;
    let told: readonly Told[];
    let answers: readonly unknown[];
    let served: Served | undefined;

    before(async () => {
      base = await mkdtemp(join(tmpdir(), "suyuan-migrate-"));
      old = join(base, "old");
      const before = await Served.start(old);
      told = await tell(before);
      answers = await Promise.all([...QUERIES, `/v1/events/${told.at(-1)!.leafHash}`].map((path) => asked(before, path)));
      await keepEvidence(before);
      await before.stop();
      await four.make();
      await four.init();
      await four.up();
    });
    after(async () => {
      await served?.stop();
      await four.remove();
      await rm(base, { recursive: true, force: true });
    });

    const kept = (name: string): string => join(base, name);
    const asking = async (from: Served): Promise<string[]> => ["--url", from.url, "--token", await tokenOf(AUTHORITY, from)];

    /** As someone has it who asked in time. */
    async function keepEvidence(from: Served): Promise<void> {
      await writeFile(kept("old-receipt.json"), JSON.stringify(await asked(from, `/v1/receipts/${told[0]!.leafHash}`)));
      for (const args of [
        ["export", "product", PRODUCT, "--out", kept("old-history.ndjson")],
        ["export", "--out", kept("old-journals.ndjson")],
        ["mirror", "--out", kept("mirror"), "--trust", join(old, "trust.json")],
      ]) {
        const ran = await suyuan([...args, ...(await asking(from)), "--json"]);
        if (ran.code !== 0) throw new Error(ran.stdout);
      }
      await copyFile(join(old, "trust.json"), kept("old-trust.json"));
    }

    const migrate = (...args: readonly string[]) => suyuan(["migrate", ...args, "--json"]);
    const connectionFile = (organisation: string): string => join(four.network.directory, organisation, "connection.json");
    const run = () => migrate("run", "--data", old, "--network", connectionFile("operator"), "--org", "operator");
    const admit = (organisation: string) => migrate("admit", manifest, "--dir", four.network.directory, "--org", organisation);

    it("needs the word of three administrators", async () => {
      manifest = join(base, "manifest.json");
      const planned = await migrate("plan", "--data", old);
      expect(planned.code, planned.stdout).to.equal(0);
      await writeFile(manifest, planned.stdout);
      for (const [organisation, admitted] of [
        ["authority", 1],
        ["developer", 2],
      ] as const) {
        const [said] = documents(await admit(organisation)) as [{ admitted: string[] }];
        expect(said.admitted).to.have.lengthOf(admitted);
        const early = await run();
        expect([errorCode(early), early.code]).to.deep.equal(["migrate-refused", 3]);
      }
      expect((await admit("source")).code).to.equal(0);
    });

    it("goes on where a process that was killed ended", async () => {
      const ledger = new FabricGatewayLedger(four.connectionOf("authority"));
      const taken = async (): Promise<number> => {
        const answer = await ledger.evaluate({ transaction: "history", args: [] });
        return (JSON.parse(Buffer.from(answer).toString("utf8")) as { transactions: number }).transactions;
      };
      try {
        const args = ["migrate", "run", "--data", old, "--network", connectionFile("operator"), "--org", "operator"];
        const child = spawn(process.execPath, [CLI, ...args], { stdio: "ignore" });
        const ended = once(child, "exit");
        while ((await taken()) < 3 && child.exitCode === null) await sleep(5);
        child.kill("SIGKILL");
        await ended;
        expect(child.signalCode).to.equal("SIGKILL");
      } finally {
        await ledger.close();
      }
      const done = await run();
      expect(done.code, done.stdout).to.equal(0);
      expect((await run()).code, "called again").to.equal(0);
    });

    it("has every gateway answer from the channel as the old one answered", async () => {
      const data = join(base, "new");
      served = await Served.start(data, {}, "inherit", ["--network", connectionFile("operator"), "--org", "operator"]);
      const now = await Promise.all([...QUERIES, `/v1/events/${told.at(-1)!.leafHash}`].map((path) => asked(served!, path)));
      for (const [i, answer] of now.entries()) expect(comparable(answer), QUERIES[i]).to.deep.equal(comparable(answers[i]));
    });

    it("gives out receipts of the old events that three organisations sign", async () => {
      const receipt = (await asked(served!, `/v1/receipts/${told[0]!.leafHash}`)) as { attestation?: { endorsements?: unknown[] } };
      expect(receipt.attestation?.endorsements, JSON.stringify(receipt).slice(0, 300)).to.have.lengthOf(3);
      const file = join(base, "receipt.json");
      await writeFile(file, JSON.stringify(receipt));
      const verified = await suyuan(["verify", file, "--data", served!.data, "--json"]);
      expect(verified.code, verified.stdout).to.equal(0);
    });

    it("leaves evidence of before as good as it was, and covers the same leaves with evidence of now", async () => {
      const both = kept("both.json");
      const merged = await suyuan(["trust", kept("old-trust.json"), join(served!.data, "trust.json"), "--out", both, "--json"]);
      expect(merged.code, merged.stdout).to.equal(0);
      const files = ["old-receipt.json", "old-history.ndjson", "old-journals.ndjson"].map(kept);
      for (const trust of [kept("old-trust.json"), both]) {
        const ran = await suyuan(["verify", ...files, kept("mirror/SuyuanMSP/acts"), "--trust", trust, "--json"]);
        expect(ran.code, ran.stdout).to.equal(0);
      }
      // Today's is of several parties, and of the same bytes.
      const from = await asking(served!);
      const history = await suyuan(["export", "product", PRODUCT, "--out", kept("history.ndjson"), ...from, "--json"]);
      expect(history.code, history.stdout).to.equal(0);
      const verdicts = documents(await suyuan(["verify", kept("history.ndjson"), "--trust", both, "--json"])) as { proven?: string[] }[];
      expect(verdicts[0]?.proven, JSON.stringify(verdicts)).to.include.members([
        "every-record-of-subject",
        "head-attested-by-organisations",
      ]);
      const leaves = async (file: string): Promise<unknown[]> =>
        (await readFile(kept(file), "utf8")).split("\n").flatMap((line) => /"leaf":"([^"]+)"/.exec(line)?.[1] ?? []);
      expect(await leaves("history.ndjson")).to.deep.equal(await leaves("old-history.ndjson"));
      // A copy goes on across the move, and finds every root of before.
      const past = ["SuyuanMSP/acts", "SuyuanMSP/facts"].flatMap((journal) => ["--journal", journal]);
      const copied = await suyuan(["mirror", "--out", kept("mirror"), "--trust", both, ...past, ...from, "--json"]);
      expect(copied.code, copied.stdout).to.equal(0);
      for (const { from, size, attestedBy } of documents(copied) as { from: number; size: number; attestedBy: string[] }[]) {
        expect([from === size, attestedBy.length]).to.deep.equal([true, 3]);
      }
      expect((await suyuan(["verify", kept("mirror/SuyuanMSP/facts"), "--trust", both, "--json"])).code).to.equal(0);
    });

    describe("where one member names its own people", () => {
      const register = eventOf("forged", {
        type: "party.registered",
        data: { code: "91990000MA1A00032H", name: "某公司", roles: ["developer"] },
      });
      const line = () => batchOf([encodeLine(leafOf({ ...register, party: AUTHORITY } as never), [])]);

      /** What the network says to the holder of a certificate that the operator's authority issues with these attributes. */
      async function saidTo(attributes: Readonly<Record<string, string>>, journal: string): Promise<unknown> {
        const own = new OrganisationFiles(four.network.directory, { name: "operator" });
        const files = { certificate: join(base, "forged.pem"), key: join(base, "forged.key") };
        await (await Authority.load(own.authority("ca"))).issue(files, "forged", { unit: "client", attributes });
        const identity = { certificate: await readFile(files.certificate, "utf8"), key: createPrivateKey(await readFile(files.key)) };
        const ledger = new FabricGatewayLedger({ ...four.connectionOf("operator"), identity });
        try {
          await ledger.submit({ transaction: "append", args: [Buffer.from(journal), Buffer.from("0"), line()] });
          return "recorded";
        } catch (error) {
          if (!(error instanceof LedgerError)) throw error;
          const { code, details } = parseContractError(error.message) ?? { code: error.message };
          return details?.lines === undefined ? code : [code, ...details.lines.flatMap(([, breaches]) => breaches.map((one) => one.code))];
        } finally {
          await ledger.close();
        }
      }

      it("gains it nothing to name one the authority's gateway, or the authority itself", async () => {
        expect(await saidTo({ role: "gateway", party: AUTHORITY }, "AuthorityMSP/acts")).to.equal("not-your-journal");
        expect(await saidTo({ role: "authority", party: AUTHORITY }, "OperatorMSP/forged")).to.equal("not-your-journal");
        expect(await saidTo({ role: "gateway", party: AUTHORITY }, "OperatorMSP/forged")).to.deep.equal(["acts-refused", "not-your-event"]);
        expect(await saidTo({ role: "gateway", party: TRANSPORT }, "SourceMSP/acts")).to.equal("not-your-journal");
      });
    });
  });
});
