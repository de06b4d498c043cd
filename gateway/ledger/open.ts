import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { ROLES } from "../../chaincode/events/definition";
import { canonical } from "../../chaincode/proof/canonical";
import type { Config } from "../config";
import { readOrMake } from "../durable-file";
import { EmbeddedLedger } from "./embedded/ledger";
import type { Ledger } from "./port";

/** The ledger that the configuration asks for: so far the embedded one. One that is new gets its name and its first transaction. */
export async function openLedger({ data, mspId, authority }: Config): Promise<Ledger> {
  // Nobody else's, so that evidence of two ledgers, each kept by one party, cannot be mistaken for each other's.
  const network = await readOrMake(join(data, "network"), () => `${randomBytes(6).toString("hex")}.embedded.suyuan`);
  const contract = require.resolve("../../chaincode/contract");
  const ledger = await EmbeddedLedger.open({
    directory: join(data, "ledger"),
    network,
    channel: "suyuan",
    chaincode: "suyuan",
    contract,
    mspId,
  });
  if ((await ledger.height()) === 0) {
    await ledger.submit({ transaction: "init", args: [canonical({ hosts: { [mspId]: ROLES }, authority })] });
  }
  return ledger;
}
