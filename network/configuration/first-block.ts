/** The first block of a channel, which holds its configuration (Fabric, ConfigEnvelope): whether two of them make the same channel. */
import { common } from "@hyperledger/fabric-protos";
import { isDeepStrictEqual } from "node:util";

/** Whatever cannot be read makes none. */
export function isSameChannel(one: Uint8Array, other: Uint8Array): boolean {
  try {
    return isDeepStrictEqual(channelIn(one), channelIn(other));
  } catch {
    return false;
  }
}

/** All that a first block says, but for the time and the number drawn by lot in its header: their order in the bytes is any. */
function channelIn(block: Uint8Array): unknown {
  const transactions = common.Block.deserializeBinary(block).getData()?.getDataList_asU8() ?? [];
  const [envelope] = transactions;
  if (envelope === undefined || transactions.length !== 1) throw new RangeError("a first block holds one transaction");
  const payload = common.Payload.deserializeBinary(common.Envelope.deserializeBinary(envelope).getPayload_asU8());
  const header = common.ChannelHeader.deserializeBinary(payload.getHeader()?.getChannelHeader_asU8() ?? new Uint8Array());
  const config = common.ConfigEnvelope.deserializeBinary(payload.getData_asU8()).getConfig();
  const group = config?.getChannelGroup();
  if (config === undefined || group === undefined) throw new RangeError("a first block holds a configuration");
  return [header.getType(), header.getChannelId(), config.getSequence(), contentOf(group)];
}

function contentOf(group: common.ConfigGroup): unknown {
  return {
    version: group.getVersion(),
    by: group.getModPolicy(),
    groups: mapped(group.getGroupsMap(), contentOf),
    values: mapped(group.getValuesMap(), (value) => [value.getVersion(), value.getModPolicy(), value.getValue_asB64()]),
    policies: mapped(group.getPoliciesMap(), (policy) => [
      policy.getVersion(),
      policy.getModPolicy(),
      policy.getPolicy()?.getType(),
      policy.getPolicy()?.getValue_asB64(),
    ]),
  };
}

interface Entries<V> {
  forEach(visit: (value: V, name: string) => void): void;
}

function mapped<V>(entries: Entries<V>, content: (value: V) => unknown): ReadonlyMap<string, unknown> {
  const all = new Map<string, unknown>();
  entries.forEach((value, name) => all.set(name, content(value)));
  return all;
}
