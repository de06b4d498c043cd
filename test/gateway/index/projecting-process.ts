/** A process that projects recorded blocks and says how far it is: something to kill. Arguments: directory, file of blocks. */
import { readFileSync } from "node:fs";
import { deserialize } from "node:v8";
import { Projector, type ProjectorState } from "../../../gateway/index/projector";
import type { Block } from "../../../gateway/ledger/port";
import { RecordedLedger } from "./recorded-ledger";

async function main([directory = "", file = ""]: readonly string[]): Promise<void> {
  const ledger = new RecordedLedger(deserialize(readFileSync(file)) as Block[]);
  const onProjected = ({ height }: ProjectorState): void => void process.stdout.write(`${height}\n`);
  const onError = (error: unknown): void => void process.stderr.write(`${String(error)}\n`);
  const projector = await Projector.start({ directory, ledger, onProjected, onError });
  await projector.stop();
}

if (require.main === module) void main(process.argv.slice(2));
