/**
 * Backups beyond use: data that was deleted, and whose last backup goes on a day that the report of the deletion names (`holding.deleted`, `backups`).
 * Each is waited for until who reported it, or whose hands it named, says that the backups of that day are gone (`holding.backups-purged`). An exit whose
 * certificate tells of it waits for a report that names that exit: the very one that the certificate, asked for again, tells of.
 */
import type { Exit } from "../../chaincode/events/exit-record";
import { parseHoldingName } from "../../chaincode/proof/holding-name";
import { type Holding, type HoldingsPage, pageOf } from "../../chaincode/proof/holdings-page";
import { isOfPart } from "../../chaincode/proof/inventory";
import { isUndoing, PURGED } from "../evidence/exit-backups";
import { partIn } from "./exit-held";
import { readSlot } from "./holdings";
import { keys, lastPart, partsOf, under } from "./keys";
import { holding as markHolding } from "./marks";
import type { Position } from "./place";
import type { Known } from "./recording";
import { type Changes, fromJson, type Store, toJson } from "./store";

/** Of all that is alike in its key: who deleted it, whose hands it was, what it was held for and who declared it. Milliseconds since 1970. */
interface Promised {
  /** When the first of it was deleted, by which report (`MSPID/journal/index`), and when the last. */
  readonly since: number;
  readonly act: string;
  readonly last: number;
}

interface Reported {
  readonly through: string;
  /** When it was recorded, milliseconds since 1970. */
  readonly at: number;
}

/** What is still to go. */
interface Due extends Pick<Promised, "since" | "act"> {
  /** `YYYY-MM-DD` */
  readonly day: string;
  /** Who deleted the data. */
  readonly party: string;
  /** Whose certificate waits for it. */
  readonly exit?: string;
}

interface Deleted {
  readonly authorization: string;
  readonly holding: string;
  readonly executorParty?: string;
  readonly backups?: { readonly state: string; readonly purged?: string };
}

interface Purged {
  readonly authorization: string;
  readonly exit?: string;
  readonly through: string;
}

type HeldFor = Pick<Holding, "scenario" | "product" | "party">;

/** Collects what one block says of backups. */
export class BackupWriter {
  /** Of the world state before this block: those that were looked at. */
  readonly #pages = new Map<string, HoldingsPage | undefined>();
  readonly #known: (readonly [place: Position, known: Known])[] = [];
  readonly #deleted: (Omit<Promised, "last"> & { readonly party: string; readonly data: Deleted; readonly day: string })[] = [];
  /** By the place of the report. */
  readonly #reports = new Map<string, readonly [key: string, reported: Reported]>();
  /** Places of events that who reported them took back. */
  readonly #undone: (readonly [place: string, party: string])[] = [];

  constructor(
    private readonly store: Store,
    private readonly changes: Changes,
  ) {}

  /** @param hadEffect that the ledger let it clear what it names */
  note({ type, event }: Known, position: Position, since: number, hadEffect: boolean): void {
    const { party } = event;
    const place = `${position.journal}/${position.index}`;
    this.#known.push([position, { type, event }]);
    if (type.type === "suyuan.holding.deleted" && hadEffect) {
      const data = event.data as Deleted;
      const { state, purged } = data.backups ?? {};
      if (state === "beyond-use" && purged !== undefined) this.#deleted.push({ since, act: place, party, data, day: purged });
    } else if (type.type === PURGED) {
      const { authorization, exit = "", through } = event.data as Purged;
      this.#reports.set(place, [keys.backupReport(authorization, exit, party, place), { through, at: since }]);
    } else if (isUndoing(type.type)) this.#undone.push([String((event.data as { readonly event?: unknown }).event), party]);
  }

