/** `suyuan exit plan`: what is done of an exit, what comes next, by whom and until when, what the rest waits for, and what is wrong. */
import type { AuthorityActs } from "../../gateway/exit/authority-acts";
import type { OfDevelopers } from "../../gateway/exit/developers";
import { ACCOUNTED_FOR } from "../../gateway/exit/progress";
import type { ExitState } from "../../gateway/exit/state";
import { readExit } from "./holdings";
import { eventLabel, roleLabel } from "../../gateway/labels";
import { Exit } from "../failure";
import type { Output } from "../output";
import type { Gateway } from "../request";
import { language, padTo, text, textOf } from "../texts";

const WIDTH = 34;
const MARKS = { done: ["green", "+"], next: ["yellow", ">"], waiting: ["dim", "."] } as const;

type State = ExitState & AuthorityActs & OfDevelopers;
type Step = ExitState["steps"][number];

/** @throws Failure `exit-unknown`, and those of requests */
export async function exitPlan(id: string, gateway: Gateway, output: Output): Promise<number> {
  const state: State = await readExit(id, gateway);
  output.document(state);
  const { exit, authorization, outstanding, retained, steps } = state;
  output.line(text("exit.plan.of", { exit, authorization, outstanding, retained }));
  const of = partOf(state);
  if (of !== undefined) output.line(of);
  for (const wrong of objections(state)) output.line(output.style("red", `! ${wrong}`));
  for (const said of developers(state)) output.line(`  ${said}`);
  for (const step of steps) {
    const [style, mark] = MARKS[step.state];
    output.line(`  ${output.style(style, mark)} ${padTo(nameOf(step.step), WIDTH)}${detailOf(step, state)}`.trimEnd());
  }
  return Exit.done;
}

const list = (words: readonly string[]): string => words.join(text("exit.plan.separator"));
const nameOf = (step: string): string => textOf("exit.plan.step", step) ?? eventLabel(`suyuan.exit.${step}`)?.[language] ?? step;

/** What ends, where it is not all. */
function partOf({ leaving, developer = "", scenario = "", product = "", names }: State): string | undefined {
  return textOf("exit.plan.ends", leaving, { name: names[developer] ?? developer, scenario, product });
}

/** What they have, and where they delete it; it is theirs to do, and nothing is wrong. */
function developers({ ofDevelopers = [], developersSince: count }: State): readonly string[] {
  const outstanding = ofDevelopers.map(({ party: developer, name, scenario, exit, outstanding }) => {
    const said = { name: name ?? developer, developer, scenario: scenario ?? "", exit: exit ?? "", outstanding };
    if (exit !== undefined) return text("exit.plan.of-developer.exit", said);
    return text(scenario === undefined ? "exit.plan.of-developer.none" : "exit.plan.of-developer", said);
  });
  return [...outstanding, ...(count === undefined ? [] : [text("exit.plan.developers-since", { count })])];
}

/** What is wrong, and what is to be done about it. */
function objections({ authorization, outstanding, residue, names, steps, certified, unmatched: count = 0 }: State): readonly string[] {
  const stateOf = (wanted: string): Partial<Step> => steps.find(({ step }) => step === wanted) ?? {};
  const found: string[] = [];
  if (stateOf("certified").again === true) {
    const isChanged = stateOf("certified").changed === true;
    const why = outstanding > 0 ? "outstanding" : residue !== undefined ? "residue" : isChanged ? "changed" : "since";
    found.push(text("exit.plan.superseded", { why: text(`exit.plan.superseded.${why}`, { outstanding }) }));
  }
  if (residue !== undefined)
    found.push(text("exit.plan.residue", { by: list(residue.by.map((code) => names[code] ?? code)), at: residue.at }));
  if (certified !== undefined) found.push(text("exit.plan.certified-differs", certified));
  if (count > 0 && stateOf("reconciled").state === "done") found.push(text("exit.plan.reconciled-unmatched", { count, authorization }));
  else if (count > 0 && stateOf("reconciled").state === "next") found.push(text("exit.plan.unmatched", { count, authorization }));
  return found;
}

function detailOf({ step, at, party, state, ...more }: Step, { outstanding, residue, names }: State): string {
  if (state === "done")
    return [at, party === undefined ? undefined : (names[party] ?? party)].filter((part) => part !== undefined).join("  ");
  const { by, outdated, missing = [], from, due, overdue, optional } = more;
  const isScan = step === "residue-scanned" && residue !== undefined;
  const who = isScan
    ? text("exit.plan.scan-again", { by: list(residue.by.map((code) => names[code] ?? code)) })
    : text("exit.plan.by", { roles: list(by.map((role) => roleLabel(role)[language])) });
  const parts = [
    ...(step === ACCOUNTED_FOR && outstanding > 0 ? [text("exit.plan.outstanding", { outstanding })] : []),
    who,
    ...(missing.length === 0
      ? []
      : [text("exit.plan.waits", { waits: list(missing.map((one) => textOf("exit.missing", one) ?? nameOf(one))) })]),
    ...(isScan && outdated === undefined ? [] : againOf(more)),
    ...(from === undefined ? [] : [text("exit.plan.from", { from })]),
    ...(due === undefined ? [] : [text(overdue === true ? "exit.plan.overdue" : "exit.plan.due", { due })]),
    ...(optional === true ? [text("exit.plan.optional")] : []),
  ];
  return parts.join("  ");
}

/** Why it has to be done again. */
function againOf({ again, outdated, changed }: Pick<Step, "again" | "outdated" | "changed">): readonly string[] {
  if (outdated !== undefined) return [text("exit.plan.outdated", { outdated })];
  if (changed === true) return [text("exit.plan.changed")];
  return again === true ? [text("exit.plan.again")] : [];
}
