/** The demo's gateway: a process of its own, as an operator would run it, and a client for each party. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Role } from "../../chaincode/events/definition";
import { SuyuanClient } from "../../gateway/client";
import { issueToken } from "../../gateway/keys";
import { Failure } from "../failure";
import type { Gateway } from "../request";
import type { Report } from "./events";
import { parties, type PartyName } from "./story";

const CLI = join(__dirname, "..", "cli.js");
const TOKEN_SECONDS = 12 * 3600;
const SOURCE = "https://platform.yunzhou.example/demo";

/** Where an event stands, once it is recorded. */
export interface Place {
  readonly leafHash: string;
  readonly journal: string;
  readonly index: number;
}

/** Where the story takes place: one gateway, or one for each organisation. */
export interface Venue {
  /** Of the gateway that the supervisor asks, and the directory of its data. */
  readonly url: string;
  readonly data: string;
  token(party: PartyName): Promise<string>;
  client(party: PartyName): Promise<SuyuanClient>;
  send(report: Report): Promise<Place>;
  /** The party's own gateway, once it knows what was recorded before, for commands that ask one. */
  gateway(party: PartyName): Promise<Gateway>;
  /** Resolves once it has ended: by itself, or because the reader pressed Ctrl-C. */
  ended(): Promise<void>;
  stop(): Promise<void>;
}

export class DemoGateway implements Venue {
  readonly #clients = new Map<PartyName, SuyuanClient>();

  private constructor(
    readonly url: string,
    readonly data: string,
    private child: ChildProcess,
  ) {}

  /** @param more arguments of `suyuan serve` @throws Failure `port-in-use`, `port-not-allowed` */
  static async start(data: string, port: number, more: readonly string[] = []): Promise<DemoGateway> {
    return new DemoGateway(...(await DemoGateway.#run(data, port, more)));
  }

  static async #run(data: string, port: number, more: readonly string[]): Promise<[url: string, data: string, child: ChildProcess]> {
    const environment = { ...process.env, SUYUAN_AUTHORITY: parties.authority.code, SUYUAN_AUTHORITY_NAME: parties.authority.name.zh };
    const child = spawn(process.execPath, [CLI, "serve", "--data", data, "--port", String(port), "--json", ...more], {
      stdio: ["ignore", "pipe", "inherit"],
      env: environment,
    });
    for await (const line of createInterface({ input: child.stdout })) {
      const { ready, error } = JSON.parse(line) as {
        readonly ready?: string;
        readonly error?: { readonly code: string; readonly message: string };
      };
      if (ready !== undefined) return [ready, data, child];
      if (error?.code === "port-in-use" || error?.code === "port-not-allowed") throw new Failure(error.code, { port });
      if (error !== undefined) throw new Error(error.message);
    }
    throw new Error("the gateway did not start");
  }

  /** Stops it for some work on its data, and starts it again at the same address. */
  async whileStopped(work: () => Promise<void>): Promise<void> {
    await this.stop();
    await work();
    [, , this.child] = await DemoGateway.#run(this.data, Number(new URL(this.url).port), []);
  }

  token(party: PartyName): Promise<string> {
    const { code, roles } = parties[party];
    return issueToken(this.data, { party: code, roles: [...roles] satisfies Role[], seconds: TOKEN_SECONDS });
  }

  async client(party: PartyName): Promise<SuyuanClient> {
    let client = this.#clients.get(party);
    if (client === undefined) this.#clients.set(party, (client = new SuyuanClient({ url: this.url, token: await this.token(party) })));
    return client;
  }

  /** Sends one report as its party. @returns where it stands */
  async send({ by, type, data }: Report): Promise<Place> {
    const { leafHash, journal, index } = await (await this.client(by)).record({ source: SOURCE, type, data });
    if (leafHash === undefined || journal === undefined || index === undefined) throw new Error(`${type} has no place`);
    return { leafHash, journal, index };
  }

  async gateway(party: PartyName): Promise<Gateway> {
    return { url: new URL(this.url), token: await this.token(party) };
  }

  async ended(): Promise<void> {
    if (this.child.exitCode === null) await once(this.child, "exit");
  }

  async stop(): Promise<void> {
    this.child.kill("SIGTERM");
    await this.ended();
  }
}
