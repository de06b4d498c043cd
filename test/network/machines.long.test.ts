/** Four machines: each organisation in a network namespace of its own, with nothing but its own bundle. */
import { expect } from "chai";
import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { onFabric } from "../gateway/ledger/fabric-network";
import { creditCode } from "../gateway/running";
import { SAMPLE } from "../sample";
import { suyuan } from "../scripts/suyuan";

const TITLE = "a network of four machines";
const CLI = join(__dirname, "..", "..", "scripts", "cli.js");
const ORGANISATIONS = ["authority", "operator", "developer", "source"] as const;
type Name = (typeof ORGANISATIONS)[number];
const AUTHORITY = "11990000MB1A0001XD";

/** So long may the first act wait after the cut, and each of those after it; a fact is acknowledged meanwhile, by a command of its own. */
const FIRST_SECONDS = 30;
const OTHERS_SECONDS = 60;
const FACT_MS = 5000;

/** Of this run alone. */
const RUN = process.pid.toString(36);
const BRIDGE = `sy${RUN}`;
const namespace = (name: Name): string => `suyuan-${RUN}-${name}`;
const address = (name: Name): string => `10.231.77.${ORGANISATIONS.indexOf(name) + 1}`;
const link = (name: Name, end: "in" | "out"): string => `sy${RUN}${name.slice(0, 1)}${end}`;
const ip = (...args: readonly string[]): void => void execFileSync("ip", args, { stdio: "pipe" });

function cable(): void {
  ip("link", "add", BRIDGE, "type", "bridge");
  ip("link", "set", BRIDGE, "up");
  for (const name of ORGANISATIONS) {
    ip("netns", "add", namespace(name));
    ip("link", "add", link(name, "out"), "type", "veth", "peer", "name", link(name, "in"));
    ip("link", "set", link(name, "in"), "netns", namespace(name));
    ip("link", "set", link(name, "out"), "master", BRIDGE, "up");
    ip("-n", namespace(name), "address", "add", `${address(name)}/24`, "dev", link(name, "in"));
    ip("netns", "exec", namespace(name), "sh", "-c", "echo 1 > /proc/sys/net/ipv4/tcp_syn_retries"); // as the README asks
    for (const device of ["lo", link(name, "in")]) ip("-n", namespace(name), "link", "set", device, "up");
  }
}

/** As far as it is there. */
function uncable(): void {
  for (const args of [...ORGANISATIONS.map((name) => ["netns", "delete", namespace(name)]), ["link", "delete", BRIDGE]]) {
    try {
      ip(...args);
    } catch {
      // Not made.
    }
  }
}

function permitted(): boolean {
  try {
    cable();
    return true;
  } catch {
    return false;
  } finally {
    uncable();
  }
}

