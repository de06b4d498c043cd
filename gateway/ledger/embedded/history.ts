/** The history of a ledger, as a channel takes it over (`chaincode/takeover.ts`): the transactions that appended, and the manifest that vouches for them. */
import type { Appended } from "../../../chaincode/append";
import type { Genesis } from "../../../chaincode/genesis";
import { chained, type Manifest, NOTHING_CHAINED } from "../../../chaincode/takeover";
import { type Block, type Call, LedgerError } from "../port";

/** One that appended. */
export interface PastTransaction {
  readonly transactionId: string;
  /** What takes it over. */
  readonly call: Call;
  readonly appended: Appended;
}

/** In the order in which they were committed. */
export async function* historyOf(blocks: AsyncIterable<Block> | Iterable<Block>): AsyncGenerator<PastTransaction, void> {
  for await (const block of blocks)
    for (const { valid, transaction, args, time, transactionId, result } of block.transactions) {
      if (!valid || transaction !== "append") continue;
      const call = { transaction: "import", args: [...args, Buffer.from(time), Buffer.from(transactionId)] };
      yield { transactionId, call, appended: JSON.parse(Buffer.from(result).toString("utf8")) as Appended };
    }
}

/**
 * @param ledger its network's name, and the certificate of its authority, PEM
 * @throws LedgerError `unavailable` where it has not been initialised
 */
export async function manifestOf(
  ledger: Pick<Manifest, "network" | "certificate">,
  blocks: AsyncIterable<Block> | Iterable<Block>,
): Promise<Manifest> {
  let genesis: Genesis | undefined;
  const noting = async function* (): AsyncGenerator<Block, void> {
    for await (const block of blocks) {
      const init = block.transactions.find(({ valid, transaction }) => valid && transaction === "init");
      if (init !== undefined) genesis = JSON.parse(Buffer.from(init.result).toString("utf8")) as Genesis;
      yield block;
    }
  };
  let [transactions, chain] = [0, NOTHING_CHAINED];
  for await (const { transactionId, appended } of historyOf(noting())) {
    transactions++;
    chain = chained(chain, transactionId, appended);
  }
  if (genesis === undefined) throw new LedgerError("unavailable", "the ledger has not been initialised");
  const { network, certificate } = ledger;
  return { network, certificate, genesis, transactions, chain };
}
