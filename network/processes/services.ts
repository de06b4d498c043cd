/** Which processes an organisation runs, and what each is started with. */
import { OrganisationFiles } from "../directory";
import { addressOf, type Listener, type Organisation, portOf } from "../topology";
import type { Programs } from "./programs";
import { type Address, type Launch, Service } from "./service";

export const KINDS = ["orderer", "chaincode", "peer"] as const;
export type Kind = (typeof KINDS)[number];

const HERE = "127.0.0.1";

const LISTENERS: Readonly<Record<Kind, readonly Listener[]>> = {
  orderer: ["orderer", "ordererAdmin", "ordererOperations"],
  chaincode: ["chaincode"],
  peer: ["peer", "peerOperations"],
};
/** Which they take besides, and can do without: the code of an older release has no figures. */
const BESIDES: Readonly<Partial<Record<Kind, readonly Listener[]>>> = { chaincode: ["chaincodeOperations"] };

export function serviceOf(directory: string, organisation: Organisation, kind: Kind): Service {
  const own = new OrganisationFiles(directory, organisation);
  const at = (listener: Listener): Address => ({
    host: listener.endsWith("Operations") ? HERE : organisation.host,
    port: portOf(organisation, listener),
  });
  return new Service({
    name: `${organisation.name}/${kind}`,
    log: own.log(kind),
    run: own.run(kind),
    listens: LISTENERS[kind].map(at),
    besides: (BESIDES[kind] ?? []).map(at),
  });
}

/** @param chaincode id of the installed package, the file of its code to run, and whether peers take many keys in one message */
export function launchOf(
  directory: string,
  organisation: Organisation,
  kind: Kind,
  programs: Pick<Programs, "file">,
  chaincode: { readonly id: string; readonly main: string; readonly bulk: boolean },
): Launch {
  const own = new OrganisationFiles(directory, organisation);
  if (kind === "chaincode") {
    const { code, service, client } = own.chaincode;
    return {
      file: process.execPath,
      // A batch of events is some megabytes of what is soon garbage: in small spaces it would be moved about again and again.
      args: ["--max-semi-space-size=64", chaincode.main],
      directory: code,
      environment: {
        // As it stands, fabric-shim tells of every call.
        CORE_CHAINCODE_LOGGING_LEVEL: process.env["CORE_CHAINCODE_LOGGING_LEVEL"] ?? "warning",
        CHAINCODE_ID: chaincode.id,
        CHAINCODE_STATE_IN_BULK: String(chaincode.bulk),
        CHAINCODE_SERVER_ADDRESS: addressOf(organisation, "chaincode"),
        CHAINCODE_FIGURES_ADDRESS: `${HERE}:${portOf(organisation, "chaincodeOperations")}`,
        CHAINCODE_TLS_KEY_FILE: service.key,
        CHAINCODE_TLS_CERT_FILE: service.certificate,
        CHAINCODE_TLS_CLIENT_CACERT_FILE: client.certificate,
      },
    };
  }
  const { root, ledger } = own.node(kind);
  return {
    file: programs.file(kind),
    args: kind === "peer" ? ["node", "start"] : [],
    directory: root,
    environment: {
      FABRIC_CFG_PATH: root,
      FABRIC_LOGGING_SPEC: process.env["FABRIC_LOGGING_SPEC"] ?? "warn",
      // Of Go: garbage is collected when it is thrice what lives, which is little; batches pass through.
      GOGC: process.env["GOGC"] ?? "300",
      // The one path that a peer takes only if it is absolute.
      ...(kind === "peer" ? { CORE_LEDGER_SNAPSHOTS_ROOTDIR: `${ledger}/snapshots` } : {}),
    },
  };
}
