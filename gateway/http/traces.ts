/** `GET /v1/trace/{kind}/{id}`: as JSON, as PROV-JSON, or as a table of its edges. */
import { Router } from "express";
import { ENTITY_KINDS } from "../index/provenance";
import { isCursor } from "../index/places";
import type { ReadModel } from "../index/read-model";
import type { Trace } from "../index/trace";
import { Parameters } from "./parameters";
import { Problem } from "./problem";
import { provJson } from "./prov-json";
import { sendJson } from "./send";
import { traceCsv } from "./trace-csv";

const FORMATS: Readonly<Record<string, (trace: Trace) => string>> = {
  "application/json": JSON.stringify,
  "application/prov+json": (trace) => JSON.stringify(provJson(trace)),
  "text/csv": traceCsv,
};
const DEEPEST = 1000;
const MOST = 5000;

export function traces(readModel: ReadModel): Router {
  const router = Router();

  router.get("/v1/trace/:kind/:id", async (request, response) => {
    const parameters = new Parameters(request);
    const query = {
      direction: parameters.choice("direction", ["sources", "products"]) ?? "sources",
      depth: parameters.integer("depth", [1, DEEPEST]) ?? 100,
      limit: parameters.integer("limit", [1, MOST]) ?? 500,
      ...parameters.cursor(isCursor),
    };
    const asOf = parameters.time("asOf");
    parameters.end();
    const { id } = request.params;
    const kind = ENTITY_KINDS.find((entity) => entity === request.params.kind);
    const trace = kind && (await (await readModel.reader(asOf)).trace({ start: { kind, id }, ...query }));
    if (trace === undefined) throw new Problem("not-found");
    // Who accepts none of them gets JSON, which says at least what it is.
    const type = request.accepts(Object.keys(FORMATS)) || "application/json";
    response.setHeader("Vary", "Accept");
    sendJson(response, 200, (FORMATS[type] ?? JSON.stringify)(trace), type === "text/csv" ? "text/csv; charset=utf-8" : type);
  });

  return router;
}
