/** What the command line says of evidence: what it proves and what it does not, or what is wrong with it. */
import errorLabels from "../gateway/evidence/errors.labels.json";
import type { Failed, Found } from "../gateway/evidence/examine";
import type { Step } from "../gateway/evidence/steps";
import { outcomeOf, rowsOf, type Worth, worthOf } from "../gateway/evidence/told";
import verdictLabels from "../gateway/evidence/verdict.labels.json";
import type { Label } from "../gateway/labels";
import type { Output } from "./output";
import { language, padTo, text } from "./texts";

const LABEL_WIDTH = 17;
const STYLE = { good: "green", open: "yellow", bad: "red" } as const satisfies Record<Worth, string>;

export function reportFound(file: string, found: Found, output: Output): void {
  const { verdict } = found;
  output.document({ file, verified: true, ...verdict, ...(found.kind === "receipt" ? { event: found.event } : {}) });
  const title = outcomeOf(found)?.[language] ?? text("verify.good");
  output.line(`${output.style(STYLE[worthOf(found)], title)}  ${file}`);
  for (const [name, value] of rowsOf(found, language)) output.line(`  ${padTo(name, LABEL_WIDTH)}${value}`);
  const list = <C extends string>(title: string, sign: string, codes: readonly C[], words: Readonly<Record<C, Label>>): void => {
    if (codes.length > 0) output.line(`  ${title}`);
    for (const code of codes) output.line(`    ${sign} ${words[code][language]}`);
  };
  const [plus, minus] = [output.style("green", "+"), output.style("yellow", "-")];
  if ("proven" in verdict) list(text("verify.proven"), plus, verdict.proven, verdictLabels.proven);
  list(text("verify.not-proven"), minus, verdict.notProven, verdictLabels.notProven);
  if (found.kind === "exit") list(text("verify.exit-residual"), minus, found.verdict.certificate.residual, verdictLabels.residual);
}

/** Which step failed, after which others were passed. */
export function reportFailure(file: string, { step, code, line }: Failed, passed: readonly Step[], output: Output): void {
  const { [language]: message, next } = errorLabels[code];
  const at = line === undefined ? {} : { line };
  const taken = step === undefined ? {} : { passed };
  output.document({ file, verified: false, ...taken, failed: { ...(step && { step }), code, ...at, message, next: next[language] } });
  output.line(`${output.style("red", text("verify.bad"))}  ${file}`);
  for (const one of passed) output.line(`    ${output.style("green", "+")} ${verdictLabels.steps[one][language]}`);
  if (step !== undefined)
    output.line(`    ${output.style("red", "x")} ${text("verify.failed-step", { step: verdictLabels.steps[step][language] })}`);
  output.line(`  ${output.style("red", code)}  ${line === undefined ? "" : `${text("verify.at-line", { line })}  `}${message}`);
  output.line(`  ${next[language]}`);
}
