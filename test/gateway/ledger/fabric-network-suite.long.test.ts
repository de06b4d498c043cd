import { FabricNetworkLedger } from "../../../gateway/ledger/fabric-network";
import { ledgerSuite } from "../../suites/ledger";
import { checkBy } from "./fabric-attestation";
import { onFabric, startNetwork } from "./fabric-network";

const TITLE = "the ledger of a Fabric network without gateway service";

onFabric(TITLE, () =>
  ledgerSuite(TITLE, async (context) => {
    const network = await startNetwork(
      context,
      "probe",
      {
        entry: require.resolve("../../suites/probe-service"),
        init: false,
        read: { transaction: "whoami" },
      },
      "before-2.4",
    );
    const connection = network.connection("operator");
    const open = (): Promise<FabricNetworkLedger> => FabricNetworkLedger.open(connection);
    let ledger = await open();
    return {
      ledger,
      restart: async () => {
        await ledger.close();
        ledger = await open();
        return ledger;
      },
      close: () => ledger.close(),
      end: () => network.stop(),
      checkAttestation: checkBy(connection.authorities),
    };
  }),
);
