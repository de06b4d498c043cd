/** For those who run the gateway: whether it lives (`/healthz`), whether it takes events (`/readyz`), its figures (`/metrics`), and how it is spoken to (`/openapi.json`). */
import { Router } from "express";
import type { Acts } from "../outbox/acts";
import type { Anchorer } from "../outbox/anchorer";
import type { Journals } from "../outbox/duplicates";
import type { Outbox } from "../outbox/outbox";
import type { Progress } from "../outbox/progress";
import type { Level, Metrics } from "./metrics";
import { openApi } from "./openapi";
import { sendJson } from "./send";

export interface OperationsOptions {
  readonly metrics: Metrics;
  readonly outbox: Outbox;
  readonly acts: Acts;
  readonly anchorer: Anchorer;
  readonly progress: Progress;
  readonly journals: Journals;
}

export function operations({ metrics, outbox, acts, anchorer, progress, journals }: OperationsOptions): Router {
  const router = Router();
  const names = [journals.facts, journals.acts];

  const description = JSON.stringify(openApi());
  router.get("/openapi.json", (_, response) => sendJson(response, 200, description));

  router.get("/healthz", (_, response) => sendJson(response, 200, '{"status":"alive"}'));

  // Facts are taken while the ledger is out of reach, so that does not make the gateway unready.
  router.get("/readyz", (_, response) => {
    const status = outbox.closed ? "stopping" : "ready";
    const ledger = anchorer.failures === 0 ? "reached" : "failing";
    sendJson(response, outbox.closed ? 503 : 200, JSON.stringify({ status, ledger, outbox: outbox.level }));
  });

  router.get("/metrics", (_, response) => {
    const sizes = (of: (journal: string) => number): Level[2] => names.map((journal) => [`{journal="${journal}"}`, of(journal)]);
    const text = metrics.text([
      ["outbox_facts", "Facts that are durable here and not in the read model yet", [["", outbox.level.facts]]],
      ["outbox_bytes", "Bytes of the outbox, of which the bound speaks", [["", outbox.level.bytes]]],
      ["acts_open", "Acts that wait for the ledger", [["", acts.open]]],
      ["anchoring_failures", "Failures since the ledger last recorded facts", [["", anchorer.failures]]],
      ["journal_accepted", "Events that have an index", sizes((journal) => progress.accepted(journal))],
      ["journal_anchored", "Events on the ledger", sizes((journal) => progress.anchored(journal))],
      ["journal_projected", "Events in the read model", sizes((journal) => progress.projected(journal))],
    ]);
    sendJson(response, 200, text, "text/plain; version=0.0.4; charset=utf-8");
  });
  return router;
}
