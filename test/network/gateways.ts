/** A gateway of each organisation of a network, and who reports to it. */
import { join } from "node:path";
import { ROLES } from "../../chaincode/events/definition";
import { SuyuanClient } from "../../gateway/client";
import { readConfig } from "../../gateway/config";
import { issueToken } from "../../gateway/keys";
import { type Gateway, startGateway } from "../../gateway/main";
import { AUTHORITY } from "../chaincode/events/world";
import type { Four } from "./four";

interface Running {
  readonly gateway: Gateway;
  readonly data: string;
}

export class Gateways {
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

  /** Of the organisation that runs it, by MSP ID. */
  url(host: string): string {
    return this.#of(host).gateway.url;
  }

  data(host: string): string {
    return this.#of(host).data;
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

  async get(host: string, path: string): Promise<unknown> {
    const token = await issueToken(this.data(host), { party: AUTHORITY, roles: ROLES, seconds: 60 });
    const answer = await fetch(new URL(path, this.url(host)), { headers: { authorization: `Bearer ${token}` } });
    if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
    return answer.json();
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
