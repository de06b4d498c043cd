/**
 * Configuration of an organisation's peer and orderer: core.yaml and orderer.yaml with what differs from a program's defaults or has none.
 * Paths are relative to the file, so that a bundle works wherever it is put.
 */
import { relative } from "node:path";
import { dump } from "js-yaml";
import { OrganisationFiles, type Pair, publicFiles } from "../directory";
import { addressOf, nodeName, type Organisation, portOf, type Topology } from "../topology";
import { MAX_MESSAGE_BYTES } from "./channel";

const HERE = "127.0.0.1";
const SOFTWARE_KEYS = { Default: "SW", SW: { Hash: "SHA2", Security: 256 } };
/** Of the peer: the builder of chaincode packages, made anew at each start. */
export const BUILDER = { name: "suyuan", folder: "builder" };

/** core.yaml of the peer, which its administrator's commands read too. */
export function peerConfiguration(directory: string, topology: Topology, organisation: Organisation): string {
  const own = new OrganisationFiles(directory, organisation);
  const { root, msp, tls, ledger } = own.node("peer");
  const path = (file: string): string => relative(root, file);
  const address = addressOf(organisation, "peer");
  const file = (name: string): { file: string } => ({ file: path(name) });
  return dump({
    peer: {
      id: nodeName(topology, organisation, "peer"),
      networkId: topology.network,
      listenAddress: address,
      address,
      // Of chaincode that peers start themselves; this one is a service.
      chaincodeListenAddress: `${HERE}:0`,
      localMspId: organisation.mspId,
      localMspType: "bccsp",
      mspConfigPath: path(msp),
      fileSystemPath: path(ledger),
      BCCSP: SOFTWARE_KEYS,
      tls: {
        enabled: true,
        clientAuthRequired: true,
        cert: file(tls.certificate),
        key: file(tls.key),
        clientCert: file(tls.certificate),
        clientKey: file(tls.key),
        rootcert: file(own.authority("tlsca").certificate),
        clientRootCAs: { files: topology.organisations.map((one) => path(publicFiles(directory, one).tlsAuthority)) },
      },
      maxRecvMsgSize: MAX_MESSAGE_BYTES,
      maxSendMsgSize: MAX_MESSAGE_BYTES,
      // Whoever pings more often than this is cut off; peers, as clients of a gateway, ping every 10 s.
      keepalive: {
        interval: "7200s",
        timeout: "20s",
        minInterval: "5s",
        client: { interval: "60s", timeout: "20s" },
        deliveryClient: { interval: "10s", timeout: "5s" },
      },
      // A peer whose cable is out says nothing, where one that is down refuses: after this long another is asked to endorse instead.
      gateway: { enabled: topology.gatewayService, endorsementTimeout: "10s", broadcastTimeout: "30s", dialTimeout: "10s" },
      gossip: {
        bootstrap: address,
        endpoint: address,
        externalEndpoint: address,
        // One peer an organisation: it takes blocks from the orderers itself.
        useLeaderElection: false,
        orgLeader: true,
        // How soon peers of other organisations, and the chaincode they run, are found: until then endorsement is refused.
        reconnectInterval: "2s",
        aliveTimeInterval: "2s",
        aliveExpirationTimeout: "10s",
        membershipTrackerInterval: "2s",
        publishCertPeriod: "1s",
        publishStateInfoInterval: "500ms",
        requestStateInfoInterval: "500ms",
        pvtData: { implicitCollectionDisseminationPolicy: { requiredPeerCount: 0, maxPeerCount: 0 }, reconciliationEnabled: false },
        state: { enabled: false },
      },
      deliveryclient: {
        reConnectBackoffThreshold: "5s",
        minimalReconnectInterval: "100ms",
        connTimeout: "3s",
        // The orderer that blocks come from is silent while others have newer ones: then they come from another.
        blockCensorshipTimeoutKey: "5s",
      },
      authentication: { timewindow: "5m" },
      handlers: {
        authFilters: [{ name: "DefaultAuth" }, { name: "ExpirationCheck" }, { name: "TimeWindowCheck" }],
        decorators: [{ name: "DefaultDecorator" }],
        endorsers: { escc: { name: "DefaultEndorsement" } },
        validators: { vscc: { name: "DefaultValidation" } },
      },
      discovery: { enabled: true, authCacheEnabled: true, authCacheMaxSize: 1000, authCachePurgeRetentionRatio: 0.75 },
      limits: { concurrency: { endorserService: 2500, deliverService: 2500, gatewayService: 500 } },
    },
    vm: { endpoint: "" },
    chaincode: {
      mode: "net",
      installTimeout: "60s",
      startuptimeout: "60s",
      executetimeout: "30s",
      system: { _lifecycle: "enable", cscc: "enable", lscc: "enable", qscc: "enable" },
      // Relative to where the peer runs, its own directory.
      externalBuilders: [{ name: BUILDER.name, path: BUILDER.folder }],
    },
    ledger: {
      state: { stateDatabase: "goleveldb", totalQueryLimit: 100_000 },
      history: { enableHistoryDatabase: false },
    },
    operations: { listenAddress: `${HERE}:${portOf(organisation, "peerOperations")}` },
    metrics: { provider: "prometheus" },
  });
}

/** orderer.yaml. A new orderer knows no channel until its administrator has it join one. */
export function ordererConfiguration(directory: string, topology: Topology, organisation: Organisation): string {
  const own = new OrganisationFiles(directory, organisation);
  const { root, msp, tls, ledger } = own.node("orderer");
  const path = (file: string): string => relative(root, file);
  const shown = ({ certificate, key }: Pair): object => ({
    Enabled: true,
    Certificate: path(certificate),
    PrivateKey: path(key),
    ClientAuthRequired: true,
  });
  const authorities = topology.organisations.map((one) => path(publicFiles(directory, one).tlsAuthority));
  return dump({
    General: {
      ListenAddress: organisation.host,
      ListenPort: portOf(organisation, "orderer"),
      LocalMSPID: organisation.mspId,
      LocalMSPDir: path(msp),
      BCCSP: SOFTWARE_KEYS,
      BootstrapMethod: "none",
      // A BFT orderer that lags fetches blocks from the others without the binding to its certificate that they then ask for (seen in
      // 3.1.5): required of clients, mutual TLS would keep it behind for ever. Votes come over mutual TLS in any case, and who may write
      // or read is settled by signatures.
      TLS: { ...shown(tls), ClientAuthRequired: topology.ordering === "raft", RootCAs: authorities, ClientRootCAs: authorities },
      Cluster: { ClientCertificate: path(tls.certificate), ClientPrivateKey: path(tls.key), RootCAs: authorities },
      MaxRecvMsgSize: MAX_MESSAGE_BYTES,
      MaxSendMsgSize: MAX_MESSAGE_BYTES,
      Keepalive: { ServerMinInterval: "5s", ServerInterval: "7200s", ServerTimeout: "20s" },
      Authentication: { TimeWindow: "5m" },
    },
    FileLedger: { Location: path(ledger) },
    // Wherever the orderer runs: these two it does not take as relative to the file.
    Consensus: { WALDir: "wal", SnapDir: "snapshots" },
    ChannelParticipation: { Enabled: true, MaxRequestBodySize: "10 MB" },
    // Whoever holds the one certificate is the administrator.
    Admin: {
      ListenAddress: addressOf(organisation, "ordererAdmin"),
      TLS: { ...shown(tls), ClientRootCAs: [path(own.admin.tls.certificate)] },
    },
    Operations: { ListenAddress: `${HERE}:${portOf(organisation, "ordererOperations")}` },
    Metrics: { Provider: "prometheus" },
  });
}
