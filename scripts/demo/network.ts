/** The demo's network: four organisations on this machine, each with its peer, orderer and chaincode, and each with a gateway of its own. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Role } from "../../chaincode/events/definition";
import type { SuyuanClient } from "../../gateway/client";
import { Network, type Step } from "../../network/network";
import type { Gateway } from "../request";
import type { Report } from "./events";
import { DemoGateway, type Place, type Venue } from "./gateway";
import { parties, type PartyName } from "./story";

/** Which organisation speaks for whose roles. The authority's is the first. */
const ROLES = {
  authority: ["authority", "implementing-agency", "supervisor"],
  operator: ["primary-operator", "platform"],
  developer: ["developer"],
  source: ["source"],
} as const satisfies Record<string, readonly Role[]>;

type Organisation = keyof typeof ROLES;
const ORGANISATIONS = Object.keys(ROLES) as Organisation[];

/** Of its own, so that it can run beside a network in use. */
const FIRST_PORT = 18_100;
const CHAINCODE = {
  entry: join(__dirname, "..", "..", "chaincode", "index.js"),
  version: "1",
  init: true,
  read: { transaction: "journals" },
};

export class DemoNetwork implements Venue {
  #last: { readonly place: Place; readonly at: Organisation } | undefined;

  private constructor(
    private readonly network: Network,
    private readonly gateways: ReadonlyMap<Organisation, DemoGateway>,
  ) {}

  /** @param onStep told of each step on the way. @throws NetworkError */
  static async start(directory: string, port: number, onStep: (step: Step | "gateways") => void): Promise<DemoNetwork> {
    await mkdir(directory, { recursive: true });
    const file = join(directory, "topology.yaml");
    await writeFile(file, JSON.stringify(topology()));
    const network = await Network.init(join(directory, "network"), file);
    const gateways = new Map<Organisation, DemoGateway>();
    const demo = new DemoNetwork(network, gateways);
    try {
      await network.up(CHAINCODE, onStep);
      onStep("gateways");
      const start = async (organisation: Organisation): Promise<void> => {
        const connection = join(network.directory, organisation, "connection.json");
        const args = ["--network", connection, "--org", organisation];
        const data = join(directory, organisation);
        gateways.set(organisation, await DemoGateway.start(data, organisation === "authority" ? port : 0, args));
      };
      for (const outcome of await Promise.allSettled(ORGANISATIONS.map(start))) if (outcome.status === "rejected") throw outcome.reason;
    } catch (error) {
      await demo.stop();
      throw error;
    }
    return demo;
  }

  /** Of the authority's gateway: the regulator asks its own. */
  get url(): string {
    return this.#at("authority").url;
  }

  get data(): string {
    return this.#at("authority").data;
  }

  token(party: PartyName): Promise<string> {
    return this.#at(hostOf(party)).token(party);
  }

  client(party: PartyName): Promise<SuyuanClient> {
    return this.#at(hostOf(party)).client(party);
  }

  /** Through the party's own organisation, once its peer knows what was recorded before by another's. */
  async send(report: Report): Promise<Place> {
    const at = hostOf(report.by);
    if (this.#last !== undefined && this.#last.at !== at) await waited(this.#at(at), this.#last.place);
    const place = await this.#at(at).send(report);
    this.#last = { place, at };
    return place;
  }

  async gateway(party: PartyName): Promise<Gateway> {
    const at = this.#at(hostOf(party));
    if (this.#last !== undefined) await waited(at, this.#last.place);
    return at.gateway(party);
  }

  /** Every journal with its size and root, as each organisation's gateway built it from its own peer's blocks, once each has the last event. */
  async heads(): Promise<ReadonlyMap<string, string>> {
    const heads = new Map<string, string>();
    for (const [organisation, gateway] of this.gateways) {
      if (this.#last !== undefined) await waited(gateway, this.#last.place);
      heads.set(organisation, await (await fetch(new URL("/v1/journals", gateway.url))).text());
    }
    return heads;
  }

  async ended(): Promise<void> {
    await this.#at("authority").ended();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.gateways.values()].map((gateway) => gateway.stop()));
    await this.network.down();
  }

  #at(organisation: Organisation): DemoGateway {
    const gateway = this.gateways.get(organisation);
    if (gateway === undefined) throw new Error(`${organisation} has no gateway`);
    return gateway;
  }
}

/** Resolves once a gateway shows an event; a supervisor sees every one. */
async function waited(gateway: DemoGateway, { leafHash }: Place): Promise<void> {
  await (await gateway.client("supervisor")).waitAnchored(leafHash);
}

function hostOf(party: PartyName): Organisation {
  const [role] = parties[party].roles;
  const host = ORGANISATIONS.find((organisation) => (ROLES[organisation] as readonly Role[]).includes(role));
  if (host === undefined) throw new Error(`nobody hosts ${role}`);
  return host;
}

/** What `suyuan network init` reads: YAML, of which JSON is a part. */
const topology = (): object => ({
  network: "demo.suyuan",
  channel: "suyuan",
  chaincode: "suyuan",
  ordering: "bft",
  gatewayService: true,
  endorsement: "majority",
  organisations: ORGANISATIONS.map((name, i) => ({
    name,
    mspId: `${name.charAt(0).toUpperCase()}${name.slice(1)}MSP`,
    host: "localhost",
    port: FIRST_PORT + 10 * i,
    party: { code: parties[name === "source" ? "transport" : name].code, name: parties[name === "source" ? "transport" : name].name.zh },
    roles: ROLES[name],
  })),
});
