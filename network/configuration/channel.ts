/**
 * The channel's configuration, from which configtxgen makes its first block: the same organisations run peers and orderers, a majority
 * of their administrators changes it, and the declared share of them endorses.
 */
import { dirname, relative } from "node:path";
import { dump } from "js-yaml";
import { publicFiles, sharedFiles } from "../directory";
import { addressOf, type Organisation, portOf, type Topology } from "../topology";

export const PROFILE = "channel";

/** What a block holds at most, and how long a transaction waits for others. Batches of events are up to 1 MB each. */
const BLOCK = { messages: 500, bytes: 10 * 1024 * 1024, preferredBytes: 4 * 1024 * 1024, wait: "50ms" };

/** Above what a block can be, with room for its signatures: a larger one would never reach a peer. */
export const MAX_MESSAGE_BYTES = 10 * BLOCK.bytes;

/** configtx.yaml, for the directory that it is written to. */
export function channelConfiguration(directory: string, topology: Topology): string {
  const { organisations, ordering, endorsement } = topology;
  const from = dirname(sharedFiles(directory).configtx);
  const path = (file: string): string => relative(from, file);
  const members = (...writers: readonly Unit[]): object[] =>
    organisations.map((organisation) => member(organisation, path(publicFiles(directory, organisation).msp), writers));
  const consenters = organisations.map((organisation, index) => {
    const { identity, tls } = publicFiles(directory, organisation).consenter;
    const where = { Host: organisation.host, Port: portOf(organisation, "orderer"), ClientTLSCert: path(tls), ServerTLSCert: path(tls) };
    return ordering === "bft" ? { ID: index + 1, MSPID: organisation.mspId, Identity: path(identity), ...where } : where;
  });
  const endorsers = implicit(`${endorsement.toUpperCase()} Endorsement`);
  const anyone = { Readers: implicit("ANY Readers"), Writers: implicit("ANY Writers"), Admins: implicit("MAJORITY Admins") };
  return dump(
    {
      Profiles: {
        [PROFILE]: {
          Policies: anyone,
          Capabilities: { [ordering === "bft" ? "V3_0" : "V2_0"]: true },
          Application: {
            Organizations: members("admin", "client"),
            Policies: { ...anyone, Endorsement: endorsers, LifecycleEndorsement: endorsers },
            Capabilities: { [ordering === "bft" ? "V2_5" : "V2_0"]: true },
          },
          Orderer: {
            // Orderers write too: their votes.
            Organizations: members("admin", "client", "orderer"),
            Policies: { ...anyone, BlockValidation: implicit("ANY BlockSigners") },
            Capabilities: { V2_0: true },
            BatchTimeout: BLOCK.wait,
            BatchSize: { MaxMessageCount: BLOCK.messages, AbsoluteMaxBytes: BLOCK.bytes, PreferredMaxBytes: BLOCK.preferredBytes },
            ...(ordering === "bft"
              ? { OrdererType: "BFT", ConsenterMapping: consenters, SmartBFT: SMART_BFT }
              : { OrdererType: "etcdraft", EtcdRaft: { Consenters: consenters, Options: RAFT } }),
          },
        },
      },
    },
    { noRefs: true },
  );
}

/**
 * A leader that says nothing is replaced within some ten seconds, so that the loss of one machine is a pause and no outage; the peers of
 * a busy one of two cores still keep their word within that time.
 */
const SMART_BFT = {
  RequestBatchMaxInterval: BLOCK.wait,
  RequestForwardTimeout: "3s",
  // Above what an orderer itself can be held up for by one whose cable is out: connecting to it, 20 s. Complaints of that cost a
  // change of leaders, each of which is held up again. One that is gone misses its heartbeats long before.
  RequestComplainTimeout: "25s",
  RequestAutoRemoveTimeout: "3m0s",
  ViewChangeResendInterval: "3s",
  ViewChangeTimeout: "10s",
  LeaderHeartbeatTimeout: "10s",
  LeaderHeartbeatCount: 10,
  CollectTimeout: "1s",
  // One that comes back learns the others' view at once: until it has, it does not count, and another one lost then would stop them all.
  SyncOnStart: true,
  IncomingMessageBufferSize: 1000,
  RequestPoolSize: 100_000,
};

/** Without a leader's heartbeat for ten ticks, twenty at most, another is elected. */
const RAFT = { TickInterval: "200ms", ElectionTick: 10, HeartbeatTick: 1, MaxInflightBlocks: 5, SnapshotIntervalSize: "64 MB" };

const implicit = (rule: string): object => ({ Type: "ImplicitMeta", Rule: rule });

/** What a certificate says its holder is. */
type Unit = "admin" | "client" | "orderer" | "peer" | "member";

function member(organisation: Organisation, msp: string, writers: readonly Unit[]): object {
  const { mspId, host } = organisation;
  const signed = (...units: readonly Unit[]): object => ({
    Type: "Signature",
    Rule: `OR(${units.map((unit) => `'${mspId}.${unit}'`).join(", ")})`,
  });
  return {
    Name: mspId,
    ID: mspId,
    MSPDir: msp,
    Policies: {
      Readers: signed("member"),
      Writers: signed(...writers),
      Admins: signed("admin"),
      Endorsement: signed("peer"),
      BlockSigners: signed("orderer"),
    },
    OrdererEndpoints: [addressOf(organisation, "orderer")],
    AnchorPeers: [{ Host: host, Port: portOf(organisation, "peer") }],
  };
}
