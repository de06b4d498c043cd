import { FabricGatewayLedger } from "../../../gateway/ledger/fabric-gateway";
import { ledgerSuite } from "../../suites/ledger";
import { checkBy } from "./fabric-attestation";
import { onFabric, startNetwork } from "./fabric-network";

const TITLE = "the ledger of a Fabric network";

onFabric(TITLE, () =>
  ledgerSuite(TITLE, async (context) => {
    const network = await startNetwork(context, "probe", {
      entry: require.resolve("../../suites/probe-service"),
      init: false,
      read: { transaction: "whoami" },
    });
    const connection = network.connection("operator");
    const open = (): FabricGatewayLedger => new FabricGatewayLedger(connection);
    let ledger = open();
    return {
      ledger,
      restart: async () => {
        await ledger.close();
        ledger = open();
        return ledger;
      },
      close: () => ledger.close(),
      end: () => network.stop(),
      checkAttestation: checkBy(connection.authorities),
    };
  }),
);
