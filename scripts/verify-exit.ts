/** What the certificate of an exit proves, and the ledger's word on what is still held. */
import { createReadStream, existsSync } from "node:fs";
import { EvidenceError } from "../gateway/evidence/errors";
import { parseExit } from "../gateway/evidence/exit-certificate";
import { parseStatement, type StatementVerdict, verifyStatement } from "../gateway/evidence/exit-statement";
import type { TrustFile } from "../gateway/evidence/trust";
import verdictLabels from "../gateway/evidence/verdict.labels.json";
import { type ExitVerdict, verifyExit } from "../gateway/evidence/verify-exit";
import type { Output } from "./output";
import { language, padTo, text } from "./texts";
import { reportEvidenceFailure, reportProven } from "./verify-stream";

const LABEL_WIDTH = 14;

/** Where the items lie, beside their certificate. */
export const itemsBeside = (file: string): string => `${file.replace(/\.json$/, "")}.items.ndjson`;

/** @returns whether it is good */
export async function reportExit(file: string, bytes: Uint8Array, trust: TrustFile, output: Output): Promise<boolean> {
  try {
    const items = itemsBeside(file);
    const lines = file !== "-" && existsSync(items) ? (createReadStream(items) as AsyncIterable<Uint8Array>) : undefined;
    reportVerdict(file, await verifyExit(parseExit(bytes), lines, trust), output);
    return true;
  } catch (error) {
    if (!(error instanceof EvidenceError)) throw error;
    reportEvidenceFailure(file, error, output);
    return false;
  }
}

/** @returns whether it is good */
export async function reportStatement(file: string, bytes: Uint8Array, trust: TrustFile, output: Output): Promise<boolean> {
  try {
    const verdict = await verifyStatement(parseStatement(bytes), trust);
    output.document({ file, verified: true, ...verdict });
    output.line(`${output.style("green", text("verify.good"))}  ${file}`);
    row(output, text("verify.exit"), verdict.exit);
    row(output, text("verify.exit-of"), partText(verdict));
    row(output, text("verify.exit-held"), text("verify.exit-held-of", { outstanding: verdict.outstanding, retained: verdict.retained }));
    row(output, text("verify.attested"), verdict.attested);
    reportProven(verdict, output);
    return true;
  } catch (error) {
    if (!(error instanceof EvidenceError)) throw error;
    reportEvidenceFailure(file, error, output);
    return false;
  }
}

const partText = ({ authorization, part, developer }: StatementVerdict): string =>
  [authorization, ...(part ?? []), developer].filter((word) => word !== undefined).join("  ");

function reportVerdict(file: string, verdict: ExitVerdict, output: Output): void {
  const { certificate, names, digest, countersigned, issued, attested, items } = verdict;
  const { exit, authorization, operator, counts, inventory, residual, number } = certificate;
  output.document({ file, verified: true, ...verdict });
  output.line(`${output.style("green", text("verify.good"))}  ${file}`);
  row(output, text("verify.exit"), `${exit}  ${number}`);
  row(output, text("verify.exit-of"), `${authorization}  ${names[operator] ?? ""} ${operator}`);
  row(output, text("verify.exit-counts"), text("verify.exit-counts-of", { ...counts, count: inventory.count, items }));
  row(output, text("verify.exit-digest"), digest);
  row(output, text("verify.exit-countersigned"), countersigned ?? text("verify.exit-pending"));
  row(output, text("verify.exit-issued"), issued);
  row(output, text("verify.attested"), attested);
  reportProven(verdict, output);
  output.line(`  ${text("verify.exit-residual")}`);
  for (const code of residual) output.line(`    ${output.style("yellow", "-")} ${verdictLabels.residual[code][language]}`);
}

const row = (output: Output, name: string, value: string): void => output.line(`  ${padTo(name, LABEL_WIDTH)}${value}`);
