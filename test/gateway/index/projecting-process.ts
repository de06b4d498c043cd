/** A process that projects recorded blocks and says when it has done: something to kill. Arguments: directory, file of blocks. */
import { readFileSync } from "node:fs";
import { deserialize } from "node:v8";
import { Projector } from "../../../gateway/index/projector";
import type { Block } from "../../../gateway/ledger/port";
import { RecordedLedger } from "./recorded-ledger";

async function main([directory = "", file = ""]: readonly string[]): Promise<void> {
  const ledger = new RecordedLedger(deserialize(readFileSync(file)) as Block[]);
  const onError = (error: unknown): void => void process.stderr.write(`${String(error)}\n`);
  process.stdout.write("started\n");
  const projector = await Projector.start({ directory, ledger, onProjected: () => undefined, onError });
  await projector.stop();
  process.stdout.write("done\n");
}

if (require.main === module) void main(process.argv.slice(2));
