/** Embedded ledgers in directories of their own, for the tests beside. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EmbeddedLedger, type EmbeddedOptions } from "../../../gateway/ledger/embedded/ledger";
import { type Difference, verifyStore } from "../../../gateway/ledger/embedded/verify";

export const PROBE = join(__dirname, "../../suites/probe-contract.js");
export const CHANGED = join(__dirname, "changed-contract.js");
export const FAULTY = join(__dirname, "faulty-contract.js");
export const NAME = { network: "ledger.example/test", channel: "suyuan", chaincode: "probe", mspId: "AuthorityMSP" } as const;

const opened = new Set<EmbeddedLedger>();

export async function openLedger(directory: string, options: Partial<EmbeddedOptions> = {}): Promise<EmbeddedLedger> {
  const ledger = await EmbeddedLedger.open({ directory, contract: PROBE, ...NAME, ...options });
  opened.add(ledger);
  return ledger;
}

export const call = (transaction: string, ...args: string[]): { transaction: string; args: Uint8Array[] } => ({
  transaction,
  args: args.map((argument) => Buffer.from(argument)),
});

export const evaluate = async (ledger: EmbeddedLedger, transaction: string, ...args: string[]): Promise<string> =>
  Buffer.from(await ledger.evaluate(call(transaction, ...args))).toString("utf8");

/** A directory for one test; the ledgers opened meanwhile are closed after, and what lies in it is removed. */
export async function inDirectory(work: (directory: string) => Promise<void>): Promise<void> {
  const base = await mkdtemp(join(tmpdir(), "suyuan-ledger-"));
  try {
    await work(join(base, "ledger"));
  } finally {
    for (const ledger of opened) await ledger.close();
    opened.clear();
    await rm(base, { recursive: true, force: true });
  }
}

export async function verified(directory: string, contract = PROBE): Promise<Difference[]> {
  const found: Difference[] = [];
  for await (const difference of verifyStore(directory, contract)) found.push(difference);
  return found;
}
