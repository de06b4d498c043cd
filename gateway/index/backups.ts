/**
 * Backups beyond use: data that was deleted, and whose last backup goes on a day that the report of the deletion names (`holding.deleted`, `backups`).
 * Each stands here until somebody reports that it has gone.
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

const DELETED = "suyuan.holding.deleted";

interface Deleted {
  readonly authorization: string;
  readonly holding: string;
  readonly backups?: { readonly state: string; readonly purged?: string };
}

/** Collects what one block says of backups. */
export class BackupWriter {
  readonly #told: (Deleted & { readonly party: string; readonly recorded: number; readonly act: string; readonly held: boolean })[] = [];

  constructor(
    private readonly store: Store,
    private readonly changes: Changes,
  ) {}

  /** @param held that the data was held until then: who deletes what is gone already can still say what became of the backups */
  note({ type, event }: Known, { journal, index }: Position, recorded: number, held: boolean): void {
    if (type.type !== DELETED || (event.data as Deleted).backups === undefined) return;
    this.#told.push({ ...(event.data as Deleted), party: event.party, recorded, act: `${journal}/${index}`, held });
  }

  async save(): Promise<void> {
    const promised = new Map<string, Promised | undefined>();
    for (const { authorization, holding, backups, party, recorded, act, held } of this.#told) {
      const key = keys.backup(authorization, holding);
      const before = promised.has(key) ? promised.get(key) : await this.#read(key);
      const day = backups?.state === "beyond-use" ? backups.purged : undefined;
      if (before === undefined ? !held : before.party !== party || day !== undefined) continue;
      if (before !== undefined) this.changes.del(keys.backupDue(authorization, before.day, party, holding));
      promised.set(key, day === undefined ? undefined : { day, party, since: recorded, act });
      if (day === undefined) this.changes.del(key);
      else {
        this.changes.put(key, toJson({ day, party, since: recorded, act }));
        this.changes.put(keys.backupDue(authorization, day, party, holding), toJson({ since: recorded, act }));
      }
    }
  }

  async #read(key: string): Promise<Promised | undefined> {
    const bytes = await this.store.get(key);
    return bytes && (fromJson(bytes) as Promised);
  }
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
