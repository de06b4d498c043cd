/** A change as an update of the channel's configuration (Fabric, "Updating a channel configuration"): the same bytes wherever it is computed. */
import { common, msp, orderer } from "@hyperledger/fabric-protos";
import { addressOf, type Organisation, type Topology } from "../topology";
import type { Content } from "./change";

type Group = common.ConfigGroup;

/** @param config as it stands. @returns ConfigUpdate, serialised */
export function updateOf({ channel }: Topology, organisation: Organisation, content: Content, config: common.Config): Uint8Array {
  const root = config.getChannelGroup();
  if (root === undefined) throw new RangeError("a configuration has a group");
  const [read, written] = [named(root), named(root)];
  const sides = content.kind === "revocation" ? ["Application", "Orderer"] : ["Orderer"];
  for (const side of sides) {
    const original = below(root, side);
    const [same, changed] = [named(original), named(original)];
    if (content.kind === "revocation") {
      const member = below(original, organisation.mspId);
      const other = named(member);
      change(member, other, "MSP", (value) => withRevocations(value, content.list));
      same.getGroupsMap().set(organisation.mspId, named(member));
      changed.getGroupsMap().set(organisation.mspId, other);
    } else {
      withConsenter(original, changed, organisation, content);
    }
    read.getGroupsMap().set(side, same);
    written.getGroupsMap().set(side, changed);
  }
  const update = new common.ConfigUpdate();
  update.setChannelId(channel);
  update.setReadSet(read);
  update.setWriteSet(written);
  return update.serializeBinary();
}

/** A group by its version, without its members: it is read as it stands, and written only in what is set in it. */
function named(group: Group): Group {
  const empty = new common.ConfigGroup();
  empty.setVersion(group.getVersion());
  return empty;
}

function below(group: Group, name: string): Group {
  const found = group.getGroupsMap().get(name);
  if (found === undefined) throw new RangeError(`the configuration has no group ${name}`);
  return found;
}

/** Another content for a value that is there, one version on. */
function change(original: Group, written: Group, name: string, content: (value: Uint8Array) => Uint8Array): void {
  const value = original.getValuesMap().get(name);
  if (value === undefined) throw new RangeError(`the configuration has no value ${name}`);
  const other = value.clone();
  other.setVersion(value.getVersion() + 1);
  other.setValue(content(value.getValue_asU8()));
  written.getValuesMap().set(name, other);
}

function withRevocations(value: Uint8Array, list: string): Uint8Array {
  const outer = msp.MSPConfig.deserializeBinary(value);
  const inner = msp.FabricMSPConfig.deserializeBinary(outer.getConfig_asU8());
  inner.setRevocationListList([Buffer.from(list)]);
  outer.setConfig(inner.serializeBinary());
  return outer.serializeBinary();
}

type Certificates = Extract<Content, { kind: "consenter" }>;

function withConsenter(original: Group, written: Group, organisation: Organisation, certificates: Certificates): void {
  const tls = Buffer.from(certificates.tls);
  const isIts = (consenter: { getHost(): string; getPort(): number }): boolean =>
    `${consenter.getHost()}:${consenter.getPort()}` === addressOf(organisation, "orderer");
  const show = (consenter: { setClientTlsCert(cert: Uint8Array): void; setServerTlsCert(cert: Uint8Array): void }): void => {
    consenter.setClientTlsCert(tls);
    consenter.setServerTlsCert(tls);
  };
  if (!original.getValuesMap().has("Orderers")) {
    // Raft keeps its consenters with its options.
    change(original, written, "ConsensusType", (value) => {
      const type = orderer.ConsensusType.deserializeBinary(value);
      const metadata = orderer.etcdraft.ConfigMetadata.deserializeBinary(type.getMetadata_asU8());
      metadata.getConsentersList().filter(isIts).forEach(show);
      type.setMetadata(metadata.serializeBinary());
      return type.serializeBinary();
    });
    return;
  }
  const identity = Buffer.from(certificates.identity);
  change(original, written, "Orderers", (value) => {
    const orderers = common.Orderers.deserializeBinary(value);
    for (const consenter of orderers.getConsenterMappingList().filter(isIts)) {
      consenter.setIdentity(identity);
      show(consenter);
    }
    return orderers.serializeBinary();
  });
  whoSignsBlocks(original, written, organisation, identity);
}

/** SmartBFT's blocks are checked by a policy that names each consenter by its certificate. */
function whoSignsBlocks(original: Group, written: Group, { mspId }: Organisation, identity: Uint8Array): void {
  const found = original.getPoliciesMap().get("BlockValidation");
  const policy = found?.getPolicy();
  if (found === undefined || policy === undefined) throw new RangeError("the configuration has no policy BlockValidation");
  const envelope = common.SignaturePolicyEnvelope.deserializeBinary(policy.getValue_asU8());
  for (const principal of envelope.getIdentitiesList()) {
    const signer = msp.SerializedIdentity.deserializeBinary(principal.getPrincipal_asU8());
    if (signer.getMspid() !== mspId) continue;
    signer.setIdBytes(identity);
    principal.setPrincipal(signer.serializeBinary());
  }
  const other = found.clone();
  other.setVersion(found.getVersion() + 1);
  other.getPolicy()?.setValue(envelope.serializeBinary());
  written.getPoliciesMap().set("BlockValidation", other);
}
