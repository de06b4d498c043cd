/** A list of revocations put into a channel's configuration, by Fabric's own commands and the one administrator whose organisation it is. */
import { common, msp } from "@hyperledger/fabric-protos";
import { execFileSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { OrganisationFiles, publicFiles } from "../../network/directory";
import { Programs } from "../../network/processes/programs";
import { addressOf, type Organisation, type Topology } from "../../network/topology";

interface Declared {
  readonly directory: string;
  readonly topology: Topology;
}

/** Resolves once the orderers have taken it. */
export async function putIntoChannel({ directory, topology }: Declared, organisation: Organisation): Promise<void> {
  const programs = await Programs.find(topology.ordering);
  const own = new OrganisationFiles(directory, organisation);
  const { tls, root } = own.node("peer");
  const open = publicFiles(directory, organisation);
  const environment = { FABRIC_CFG_PATH: root, FABRIC_LOGGING_SPEC: "error", CORE_PEER_MSPCONFIGPATH: own.admin.msp };
  const byOrderer = ["--orderer", addressOf(organisation, "orderer"), "--tls", "--cafile", open.tlsAuthority];
  const shown = ["--clientauth", "--certfile", tls.certificate, "--keyfile", tls.key];
  const peer = (...args: string[]): Promise<string> =>
    programs.run("peer", ["channel", ...args, "--channelID", topology.channel, ...byOrderer, ...shown], environment);
  const file = (name: string): string => join(own.root, name);

  await peer("fetch", "config", file("config.block"));
  const config = configIn(await readFile(file("config.block")));
  await writeFile(file("config"), config.serializeBinary());
  const groups = config.getChannelGroup()?.getGroupsMap();
  for (const side of ["Application", "Orderer"]) {
    const value = groups?.get(side)?.getGroupsMap().get(organisation.mspId)?.getValuesMap().get("MSP");
    if (value === undefined) throw new Error(`${organisation.name} is no member`);
    const outer = msp.MSPConfig.deserializeBinary(value.getValue_asU8());
    const inner = msp.FabricMSPConfig.deserializeBinary(outer.getConfig_asU8());
    inner.setRevocationListList([await readFile(open.revocations)]);
    outer.setConfig(inner.serializeBinary());
    value.setValue(outer.serializeBinary());
  }
  await writeFile(file("config.new"), config.serializeBinary());
  const compared = ["--channel_id", topology.channel, "--original", file("config"), "--updated", file("config.new")];
  execFileSync("configtxlator", ["compute_update", ...compared, "--output", file("config.update")]);
  await writeFile(file("config.tx"), envelopeOf(topology.channel, await readFile(file("config.update"))));
  await peer("update", "--file", file("config.tx"));
}

function configIn(block: Uint8Array): common.Config {
  const [envelope = ""] = common.Block.deserializeBinary(block).getData()?.getDataList_asU8() ?? [];
  const payload = common.Payload.deserializeBinary(common.Envelope.deserializeBinary(envelope as Uint8Array).getPayload_asU8());
  const config = common.ConfigEnvelope.deserializeBinary(payload.getData_asU8()).getConfig();
  if (config === undefined) throw new Error("the block holds no configuration");
  return config;
}

/** Unsigned: the command that sends it signs. */
function envelopeOf(channel: string, update: Uint8Array): Uint8Array {
  const channelHeader = new common.ChannelHeader();
  channelHeader.setType(common.HeaderType.CONFIG_UPDATE);
  channelHeader.setChannelId(channel);
  const header = new common.Header();
  header.setChannelHeader(channelHeader.serializeBinary());
  const proposed = new common.ConfigUpdateEnvelope();
  proposed.setConfigUpdate(update);
  const payload = new common.Payload();
  payload.setHeader(header);
  payload.setData(proposed.serializeBinary());
  const envelope = new common.Envelope();
  envelope.setPayload(payload.serializeBinary());
  return envelope.serializeBinary();
}
