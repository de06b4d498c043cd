/** A gateway for a fuzzer: a real process that has been told a story, and what must hold of it when the fuzzer is done. */
import { expect } from "chai";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { AUTHORITY, DEVELOPER, METEOROLOGY, OPERATOR, TRANSPORT } from "../chaincode/events/world";
import { recorded } from "../faults/recorded";
import { accessed } from "../gateway/running";
import { tell, type Told, tokenOf } from "../scripts/story";
import { inDirectory, Served, suyuan } from "../scripts/suyuan";
import { Described } from "./described";
import { request, Wire, type WireAnswer } from "./wire";

export const PARTIES = [AUTHORITY, OPERATOR, DEVELOPER, TRANSPORT, METEOROLOGY];

/** Ids of events of which their sender does not wait to hear begin so: they may be there, once, or not. */
export const GONE = "gone-";

interface Acknowledged {
  readonly leafHash: string;
  /** What was sent, parsed, with the party of its token; where it is known. */
  readonly sent?: { readonly event: unknown; readonly party: string };
}

export class Fuzzed {
  readonly #acknowledged = new Map<string, Acknowledged>();
  readonly #idle: Wire[] = [];

  private constructor(
    private readonly served: Served,
    private readonly tokens: ReadonlyMap<string, string>,
    readonly described: Described,
    readonly told: readonly Told[],
  ) {}

  static during(work: (gateway: Fuzzed) => Promise<void>): Promise<void> {
    return inDirectory(async (directory) => {
      const served = await Served.start(join(directory, "data"));
      let gateway: Fuzzed;
      try {
        const told = await tell(served);
        const tokens = new Map(await Promise.all(PARTIES.map(async (party) => [party, await tokenOf(party, served)] as const)));
        gateway = new Fuzzed(served, tokens, await Described.of(served.url), told);
        for (const one of told) gateway.acknowledge(one);
        await work(gateway);
        await gateway.#drain();
      } catch (error) {
        await served.stop("SIGKILL");
        throw error;
      }
      expect(await served.stop()).to.equal(0);
      await gateway.#check();
    });
  }

  get url(): string {
    return this.served.url;
  }

  get acknowledged(): number {
    return this.#acknowledged.size;
  }

  authorization(party: string): { readonly Authorization: string } {
    return { Authorization: `Bearer ${this.tokens.get(party)!}` };
  }

  open(): Promise<Wire> {
    return Wire.open(this.url);
  }

  /** Sends a request of which the end is certain, and has its answer. */
  async exchange(bytes: Uint8Array, method?: string): Promise<WireAnswer> {
    let wire = this.#idle.pop();
    while (wire?.ended === true) wire = this.#idle.pop();
    wire ??= await this.open();
    wire.write(bytes);
    const answer = await wire.answer(method);
    if (answer === undefined) throw new Error("no answer");
    if (answer.headers.get("connection") === "close") wire.destroy();
    else this.#idle.push(wire);
    return answer;
  }

  /** A problem document, under its status. @returns its code */
  checkProblem({ status, headers, body }: WireAnswer): string {
    expect(headers.get("content-type"), body.toString("utf8", 0, 500)).to.equal("application/problem+json");
    const problem: unknown = JSON.parse(body.toString("utf8"));
    this.described.checkProblem(problem);
    expect(problem.status).to.equal(status);
    if (status >= 500) expect(status, problem.code).to.equal(503);
    return problem.code;
  }

  /** What was answered for one event that was taken. @param sent parsed, where that is certain */
  acknowledge({ state, journal, index, leafHash }: Told, sent?: Acknowledged["sent"]): void {
    expect(state).to.be.oneOf(["accepted", "anchored", "quarantined"]);
    const place = `${journal}/${index}`;
    const known = this.#acknowledged.get(place);
    if (known === undefined) this.#acknowledged.set(place, { leafHash, ...(sent === undefined ? {} : { sent }) });
    else expect(leafHash, place).to.equal(known.leafHash);
  }

  /** It still takes events, and everything is anchored. */
  async #drain(): Promise<void> {
    const body = Buffer.from(JSON.stringify(accessed()));
    const headers = { ...this.authorization(OPERATOR), "Content-Type": "application/json" };
    const answer = await this.exchange(request("POST", "/v1/events", headers, body));
    expect(answer.status).to.equal(202);
    this.acknowledge(JSON.parse(answer.body.toString("utf8")) as Told);
    for (const wire of this.#idle.splice(0)) wire.destroy();
    for (;;) {
      const metrics = await (await fetch(`${this.url}/metrics`)).text();
      if (/^suyuan_outbox_facts 0$/m.test(metrics) && /^suyuan_acts_open 0$/m.test(metrics)) break;
      await sleep(20);
    }
  }

  /** Once stopped, it has nothing to say of itself, and holds what it acknowledged and nothing else. */
  async #check(): Promise<void> {
    const log = (await readFile(join(this.served.data, "gateway.log"), "utf8")).split("\n").slice(0, -1);
    // Acts and facts in flight at once may read what the other changes: the one that comes second is sent again.
    const said = log.filter((line) => (JSON.parse(line) as { err?: { code?: string } }).err?.code !== "conflict");
    expect(said, "the gateway's log").to.deep.equal([]);
    await this.#checkRecord();
    const { code, stdout, stderr } = await suyuan(["fsck", "--data", this.served.data, "--json"]);
    expect(code, stdout + stderr).to.equal(0);
  }

  async #checkRecord(): Promise<void> {
    const left = new Map(this.#acknowledged);
    const ids = new Set<string>();
    for await (const { journal, index, leafHash, text } of recorded(this.served.data)) {
      const place = `${journal}/${index}`;
      const event = JSON.parse(text) as Readonly<Record<string, unknown>>;
      const known = left.get(place);
      if (known === undefined && String(event["id"]).startsWith(GONE)) {
        expect(ids.has(text), `${place} ${text}`).to.equal(false);
        ids.add(String(event["id"]));
        continue;
      }
      expect(known?.leafHash, `${place} ${text}`).to.equal(leafHash);
      left.delete(place);
      if (known?.sent !== undefined) expectSaid(event, known.sent.event, known.sent.party);
    }
    expect([...left.keys()].slice(0, 10), "acknowledged, and not on the ledger").to.deep.equal([]);
  }
}

/** The leaf says what was sent: nothing is added but who and when, nothing is missing but what must not be kept. */
function expectSaid(leaf: Readonly<Record<string, unknown>>, sent: unknown, party: string): void {
  const { datacontenttype: _, ...event } = sent as Record<string, unknown>;
  event["party"] ??= party;
  event["recordedtime"] = leaf["recordedtime"];
  expect(leaf).to.deep.equal(withheldAs(leaf, event));
}

/** What was sent, with the salted hashes of the leaf in the place of texts. */
function withheldAs(kept: unknown, sent: unknown): unknown {
  if (typeof kept !== "object" || kept === null) return sent;
  if (typeof sent === "string" && /^[0-9a-f]{64}$/.test(String((kept as { withheld?: unknown }).withheld))) return kept;
  if (typeof sent !== "object" || sent === null) return sent;
  if (Array.isArray(sent)) return sent.map((item, i) => withheldAs((kept as unknown[])[i], item));
  return Object.fromEntries(Object.entries(sent).map(([key, value]) => [key, withheldAs((kept as Record<string, unknown>)[key], value)]));
}
