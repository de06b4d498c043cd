/** `suyuan exit plan`: what is done of an exit, what comes next, by whom and until when, and what the rest waits for. */
import type { ExitState } from "../../gateway/exit/state";
import { readExit } from "./holdings";
import { eventLabel, roleLabel } from "../../gateway/labels";
import { Exit } from "../failure";
import type { Output } from "../output";
import type { Gateway } from "../request";
import { language, padTo, text, textOf } from "../texts";

const WIDTH = 34;
const MARKS = { done: ["green", "+"], next: ["yellow", ">"], waiting: ["dim", "."] } as const;

/** @throws Failure `not-found`, and those of requests */
export async function exitPlan(id: string, gateway: Gateway, output: Output): Promise<number> {
  const state = await readExit(id, gateway);
  output.document(state);
  const { exit, authorization, outstanding, retained, steps } = state;
  output.line(text("exit.plan.of", { exit, authorization, outstanding, retained }));
  for (const step of steps) {
    const [style, mark] = MARKS[step.state];
    output.line(`  ${output.style(style, mark)} ${padTo(nameOf(step.step), WIDTH)}${detailOf(step)}`);
  }
  return Exit.done;
}

const nameOf = (step: string): string => eventLabel(`suyuan.exit.${step}`)?.[language] ?? step;

function detailOf({ at, party, state, by, outdated, missing = [], due, overdue, optional }: ExitState["steps"][number]): string {
  if (state === "done") return `${at ?? ""}  ${party ?? ""}`;
  const roles = by.map((role) => roleLabel(role)[language]).join(text("exit.plan.separator"));
  const waits = missing.map((step) => textOf("exit.missing", step) ?? nameOf(step)).join(text("exit.plan.separator"));
  const parts = [
    text("exit.plan.by", { roles }),
    ...(waits === "" ? [] : [text("exit.plan.waits", { waits })]),
    ...(outdated === undefined ? [] : [text("exit.plan.outdated", { outdated })]),
    ...(due === undefined ? [] : [text(overdue === true ? "exit.plan.overdue" : "exit.plan.due", { due })]),
    ...(optional === true ? [text("exit.plan.optional")] : []),
  ];
  return parts.join("  ");
}
