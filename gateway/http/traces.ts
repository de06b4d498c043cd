/** Tracing: as JSON, as PROV-JSON, or as a table of its edges. */
import { CURSOR } from "../index/places";
import { ENTITY_KINDS } from "../index/provenance";
import type { Trace } from "../index/trace";
import { inPieces } from "./histories";
import { traceProof } from "./trace-proofs";
import { ref } from "./answer-schemas";
import { asOf, atMost, integer, oneOf, optional, text } from "./parameters";
import { provJson } from "./prov-json";
import { custom, NDJSON } from "./query";
import { traceCsv } from "./trace-csv";

interface Traced {
  readonly trace: Trace;
  /** Nothing of it is read before it is sent. */
  readonly proof: AsyncIterable<string>;
}

export const trace = custom("/v1/trace/{kind}/{id}", {
  id: "trace",
  tag: "trace",
  zh: "溯源",
  en: "From a product back to its sources, or from a resource forward to the products",
  detail:
    "As NDJSON: every event and act of it with its proof, then the complete history of everything that these used or made; `suyuan verify` checks it.",
  parameters: {
    kind: oneOf("What to start from", ENTITY_KINDS),
    id: text("Its number; of a holding, its name with its slashes percent-encoded"),
    direction: oneOf("Back to the sources, or forward to the products", ["sources", "products"], "sources"),
    depth: integer("Events between the start and the farthest thing shown", { minimum: 1, maximum: 1000, default: 100 }),
    limit: atMost(500, 5000),
    cursor: optional(text("`next` of the start in the answer before", { pattern: CURSOR })),
    asOf,
  },
  forms: {
    "application/json": { schema: ref("Trace"), write: ({ trace }: Traced) => JSON.stringify(trace) },
    "application/prov+json": {
      schema: { type: "object", description: "W3C PROV-JSON" },
      write: ({ trace }) => JSON.stringify(provJson(trace)),
    },
    [NDJSON]: { schema: { type: "string", description: "A head, then an event a line" }, write: ({ proof }) => proof },
    "text/csv": {
      schema: { type: "string", description: "A line for each thing that an event used or generated" },
      contentType: "text/csv; charset=utf-8",
      write: ({ trace }) => traceCsv(trace),
    },
  },
  problems: ["ledger-unavailable"],
  async answer({ kind, id, asOf, ...query }, sources, asker) {
    const reader = await sources.readModel.reader(asOf, asker);
    const trace = await reader.trace({ start: { kind, id }, ...query });
    return trace && { trace, proof: inPieces(traceProof(trace, sources, asker)) };
  },
});
