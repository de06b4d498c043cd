/** A real gateway, killed over and over while it takes events, and what must hold of it then. */
import { expect } from "chai";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { issueToken } from "../../gateway/keys";
import { AUTHORITY, OPERATOR } from "../chaincode/events/world";
import { accessed, creditCode, registered, type Result, rolesOf } from "../gateway/running";
import { suyuan } from "../scripts/suyuan";
import { recorded } from "./recorded";

const CLI = join(__dirname, "..", "..", "scripts", "cli.js");
const SENDERS = 4;

interface Sent {
  readonly party: string;
  readonly event: Readonly<Record<string, unknown>>;
}

export class Kills {
  /** Requests that were sent and never answered: to be sent again, as their sender would. */
  readonly #open: (readonly Sent[])[] = [];
  readonly #acknowledged = new Map<string, { readonly sent: Sent; readonly result: Result }>();
  #parties = 1000;
  /** Rounds that ended before the gateway was ready: killed while it recovered. */
  whileStarting = 0;

  private constructor(private readonly data: string) {}

  /** @param work is told of nothing but rounds; afterwards everything is checked */
  static async during(work: (kills: Kills) => Promise<void>): Promise<void> {
    const directory = await mkdtemp(join(tmpdir(), "suyuan-kills-"));
    try {
      const kills = new Kills(join(directory, "data"));
      await work(kills);
      await kills.#settle();
      await kills.#check();
    } finally {
      await rm(directory, { recursive: true });
    }
  }

  get acknowledged(): number {
    return this.#acknowledged.size;
  }

  /** Starts it, sends all the time, and kills it so many milliseconds after it was started or, where it is to be ready, after it was. */
  async round(milliseconds: number, ready: boolean): Promise<void> {
    const child = spawn(process.execPath, [CLI, "serve", "--data", this.data, "--port", "0"], { stdio: ["ignore", "pipe", "inherit"] });
    const gone = new Promise<void>((resolve) => child.once("close", () => resolve()));
    if (!ready) void sleep(milliseconds).then(() => child.kill("SIGKILL"));
    const url = await readyUrl(child);
    if (url === undefined) this.whileStarting++;
    else {
      const killed = new AbortController();
      const sending = this.#send(url, killed.signal);
      if (ready) {
        await sleep(milliseconds);
        child.kill("SIGKILL");
      }
      await gone;
      killed.abort();
      await sending;
    }
    await gone;
    expect(child.signalCode).to.equal("SIGKILL");
  }

  /** Once more without a kill: whatever was never answered is sent again, everything is anchored, and the gateway stops by itself. */
  async #settle(): Promise<void> {
    const child = spawn(process.execPath, [CLI, "serve", "--data", this.data, "--port", "0"], { stdio: ["ignore", "pipe", "inherit"] });
    const gone = new Promise<void>((resolve) => child.once("close", () => resolve()));
    const url = (await readyUrl(child))!;
    const tokens = await this.#tokens();
    for (const sent of this.#open.splice(0)) await this.#post(url, tokens, sent);
    expect(this.#open).to.deep.equal([]);
    for (;;) {
      const metrics = await (await fetch(`${url}/metrics`)).text();
      if (/^suyuan_outbox_facts 0$/m.test(metrics)) break;
      await sleep(20);
    }
    child.kill("SIGTERM");
    await gone;
    expect(child.exitCode).to.equal(0);
  }

  async #send(url: string, killed: AbortSignal): Promise<void> {
    const tokens = await this.#tokens();
    const sender = async (): Promise<void> => {
      while (!killed.aborted) await this.#post(url, tokens, this.#next());
    };
    await Promise.all(Array.from({ length: SENDERS }, sender));
  }

  /** Facts, one or many; an act now and then; and what has been sent before, answered or not. */
  #next(): readonly Sent[] {
    const draw = Math.random();
    const again = this.#open.pop();
    if (again !== undefined) return again;
    if (draw < 0.1) return [{ party: AUTHORITY, event: registered(creditCode(this.#parties++), "source") }];
    if (draw < 0.2 && this.#acknowledged.size > 0) {
      const known = [...this.#acknowledged.values()];
      return [known[Math.floor(Math.random() * known.length)]!.sent];
    }
    const count = draw < 0.5 ? 1 : Math.ceil(Math.random() * 100);
    return Array.from({ length: count }, () => ({ party: OPERATOR, event: accessed() }));
  }

  async #post(url: string, tokens: ReadonlyMap<string, string>, sent: readonly Sent[]): Promise<void> {
    const party = sent[0]!.party;
    const headers = { authorization: `Bearer ${tokens.get(party)!}`, "content-type": "application/json" };
    let results: readonly Result[];
    try {
      const response = await fetch(`${url}/v1/events`, { method: "POST", headers, body: JSON.stringify(sent.map(({ event }) => event)) });
      results = (await response.json()) as Result[];
    } catch {
      this.#open.push(sent); // killed before it answered
      return;
    }
    for (const [i, result] of results.entries()) {
      expect(result.state, JSON.stringify(result)).to.equal(party === AUTHORITY ? "anchored" : "accepted");
      const before = this.#acknowledged.get(result.id!);
      if (before !== undefined) expect(result).to.deep.equal(before.result);
      else this.#acknowledged.set(result.id!, { sent: sent[i]!, result });
    }
  }

  async #tokens(): Promise<ReadonlyMap<string, string>> {
    const token = (party: string): Promise<string> => issueToken(this.data, { party, roles: rolesOf(party), seconds: 3600 });
    return new Map([
      [OPERATOR, await token(OPERATOR)],
      [AUTHORITY, await token(AUTHORITY)],
    ]);
  }

  /** Every acknowledged event stands on the ledger where its answer says, once; and all stores agree with each other. */
  async #check(): Promise<void> {
    const places = new Map<string, string>();
    const seen = new Set<string>();
    for await (const { journal, index, leafHash, text } of recorded(this.data)) {
      places.set(`${journal}/${index}`, leafHash);
      const { id } = JSON.parse(text) as { id: string };
      expect(seen.has(id), `${id} stands twice`).to.equal(false);
      seen.add(id);
    }
    for (const { result } of this.#acknowledged.values()) {
      expect(places.get(`${result.journal}/${result.index}`), JSON.stringify(result)).to.equal(result.leafHash);
    }
    const { code, stdout, stderr } = await suyuan(["fsck", "--data", this.data, "--json"]);
    expect(code, stdout + stderr).to.equal(0);
  }
}

async function readyUrl(child: ChildProcess): Promise<string | undefined> {
  for await (const line of createInterface({ input: child.stdout! })) {
    const url = /^ready (http:\S+)$/.exec(line)?.[1];
    if (url !== undefined) return url;
  }
  return undefined;
}
