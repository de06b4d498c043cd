/**
 * Journals of a ledger whose history this one took over (`chaincode/takeover.ts`). Nobody appends to them any more; each gateway signs their
 * checkpoints with keys of its own, beside the word of the organisations. What was signed before remains the word of that ledger's keeper.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Takeover } from "../chaincode/takeover";
import { readOrMake } from "./durable-file";
import type { SignerKey } from "./evidence/note-key";
import { journalKey } from "./keys";
import { type Ledger, LedgerError } from "./ledger/port";

/**
 * Keys of those journals, by their names: made, and noted in `past-journals.json`, when the gateway first starts, before `trust.json` is written.
 * @param data the gateway's directory
 * @throws LedgerError `unavailable` where the gateway has never been started, and the ledger cannot be reached
 */
export async function pastSigners(data: string, ledger: Ledger): Promise<Readonly<Record<string, SignerKey>>> {
  const file = join(data, "past-journals.json");
  if (!existsSync(file) && (ledger.network.kind === "embedded" || existsSync(join(data, "trust.json")))) return {};
  const journals = JSON.parse(await readOrMake(file, async () => JSON.stringify(await journalsTakenOver(ledger)))) as readonly string[];
  const signers: Record<string, SignerKey> = {};
  for (const journal of journals) {
    const key = join(data, "keys", `${journal.replace("/", "-")}.key`);
    signers[journal] = await journalKey(key, `${ledger.network.network}/${journal}`);
  }
  return signers;
}

async function journalsTakenOver(ledger: Ledger): Promise<readonly string[]> {
  const { manifest } = (await answerOf(ledger, "history")) as Partial<Takeover>;
  if (manifest === undefined) return [];
  const keepers = Object.keys(manifest.genesis.hosts);
  const journals = (await answerOf(ledger, "journals")) as readonly { readonly journal: string }[];
  return journals.map(({ journal }) => journal).filter((journal) => keepers.some((keeper) => journal.startsWith(`${keeper}/`)));
}

async function answerOf(ledger: Ledger, transaction: string): Promise<unknown> {
  try {
    return JSON.parse(Buffer.from(await ledger.evaluate({ transaction, args: [] })).toString("utf8"));
  } catch (error) {
    // A network whose contract is of before there was such a thing.
    if (error instanceof LedgerError && error.code === "refused") return {};
    throw error;
  }
}
