/** The SDK for platform services: reports events to a gateway, and repeats what it is unsure of, which counts once. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Tally } from "./index/tallies";
import type { ProblemDocument } from "./http/problem";

/** What is reported. Whatever is left out but `type` and `data` is filled in. */
export interface EventReport {
  /** `suyuan.data.pulled` */
  readonly type: string;
  readonly data: unknown;
  /** Names the event within its source; the same again is the same event. A random UUID unless given: give one to survive a crash of your own. */
  readonly id?: string;
  /** URI reference that names the reporting system; the client's unless given. */
  readonly source?: string;
  /** When it happened, RFC 3339 with a zone; now unless given. */
  readonly time?: string;
  readonly subject?: string;
}

/** What the gateway said of an event; `state` tells which members there are. */
export interface Recorded {
  readonly source: string;
  readonly id: string;
  readonly state: "accepted" | "anchored" | "pending" | "quarantined" | "refused";
  /** Hex. */
  readonly leafHash?: string;
  readonly journal?: string;
  readonly index?: number;
  /** 受理回执 of an accepted fact: keep it, it proves an omission. */
  readonly promise?: { readonly jws: string; readonly path: string };
  readonly problem?: ProblemDocument;
}

export interface ClientOptions {
  /** Of the gateway, such as `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Bearer token, or what gets a valid one whenever a request is made. */
  readonly token: string | (() => string | Promise<string>);
  /** Source of events that name none. */
  readonly source?: string;
  /** How long to try again while the gateway cannot be reached, is full, or the ledger has not spoken; milliseconds, a minute unless given. */
  readonly patience?: number;
}

/** The gateway refused; `code` is one of its codes, or a rule's. `unreachable`: it never answered; `not-anchored`: not in time. */
export class SuyuanError extends Error {
  override readonly name = "SuyuanError";
  constructor(
    readonly code: string,
    /** The problem document, where there was one. */
    readonly problem?: ProblemDocument,
    options?: ErrorOptions,
  ) {
    super(problem === undefined ? code : `${code}: ${problem.detail}`, options);
  }
}

export interface TraceOptions {
  readonly direction?: "sources" | "products";
  readonly depth?: number;
  /** RFC 3339. */
  readonly asOf?: string;
}

const STILL_OPEN = ["accepted", "pending", "not-found"];

/** Events of one request. */
const TOGETHER = 200;

export class SuyuanClient {
  readonly #options: Required<ClientOptions>;

  constructor(options: ClientOptions) {
    this.#options = { source: "urn:suyuan:client", patience: 60_000, ...options };
  }

  /** Reports one event. @throws SuyuanError where it was refused, with the code */
  async record(event: EventReport): Promise<Recorded> {
    const [recorded] = await this.recordAll([event]);
    if (recorded === undefined) throw new SuyuanError("unreachable");
    if (recorded.problem !== undefined) throw new SuyuanError(recorded.problem.code, recorded.problem);
    return recorded;
  }

