import { expect } from "chai";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { promisify } from "node:util";
import texts from "../../scripts/texts.json";
import { languageOf } from "../../scripts/texts";
import { documents, errorCode, suyuan } from "./suyuan";

const COMMANDS = ["demo", "serve", "token", "submit", "trace", "verify", "fsck", "digest"];
const ZH = { SUYUAN_LANG: "zh" };

describe("suyuan", () => {
  it("helps on every command with an example, in both languages", async () => {
    for (const command of COMMANDS) {
      const [en, zh] = await Promise.all([suyuan([command, "--help"]), suyuan([command, "--help"], { env: ZH })]);
      for (const { code, stdout, stderr } of [en, zh]) {
        expect(code, command).to.equal(0);
        expect(stderr).to.equal("");
        expect(stdout).to.match(new RegExp(`^  suyuan ${command}`, "m"));
      }
      expect(zh.stdout).to.match(/\p{Script=Han}/u);
      expect(en.stdout).not.to.match(/\p{Script=Han}/u);
    }
  }).timeout(20_000);

  it("lists its commands, and answers 2 where none is given", async () => {
    const [asked, none, group] = await Promise.all([suyuan(["--help"]), suyuan([]), suyuan(["network", "change"])]);
    for (const command of COMMANDS) expect(asked.stdout).to.match(new RegExp(`^  ${command} `, "m"));
    expect([asked.code, none.code]).to.deep.equal([0, 2]);
    expect(none.stdout).to.equal("");
    expect(none.stderr).to.contain("Usage: suyuan [options]");
    expect([group.code, group.stdout]).to.deep.equal([2, ""]);
    expect(group.stderr).to.contain("Usage: suyuan network change").and.to.contain("propose");
  });

  it("says what is wrong with its use, with exit code 2 and a code of its own", async () => {
    const token = ["--token", "x"];
    const cases: readonly (readonly [string, ...string[]])[] = [
      ["command-missing"],
      ["command-unknown", "trase"],
      ["option-unknown", "digest", "x", "--slat", "y"],
      ["option-missing", "fsck"],
      ["option-missing", "submit", "-"],
      ["option-missing", "serve", "--data", "/tmp", "--network", "x"],
      ["option-missing", "serve", "--data", "/tmp", "--org", "x"],
      ["argument-missing", "digest"],
      ["argument-missing", "verify"],
      ["arguments-excess", "digest", "a", "b"],
      ["value-missing", "digest", "a", "--salt"],
      ["value-invalid", "serve", "--data", "/tmp", "--port", "65536"],
      ["value-invalid", "submit", "-", "--url", "ftp://x", ...token],
      ["value-invalid", "trace", "party", "x", ...token],
      ["value-invalid", "trace", "product", "x", "--format", "xml", ...token],
      ["value-invalid", "trace", "product", "x", "--depth", "0", ...token],
      ["value-invalid", "token", "--data", "/tmp", "--party", "91990000MA1A00024X"],
      ["value-invalid", "token", "--data", "/tmp", "--party", "91990000MA1A00024N", "--role", "chef"],
      ["value-invalid", "token", "--data", "/tmp", "--party", "91990000MA1A00024N", "--ttl", "1y"],
    ];
    await Promise.all(
      cases.map(async ([code, ...args]) => {
        const ran = await suyuan([...args, "--json"]);
        expect([errorCode(ran), ran.code], args.join(" ")).to.deep.equal([code, 2]);
      }),
    );
  }).timeout(20_000);

  it("tells people the same on stderr, without a stack", async () => {
    for (const env of [{}, ZH]) {
      const { code, stdout, stderr } = await suyuan(["digest", "x", "--slat", "y"], { env });
      expect([code, stdout]).to.deep.equal([2, ""]);
      expect(stderr).to.contain("--slat").and.to.contain("--salt");
      expect(stderr).not.to.match(/^\s+at /m);
    }
  });

  it("is not there: 5", async () => {
    const ran = await suyuan(["trace", "product", "x", "--token", "x", "--url", "http://127.0.0.1:9", "--json"]);
    expect([errorCode(ran), ran.code]).to.deep.equal(["gateway-unreachable", 5]);
  });

  it("says of a demo's port too that it is taken: 5", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    try {
      for (const story of ["product", "city"]) {
        const ran = await suyuan(["demo", "--story", story, "--port", String(port), "--json"]);
        expect([errorCode(ran), ran.code], story).to.deep.equal(["port-in-use", 5]);
        // Where it takes its time it says so.
        expect(ran.stderr, story).to.match(/^(starting: .*\n)?$/);
      }
    } finally {
      server.close();
    }
  }).timeout(30_000);

  it("takes a network's directory from SUYUAN_NETWORK_DIR, a gateway's from SUYUAN_DATA, where no option names them", async () => {
    const env = { SUYUAN_NETWORK_DIR: "/no/network", SUYUAN_DATA: "/no/data" };
    const [status, units, token] = await Promise.all([
      suyuan(["network", "status", "--json"], { env }),
      suyuan(["network", "units", "--org", "operator", "--out", "x", "--json"], { env }),
      suyuan(["token", "--party", "91990000MA1A00024N", "--json"], { env }),
    ]);
    expect([errorCode(status), errorCode(units), errorCode(token)]).to.deep.equal(["network-missing", "network-missing", "no-ledger"]);
    expect([status.stderr + status.stdout, token.stderr + token.stdout].join())
      .to.contain("/no/network")
      .and.to.contain("/no/data");
  });

  it("says in JSON what it says in words, its version in both", async () => {
    const { stdout, code } = await suyuan(["--version"]);
    expect(code).to.equal(0);
    expect(stdout).to.match(/^\d+\.\d+\.\d+\n$/);
    const [error] = documents(await suyuan(["fsck", "--json"], { env: ZH })) as [{ error: { message: string; next: string } }];
    expect(error.error.message).to.match(/\p{Script=Han}/u);
    expect(error.error.next).to.match(/\p{Script=Han}/u);
  });

  it("starts fast: its help takes less than 150 ms, most of it Node's own", async () => {
    const fastest = async (start: () => Promise<unknown>): Promise<number> => {
      const times: number[] = [];
      for (let i = 0; i < 7; i++) {
        const started = performance.now();
        await start();
        times.push(performance.now() - started);
      }
      return Math.min(...times);
    };
    const node = await fastest(() => promisify(execFile)(process.execPath, ["-e", "0"]));
    const help = await fastest(() => suyuan(["--help"]));
    // Where Node alone takes longer than it does here, so may the help.
    expect(help).to.be.below(Math.max(150, 3 * node));
  }).timeout(20_000);
});

describe("language", () => {
  it("is what SUYUAN_LANG says, else what POSIX's variables do, in their order; English otherwise", () => {
    expect(languageOf({})).to.equal("en");
    expect(languageOf({ LANG: "zh_CN.UTF-8" })).to.equal("zh");
    expect(languageOf({ LANG: "zh_CN.UTF-8", LC_ALL: "C" })).to.equal("en");
    expect(languageOf({ LANG: "zh_CN.UTF-8", LC_ALL: "" })).to.equal("zh");
    expect(languageOf({ LANG: "en_GB", SUYUAN_LANG: "zh" })).to.equal("zh");
    expect(languageOf({ LC_MESSAGES: "zh", LANG: "C" })).to.equal("zh");
    expect(languageOf({ LANG: "zha_CN" })).to.equal("en");
  });

  it("has every text in both, with the same names to fill in", () => {
    const names = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!).sort();
    for (const [key, { en, zh }] of Object.entries(texts)) {
      expect(en, key).not.to.equal("");
      expect(names(zh), key).to.deep.equal(names(en));
    }
  });
});
