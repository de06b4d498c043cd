/** What `suyuan exit erase` says to people of what became of each holding. */
import { type Outcome, type Result, RESULTS } from "../../gateway/exit/erase/outcome";
import { type Place, selectorOf } from "../../gateway/exit/erase/places";
import type { Output } from "../output";
import { text, textOf } from "../texts";

/** Of each result so many are shown; JSON has all. */
const SHOWN = 20;

const STYLES: Readonly<Record<Result, "green" | "red" | "yellow" | "dim">> = {
  erased: "green",
  "would-erase": "green",
  "would-report": "green",
  settled: "dim",
  uncovered: "yellow",
  missing: "yellow",
  differs: "yellow",
  refused: "red",
  failed: "red",
  unrecorded: "red",
};

const QUIET: ReadonlySet<Result> = new Set(["erased", "settled"]);

interface Erased {
  readonly isDryRun: boolean;
  /** It is not known what its operator has under other authorizations. */
  readonly othersUnknown: boolean;
  /** In which form each is held. */
  readonly forms: ReadonlyMap<string, string>;
}

/** @param unused places at which no holding was */
export function say(
  outcomes: readonly Outcome[],
  unused: readonly Place[],
  { isDryRun, othersUnknown, forms }: Erased,
  output: Output,
): void {
  for (const outcome of outcomes) output.document(outcome);
  const counts = Object.fromEntries(RESULTS.map((result) => [result, outcomes.filter((outcome) => outcome.result === result).length]));
  output.document({ counts, unused: unused.map(selectorOf), ...(othersUnknown && { othersUnknown }) });
  for (const result of RESULTS) {
    const all = outcomes.filter((outcome) => outcome.result === result);
    if (all.length === 0) continue;
    output.line(output.style(STYLES[result], text(`exit.erase.result.${result}`, { count: all.length })));
    if (QUIET.has(result)) continue;
    for (const outcome of all.slice(0, SHOWN)) output.line(`  ${lineOf(outcome)}`);
    if (all.length > SHOWN) output.line(`  ${text("exit.erase.more", { count: all.length - SHOWN })}`);
    const isLog = ({ holding }: Outcome): boolean => result === "uncovered" && forms.get(holding) === "log";
    const next = textOf("exit.erase.next", result);
    if (next !== undefined && !all.every(isLog)) output.line(`  ${next}`);
    if (all.some(isLog)) output.line(`  ${text("exit.erase.next.log")}`);
  }
  const unreached = new Set(outcomes.flatMap((outcome) => outcome.unreached ?? []));
  if (unreached.size > 0) output.line(text("exit.erase.unreached"));
  for (const code of unreached) output.line(`  ${code}  ${text(`exit.erase.unreached.${code}`)}`);
  if (unreached.has("others"))
    for (const target of new Set(outcomes.flatMap((one) => (one.unreached?.includes("others") === true ? (one.target ?? []) : []))))
      output.line(`    ${target}`);
  for (const place of unused) output.note(text("exit.erase.unused", { place: selectorOf(place) }));
  if (othersUnknown) output.note(text("exit.erase.others-unknown"));
  const count = outcomes.filter(({ result }) => !QUIET.has(result) && result !== "would-erase" && result !== "would-report").length;
  if (isDryRun) output.line(text(count > 0 ? "exit.erase.would-leave" : "exit.erase.would-leave-nothing", { count }));
  else output.line(text(count > 0 ? "exit.erase.left" : "exit.erase.nothing-left", { count }));
}

function lineOf({ holding, place, target, code, what, problem, found }: Outcome): string {
  const why = code === undefined ? problem : text(`exit.erase.code.${code}`);
  return [
    holding,
    place,
    target,
    why,
    what === target ? undefined : what,
    found === undefined ? undefined : text("exit.erase.found", { found }),
  ]
    .filter((part) => part !== undefined && part !== "")
    .join("  ");
}