  /**
   * Reports events; answers one result for each in the same order, refusals among them.
   * @throws SuyuanError where the gateway did not take the request at all
   */
  async recordAll(events: readonly EventReport[]): Promise<readonly Recorded[]> {
    const complete = events.map((event) => this.#complete(event));
    const results: Recorded[] = [];
    for (let i = 0; i < complete.length; i += TOGETHER) results.push(...(await this.#settle(complete.slice(i, i + TOGETHER))));
    return results;
  }

  /** The event with its state and findings. @throws SuyuanError `not-found` */
  async event(leafHash: string): Promise<{ readonly state: string } & Readonly<Record<string, unknown>>> {
    return (await this.#json(`/v1/events/${leafHash}`)) as { state: string } & Record<string, unknown>;
  }

  /** The receipt (存证凭证), as the file that `suyuan verify` reads. @throws SuyuanError `not-found` */
  async receipt(leafHash: string): Promise<string> {
    return this.#get(`/v1/receipts/${leafHash}`);
  }

  /** Events by type and findings by code, as far as they are the reader's business. */
  async stats(): Promise<{ readonly types: Tally; readonly findings: Tally }> {
    return (await this.#json("/v1/stats")) as { types: Tally; findings: Tally };
  }

  /** Where a thing comes from, or what came of it. @param kind `product`, `resource`, `holding`. @throws SuyuanError `not-found` */
  async trace(kind: string, id: string, options: TraceOptions = {}): Promise<unknown> {
    const query = new URLSearchParams(Object.entries(options).map(([name, value]) => [name, String(value)])).toString();
    return this.#json(`/v1/trace/${kind}/${encodeURIComponent(id)}${query === "" ? "" : `?${query}`}`);
  }

  /** Resolves once the event is on the ledger and can be read. @throws SuyuanError `not-anchored` when patience ends */
  async waitAnchored(leafHash: string): Promise<void> {
    const end = Date.now() + this.#options.patience;
    for (let tries = 0; Date.now() < end; tries++) {
      if (!STILL_OPEN.includes(await this.#state(leafHash))) return;
      await sleep(pause(tries));
    }
    throw new SuyuanError("not-anchored");
  }

  async #state(leafHash: string): Promise<string> {
    try {
      return (await this.event(leafHash)).state;
    } catch (error) {
      // An act that the ledger has not spoken of is known to nobody.
      if (error instanceof SuyuanError && error.code === "not-found") return error.code;
      throw error;
    }
  }

  #complete({
    type,
    data,
    id = randomUUID(),
    source = this.#options.source,
    time = new Date().toISOString(),
    subject,
  }: EventReport): Complete {
    return { specversion: "1.0", id, source, type, time, ...(subject === undefined ? {} : { subject }), data };
  }

  /** Sends again what might be answered otherwise the next time. */
  async #settle(events: readonly Complete[]): Promise<readonly Recorded[]> {
    const end = Date.now() + this.#options.patience;
    const results = new Map<Complete, Recorded>();
    let left = events;
    for (let tries = 0; left.length > 0; tries++) {
      const body = JSON.stringify(left);
      const answers = JSON.parse(await this.#send("/v1/events", end, body)) as readonly Recorded[];
      for (const [i, event] of left.entries()) results.set(event, answers[i] as Recorded);
      if (Date.now() > end) break;
      left = left.filter((event) => isOpen(results.get(event)));
      if (left.length > 0) await sleep(pause(tries));
    }
    return events.map((event) => results.get(event) as Recorded);
  }

  async #json(path: string): Promise<unknown> {
    return JSON.parse(await this.#get(path));
  }

  #get(path: string): Promise<string> {
    return this.#send(path, Date.now() + this.#options.patience);
  }

  /** @param body makes it a POST. @returns the answer's body. @throws SuyuanError */
  async #send(path: string, end: number, body?: string): Promise<string> {
    for (let tries = 0; ; tries++) {
      const attempt = await this.#try(path, body);
      if (typeof attempt === "string") return attempt;
      if (!attempt.again || Date.now() > end) throw attempt.error;
      await sleep(Math.max(pause(tries), attempt.after));
    }
  }

  async #try(path: string, body: string | undefined): Promise<string | Failed> {
    const { url, token } = this.#options;
    const authorization = `Bearer ${typeof token === "string" ? token : await token()}`;
    const post = body === undefined ? {} : { method: "POST", body };
    try {
      const response = await fetch(new URL(path, url), { ...post, headers: { authorization, "content-type": "application/json" } });
      const text = await response.text();
      if (response.ok) return text;
      const again = response.status === 503 || response.status === 429;
      return { error: errorOf(response, text), again, after: 1000 * Number(response.headers.get("retry-after") ?? 0) };
    } catch (cause) {
      return { error: new SuyuanError("unreachable", undefined, { cause }), again: true, after: 0 };
    }
  }
}

/** An attempt that failed: whether it is worth another, and after how many milliseconds. */
interface Failed {
  readonly error: SuyuanError;
  readonly again: boolean;
  readonly after: number;
}

/** As it goes out. */
type Complete = EventReport & { readonly specversion: "1.0"; readonly id: string; readonly source: string; readonly time: string };

const isOpen = (recorded: Recorded | undefined): boolean => recorded?.state === "pending" || recorded?.problem?.status === 503;

function errorOf(response: Response, text: string): SuyuanError {
  if (response.headers.get("content-type")?.startsWith("application/problem+json") !== true) return new SuyuanError("unreachable");
  const problem = JSON.parse(text) as ProblemDocument;
  return new SuyuanError(problem.code, problem);
}

/** Milliseconds before try number 1, 2, 3...: doubled each time up to two seconds, never quite the same. */
const pause = (tries: number): number => Math.min(2000, 25 * 2 ** Math.min(tries, 8)) * (0.75 + Math.random() / 2);
