import { expect } from "chai";
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { AUTHORITY, example, OPERATOR } from "../chaincode/events/world";
import { eventOf, tell, tokenOf } from "./story";
import { documents, errorCode, inDirectory, Served, suyuan } from "./suyuan";

const below = (directory: string): string[] =>
  readdirSync(directory, { recursive: true, encoding: "utf8" }).map((name) => join(directory, name));

describe("suyuan serve", () => {
  it("says when it is ready, stops on SIGTERM and SIGINT with 0, and goes on from there", async () => {
    await inDirectory(async (directory) => {
      const data = join(directory, "data");
      for (const signal of ["SIGTERM", "SIGINT"] as const) {
        const served = await Served.start(data);
        expect((await fetch(`${served.url}/healthz`)).status).to.equal(200);
        expect(await served.stop(signal)).to.equal(0);
      }
      expect(existsSync(join(data, "trust.json"))).to.equal(true);
    });
  }).timeout(30_000);

  it("says so, with 5, when the directory or the port is taken", async () => {
    await inDirectory(async (directory) => {
      const data = join(directory, "data");
      const served = await Served.start(data);
      try {
        const sameDirectory = await suyuan(["serve", "--data", data, "--port", "0", "--json"]);
        expect([errorCode(sameDirectory), sameDirectory.code]).to.deep.equal(["directory-locked", 5]);
        const samePort = await suyuan(["serve", "--data", join(directory, "other"), "--port", new URL(served.url).port, "--json"]);
        expect([errorCode(samePort), samePort.code]).to.deep.equal(["port-in-use", 5]);
      } finally {
        await served.stop();
      }
    });
  }).timeout(30_000);

  it("tells apart what it may not write from what was damaged", async () => {
    await inDirectory(async (directory) => {
      const data = join(directory, "data");
      await (await Served.start(data)).stop();
      const uid = process.getuid?.() === 0 ? 65_534 : undefined;
      if (uid !== undefined) for (const path of [directory, ...below(directory)]) chownSync(path, uid, uid);
      for (const [path, mode] of [
        [data, 0o000],
        [join(data, "ledger", "level", "LOCK"), 0o400],
        [join(data, "outbox"), 0o000],
      ] as const) {
        const before = statSync(path).mode;
        chmodSync(path, mode);
        const ran = await suyuan(["serve", "--data", data, "--port", "0", "--json"], { uid });
        expect([errorCode(ran), ran.code], path).to.deep.equal(["directory-not-writable", 1]);
        expect(ran.stdout).to.include(path);
        chmodSync(path, before);
      }
    });
  }).timeout(60_000);

  it("says what it cannot work with: a file for a directory, a setting, a ledger that was damaged", async () => {
    await inDirectory(async (directory) => {
      writeFileSync(join(directory, "file"), "");
      const file = await suyuan(["serve", "--data", join(directory, "file"), "--port", "0", "--json"]);
      expect([errorCode(file), file.code]).to.deep.equal(["directory-not-writable", 1]);
      const setting = await suyuan(["serve", "--data", join(directory, "a"), "--json"], { env: { SUYUAN_AUTHORITY: "no code" } });
      expect([errorCode(setting), setting.code]).to.deep.equal(["config-invalid", 2]);
      mkdirSync(join(directory, "b", "ledger"), { recursive: true });
      writeFileSync(join(directory, "b", "ledger", "head"), "damaged");
      const damaged = await suyuan(["serve", "--data", join(directory, "b"), "--port", "0", "--json"]);
      expect([errorCode(damaged), damaged.code]).to.deep.equal(["ledger-damaged", 5]);
    });
  }).timeout(30_000);
});

describe("suyuan token", () => {
  it("needs a gateway's directory", async () => {
    const ran = await suyuan(["token", "--data", "/nowhere", "--party", OPERATOR, "--json"]);
    expect([errorCode(ran), ran.code]).to.deep.equal(["no-ledger", 5]);
  });
});

