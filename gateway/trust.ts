/** `trust.json` of a gateway's directory: what a verifier of its evidence takes on trust. */
import { existsSync } from "node:fs";
import { writeDurably } from "./durable-file";
import { formatVerifierKey, type SignerKey } from "./evidence/note-key";
import { formatTrust, TRUST_FORMAT, trustedNetwork } from "./evidence/trust";
import type { Ledger } from "./ledger/port";

type Named = Pick<Ledger, "network" | "authorities" | "blocks">;

/** Writes it where there is none. Keys are valid from when the ledger began, so that a file that was lost is written again as it was. */
export async function writeTrust(file: string, ledger: Named, signers: Readonly<Record<string, SignerKey>>): Promise<void> {
  if (existsSync(file)) return;
  const validFrom = await beginning(ledger);
  const { network } = ledger.network;
  const journals = Object.entries(signers).map(([journal, { verifier }]) => ({
    network,
    journal,
    origin: verifier.name,
    keys: [{ key: formatVerifierKey(verifier), validFrom }],
  }));
  await writeDurably(file, formatTrust({ format: TRUST_FORMAT, networks: [trustedNetwork(ledger.network, ledger.authorities)], journals }));
}

/** The second of the first transaction: promises are dated by whole seconds, and one may be given in the same. */
async function beginning(ledger: Named): Promise<string> {
  for await (const { transactions } of ledger.blocks(0))
    for (const { time } of transactions) return new Date(Math.floor(Date.parse(time) / 1000) * 1000).toISOString();
  throw new Error("the ledger has not begun");
}
