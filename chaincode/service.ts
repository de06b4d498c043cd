/** A contract as a chaincode service: a process of its own, to which its organisation's peer connects over mutual TLS. */
import type { Contract } from "fabric-contract-api";
import { Shim } from "fabric-shim";
import ChaincodeFromContract from "fabric-shim/lib/contract-spi/chaincodefromcontract";
import { readFileSync } from "node:fs";
import { Figures } from "./figures";
import { serializers } from "./serializer";

/** What the shim says of each message between peer and service: nobody hears it, but to put it into words takes more time than to judge an event. */
const TALKATIVE = ["lib/handler.js", "lib/stub.js", "lib/iterators.js"];

/** Arguments hold a whole batch, which gRPC would refuse from 4 MB on; the peer has its own limit. */
const UNLIMITED = -1;

/**
 * Serves a contract until the process ends. From the environment:
 * - `CHAINCODE_SERVER_ADDRESS` host and port to listen on
 * - `CHAINCODE_ID` what the peer calls the installed package, `label:hash`
 * - `CHAINCODE_TLS_KEY_FILE`, `CHAINCODE_TLS_CERT_FILE` files of the service's own key and certificate, PEM
 * - `CHAINCODE_TLS_CLIENT_CACERT_FILE` file of the authority that names the peer, PEM: nobody else is let in
 * - `CHAINCODE_FIGURES_ADDRESS` host and port on which Prometheus finds its figures; without it, nowhere
 * @throws Error where one of the others is missing or unreadable, or the address is taken
 */
export async function serve(contract: new () => Contract, environment: NodeJS.ProcessEnv = process.env): Promise<void> {
  const given = (name: string): string => {
    const value = environment[name];
    if (value === undefined || value === "") throw new Error(`${name} is not set`);
    return value;
  };
  for (const name of TALKATIVE) {
    const logger = Shim.newLogger(name);
    logger.debug = () => logger;
  }
  const chaincode = new ChaincodeFromContract([contract], serializers);
  const figures = new Figures(contract);
  const server = Shim.server(figures.of(chaincode), {
    ccid: given("CHAINCODE_ID"),
    address: given("CHAINCODE_SERVER_ADDRESS"),
    tlsProps: {
      key: readFileSync(given("CHAINCODE_TLS_KEY_FILE")),
      cert: readFileSync(given("CHAINCODE_TLS_CERT_FILE")),
      clientCACerts: readFileSync(given("CHAINCODE_TLS_CLIENT_CACERT_FILE")),
    },
    "grpc.max_receive_message_length": UNLIMITED,
    "grpc.max_send_message_length": UNLIMITED,
  });
  await server.start();
  const address = environment["CHAINCODE_FIGURES_ADDRESS"];
  if (address !== undefined) figures.serve(address);
}

/** Serves; says on stderr why it cannot, and ends. */
export function main(contract: new () => Contract): void {
  serve(contract).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  });
}
