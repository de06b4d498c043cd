/** What a peer's deliver service sends, as the older SDK asks for it. */
import type { Eventer } from "fabric-common";
import { common } from "@hyperledger/fabric-protos";
import type { Duplex } from "node:stream";
import type { FabricNodes } from "./fabric-network-nodes";
import { LedgerError } from "./port";

/** `protos.DeliverResponse`, as gRPC hands it over. */
interface Delivered {
  readonly Type: "status" | "block" | "filtered_block";
  readonly status?: number;
  readonly block?: {
    readonly header: { readonly number: Long };
    readonly data: { readonly data: readonly Uint8Array[] };
    readonly metadata: { readonly metadata: readonly Uint8Array[] };
  };
  readonly filtered_block?: Outcomes;
}

/** `protos.FilteredBlock` */
export interface Outcomes {
  readonly number: Long;
  readonly filtered_transactions: readonly { readonly txid: string; readonly tx_validation_code: number }[];
}

interface Long {
  toNumber(): number;
}

/** What the SDK's own reader of events does with its stream; that one also takes blocks apart, and stops at one it cannot read. */
interface Stream {
  readonly stream: Duplex & AsyncIterable<Delivered>;
  setStreamByType(type: "full" | "filtered"): void;
}

/** Every block from a number on. @throws LedgerError `unavailable` once the own peer sends no more, unless the signal has aborted */
export async function* deliveredBlocks(nodes: FabricNodes, from: number, signal: AbortSignal): AsyncGenerator<common.Block, void> {
  for await (const { block } of deliver(nodes, "full", from, signal)) if (block !== undefined) yield blockFrom(block);
}

/** What became of the transactions of the newest block, which comes at once, and of each one after. Throws as {@link deliveredBlocks}. */
export async function* deliveredOutcomes(nodes: FabricNodes, signal: AbortSignal): AsyncGenerator<Outcomes, void> {
  for await (const { filtered_block } of deliver(nodes, "filtered", "newest", signal))
    if (filtered_block !== undefined) yield filtered_block;
}

async function* deliver(
  nodes: FabricNodes,
  type: "full" | "filtered",
  from: number | "newest",
  signal: AbortSignal,
): AsyncGenerator<Delivered, void> {
  const { client, channel, identity, own } = nodes;
  const eventer = client.newEventer(own.name, own.mspid) as Eventer & Stream;
  eventer.setEndpoint(own.endpoint);
  const aborted = (): boolean => signal.aborted;
  const stop = (): void => eventer.disconnect();
  signal.addEventListener("abort", stop);
  let reason = `${own.name} sends no more blocks`;
  try {
    await nodes.reach(eventer);
    if (aborted()) return;
    const asked = channel.newEventService(own.name);
    asked.build(identity, { blockType: type, startBlock: from });
    asked.sign(identity);
    eventer.setStreamByType(type);
    const { stream } = eventer;
    // The iteration throws it; what comes after its end is the end itself.
    stream.on("error", () => undefined);
    stream.write(asked.getSignedEnvelope());
    for await (const delivered of stream) {
      if (aborted()) return;
      if (delivered.Type === "status") reason += `: status ${delivered.status}`;
      else yield delivered;
    }
  } catch (cause) {
    if (aborted()) return;
    throw cause instanceof LedgerError ? cause : new LedgerError("unavailable", reason, { cause });
  } finally {
    signal.removeEventListener("abort", stop);
    stop();
  }
  if (!aborted()) throw new LedgerError("unavailable", reason);
}

function blockFrom({ header, data, metadata }: NonNullable<Delivered["block"]>): common.Block {
  const numbered = new common.BlockHeader();
  numbered.setNumber(header.number.toNumber());
  const envelopes = new common.BlockData();
  envelopes.setDataList([...data.data]);
  const said = new common.BlockMetadata();
  said.setMetadataList([...metadata.metadata]);
  const block = new common.Block();
  block.setHeader(numbered);
  block.setData(envelopes);
  block.setMetadata(said);
  return block;
}
