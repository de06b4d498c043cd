import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { ROLES } from "../../chaincode/events/definition";
import { canonical } from "../../chaincode/proof/canonical";
import type { Clock, Config } from "../config";
import { readOrMake } from "../durable-file";
import { EmbeddedLedger } from "./embedded/ledger";
import type { FabricConnection } from "./fabric-connection";
import { FabricGatewayLedger } from "./fabric-gateway";
import { FabricNetworkLedger } from "./fabric-network";
import { type Ledger, LedgerError } from "./port";

const EMBEDDED = ".embedded.suyuan";

/**
 * The ledger that the configuration asks for. What the directory holds besides belongs to that one ledger for ever.
 * @throws LedgerError `unavailable` also where the directory belongs to another
 */
export async function openLedger(config: Config, clock: Clock = Date.now): Promise<Ledger> {
  const { data, connection } = config;
  // Nobody else's, so that evidence of two ledgers, each kept by one party, cannot be mistaken for each other's.
  const network = await readOrMake(join(data, "network"), () => connection?.network ?? `${randomBytes(6).toString("hex")}${EMBEDDED}`);
  if (connection === undefined ? !network.endsWith(EMBEDDED) : network !== connection.network)
    throw new LedgerError("unavailable", `${data} belongs to the ledger of ${network}`);
  return connection === undefined ? openEmbedded(network, config, clock) : openFabric(connection);
}

/** By whichever of the two ways its peers allow. Connects when it is first asked. */
export async function openFabric(connection: FabricConnection): Promise<Ledger> {
  return connection.gatewayService ? new FabricGatewayLedger(connection) : FabricNetworkLedger.open(connection);
}

/** One that is new gets its first transaction. */
async function openEmbedded(network: string, { data, mspId, authority }: Config, clock: Clock): Promise<Ledger> {
  const contract = require.resolve("../../chaincode/contract");
  const ledger = await EmbeddedLedger.open({
    directory: join(data, "ledger"),
    network,
    channel: "suyuan",
    chaincode: "suyuan",
    contract,
    mspId,
    clock: () => new Date(clock()),
  });
  if ((await ledger.height()) === 0) {
    await ledger.submit({ transaction: "init", args: [canonical({ hosts: { [mspId]: ROLES }, authority })] });
  }
  return ledger;
}
