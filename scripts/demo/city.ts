/** `suyuan demo --story city`: years of authorised operation, told in a minute on a ledger of its own whose clock is the story's. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ruleClauses } from "../../chaincode/events/codes";
import { SuyuanClient, SuyuanError } from "../../gateway/client";
import { readConfig } from "../../gateway/config";
import { issueToken } from "../../gateway/keys";
import { eventLabel, ruleLabel } from "../../gateway/labels";
import type { Gateway } from "../../gateway/main";
import { Exit } from "../failure";
import type { Output } from "../output";
import { startToldGateway } from "../serve";
import { language, padTo, text } from "../texts";
import { CHAPTERS, PARTIES, type PartyName, type Telling } from "./city-story";

const SOURCE = "https://portal.yunzhou.example/city";
const TOKEN_SECONDS = 12 * 3600;

export interface CityOptions {
  /** Stay up afterwards, with the API. */
  readonly serve: boolean;
  readonly port: number;
}

/** @returns exit code: `failed` unless everything came out as the story says */
export async function city({ serve, port }: CityOptions, output: Output): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), "suyuan-city-"));
  try {
    const story = await City.start(directory, port, output);
    try {
      await story.tell();
      await story.supervise();
      if (serve) await story.serve();
    } finally {
      await story.stop();
    }
    return story.conclude();
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

class City {
  readonly #clients = new Map<PartyName, SuyuanClient>();
  /** Told otherwise than it came out. */
  readonly #surprises: string[] = [];
  #recorded = 0;
  #refused = 0;

  private constructor(
    private readonly directory: string,
    private readonly output: Output,
    private readonly clock: { now: number },
    private readonly gateway: Gateway,
  ) {}

  static async start(directory: string, port: number, output: Output): Promise<City> {
    const [first] = CHAPTERS.flatMap(({ tellings }) => tellings);
    const clock = { now: Date.parse(first?.at ?? "") };
    const { code, name } = PARTIES.authority;
    const environment = { SUYUAN_AUTHORITY: code, SUYUAN_AUTHORITY_NAME: name.zh };
    const gateway = await startToldGateway(readConfig({ data: directory, port }, environment), () => clock.now);
    return new City(directory, output, clock, gateway);
  }

  stop(): Promise<void> {
    return this.gateway.stop();
  }

  async tell(): Promise<void> {
    for (const { title, tellings } of CHAPTERS) {
      this.output.line();
      this.output.line(this.output.style("bold", title[language]));
      for (const telling of tellings) await this.#tell(telling);
    }
  }

  async #tell(telling: Telling): Promise<void> {
    const { at, by, type, data, refused, finding } = telling;
    // Time goes on within a day too: no two events of the story are of the same moment.
    this.clock.now = Math.max(Date.parse(at), this.clock.now + 1000);
    const outcome = await this.#outcome(telling);
    const named = typeof data["name"] === "string" ? `  ${data["name"]}` : "";
    const told = `${eventLabel(`suyuan.${type}`)?.[language] ?? type}${named}`;
    const label = padTo(`${at.slice(0, 10)}  ${padTo(PARTIES[by].name[language], WHO)}  ${told}`, LABEL);
    const expected = refused ?? finding ?? "recorded";
    this.output.document({ at, party: PARTIES[by].code, type: `suyuan.${type}`, data, outcome });
    if (outcome.codes.length === 0) this.output.line(`  ${label}  ${this.output.style("green", "✓")}`);
    for (const code of outcome.codes)
      this.output.line(`  ${label}  ${this.output.style(outcome.refused ? "red" : "yellow", wordsOf(code, outcome.refused))}`);
    if (outcome.refused) this.#refused++;
    else this.#recorded++;
    const said = outcome.codes.length === 0 ? ["recorded"] : outcome.codes;
    const isAsTold = said.includes(expected) && outcome.refused === (refused !== undefined);
    if (!isAsTold) this.#surprises.push(`${at} ${type}: ${expected} / ${said.join(" ")}`);
  }

  async #outcome({ by, type, data, at }: Telling): Promise<{ readonly refused: boolean; readonly codes: readonly string[] }> {
    const client = await this.#client(by);
    try {
      const time = new Date(this.clock.now).toISOString();
      const { leafHash = "" } = await client.record({
        source: SOURCE,
        id: `${at} ${type} ${digestOf(data).slice(0, 16)}`.replaceAll(" ", "/"),
        type: `suyuan.${type}`,
        time,
        data,
      });
      await client.waitAnchored(leafHash);
      const { findings } = await client.event(leafHash);
      return { refused: false, codes: (findings as readonly { readonly code: string }[]).map(({ code }) => code) };
    } catch (error) {
      if (!(error instanceof SuyuanError)) throw error;
      return { refused: true, codes: [error.code] };
    }
  }

  /** What is left to do, and what was found, as the authority sees it. */
  async supervise(): Promise<void> {
    const client = await this.#client("authority");
    this.output.line();
    this.output.line(this.output.style("bold", text("city.supervise")));
    const { findings } = await client.stats();
    for (const [code, [count]] of Object.entries(findings))
      this.output.line(`  ${padTo(`${ruleLabel(code)?.[language] ?? code}  ${code}`, LABEL)}  ${count}`);
  }

  /** Until somebody ends it. */
  async serve(): Promise<void> {
    const { url } = this.gateway;
    const token = await this.#token("supervisor");
    this.output.line();
    this.output.line(text("city.serving", { url }));
    this.output.line(text("demo.token", { token }));
    this.output.document({ url, token });
    await Promise.race(["SIGINT", "SIGTERM"].map((signal) => once(process, signal)));
  }

  /** @returns exit code */
  conclude(): number {
    const { output } = this;
    output.line();
    output.line(text("city.counts", { recorded: this.#recorded, refused: this.#refused }));
    for (const surprise of this.#surprises) output.line(output.style("red", `✗ ${surprise}`));
    if (this.#surprises.length === 0) output.line(output.style("green", `✓ ${text("city.as-told")}`));
    output.line(output.style("dim", text("city.dates")));
    output.document({ recorded: this.#recorded, refused: this.#refused, surprises: this.#surprises });
    return this.#surprises.length === 0 ? Exit.done : Exit.failed;
  }

  async #client(by: PartyName): Promise<SuyuanClient> {
    let client = this.#clients.get(by);
    if (client === undefined) {
      const token = await this.#token(by);
      this.#clients.set(by, (client = new SuyuanClient({ url: this.gateway.url, token })));
    }
    return client;
  }

  #token(by: PartyName): Promise<string> {
    const { code, roles } = PARTIES[by];
    return issueToken(this.directory, { party: code, roles: [...roles], seconds: TOKEN_SECONDS });
  }
}

function wordsOf(code: string, refused: boolean): string {
  const clause = ruleClauses.get(code);
  const where = clause === undefined ? text("city.ours") : clause;
  return `${refused ? "✗" : "!"} ${ruleLabel(code)?.[language] ?? code}  ${code}  ${where}`;
}

const digestOf = (data: unknown): string => createHash("sha256").update(JSON.stringify(data)).digest("hex");
const [WHO, LABEL] = [22, 76];
