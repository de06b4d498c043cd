/** Who watches over the story in `world.ts` beside its authority, and what they do after it. */
import { after, AUTHORITY, AUTHORIZATION, example, METEOROLOGY, OPERATOR, type Report, TRANSPORT, type World } from "./world";

export const AGENCY = "11990000MB1A00060Q";
export const SUPERVISOR = "11990000MB1A00061U";
export const ASSESSOR = "91990000MA1A00100X";

const arrivals: readonly Report[] = (
  [
    [AGENCY, "implementing-agency"],
    [SUPERVISOR, "supervisor"],
    [ASSESSOR, "assessor"],
  ] as const
).map(([code, role]) => example("party.registered", AUTHORITY, { code, name: "主体", roles: [role] }));

/** As `after`, with all of them registered. */
export function watched(last: string): World {
  const world = after(last);
  for (const report of arrivals) world.tell(report);
  return world;
}

/** The story's authorization ends, at `NOW`: its operator leaves early. */
export function terminate(world: World): void {
  for (const report of [
    example("authorization.exit-applied", OPERATOR),
    example("authorization.exit-agreed", AGENCY),
    example("authorization.terminated", AUTHORITY, { ground: "early-exit" }),
  ])
    world.tell(report);
}

/** Deletes what is still held under the story's authorization. */
function* deletions(world: World): Generator<Report> {
  for (const [holding, { digest, until }] of world.held(AUTHORIZATION))
    if (until === undefined) yield example("holding.deleted", OPERATOR, { holding, digest });
}

/** What is watched, answered for and ended, in order, each step lawful once the one before it was told. */
export function* aftermath(world: World): Generator<Report> {
  yield* arrivals;
  yield example("security.trained", OPERATOR);
  yield example("security.plan-filed", OPERATOR);
  yield example("security.aggregation-risk-assessed", AUTHORITY);
  yield example("security.risk-found", OPERATOR);
  yield example("security.incident-reported", OPERATOR);
  yield example("security.plan-activated", OPERATOR);
  yield example("security.incident-handled", OPERATOR);
  yield example("security.reported", OPERATOR);

  yield example("supervision.inspected", SUPERVISOR);
  const inspection = world.place;
  yield example("supervision.rectification-urged", SUPERVISOR, { inspection });
  yield example("supervision.penalised", SUPERVISOR, { inspection });
  yield example("supervision.disclosed", AUTHORITY);
  yield example("supervision.operation-reported", OPERATOR);
  yield example("supervision.contribution-evaluated", AUTHORITY);
  yield example("interconnect.catalogue-shared", OPERATOR);
  yield example("interconnect.status-synced", OPERATOR);
  yield example("interconnect.operations-reported", OPERATOR);

  yield example("finding.assigned", SUPERVISOR);
  yield example("finding.explained", TRANSPORT);
  yield example("finding.dismissed", SUPERVISOR);
  yield example("finding.confirmed", SUPERVISOR);
  const confirmation = { event: world.place, subjectKind: "finding", subject: "SuyuanMSP/facts/1/supplied-not-pulled" };
  yield example("finding.referred", SUPERVISOR);
  yield example("finding.closed", SUPERVISOR);
  const closing = { ...confirmation, event: world.place };
  yield example("complaint.received", AUTHORITY);
  yield example("complaint.answered", AUTHORITY);
  yield example("correction.countersigned", AUTHORITY);
  yield example("correction.voided", METEOROLOGY);
  yield example("correction.corrected", METEOROLOGY);
  yield example("correction.annulled", AUTHORITY, closing);
  yield example("correction.withdrawn", SUPERVISOR, confirmation);
  yield example("journal.opened", OPERATOR);
  yield example("journal.source-moved", AUTHORITY);
  yield example("journal.closed", OPERATOR);

  terminate(world);
  yield example("exit.opened", AGENCY);
  yield example("exit.permissions-closed", AGENCY);
  yield example("exit.announced", AGENCY);
  yield example("exit.inventory-frozen", AGENCY, { count: world.held(AUTHORIZATION).length });
  yield example("exit.transfer-explained", AUTHORITY);
  yield example("exit.reconciled", AUTHORITY);
  yield* deletions(world);
  yield example("holding.backups-purged", OPERATOR);
  yield example("exit.handed-over", OPERATOR);
  yield example("exit.residue-scanned", AGENCY);
  yield example("exit.verified", METEOROLOGY);
  yield example("exit.certified", AUTHORITY);
  yield example("exit.completion-announced", AGENCY);
  const at = "2027-03-02T00:00:00+08:00";
  yield { ...example("exit.logs-disposed", AGENCY), at };
}
