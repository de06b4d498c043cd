/** Counts several keys up as fast as the ledger takes it, and prints `key count` once it is acknowledged; until it is killed. */
import { call, openLedger } from "./embedded";

async function main(directory: string): Promise<void> {
  const ledger = await openLedger(directory);
  await Promise.all(
    ["a", "b", "c", "d"].map(async (key) => {
      for (;;) {
        const { result } = await ledger.submit(call("increment", key));
        process.stdout.write(`${key} ${Buffer.from(result).toString()}\n`);
      }
    }),
  );
}

void main(process.argv[2] ?? "");
