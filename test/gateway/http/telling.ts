/** A real gateway that was told the story from the first party to the called product, and who asks it what. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Role } from "../../../chaincode/events/definition";
import { readConfig } from "../../../gateway/config";
import { issueToken } from "../../../gateway/keys";
import type { EventRecord } from "../../../gateway/index/events";
import { startGateway } from "../../../gateway/main";
import { AGENCY, ASSESSOR, SUPERVISOR } from "../../chaincode/events/oversight";
import { AUTHORITY, DEVELOPER, OPERATOR, type Report, story } from "../../chaincode/events/world";
import { creditCode } from "../../../scripts/bench/mix";
import { type Answer, answerOf } from "../running";
import { aroundToday } from "./today";

/** Events of one request. */
const TOGETHER = 200;

/** Where an event stands. */
export interface Told {
  readonly leafHash: string;
  readonly journal: string;
  readonly index: number;
}

/** As it is asked by a party in its roles. */
export interface Asking {
  readonly party: string;
  readonly roles: readonly Role[];
}

export interface Watched {
  readonly by?: Asking;
  /** `Last-Event-ID` */
  readonly last?: string;
  /** Milliseconds. */
  readonly quiet?: number;
  readonly most?: number;
  /** How long its token is good. */
  readonly seconds?: number;
}

/** A server-sent event. */
export interface Message {
  readonly event: string;
  readonly id: string;
  readonly data: EventRecord;
}

function messagesIn(text: string): readonly Message[] {
  return text
    .split("\n\n")
    .slice(0, -1)
    .filter((block) => !block.startsWith(":"))
    .map((block) => {
      const fields = Object.fromEntries(
        block.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]),
      );
      return { event: fields["event"] ?? "", id: fields["id"] ?? "", data: JSON.parse(fields["data"] ?? "") as EventRecord };
    });
}

/** A second developer, which the story does not know. */
export const COLLEAGUE = creditCode(8);

const ROLES_OF: Readonly<Record<string, readonly Role[]>> = {
  [AUTHORITY]: ["authority"],
  [OPERATOR]: ["primary-operator", "platform"],
  [DEVELOPER]: ["developer"],
  [COLLEAGUE]: ["developer"],
  [AGENCY]: ["implementing-agency"],
  [SUPERVISOR]: ["supervisor"],
  [ASSESSOR]: ["assessor"],
};
const rolesOf = (party: string): readonly Role[] => ROLES_OF[party] ?? ["source"];

export const asking = (party: string, ...roles: Role[]): Asking => ({ party, roles: roles.length > 0 ? roles : rolesOf(party) });

/** A gateway on a directory. */
interface Began {
  readonly url: string;
  stop(): Promise<unknown>;
}
export const within = (data: string, clock?: () => number): Promise<Began> => startGateway(readConfig({ data, port: 0 }, {}), clock);

export class Telling {
  readonly #tokens = new Map<string, string>();
  #told = 0;

  private constructor(
    readonly data: string,
    private readonly gateway: Began,
  ) {}

  /** @param begin in this process, or in one of its own */
  static async start(reports: readonly Report[] = story, begin: (data: string) => Promise<Began> = within): Promise<Telling> {
    const data = await mkdtemp(join(tmpdir(), "suyuan-telling-"));
    const telling = new Telling(data, await begin(data));
    for (const report of reports) await telling.tell(report);
    return telling;
  }

  get url(): string {
    return this.gateway.url;
  }

  async stop(): Promise<void> {
    await this.gateway.stop();
    await rm(this.data, { recursive: true });
  }

  async token({ party, roles }: Asking): Promise<string> {
    const key = `${party} ${roles.join()}`;
    const token = this.#tokens.get(key) ?? (await issueToken(this.data, { party, roles: [...roles], seconds: 3600 }));
    this.#tokens.set(key, token);
    return token;
  }

  async get(path: string, by: Asking = asking(AUTHORITY)): Promise<Answer> {
    return answerOf(await fetch(this.url + path, { headers: { authorization: `Bearer ${await this.token(by)}` } }));
  }

