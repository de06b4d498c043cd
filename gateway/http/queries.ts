/** Everything that can be asked. A new query stands in the file of its noun; a new noun stands here. */
import { authorizationKey } from "./authorization-key";
import { disclosure } from "./disclosure";
import { dutiesQuery } from "./duties";
import { eventQueries } from "./events";
import { exitQueries } from "./exits";
import { findingQueries } from "./findings";
import { holdings } from "./holdings";
import { journalQueries } from "./journals";
import { operationQueries } from "./operations";
import type { Query } from "./query";
import { receipt } from "./receipts";
import { reconciliationQueries } from "./reconciliation";
import { subjectQueries } from "./subjects";
import { trace } from "./traces";
import { watch } from "./watch";

export const queries: readonly Query[] = [
  ...eventQueries,
  receipt,
  trace,
  ...subjectQueries,
  holdings,
  ...exitQueries,
  authorizationKey,
  ...findingQueries,
  ...reconciliationQueries,
  watch,
  dutiesQuery,
  disclosure,
  ...journalQueries,
  ...operationQueries,
];