  async save(): Promise<void> {
    const promised = new Map<string, Promised>();
    for (const { data, party, day, since, act } of this.#deleted) {
      const { authorization, executorParty = "" } = data;
      const { scenario = "", product = "", party: declarer } = await this.#heldFor(data);
      const key = keys.backupDue(authorization, day, party, executorParty, scenario, product, declarer);
      const before = promised.get(key) ?? (await read<Promised>(this.store, key));
      promised.set(key, { since, act, ...before, last: since });
    }
    for (const [key, one] of promised) this.changes.put(key, toJson(one));
    for (const [place, [key, reported]] of this.#reports) {
      this.changes.put(key, toJson(reported));
      this.changes.put(keys.backupReportAt(place), toJson(key));
    }
    for (const [place, party] of this.#undone) {
      const key = this.#reports.get(place)?.[0] ?? (await read<string>(this.store, keys.backupReportAt(place)));
      if (key !== undefined && partsOf(key)[2] === party) this.changes.del(key);
    }
  }

  /** As the ledger had it before this block, or as it was declared in this one. */
  async #heldFor({ authorization, holding }: Deleted): Promise<HeldFor> {
    const name = parseHoldingName(holding);
    const slot = await readSlot(this.store, holding);
    const page = slot === undefined ? undefined : keys.holdings(authorization, name?.journal ?? "", pageOf(slot));
    if (page !== undefined && !this.#pages.has(page)) this.#pages.set(page, await read<HoldingsPage>(this.store, page));
    const held = this.#pages.get(page ?? "")?.find((one) => one.holding === holding);
    if (held !== undefined) return held;
    const [, known] = this.#known.find(([{ journal, index }]) => journal === name?.journal && index === name.index) ?? [];
    const { scenario, product } = known?.type.declares(known.event.data) ?? {};
    return {
      party: known?.event.party ?? "",
      ...(scenario === undefined ? {} : { scenario }),
      ...(product === undefined ? {} : { product }),
    };
  }
}

/** What is still to go under an authorization: once for each day, party and exit, of however many holdings. @param now milliseconds since 1970 */
export async function backupsDue(store: Store, authorization: string, now: number): Promise<readonly Due[]> {
  const promises = await store.iterator(under("q", authorization)).all();
  if (promises.length === 0) return [];
  const exits = await exitsFrom(store, authorization);
  const due = new Map<string, Due>();
  for (const [key, value] of promises) {
    const [, day = "", party = "", executorParty = "", scenario = "", product = "", declarer = ""] = partsOf(key);
    const { since, act, last } = fromJson(value) as Promised;
    const held = { scenario, product, party: declarer };
    const isReported = async (after: number, ...exits: readonly string[]): Promise<boolean> => {
      for (const exit of exits)
        for (const by of [party, executorParty])
          for (const bytes of by === "" ? [] : await store.values(under("z", authorization, exit, by)).all()) {
            const { through, at } = fromJson(bytes) as Reported;
            if (through >= day && at >= after) return true;
          }
      return false;
    };
    // What was deleted before an inventory was frozen is in none of it.
    const telling = exits.filter(({ record }) => {
      const frozen = markHolding(record, "inventory-frozen", now);
      return frozen !== undefined && frozen.at <= last && isOfPart(held, partIn(store, record));
    });
    const waiting: (string | undefined)[] = [];
    for (const { id } of telling) if (!(await isReported(-Infinity, id))) waiting.push(id);
    if (telling.length === 0 && !(await isReported(last, "", ...exits.map(({ id }) => id)))) waiting.push(undefined);
    for (const exit of waiting) {
      const name = [day, party, exit ?? ""].join("\0");
      if (!due.has(name)) due.set(name, { day, party, since, act, ...(exit === undefined ? {} : { exit }) });
    }
  }
  return [...due.values()];
}

async function exitsFrom(store: Store, authorization: string): Promise<readonly { readonly id: string; readonly record: Exit }[]> {
  const all = await store.iterator(under("r", "exit")).all();
  return all
    .map(([key, value]) => ({ id: lastPart(key), record: fromJson(value) as Exit }))
    .filter(({ record }) => record.authorization === authorization);
}

async function read<V>(store: Store, key: string): Promise<V | undefined> {
  const bytes = await store.get(key);
  return bytes && (fromJson(bytes) as V);
}
