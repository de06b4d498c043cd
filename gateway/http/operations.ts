/** For those who run the gateway: whether it lives, whether it takes events, its figures, and how it is spoken to. */
import { type Ledger, type Trouble, TROUBLES } from "../ledger/port";
import type { Acts } from "../outbox/acts";
import type { Anchorer } from "../outbox/anchorer";
import type { Journals } from "../outbox/duplicates";
import type { Outbox } from "../outbox/outbox";
import type { Progress } from "../outbox/progress";
import { Metrics } from "./metrics";
import { asJson, custom } from "./query";

export interface OperationsOptions {
  readonly metrics: Metrics;
  readonly outbox: Outbox;
  readonly acts: Acts;
  readonly anchorer: Anchorer;
  readonly progress: Progress;
  readonly journals: Journals;
  readonly ledger: Ledger;
  /** Why the ledger is not being followed or written at the moment. */
  readonly trouble: () => Trouble | undefined;
}

const forOperators = { tag: "operations", open: true, parameters: {} } as const;

export const operationQueries = [
  custom("/healthz", {
    ...forOperators,
    id: "isAlive",
    zh: "是否存活",
    en: "Whether it lives",
    forms: asJson({ type: "object" }),
    answer: () => ({ status: "alive" }),
  }),

  custom("/readyz", {
    ...forOperators,
    id: "isReady",
    zh: "是否受理",
    en: "Whether it takes events; 503 when it is stopping, or its own ledger's store has failed, with the reason. While the network is not reached it goes on taking facts, and says why they stay here",
    forms: asJson({ type: "object" }),
    // Facts are taken while the ledger is out of reach, so that does not make the gateway unready; but what breaks one store here breaks others.
    answer: (_, { outbox, trouble, ledger: { failure } }) => ({
      status: outbox.closed ? "stopping" : failure === undefined ? "ready" : "failing",
      ledger: failure !== undefined ? "broken" : trouble() === undefined ? "reached" : "failing",
      outbox: outbox.level,
      // Everyone may read it, so it does not say where things lie.
      reason: failure === undefined ? trouble() : failure.replace(/\S*\//g, ""),
    }),
    unavailable: ({ outbox, ledger }) => outbox.closed || ledger.failure !== undefined,
  }),

  custom("/metrics", {
    ...forOperators,
    id: "metrics",
    zh: "运行指标",
    en: "Figures, for Prometheus",
    forms: { "text/plain": { schema: { type: "string" }, contentType: Metrics.contentType, write: (text: string) => text } },
    answer: (_, { metrics }) => metrics.text(),
  }),

  custom("/openapi.json", {
    ...forOperators,
    id: "openApi",
    zh: "接口说明",
    en: "This document: OpenAPI 3.1",
    forms: { "application/json": { schema: { type: "object" }, write: (text: string) => text } },
    answer: (_, { description }) => description,
  }),
];

/** Makes the levels of the moment part of the figures. */
export function showLevels({ metrics, outbox, acts, anchorer, progress, journals, ledger, trouble }: OperationsOptions): void {
  const names = [journals.facts, journals.acts];
  metrics.level("outbox_facts", "Facts that are durable here and not in the read model yet", () => outbox.level.facts);
  metrics.level("outbox_bytes", "Bytes of the outbox, of which the bound speaks", () => outbox.level.bytes);
  metrics.level("acts_open", "Acts that wait for the ledger", () => acts.open);
  metrics.level("anchoring_failures", "Failures since the ledger last recorded facts", () => anchorer.failures);
  metrics.level("ledger_broken", "1 while the store of this gateway's own ledger has failed", () => (ledger.failure === undefined ? 0 : 1));
  metrics.levels("ledger_trouble", "1 while the ledger is not followed or not written, by reason", "reason", TROUBLES, (reason) =>
    trouble() === reason ? 1 : 0,
  );
  metrics.levels("journal_accepted", "Events that have an index", "journal", names, (journal) => progress.accepted(journal));
  metrics.levels("journal_anchored", "Events on the ledger", "journal", names, (journal) => progress.anchored(journal));
  metrics.levels("journal_projected", "Events in the read model", "journal", names, (journal) => progress.projected(journal));
}
