/** What one organisation does with changes: proposes one, signs what others propose, has it applied once enough have signed. */
import { common } from "@hyperledger/fabric-protos";
import { setTimeout as pause } from "node:timers/promises";
import { Administrator } from "../deployment/administrator";
import { NetworkError } from "../errors";
import { checkPublic } from "../founding";
import { Programs } from "../processes/programs";
import { majority, type Organisation, type Topology } from "../topology";
import type { Change } from "./change";
import { checkContent, contentOf } from "./content";
import type { ChangeKind } from "./kind";
import { envelopeOf, isSigned, sign } from "./signature";
import { updateOf } from "./update";

/** How long its own peer may take to have what the orderers took. */
const TAKEN_WITHIN_SECONDS = 60;
const AGAIN_MS = 250;

export class Changes {
  private constructor(
    private readonly directory: string,
    private readonly topology: Topology,
    private readonly organisation: Organisation,
    private readonly administrator: Administrator,
  ) {}

  /** @throws NetworkError `public-missing`, `binaries-missing`, `binary-version` */
  static async of(directory: string, topology: Topology, organisation: Organisation): Promise<Changes> {
    checkPublic(directory, topology);
    const programs = await Programs.find(topology.ordering);
    return new Changes(directory, topology, organisation, new Administrator(directory, topology, organisation, programs));
  }

  /** Of the organisation's own, signed by it. @throws NetworkError `nothing-revoked`, `step-failed` */
  async propose(kind: ChangeKind): Promise<Change> {
    const { network, channel } = this.topology;
    const config = await this.#config();
    const content = await contentOf(this.directory, this.organisation, kind);
    const { name: organisation } = this.organisation;
    return this.sign({ version: 1, network, channel, base: config.getSequence(), organisation, content, signatures: [] });
  }

  /** @returns it with the organisation's signature. @throws NetworkError `change-signed-already`, those of a change that does not hold, `step-failed` */
  async sign(change: Change): Promise<Change> {
    const update = await this.#checked(change);
    const { name } = this.organisation;
    if (change.signatures.some(({ organisation }) => organisation === name))
      throw new NetworkError("change-signed-already", { organisation: name });
    return { ...change, signatures: [...change.signatures, await sign(this.directory, this.organisation, update)] };
  }

  /** Resolves once the organisation's own peer has it. @throws NetworkError `change-unsigned`, those of a change that does not hold, `step-failed` */
  async apply(change: Change): Promise<void> {
    const update = await this.#checked(change);
    this.#checkEnough(change);
    await this.administrator.update(envelopeOf(this.topology.channel, update, change.signatures));
    for (const deadline = Date.now() + TAKEN_WITHIN_SECONDS * 1000; (await this.#config()).getSequence() <= change.base;) {
      if (Date.now() > deadline)
        throw new NetworkError("step-failed", { step: "peer channel fetch", reason: `> ${TAKEN_WITHIN_SECONDS} s` });
      await pause(AGAIN_MS);
    }
  }

  /**
   * @returns the update that it stands for here. @throws NetworkError `change-of-another-network`, `change-outdated`, `change-altered` where
   * a signature is for something else, or the content not of whom it names
   */
  async #checked({ network, channel, base, organisation, content, signatures }: Change): Promise<Uint8Array> {
    const { topology, directory } = this;
    if (network !== topology.network || channel !== topology.channel)
      throw new NetworkError("change-of-another-network", {
        network: `${network}/${channel}`,
        own: `${topology.network}/${topology.channel}`,
      });
    const config = await this.#config();
    if (config.getSequence() !== base) throw new NetworkError("change-outdated", { base, current: config.getSequence() });
    const whose = this.#named(organisation);
    await checkContent(directory, whose, content);
    const update = updateOf(topology, whose, content, config);
    for (const signed of signatures)
      if (!(await isSigned(directory, this.#named(signed.organisation), update, signed)))
        throw new NetworkError("change-altered", { organisation: signed.organisation });
    return update;
  }

  /** What a certificate list is, its organisation alone decides; who orders, a majority. */
  #checkEnough({ organisation, content, signatures }: Change): void {
    const signed = [...new Set(signatures.map((one) => one.organisation))];
    const enough =
      content.kind === "revocation" ? signed.includes(organisation) : signed.length >= majority(this.topology.organisations.length);
    if (enough) return;
    const needed = content.kind === "revocation" ? 1 : majority(this.topology.organisations.length);
    throw new NetworkError("change-unsigned", { signed: signed.length, needed });
  }

  #named(name: string): Organisation {
    const found = this.topology.organisations.find((one) => one.name === name);
    if (found === undefined) throw new NetworkError("change-altered", { organisation: name });
    return found;
  }

  async #config(): Promise<common.Config> {
    const [envelope] =
      common.Block.deserializeBinary(await this.administrator.configurationBlock())
        .getData()
        ?.getDataList_asU8() ?? [];
    if (envelope === undefined) throw new RangeError("a block of configuration holds one transaction");
    const payload = common.Payload.deserializeBinary(common.Envelope.deserializeBinary(envelope).getPayload_asU8());
    const config = common.ConfigEnvelope.deserializeBinary(payload.getData_asU8()).getConfig();
    if (config === undefined) throw new RangeError("a block of configuration holds one");
    return config;
  }
}
