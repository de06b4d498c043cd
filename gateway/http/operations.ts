/** For those who run the gateway: whether it lives (`/healthz`), whether it takes events (`/readyz`), its figures (`/metrics`), and how it is spoken to (`/openapi.json`). */
import { Router } from "express";
import type { Acts } from "../outbox/acts";
import type { Anchorer } from "../outbox/anchorer";
import type { Journals } from "../outbox/duplicates";
import type { Outbox } from "../outbox/outbox";
import type { Progress } from "../outbox/progress";
import type { Metrics } from "./metrics";
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

  metrics.level("outbox_facts", "Facts that are durable here and not in the read model yet", () => outbox.level.facts);
  metrics.level("outbox_bytes", "Bytes of the outbox, of which the bound speaks", () => outbox.level.bytes);
  metrics.level("acts_open", "Acts that wait for the ledger", () => acts.open);
  metrics.level("anchoring_failures", "Failures since the ledger last recorded facts", () => anchorer.failures);
  metrics.journals("journal_accepted", "Events that have an index", names, (journal) => progress.accepted(journal));
  metrics.journals("journal_anchored", "Events on the ledger", names, (journal) => progress.anchored(journal));
  metrics.journals("journal_projected", "Events in the read model", names, (journal) => progress.projected(journal));
  router.get("/metrics", async (_, response) => sendJson(response, 200, await metrics.text(), metrics.contentType));
  return router;
}