onFabric(TITLE, () => {
  describe(TITLE, function () {
    this.timeout(300_000);
    let base = "";
    let gateway: ChildProcess | undefined;
    let url = "";
    const directory = (name: Name): string => join(base, "machines", name);

    /** A command on one of the machines. */
    const on = (name: Name, ...args: readonly string[]): Promise<{ readonly stdout: string; readonly code: number }> =>
      new Promise((resolve) => {
        const inside = ["netns", "exec", namespace(name), process.execPath, CLI, ...args];
        execFile(
          "ip",
          inside,
          { env: { PATH: process.env["PATH"], LANG: "C", FABRIC_BIN: process.env["FABRIC_BIN"] } },
          (error, stdout) => {
            resolve({ stdout, code: error === null ? 0 : Number(error.code ?? 1) });
          },
        );
      });
    const network = (name: Name, command: string, ...args: readonly string[]): ReturnType<typeof on> =>
      on(name, "network", command, "--dir", directory(name), "--json", ...args);
    const lines = ({ stdout }: { readonly stdout: string }): Record<string, unknown>[] =>
      stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as Record<string, unknown>);
    const height = async (name: Name): Promise<number | undefined> =>
      lines(await network(name, "status"))[0]?.["height"] as number | undefined;
    const submit = async (id: string, type: string, data: object): Promise<string | undefined> => {
      const token = (
        await on("authority", "token", "--data", join(base, "data"), "--party", AUTHORITY, "--role", "authority")
      ).stdout.trim();
      const file = join(base, `${id}.json`);
      const attributes = { specversion: "1.0", id, source: "https://data.example.cn/register", type: `suyuan.${type}` };
      await writeFile(file, JSON.stringify({ ...attributes, party: AUTHORITY, time: new Date().toISOString(), data }), {
        flag: "wx",
      }).catch((error: unknown) => {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      });
      return lines(await on("authority", "submit", file, "--url", url, "--token", token, "--json"))[0]?.["state"] as string | undefined;
    };
    const act = (number: number): ReturnType<typeof submit> =>
      submit(`act-${number}`, "party.registered", { code: creditCode(number), name: "数源单位", roles: ["source"] });
    const fact = (number: number): ReturnType<typeof submit> =>
      submit(`fact-${number}`, "complaint.received", { complaint: `complaint-${number}`, matter: "公示不全" });

    const until = async (seconds: number, there: () => Promise<boolean>): Promise<void> => {
      for (const deadline = Date.now() + seconds * 1000; !(await there());) {
        expect(Date.now()).to.be.below(deadline);
        await pause(500);
      }
    };

    before(async function () {
      if (!permitted()) {
        this.test?.parent?.tests.forEach((test) => (test.title += " (needs the right to make network namespaces)"));
        this.skip();
      }
      base = await mkdtemp(join(tmpdir(), "suyuan-machines-"));
      cable();
      const declared = await readFile(join("network", "topology.yaml"), "utf8");
      let next = 0;
      const each = (): string => address(ORGANISATIONS[next++] as Name);
      await writeFile(
        join(base, "topology.yaml"),
        declared.replaceAll(/host: [\d.]+/g, () => `host: ${each()}`),
      );
    });
    after(async () => {
      gateway?.kill("SIGTERM");
      if (base !== "") for (const name of ORGANISATIONS) await network(name, "down");
      uncable();
      if (base !== "") await rm(base, { recursive: true, force: true });
    });

    it("is made as one bundle for each, in which there is no private key of another", async () => {
      const made = await suyuan(
        ["network", "init", "--bundles", "--dir", join(base, "bundles"), "--topology", join(base, "topology.yaml"), "--json"],
        {
          env: { FABRIC_BIN: process.env["FABRIC_BIN"] ?? "", PATH: process.env["PATH"] ?? "" },
        },
      );
      expect(made.code, made.stdout).to.equal(0);
      const keys = new Map<string, Name>();
      for (const name of ORGANISATIONS) {
        const bundle = join(base, "bundles", name);
        for (const entry of await readdir(bundle, { recursive: true, withFileTypes: true })) {
          if (!entry.isFile()) continue;
          const content = await readFile(join(entry.parentPath, entry.name), "utf8");
          if (!content.includes("PRIVATE KEY")) continue;
          expect(join(entry.parentPath, entry.name)).to.satisfy((file: string) => file.startsWith(join(bundle, name, "/")));
          expect(keys.get(content), entry.name).to.equal(undefined);
          keys.set(content, name);
        }
      }
      // Two authorities, two of each node, two of the administrator, two of the gateway, two of the chaincode.
      expect(keys.size).to.equal(4 * 12);
      const blocks = await Promise.all(ORGANISATIONS.map((name) => readFile(join(base, "bundles", name, "channel", "first.block"))));
      for (const block of blocks) expect(block.equals(blocks[0] as Buffer)).to.equal(true);
      await rename(join(base, "bundles"), join(base, "machines"));
    });

    it("comes up in whatever order its machines do, each waiting for enough of the others", async () => {
      const began = performance.now();
      const order = ["source", "developer", "authority", "operator"] as const;
      const up: ReturnType<typeof on>[] = [];
      for (const name of order) {
        up.push(network(name, "up"));
        await pause(4000);
      }
      for (const [i, ran] of (await Promise.all(up)).entries()) expect(ran.code, `${order[i]}: ${ran.stdout}`).to.equal(0);
      process.stdout.write(`      up after ${((performance.now() - began) / 1000).toFixed(1)} s, the last machine begun after 12 s\n`);
      for (const name of ORGANISATIONS) {
        const told = lines(await network(name, "status"));
        expect(told.flatMap(({ organisation }) => organisation ?? [])).to.deep.equal([name]);
        expect(told.at(-1)?.["clocks"], "of those elsewhere too").to.have.all.keys(...ORGANISATIONS);
      }
    });

    it("commits an event that a gateway on one of them takes", async () => {
      const args = ["serve", "--data", join(base, "data"), "--port", "0", "--org", "authority"];
      const connection = join(directory("authority"), "authority", "connection.json");
      gateway = spawn("ip", ["netns", "exec", namespace("authority"), process.execPath, CLI, ...args, "--network", connection], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      for await (const line of createInterface({ input: gateway.stdout as NodeJS.ReadableStream })) {
        url = /^ready (\S+)$/.exec(line)?.[1] ?? "";
        break;
      }
      expect(await act(0)).to.equal("anchored");
    });

    it("goes on while one machine's cable is out, which catches up when it is back", async () => {
      ip("link", "set", link("developer", "out"), "down");
      const cut = performance.now();
      const waited: number[] = [];
      // Past the 20 s after which the others give the silent connections up, try new ones, and are held up by that.
      for (let number = 1; performance.now() - cut < (SAMPLE ? 25_000 : 45_000); number++) {
        const accepted = performance.now();
        expect(await fact(number)).to.equal("accepted");
        expect(performance.now() - accepted).to.be.below(FACT_MS);
        const began = performance.now();
        await until(number === 1 ? FIRST_SECONDS : OTHERS_SECONDS, async () => (await act(number)) === "anchored");
        waited.push((performance.now() - began) / 1000);
      }
      process.stdout.write(
        `      first act after ${waited[0]?.toFixed(1)} s, ${waited.length} in all, one after ${Math.max(...waited).toFixed(1)} s\n`,
      );
      const [others = 0, own = 0] = await Promise.all([height("authority"), height("developer")]);
      expect(own).to.be.below(others);
      ip("link", "set", link("developer", "out"), "up");
      const began = performance.now();
      await until(120, async () => ((await height("developer")) ?? 0) >= others);
      process.stdout.write(`      caught up after ${((performance.now() - began) / 1000).toFixed(1)} s\n`);
    });
  });

  after(uncable);
});
