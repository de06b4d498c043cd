/** Has the ledger know of a scan, and says whether it counts. */
import { SuyuanClient, SuyuanError } from "../../gateway/client";
import { writeDurably } from "../../gateway/durable-file";
import { gapsOf, type ScanReport } from "../../gateway/exit/scan/report";
import { Failure } from "../failure";
import type { Output } from "../output";
import { bodyOf, type Gateway, type ProblemDocument, request, wordsOf } from "../request";
import { text } from "../texts";
import { readExit } from "./holdings";

/**
 * The same report is the same event, however often it is sent.
 * @param file for the event where it could not be sent: a scan that came to its end is not done again to tell of it
 */
export async function tellScan(
  exit: string,
  report: ScanReport,
  digest: string,
  file: string,
  gateway: Gateway,
  output: Output,
): Promise<void> {
  const { authorization, tool, objects, residues, started, ended } = report;
  const data = { exit, authorization, tool, started, scanned: objects, residues, unread: gapsOf(report), report: { digest } };
  const event = {
    specversion: "1.0",
    id: `residue-scan-${digest}`,
    source: "urn:suyuan:exit-scan",
    type: "suyuan.exit.residue-scanned",
    time: ended,
    data,
  };
  const bytes = Buffer.from(JSON.stringify(event));
  const sent = request(gateway, { path: "/v1/events", body: { type: "application/json", bytes } }).then(bodyOf);
  const body = await sent.catch(async (error: unknown) => {
    await writeDurably(file, `${bytes.toString()}\n`);
    output.note(text("exit.scan.untold", { file }));
    throw error;
  });
  const result = JSON.parse(body) as { journal: string; index: number; leafHash: string; problem?: ProblemDocument };
  if (result.problem !== undefined)
    throw new Failure("gateway-refused", {
      problem: result.problem.code,
      reason: wordsOf(result.problem).detail,
      next: wordsOf(result.problem).next,
    });
  output.line(text("exit.scan.told", { place: `${result.journal}/${result.index}` }));
  if (residues > 0 || !(await isAnchored(result.leafHash, gateway))) return;
  const step = (await readExit(exit, gateway)).steps.find((one) => one.step === "residue-scanned");
  if (step === undefined || step.state === "done") return;
  const { outdated } = step;
  output.line(
    output.style(
      "yellow",
      outdated === undefined ? text("exit.scan.uncounted", { exit }) : text("exit.scan.outdated", { outdated, started }),
    ),
  );
}

/** Whether the ledger has it by now: it may be out of reach for long. */
async function isAnchored(leafHash: string, { url, token }: Gateway): Promise<boolean> {
  try {
    await new SuyuanClient({ url: url.href, token }).waitAnchored(leafHash);
    return true;
  } catch (error) {
    if (error instanceof SuyuanError) return false;
    throw error;
  }
}