describe("suyuan submit", () => {
  const now = new Date();
  const party = (code: string): object => example("party.registered", AUTHORITY, { code, name: "主体", roles: ["developer"] }).data;
  const registration = (id: string, code: string): string =>
    JSON.stringify(eventOf(id, { type: "party.registered", data: party(code) }, now));

  let served: Served;
  let directory: string;
  let env: Record<string, string>;
  let release: () => void;
  let done: Promise<void>;

  before(async function () {
    this.timeout(30_000);
    await new Promise<void>((ready, failed) => {
      done = inDirectory(async (temporary) => {
        directory = temporary;
        served = await Served.start(join(temporary, "data"));
        env = { SUYUAN_URL: served.url, SUYUAN_TOKEN: await tokenOf(AUTHORITY, served) };
        ready();
        await new Promise<void>((resolve) => (release = resolve));
        await served.stop();
      });
      done.catch(failed);
    });
  });
  after(async () => {
    release();
    await done;
  });

  interface Line {
    readonly item: number;
    readonly state: string;
    readonly problem?: { readonly code: string };
  }
  const lines = (ran: Awaited<ReturnType<typeof suyuan>>): string[] =>
    (documents(ran) as Line[]).map(({ item, state, problem }) => `${item} ${problem?.code ?? state}`);

  it("answers for each event in its order: 3 where a rule refused one, 1 where one failed otherwise, 0 when all is recorded", async () => {
    const input = [registration("s1", "91990000MA1A00032H"), registration("s2", "91990000MA1A00032H"), "{", '{"id":"x"}'].join("\n");
    const refused = await suyuan(["submit", "-", "--json"], { env, input });
    expect(lines(refused)).to.deep.equal(["1 anchored", "2 party-exists", "3 malformed-json", "4 schema-invalid"]);
    expect(refused.code).to.equal(3);

    const failed = await suyuan(["submit", "-", "--json"], { env, input: '{"id":"x"}' });
    expect([lines(failed), failed.code]).to.deep.equal([["1 schema-invalid"], 1]);

    const told = await suyuan(["submit", "-"], { env: { ...env, SUYUAN_LANG: "en" }, input: registration("s2", "91990000MA1A00032H") });
    const { next } = (documents(refused)[1] as { problem: { en: { next: string } } }).problem.en;
    expect(told.stdout.trimEnd().split("\n").at(-1), "what to do next").to.equal(`  ${next}`);

    // The same again gets the first answer.
    const again = await suyuan(["submit", "-", "--json"], { env, input: registration("s1", "91990000MA1A00032H") });
    expect([lines(again), again.code]).to.deep.equal([["1 anchored"], 0]);
    expect(documents(again)).to.have.nested.property("[0].leafHash", (documents(refused)[0] as { leafHash: string }).leafHash);
  });

  it("reads a document over several lines, an array, NDJSON, and personal information as a refusal by rule", async () => {
    const file = join(directory, "events.json");
    const event = JSON.parse(registration("s3", "91990000MA1A00075Y")) as { data: { name: string } };
    writeFileSync(file, JSON.stringify(event, null, 2));
    const one = await suyuan(["submit", file, "--json"], { env });
    expect([lines(one), one.code]).to.deep.equal([["1 anchored"], 0]);
    event.data.name = "张三 13912345678";
    writeFileSync(file, JSON.stringify([{ ...event, id: "s4" }, event], null, 2));
    const two = await suyuan(["submit", file, "--json"], { env });
    expect(lines(two)).to.deep.equal(["1 personal-information", "2 personal-information"]);
    expect(two.code).to.equal(3);
  });

  it("sends thousands, in order, and says how many", async () => {
    const input = `[${Array.from({ length: 1500 }, (_, i) => `{"id":"many-${i}"}`).join(",\n")}]`;
    const ran = await suyuan(["submit", "-"], { env, input });
    const [first = "", next, ...others] = ran.stdout.trim().split("\n");
    expect(next, "what to do, once").to.match(/^ {2}\S/);
    const ids = [first, ...others].map((line) => /many-\d+/.exec(line)?.[0]);
    expect(ids).to.deep.equal(Array.from({ length: 1500 }, (_, i) => `many-${i}`));
    expect(ran.stderr).to.contain("1500");
    expect(ran.code).to.equal(1);
  });

  it("says what is wrong with the file or the token, having sent what came before", async () => {
    const broken = await suyuan(["submit", "-", "--json"], { env, input: `[${registration("s1", "91990000MA1A00032H")},` });
    expect([broken.code, errorCode(broken)]).to.deep.equal([1, "not-json"]);
    expect(documents(broken)[0]).to.include({ state: "anchored" });
    const missing = await suyuan(["submit", join(directory, "none"), "--json"], { env });
    expect([missing.code, errorCode(missing)]).to.deep.equal([1, "file-unreadable"]);
    const stranger = await suyuan(["submit", "-", "--token", "x", "--json"], { env, input: "{}" });
    expect([stranger.code, errorCode(stranger)]).to.deep.equal([1, "gateway-refused"]);
    const nothing = await suyuan(["submit", "-"], { env, input: "[]" });
    expect([nothing.code, nothing.stdout]).to.deep.equal([0, ""]);
  });

  it("waits while the gateway's outbox is full, and sends what was not taken again", async () => {
    const full = await Served.start(join(directory, "full"), { SUYUAN_OUTBOX_MIB: "1" });
    try {
      await tell(full);
      const access = example("data.accessed", OPERATOR, { purpose: "目".repeat(480) });
      const input = Array.from({ length: 1200 }, (_, i) => JSON.stringify(eventOf(`access-${i}`, access, now))).join("\n");
      const started = performance.now();
      const ran = await suyuan(["submit", "-", "--json"], {
        env: { SUYUAN_URL: full.url, SUYUAN_TOKEN: await tokenOf(OPERATOR, full) },
        input,
      });
      expect(performance.now() - started).to.be.above(2000); // it had to wait
      expect(ran.code).to.equal(0);
      const answers = documents(ran) as { id: string; state: string; index: number }[];
      expect(answers.map(({ id }) => id)).to.deep.equal(Array.from({ length: 1200 }, (_, i) => `access-${i}`));
      expect(new Set(answers.map(({ index }) => index)).size).to.equal(1200);
    } finally {
      await full.stop();
    }
  }).timeout(60_000);

  it("is not a gateway: what answers otherwise", async () => {
    const server = createServer((socket) => socket.end("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    try {
      const ran = await suyuan(["submit", "-", "--url", `http://127.0.0.1:${port}`, "--json"], { env, input: "{}" });
      expect([errorCode(ran), ran.code]).to.deep.equal(["not-a-gateway", 5]);
    } finally {
      server.close();
    }
  });
});
