/** `suyuan verify --promise`: whether a promise was kept, offline, by what is shown beside it. */
import { examinePromise } from "../gateway/evidence/examine";
import type { PromiseOutcome } from "../gateway/evidence/promise-kept";
import verdictLabels from "../gateway/evidence/verdict.labels.json";
import { Exit } from "./failure";
import type { Output } from "./output";
import { language, padTo, text } from "./texts";
import { read, readTrust, reportFailure, trustFileOf, type VerifyOptions } from "./verify";

const STYLE = {
  kept: "green",
  "kept-late": "yellow",
  "kept-time-unknown": "yellow",
  unsettled: "yellow",
  "two-histories": "red",
  "broken-other-record": "red",
  "broken-missing": "red",
} as const satisfies Record<PromiseOutcome, string>;

/** @param shown receipts, and latest states of the journal. @returns exit code; `unverified` where it was broken, or a file is not good */
export async function verifyPromise(promise: string, shown: readonly string[], options: VerifyOptions, output: Output): Promise<number> {
  const trust = await readTrust(trustFileOf(options));
  const evidence = [];
  for (const file of shown) evidence.push(await read(file));
  const examined = await examinePromise(await read(promise), evidence, trust);
  if (!examined.verified) {
    reportFailure([promise, ...shown].join(" "), examined, output);
    return Exit.unverified;
  }
  const { outcome, network, journal, index, leafHash, promised, deadline, attestedBy, notProven } = examined.verdict;
  output.document({ file: promise, verified: true, ...examined.verdict });
  output.line(`${output.style(STYLE[outcome], verdictLabels.promises[outcome][language])}  ${promise}`);
  const row = (name: string, value: string): void => output.line(`  ${padTo(name, 14)}${value}`);
  row(text("verify.place"), `${network}  ${journal}/${index}`);
  row(text("verify.leaf"), leafHash);
  row(text("verify.promised"), promised);
  row(text("verify.deadline"), deadline);
  row(text("verify.attested-by"), attestedBy.join(", ") || text("verify.nobody"));
  if (notProven.length > 0) output.line(`  ${text("verify.not-proven")}`);
  for (const code of notProven) output.line(`    ${output.style("yellow", "-")} ${verdictLabels.notProven[code][language]}`);
  return STYLE[outcome] === "red" ? Exit.unverified : Exit.done;
}
