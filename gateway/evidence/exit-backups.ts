/**
 * Backups that were beyond use when an exit was verified, and the reports since then that they are gone for good (最终清除). These stand in the history of
 * the exit, so that the certificate, asked for again once they are due, is the follow-up of the first: the same, with a history that tells more.
 */
import type { RecordedEvent } from "../../chaincode/events/envelope";
import type { Handling } from "./exit-certificate";

export interface BackupsDue {
  /** Who reported that it deleted the data, and so reports that its backups are gone. */
  readonly party: string;
  /** Whose hands that party named: it may report it too. */
  readonly executorParty?: string;
  /** `YYYY-MM-DD`, of the last of them. */
  readonly due: string;
  /** Where that report stands: `MSPID/journal/index`. */
  readonly purged?: string;
}

export const PURGED = "suyuan.holding.backups-purged";
/** By which who reported takes it back or exchanges it for another. */
const UNDOING: ReadonlySet<string> = new Set(["suyuan.correction.voided", "suyuan.correction.corrected"]);
export const isUndoing = (type: string): boolean => UNDOING.has(type);

/** An event of the exit's history. */
interface Report {
  /** `MSPID/journal/index` */
  readonly at: string;
  readonly event: Pick<RecordedEvent, "type" | "party" | "data">;
}

/** Whether an event bears on this. */
export const isOfBackups = ({ event: { type } }: Report): boolean => type === PURGED || isUndoing(type);

interface Certified {
  readonly authorization: string;
  readonly handlings: readonly Handling[];
}

/**
 * Of each party, and whose hands it named, the last day, and the first report by one of them that reaches as far. It may come before that day.
 * @param events of the exit's history
 */
export function backupsOf({ authorization, handlings }: Certified, events: readonly Report[]): readonly BackupsDue[] {
  const due = new Map<string, BackupsDue>();
  for (const { party, how } of handlings) {
    const { backups, purged = "", executorParty } = how;
    const name = `${party} ${executorParty ?? ""}`;
    if (backups === "beyond-use" && purged > (due.get(name)?.due ?? ""))
      due.set(name, { party, ...(executorParty === undefined ? {} : { executorParty }), due: purged });
  }
  const undone = new Set(
    events.flatMap(({ event: { type, party, data } }) =>
      isUndoing(type) ? `${party} ${String((data as { readonly event?: unknown }).event)}` : [],
    ),
  );
  const reports = events.filter(({ at, event }) => event.type === PURGED && !undone.has(`${event.party} ${at}`));
  return [...due.values()].map((one) => {
    const report = reports.find(({ event }) => {
      const told = event.data as { readonly authorization?: string; readonly through?: string };
      const isTheirs = event.party === one.party || event.party === one.executorParty;
      return isTheirs && told.authorization === authorization && (told.through ?? "") >= one.due;
    });
    return { ...one, ...(report === undefined ? {} : { purged: report.at }) };
  });
}
