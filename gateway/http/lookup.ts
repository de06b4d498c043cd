/** Finding an event of which a sender may just have been told that it is on the ledger: the read model is moments behind. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Position } from "../index/place";
import type { ReadModel } from "../index/read-model";
import { type Ledger, LedgerError } from "../ledger/port";
import type { OperationsOptions } from "./operations";

const PATIENCE_MS = 2000;
const PAUSE_MS = 10;

/** @param leafHash lower-case hex. @returns undefined where no event with that leaf is on the ledger, or the read model is far behind */
export async function lookUp(readModel: ReadModel, ledger: Ledger, leafHash: string): Promise<Position | undefined> {
  const found = await readModel.position(leafHash);
  if (found !== undefined) return found;
  await caughtUp(readModel, await heightIfReached(ledger));
  return readModel.position(leafHash);
}

/** Waits until the read model shows that many blocks, but not for ever. */
export async function caughtUp(readModel: ReadModel, height: number): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while ((await readModel.height()) < height && Date.now() < deadline) await sleep(PAUSE_MS);
}

/**
 * Waits until the read model shows what this gateway has acknowledged by now, and what the ledger has: not for ever, and not while there is trouble with
 * the ledger, when nothing comes.
 */
export async function caughtUpWithAll({ readModel, ledger, progress, journals, trouble }: Behind): Promise<void> {
  const acknowledged = [journals.facts, journals.acts].map((journal) => [journal, progress.accepted(journal)] as const);
  const deadline = Date.now() + PATIENCE_MS;
  const isBehind = (): boolean => acknowledged.some(([journal, size]) => progress.projected(journal) < size);
  while (isBehind() && trouble() === undefined && Date.now() < deadline) await sleep(PAUSE_MS);
  if (trouble() === undefined) await caughtUp(readModel, await heightIfReached(ledger));
}

type Behind = Pick<OperationsOptions, "ledger" | "progress" | "journals" | "trouble"> & { readonly readModel: ReadModel };

async function heightIfReached(ledger: Ledger): Promise<number> {
  try {
    return await ledger.height();
  } catch (error) {
    if (error instanceof LedgerError) return 0;
    throw error;
  }
}
