/** Puts values into an embedded ledger, one after the other, and says what became of each. Its argument is the directory. */
import { setTimeout as sleep } from "node:timers/promises";
import { LedgerError } from "../../gateway/ledger/port";
import { call, openLedger } from "../gateway/ledger/embedded";

const TRANSACTIONS = 60;
const BYTES = 30_000;

async function main(directory: string): Promise<void> {
  const ledger = await openLedger(directory);
  for (let i = 0; i < TRANSACTIONS; i++) {
    try {
      await ledger.submit(call("put", `k${i}`, "x".repeat(BYTES)));
      process.stdout.write(`stored ${i}\n`);
    } catch (error) {
      if (!(error instanceof LedgerError)) throw error;
      process.stdout.write(`${error.code} ${i}\n`);
      while (ledger.failure !== undefined) await sleep(5);
    }
  }
  process.kill(process.pid, "SIGKILL");
}

void main(process.argv[2] ?? "");
