/** A gateway of each organisation of a network, and who reports to it. */
import { expect } from "chai";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ROLES } from "../../chaincode/events/definition";
import { SuyuanClient } from "../../gateway/client";
import { readConfig } from "../../gateway/config";
import { parseTrust, type TrustFile } from "../../gateway/evidence/trust";
import { issueToken } from "../../gateway/keys";
import { type Gateway, startGateway } from "../../gateway/main";
import { AUTHORITY, type Report } from "../chaincode/events/world";
import { type Answered, tell, toldByLedger } from "../gateway/stories";
import type { Four } from "./four";
import type { Retelling, Step } from "./retold";

interface Running {
  readonly gateway: Gateway;
  readonly data: string;
}

export class Gateways {
  #reports = 0;
  readonly #clients = new Map<string, Promise<SuyuanClient>>();

  private constructor(private readonly running: ReadonlyMap<string, Running>) {}

  static async start({ network }: Four): Promise<Gateways> {
    const running = new Map<string, Running>();
    const gateways = new Gateways(running);
    try {
      for (const { name, mspId } of network.topology.organisations) {
        const data = join(network.directory, "..", `gateway-${name}`);
        const config = readConfig({ data, port: 0, network: join(network.directory, name, "connection.json"), org: name }, {});
        running.set(mspId, { gateway: await startGateway(config), data });
      }
    } catch (error) {
      await gateways.stop();
      throw error;
    }
    return gateways;
  }

  /** What a command is to be told in its environment: the organisation's gateway, its trust file, and a token of the authority. */
  async environment(host: string): Promise<Readonly<Record<string, string>>> {
    const { gateway, data } = this.#of(host);
    const token = await issueToken(data, { party: AUTHORITY, roles: ["authority"], seconds: 3600 });
    return { SUYUAN_URL: gateway.url, SUYUAN_TOKEN: token, SUYUAN_TRUST: join(data, "trust.json") };
  }

  /** For a party in any role: what it may say is for the ledger to judge. */
  client(host: string, party: string): Promise<SuyuanClient> {
    const name = `${host} ${party}`;
    const known = this.#clients.get(name);
    if (known !== undefined) return known;
    const { gateway, data } = this.#of(host);
    const made = issueToken(data, { party, roles: ROLES, seconds: 3600 }).then((token) => new SuyuanClient({ url: gateway.url, token }));
    this.#clients.set(name, made);
    return made;
  }

  /** Resolves once an organisation's gateway has an event, by whichever it was recorded. */
  async reached(host: string, leafHash: string): Promise<void> {
    await (await this.client(host, AUTHORITY)).waitAnchored(leafHash);
  }

  /** By way of an organisation's own gateway; what is found is read there too. */
  async tell(host: string, { type, party, data, time = new Date().toISOString() }: Report, source = "//test"): Promise<Answered> {
    return tell(await this.client(host, party), { id: `e-${this.#reports++}`, source, type: `suyuan.${type}`, time, data });
  }

  /**
   * A story, each report by way of its own party's gateway, once that has what was recorded before by another's. Fails where anything else is said
   * than a ledger in memory says.
   */
  async retell(steps: readonly Step[], retelling: Retelling): Promise<void> {
    let last: { readonly host: string; readonly leafHash: string } | undefined;
    for (const { told, host, codes, place, rooted } of steps) {
      if (last !== undefined && last.host !== host) await this.reached(host, last.leafHash);
      const report = retelling.report(told, host, Date.now());
      const given = rooted ? await this.#frozen(host, report) : report;
      const answered = await this.tell(host, given, retelling.source);
      expect(toldByLedger(answered.codes), `${host} ${JSON.stringify(given)}`).to.deep.equal(codes);
      if (answered.leafHash === undefined) continue;
      last = { host, leafHash: answered.leafHash };
      if (place !== undefined) retelling.stands(place, answered.place ?? "");
    }
  }

  /** With the root of what is held on this ledger. */
  async #frozen(host: string, report: Report): Promise<Report> {
    const { exit } = report.data as { readonly exit: string };
    const { root } = (await this.get(host, `/v1/exits/${exit}/inventory`)) as { root: string };
    return { ...report, data: { ...report.data, root } };
  }

  async get(host: string, path: string): Promise<unknown> {
    return JSON.parse(await this.text(host, path));
  }

  async text(host: string, path: string): Promise<string> {
    const { gateway, data } = this.#of(host);
    const token = await issueToken(data, { party: AUTHORITY, roles: ROLES, seconds: 60 });
    const answer = await fetch(new URL(path, gateway.url), { headers: { authorization: `Bearer ${token}` } });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${path}: ${text}`);
    return text;
  }

  /** What a verifier has of an organisation. */
  async trust(host: string): Promise<TrustFile> {
    return parseTrust(await readFile(join(this.#of(host).data, "trust.json")));
  }

  async stop(): Promise<void> {
    await Promise.all([...this.running.values()].map(({ gateway }) => gateway.stop()));
  }

  #of(host: string): Running {
    const it = this.running.get(host);
    if (it === undefined) throw new Error(`${host} has no gateway`);
    return it;
  }
}
