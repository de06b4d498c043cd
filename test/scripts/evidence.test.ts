/** From a running gateway to what can be shown of it: traces, receipts, and that a changed byte is found. */
import { expect } from "chai";
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AUTHORITY } from "../chaincode/events/world";
import { FLIGHTS, PRODUCT, tell, type Told, tokenOf } from "./story";
import { documents, errorCode, inDirectory, Served, suyuan } from "./suyuan";

interface Difference {
  readonly part: string;
  readonly code: string;
  readonly message: string;
  readonly journal?: string;
  readonly index?: number;
}

describe("the evidence of a gateway", () => {
  let served: Served;
  let directory: string;
  let env: Record<string, string>;
  let told: readonly Told[];
  let release: () => void;
  let done: Promise<void>;

  before(async function () {
    this.timeout(30_000);
    await new Promise<void>((ready, failed) => {
      done = inDirectory(async (temporary) => {
        directory = temporary;
        served = await Served.start(join(temporary, "data"));
        told = await tell(served);
        env = { SUYUAN_URL: served.url, SUYUAN_TOKEN: await tokenOf(AUTHORITY, served), SUYUAN_DATA: served.data };
        ready();
        await new Promise<void>((resolve) => (release = resolve));
      });
      done.catch(failed);
    });
  });
  after(async () => {
    release();
    await done;
  });

  describe("while it runs", () => {
    after(() => served.stop());

    it("is traced from the product to its source, with the decisions that allowed each step", async () => {
      const { stdout, code } = await suyuan(["trace", "product", PRODUCT], { env });
      expect(code).to.equal(0);
      const order = [PRODUCT, "suyuan.product.released", "suyuan.data.processed", "suyuan.data.pulled", FLIGHTS, "Decisions"];
      const places = order.map((name) => stdout.indexOf(name));
      expect(places)
        .to.deep.equal([...places].sort((a, b) => a - b))
        .and.not.to.include(-1);
      expect(stdout).not.to.contain("!");
    });

    it("is traced forward to products, findings marked, in the reader's language", async () => {
      const { stdout } = await suyuan(["trace", "resource", FLIGHTS, "--direction", "products"], { env: { ...env, SUYUAN_LANG: "zh" } });
      expect(stdout)
        .to.contain(PRODUCT)
        .and.to.match(/! fields-beyond-scenario {2}\p{Script=Han}/u);
      const near = await suyuan(["trace", "resource", FLIGHTS, "--direction", "products", "--depth", "1"], { env });
      expect(near.stdout).not.to.contain(PRODUCT);
      expect(near.stdout).to.contain("suyuan trace holding");
    });

    it("is traced as JSON, PROV-JSON and CSV", async () => {
      const trace = async (...format: string[]) => (await suyuan(["trace", "product", PRODUCT, ...format], { env })).stdout;
      expect(JSON.parse(await trace("--json"))).to.have.nested.property("start.id", PRODUCT);
      expect(await trace("--format", "json")).to.equal(await trace("--json"));
      expect(JSON.parse(await trace("--format", "prov"))).to.have.property("wasGeneratedBy");
      expect((await trace("--format", "csv")).split(/\r?\n/)[0]).to.contain("journal,index,type");
    });

    it("has nothing to trace where the ledger knows nothing", async () => {
      const ran = await suyuan(["trace", "holding", "SuyuanMSP/facts/999/0", "--json"], { env });
      expect([errorCode(ran), ran.code]).to.deep.equal(["not-found", 1]);
    });

    it("has a receipt for every event, which its trust file verifies", async () => {
      const files = await Promise.all(
        told.map(async ({ leafHash }, i) => {
          const response = await fetch(`${served.url}/v1/receipts/${leafHash}`, {
            headers: { authorization: `Bearer ${env["SUYUAN_TOKEN"]}` },
          });
          const file = join(directory, `receipt-${i}.json`);
          writeFileSync(file, await response.text());
          return file;
        }),
      );
      const ran = await suyuan(["verify", ...files, "--json"], { env });
      expect(ran.code).to.equal(0);
      const verdicts = documents(ran) as { verified: boolean; leafHash: string; event: { type: string } }[];
      expect(verdicts.map(({ leafHash }) => leafHash)).to.deep.equal(told.map(({ leafHash }) => leafHash));
      expect(verdicts.at(-1)?.event.type).to.equal("suyuan.data.pulled");
    });

    it("is not checked while it runs: 5", async () => {
      const ran = await suyuan(["fsck", "--json"], { env });
      expect([errorCode(ran), ran.code]).to.deep.equal(["directory-locked", 5]);
    });
  });

  describe("once it is stopped", () => {
    /** Differences that fsck tells in a copy of the directory in which something was changed. */
    async function differences(change: (data: string) => void): Promise<Difference[]> {
      const copy = join(directory, "copy");
      cpSync(served.data, copy, { recursive: true });
      try {
        change(copy);
        const ran = await suyuan(["fsck", "--data", copy, "--json"]);
        const told = documents(ran) as Difference[];
        expect(told.pop()).to.have.property("differences", told.length);
        expect(ran.code).to.equal(told.length === 0 ? 0 : 4);
        return told;
      } finally {
        rmSync(copy, { recursive: true });
      }
    }

    const flip = (file: string, at: (length: number) => number): void => {
      const bytes = readFileSync(file);
      bytes[at(bytes.length)]! ^= 1;
      writeFileSync(file, bytes);
    };
    const half = (length: number): number => Math.floor(length / 2);
    const log = (directory: string): string =>
      join(
        directory,
        readdirSync(directory).find((name) => name.endsWith(".log"))!,
      );

    it("is whole, and fsck leaves nothing behind", async () => {
      // Asking whether a process has a database open turns LevelDB's own log over.
      const files = (): unknown[] =>
        readdirSync(served.data, { recursive: true })
          .filter((name) => !name.toString().includes("/LOG"))
          .sort();
      const before = files();
      expect(await differences(() => undefined)).to.deep.equal([]);
      const ran = await suyuan(["fsck"], { env });
      expect([ran.code, ran.stderr]).to.deep.equal([0, ""]);
      expect(files()).to.deep.equal(before);
    });

    it("shows a changed byte of the ledger, the outbox, the read model or a key, where it is", async () => {
      const parts: readonly (readonly [string, (data: string) => string])[] = [
        ["ledger", (data) => log(join(data, "ledger", "level"))],
        ["outbox", (data) => log(join(data, "outbox"))],
        ["index", (data) => log(join(data, "index"))],
        ["keys", (data) => join(data, "keys", "facts.key")],
        ["keys", (data) => join(data, "trust.json")],
        ["keys", (data) => join(data, "keys", "issuer.jwks.json")],
      ];
      for (const [part, file] of parts) {
        const [first] = await differences((data) => flip(file(data), half));
        expect(first?.part, part).to.equal(part);
        expect(first?.message).not.to.equal("");
      }
    }).timeout(30_000);

    it("shows stores that do not belong together: the read model and the outbox of another moment", async () => {
      const [ahead] = await differences((data) => {
        // The ledger as a new one would be, beside what the old one left.
        for (const name of ["level", "head"]) rmSync(join(data, "ledger", name), { recursive: true });
      });
      expect(ahead?.part).to.equal("ledger");
    });

    it("tells people where and what, in their language, and what to do", async () => {
      const copy = join(directory, "tampered");
      cpSync(served.data, copy, { recursive: true });
      flip(log(join(copy, "ledger", "level")), half);
      const ran = await suyuan(["fsck", "--data", copy], { env: { SUYUAN_LANG: "zh" } });
      expect(ran.code).to.equal(4);
      expect(ran.stdout)
        .to.match(/区块 \d+/)
        .and.to.contain("作为证据");
      expect(ran.stdout).not.to.match(/^\s+at /m);
    });

    it("is not there: 5", async () => {
      const ran = await suyuan(["fsck", "--data", join(directory, "nowhere"), "--json"]);
      expect([errorCode(ran), ran.code]).to.deep.equal(["no-ledger", 5]);
    });
  });
});
