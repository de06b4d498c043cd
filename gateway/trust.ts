/** `trust.json` of a gateway's directory: what a verifier of its evidence takes on trust. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { writeDurably } from "./durable-file";
import { formatVerifierKey, type SignerKey } from "./evidence/note-key";
import { formatTrust, parseTrust, TRUST_FORMAT, type TrustedJournal, trustedNetwork } from "./evidence/trust";
import type { Ledger } from "./ledger/port";

type Named = Pick<Ledger, "network" | "authorities" | "blocks">;

/** Which keys there were, and when, no ledger tells: a copy beside them, once a first one was replaced, for the day on which `trust.json` is lost. */
export const trustCopyOf = (data: string): string => join(data, "keys", "trust.json");

/** Writes it where there is none. Keys that never were replaced are valid from when the ledger began, so that a file that was lost is written again as it was. */
export async function writeTrust(file: string, ledger: Named, signers: Readonly<Record<string, SignerKey>>): Promise<void> {
  if (existsSync(file)) return;
  const validFrom = await beginning(ledger);
  const { network } = ledger.network;
  const known = await readFile(trustCopyOf(dirname(file))).then(parseTrust, () => undefined);
  const journals = Object.entries(signers).map(([journal, { verifier }]): TrustedJournal => {
    const key = formatVerifierKey(verifier);
    const own = known?.journals.find((one) => one.network === network && one.journal === journal && one.keys.at(-1)?.key === key);
    return own ?? { network, journal, origin: verifier.name, keys: [{ key, validFrom }] };
  });
  await writeDurably(file, formatTrust({ format: TRUST_FORMAT, networks: [trustedNetwork(ledger.network, ledger.authorities)], journals }));
}

/** The second of the first transaction. */
async function beginning(ledger: Named): Promise<string> {
  for await (const { transactions } of ledger.blocks(0)) for (const { time } of transactions) return wholeSecond(time).toISOString();
  throw new Error("the ledger has not begun");
}

/** Its beginning: promises are dated by whole seconds, and one may be given in the same in which its key came into force. */
export const wholeSecond = (time: string): Date => new Date(Math.floor(Date.parse(time) / 1000) * 1000);
