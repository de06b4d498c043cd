import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EmbeddedLedger } from "../../../gateway/ledger/embedded/ledger";
import { ledgerSuite } from "../../suites/ledger";

ledgerSuite("the embedded ledger", async () => {
  const directory = await mkdtemp(join(tmpdir(), "suyuan-ledger-"));
  const contract = join(__dirname, "../../suites/probe-contract.js");
  const open = (): Promise<EmbeddedLedger> =>
    EmbeddedLedger.open({
      directory,
      network: "ledger.example/test",
      channel: "suyuan",
      chaincode: "probe",
      contract,
      mspId: "AuthorityMSP",
    });
  let ledger = await open();
  return {
    ledger,
    restart: async () => {
      await ledger.close();
      ledger = await open();
      return ledger;
    },
    close: async () => {
      await ledger.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
});