  /** What is answered. */
  async json<T>(path: string, by?: Asking): Promise<T> {
    const { status, body, text } = await this.get(path, by);
    if (status !== 200) throw new Error(`${path}: ${text}`);
    return body as T;
  }

  /** Watches until nothing has come for some time, or as many messages have; comments are left out. */
  async watch(
    path: string,
    { by = asking(AUTHORITY), last, quiet = 400, most = Infinity, seconds }: Watched = {},
  ): Promise<readonly Message[]> {
    const stop = new AbortController();
    const token = seconds === undefined ? await this.token(by) : await issueToken(this.data, { ...by, roles: [...by.roles], seconds });
    const headers = { authorization: `Bearer ${token}`, ...(last === undefined ? {} : { "last-event-id": last }) };
    const response = await fetch(this.url + path, { headers, signal: stop.signal });
    if (response.status !== 200) throw new Error(await response.text());
    let timer = setTimeout(() => stop.abort(), quiet);
    let text = "";
    try {
      for await (const bytes of response.body as unknown as AsyncIterable<Uint8Array>) {
        text += Buffer.from(bytes).toString("utf8");
        clearTimeout(timer);
        if (messagesIn(text).length >= most) break;
        timer = setTimeout(() => stop.abort(), quiet);
      }
    } catch (error) {
      if (!stop.signal.aborted) throw error;
    }
    clearTimeout(timer);
    stop.abort();
    return messagesIn(text).slice(0, most);
  }

  /** Reports an event as its party, and waits until it can be read. The story's agreement covers today. */
  async tell(report: Report, by = asking(report.party)): Promise<Told & { id: string }> {
    const event = this.#eventOf(report);
    const { status, body } = await this.#post(event, by);
    const result = body as Told;
    if (status > 202) throw new Error(`${report.type}: ${JSON.stringify(result)}`);
    await this.#anchored(result);
    return { id: event.id, ...result };
  }

  /** Reports facts of one party in requests of many, and waits until all can be read. */
  async tellAll(reports: readonly Report[]): Promise<readonly Told[]> {
    const told: Told[] = [];
    for (let i = 0; i < reports.length; i += TOGETHER) {
      const some = reports.slice(i, i + TOGETHER);
      const { body } = await this.#post(
        some.map((report) => this.#eventOf(report)),
        asking(some[0]?.party ?? ""),
      );
      const wrong = (body as readonly { state: string }[]).find(({ state }) => state !== "accepted");
      if (wrong !== undefined) throw new Error(JSON.stringify(wrong));
      told.push(...(body as readonly Told[]));
    }
    const last = told.at(-1);
    if (last !== undefined) await this.#anchored(last);
    return told;
  }

  /** What the gateway says to an event: the status, and the code of the problem if there is one. */
  async attempt(report: Report, by = asking(report.party)): Promise<readonly [status: number, code?: string]> {
    const { status, body } = await this.#post(this.#eventOf(report), by);
    const { code, problem } = body as { readonly code?: string; readonly problem?: { readonly code: string } };
    const said = code ?? problem?.code;
    return said === undefined ? [status] : [status, said];
  }

  #eventOf(report: Report) {
    const { type, time } = report;
    return {
      specversion: "1.0",
      id: `e-${this.#told++}`,
      source: "//test",
      type: `suyuan.${type}`,
      time: time ?? new Date().toISOString(),
      data: aroundToday(report),
    };
  }

  async #post(body: object, by: Asking): Promise<{ readonly status: number; readonly body: unknown }> {
    const response = await fetch(`${this.url}/v1/events`, {
      method: "POST",
      body: JSON.stringify(body),
      headers: { authorization: `Bearer ${await this.token(by)}`, "content-type": "application/json" },
    });
    return { status: response.status, body: await response.json() };
  }

  async #anchored({ leafHash }: Told): Promise<void> {
    while ((await this.json<{ state: string }>(`/v1/events/${leafHash}`)).state !== "anchored") await sleep(5);
  }
}
