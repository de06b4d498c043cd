/** `npm run bench [-- NAME]`: the project's bars, each measured beside what bounds it, in one run. */
import { cpus } from "node:os";
import { flow } from "./bench/flow";
import { network } from "./bench/network";
import { printRow } from "./bench/report";
import { single } from "./bench/single";
import { trace } from "./bench/trace";

const benchmarks = { flow, single, trace, network };

async function main(name: string | undefined): Promise<void> {
  const chosen = Object.entries(benchmarks).filter(([each]) => name === undefined || each === name);
  if (chosen.length === 0) {
    process.stderr.write(`no benchmark ${name ?? ""}; there are ${Object.keys(benchmarks).join(", ")}\n`);
    process.exitCode = 2;
    return;
  }
  process.stdout.write(`${cpus().length} x ${cpus()[0]?.model ?? "processor"}, Node ${process.version}\n`);
  for (const [each, measure] of chosen) {
    process.stdout.write(`\n${each}\n`);
    await measure(printRow);
  }
}

void main(process.argv[2]);
