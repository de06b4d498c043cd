/** What stands on the ledger of a stopped gateway, read from its blocks and from nothing else. */
import { join } from "node:path";
import { inflate } from "../../chaincode/batch";
import { toHex } from "../../chaincode/proof/bytes";
import { leafHash } from "../../chaincode/proof/rfc6962";
import { readBlocks } from "../../gateway/ledger/embedded/copy";

export interface RecordedLeaf {
  readonly journal: string;
  readonly index: number;
  /** Hex. */
  readonly leafHash: string;
  /** The leaf. */
  readonly text: string;
}

/** Every leaf, in the order of the ledger; never more than a block in memory. @param data the gateway's directory */
export async function* recorded(data: string): AsyncGenerator<RecordedLeaf, void> {
  const sizes = new Map<string, number>();
  for await (const { transactions } of readBlocks(join(data, "ledger"))) {
    for (const { valid, transaction, args } of transactions) {
      if (!valid || transaction !== "append") continue;
      const journal = Buffer.from(args[0]!).toString("utf8");
      let index = sizes.get(journal) ?? 0;
      for (const { leaf, text } of inflate(args[2]!)) yield { journal, index: index++, leafHash: toHex(leafHash(leaf)), text };
      sizes.set(journal, index);
    }
  }
}
