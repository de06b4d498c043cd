/** What `suyuan exit scan` says to people of what it has found. */
import { UNSOUGHT } from "../../gateway/exit/scan/certainty";
import type { Found } from "../../gateway/exit/scan/kept";
import { printable } from "../../gateway/exit/scan/looked";
import type { ScanReport } from "../../gateway/exit/scan/report";
import type { Output } from "../output";
import { text, textOf } from "../texts";
import type { Holding } from "./holdings";

export function say(report: ScanReport, holdings: readonly Holding[], resumed: number, file: string, output: Output): void {
  // For people to compare with where something was found.
  const places = new Map(holdings.map(({ holding, declared }) => [holding, declared.place]));
  const at = ({ object, holding }: Found): string =>
    `${object}  ${holding}  ${text("exit.scan.declared-at", { place: printable(places.get(holding) ?? "") })}`;
  for (const one of report.found) {
    output.line(`${output.style("red", text(`exit.scan.${one.how}`, { percent: (one.share / 10).toFixed(1) }))}  ${at(one)}`);
    if (one.besides !== undefined) output.line(`  ${text("exit.scan.besides", { count: one.besides })}`);
  }
  for (const one of report.retained) output.line(`${text("exit.scan.retained")}  ${at(one)}`);
  for (const one of report.transferred) output.line(`${text("exit.scan.transferred")}  ${at(one)}`);
  for (const one of report.goesOn) output.line(`${text("exit.scan.goes-on")}  ${at(one)}`);
  for (const [reason, count] of Object.entries(report.notRead)) {
    const line = (UNSOUGHT as readonly string[]).includes(reason) ? "exit.scan.not-sought" : "exit.scan.not-read";
    output.line(output.style("yellow", text(line, { count, reason: textOf("exit.scan.reason", reason) ?? reason })));
    if (reason === "parts-uncertain")
      for (const { below, holdings } of report.partsUncertain) output.line(`  ${text("exit.scan.parts-below", { below, holdings })}`);
    else list(report, reason, count, output);
  }
  if (resumed > 0) output.line(text("exit.scan.resumed", { resumed }));
  const { files, objects, bytes, residues } = report;
  output.line(text("exit.scan.total", { files, objects, megabytes: (bytes / 1e6).toFixed(1) }));
  output.line(
    residues === 0 ? output.style("green", text("exit.scan.clean")) : output.style("red", text("exit.scan.residues", { residues })),
  );
  output.line(text("exit.scan.report", { file }));
}

/** Names for one reason; the report has the others. */
const NAMED = 20;

function list({ unread }: ScanReport, reason: string, count: number, output: Output): void {
  const named = unread.filter((it) => it.reason === reason).slice(0, count > NAMED ? NAMED - 1 : NAMED);
  for (const { object } of named) output.line(`  ${object}`);
  if (count > named.length) output.line(`  ${text("exit.scan.others", { count: count - named.length })}`);
}
