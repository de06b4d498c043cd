/**
 * Backups beyond use: data that was deleted, and whose last backup goes on a day that the report of the deletion names (`holding.deleted`, `backups`).
 * Each stands here until who reported it says that the backups of that day are gone (`holding.backups-purged`).
 */
import { keys, partsOf, under } from "./keys";
import type { Position } from "./place";
import type { Known } from "./recording";
import { type Changes, fromJson, type Store, toJson } from "./store";

interface Promised {
  /** `YYYY-MM-DD` */
  readonly day: string;
  /** Who deleted the data, and when that was recorded: milliseconds since 1970. */
  readonly party: string;
  readonly since: number;
  /** The report of that: `MSPID/journal/index`. */
  readonly act: string;
}

interface Deleted {
  readonly authorization: string;
  readonly holding: string;
  readonly backups?: { readonly state: string; readonly purged?: string };
}

interface Purged {
  readonly authorization: string;
  readonly through: string;
}

/** Collects what one block says of backups. */
export class BackupWriter {
  /** Keys of what the block promises, and which of them it keeps. */
  readonly #promised = new Map<string, Pick<Promised, "since" | "act">>();
  readonly #purged: (Purged & { readonly party: string })[] = [];

  constructor(
    private readonly store: Store,
    private readonly changes: Changes,
  ) {}

  /** @param hadEffect that the ledger let it clear what it names */
  note({ type, event }: Known, { journal, index }: Position, since: number, hadEffect: boolean): void {
    const { party } = event;
    if (type.type === "suyuan.holding.deleted" && hadEffect) {
      const { authorization, holding, backups } = event.data as Deleted;
      if (backups?.state === "beyond-use" && backups.purged !== undefined)
        this.#promised.set(keys.backupDue(authorization, backups.purged, party, holding), { since, act: `${journal}/${index}` });
    } else if (type.type === "suyuan.holding.backups-purged") {
      const told = { ...(event.data as Purged), party };
      for (const key of this.#promised.keys()) if (keeps(told, key)) this.#promised.delete(key);
      this.#purged.push(told);
    }
  }

  async save(): Promise<void> {
    for (const told of this.#purged)
      for await (const key of this.store.keys(under("q", told.authorization))) if (keeps(told, key)) this.changes.del(key);
    for (const [key, told] of this.#promised) this.changes.put(key, toJson(told));
  }
}

function keeps(told: Purged & { readonly party: string }, key: string): boolean {
  const [authorization, day = "", party] = partsOf(key);
  return authorization === told.authorization && party === told.party && day <= told.through;
}

/** What is still to go under an authorization: once for each day and party, of however many holdings. */
export async function backupsDue(store: Store, authorization: string): Promise<readonly Promised[]> {
  const found: Promised[] = [];
  const { gt: start, lt } = under("q", authorization);
  let gt = start;
  for (;;) {
    const [first] = await store.iterator({ gt, lt, limit: 1 }).all();
    if (first === undefined) return found;
    const [, day = "", party = ""] = partsOf(first[0]);
    found.push({ day, party, ...(fromJson(first[1]) as Pick<Promised, "since" | "act">) });
    gt = under("q", authorization, day, party).lt;
  }
}
