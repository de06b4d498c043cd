/** A real gateway on a socket, in a directory of its own, and what tests send to it. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Role } from "../../chaincode/events/definition";
import { readConfig } from "../../gateway/config";
import type { ProblemDocument } from "../../gateway/http/problem";
import { issueToken } from "../../gateway/keys";
import { type Gateway, startGateway } from "../../gateway/main";
import { AUTHORITY, example, OPERATOR, TRANSPORT } from "../chaincode/events/world";

export interface Result {
  readonly source?: string;
  readonly id?: string;
  readonly state: string;
  readonly leafHash: string;
  readonly journal: string;
  readonly index: number;
  readonly promise?: { readonly jws: string; readonly path: string };
  readonly problem?: ProblemDocument;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Of JSON; of NDJSON an array. */
  readonly body: unknown;
}

interface Sending {
  readonly party?: string;
  /** Undefined for `application/json`; null for none. */
  readonly type?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

export const rolesOf = (party: string): Role[] =>
  party === AUTHORITY ? ["authority"] : party === OPERATOR ? ["primary-operator", "platform"] : ["source"];

export class Running {
  readonly #tokens = new Map<string, string>();

  private constructor(
    readonly data: string,
    private readonly environment: Readonly<Record<string, string>>,
    private gateway: Gateway,
  ) {}

  static async start(environment: Readonly<Record<string, string>> = {}): Promise<Running> {
    const data = await mkdtemp(join(tmpdir(), "suyuan-gateway-"));
    return new Running(data, environment, await startGateway(readConfig({ data, port: 0 }, environment)));
  }

  get url(): string {
    return this.gateway.url;
  }

  /** Ends it as SIGTERM does, and starts it again on the same directory. */
  async restart(): Promise<void> {
    await this.gateway.stop();
    this.gateway = await startGateway(readConfig({ data: this.data, port: 0 }, this.environment));
  }

  async stop(): Promise<void> {
    await this.gateway.stop();
    await rm(this.data, { recursive: true });
  }

  async token(party = OPERATOR): Promise<string> {
    const token = this.#tokens.get(party) ?? (await issueToken(this.data, { party, roles: rolesOf(party), seconds: 3600 }));
    this.#tokens.set(party, token);
    return token;
  }

  /** Posts to `/v1/events`; anything but text and bytes is sent as JSON. */
  async post(body: unknown, { party, type = "application/json", headers = {} }: Sending = {}): Promise<Answer> {
    const bytes = typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body);
    const authorization = { authorization: `Bearer ${await this.token(party)}` };
    const content = type === null ? {} : { "content-type": type };
    return answerOf(
      await fetch(`${this.url}/v1/events`, {
        method: "POST",
        body: Buffer.from(bytes),
        headers: { ...authorization, ...content, ...headers },
      }),
    );
  }

  async get(path: string, party?: string): Promise<Answer> {
    return answerOf(await fetch(this.url + path, { headers: { authorization: `Bearer ${await this.token(party)}` } }));
  }

  /** The operator and a source are registered: facts of theirs can be judged. */
  async registerParties(): Promise<void> {
    for (const [code, role] of [
      [OPERATOR, "primary-operator"],
      [TRANSPORT, "source"],
    ] as const) {
      const { status, text } = await this.post(registered(code, role), { party: AUTHORITY });
      if (status !== 201) throw new Error(text);
    }
  }

  /** How many events each journal has, once everything accepted is on the ledger and in the read model. */
  async settled(): Promise<{ readonly facts: number; readonly acts: number }> {
    for (;;) {
      const { text } = await this.get("/metrics");
      const gauge = (name: string, journal: string): number =>
        Number(new RegExp(`^suyuan_journal_${name}\\{journal="SuyuanMSP/${journal}"\\} (\\d+)$`, "m").exec(text)?.[1]);
      const [facts, acts] = [gauge("accepted", "facts"), gauge("accepted", "acts")];
      if (gauge("projected", "facts") === facts && gauge("projected", "acts") === acts) return { facts, acts };
      await sleep(10);
    }
  }
}

export async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  const type = response.headers.get("content-type") ?? "";
  const lines = (): unknown =>
    text
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line) as unknown);
  const body: unknown = type.startsWith("application/x-ndjson") ? lines() : /json/.test(type) ? JSON.parse(text) : undefined;
  return { status: response.status, headers: response.headers, text, body };
}

/** A fact: the operator looked at data. */
export const accessed = (change: Readonly<Record<string, unknown>> = {}, data: object = {}): Record<string, unknown> => ({
  specversion: "1.0",
  id: randomUUID(),
  source: "//platform.example/access",
  type: "suyuan.data.accessed",
  time: new Date().toISOString(),
  data: { ...example("data.accessed", OPERATOR).data, ...data },
  ...change,
});

/** An act: the authority registers a party. */
export const registered = (code: string, role: Role, change: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => ({
  specversion: "1.0",
  id: randomUUID(),
  source: "//authority.example/parties",
  type: "suyuan.party.registered",
  time: new Date().toISOString(),
  data: { code, name: "主体", roles: [role] },
  ...change,
});

/** A credit code that nobody else has: GB 32100 with its check character. */
export function creditCode(number: number): string {
  const alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
  const body = `91990000MB${number.toString().padStart(7, "0")}`;
  let [sum, weight] = [0, 1];
  for (const character of body) [sum, weight] = [sum + alphabet.indexOf(character) * weight, (weight * 3) % 31];
  return body + alphabet[(31 - (sum % 31)) % 31]!;
}
