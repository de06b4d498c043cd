/** `suyuan trace`: what data was made of, or what was made of it. */
import { once } from "node:events";
import type { Trace } from "../gateway/index/trace";
import { Exit } from "./failure";
import type { Output } from "./output";
import { bodyOf, type Gateway, piecesOf, request } from "./request";
import { TraceTree } from "./trace-tree";

export const FORMATS = {
  text: "application/json",
  json: "application/json",
  prov: "application/prov+json",
  csv: "text/csv",
  proof: "application/x-ndjson",
} as const;

export interface TraceOptions {
  readonly direction: "sources" | "products";
  readonly depth?: number;
  readonly format: keyof typeof FORMATS;
}

/** @throws Failure `not-found` where the ledger knows nothing of it */
export async function trace(kind: string, id: string, options: TraceOptions, gateway: Gateway, output: Output): Promise<number> {
  const { direction, depth, format } = options;
  const query = new URLSearchParams({ direction, ...(depth === undefined ? {} : { depth: String(depth) }) });
  const path = `/v1/trace/${kind}/${encodeURIComponent(id)}?${query.toString()}`;
  const response = await request(gateway, { path, accept: FORMATS[format] });
  if (format === "text" && !output.json) {
    const found = JSON.parse(await bodyOf(response)) as Trace;
    for (const line of new TraceTree(found, output).lines()) output.line(line);
  } else if (format === "proof") {
    for await (const piece of piecesOf(response)) if (!process.stdout.write(piece)) await once(process.stdout, "drain");
  } else {
    const body = await bodyOf(response);
    process.stdout.write(body.endsWith("\n") ? body : `${body}\n`);
  }
  return Exit.done;
}
