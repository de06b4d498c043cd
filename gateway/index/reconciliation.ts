/**
 * Transfers (供数), each with what both sides said of it: the source or the city base that it supplied, the platform or the operator that it pulled;
 * of what goes from a source to the city base, what each of them said was aggregated. One record a transfer, kept up with every block.
 */
import type { Breach } from "../../chaincode/events/judge";
import type { Subject } from "../../chaincode/events/definition";
import type { Access } from "./access";
import { keys, partsOf, under } from "./keys";
import type { Place, Position } from "./place";
import type { Known } from "./recording";
import { fromJson, type Changes, type Store, toJson } from "./store";
import type { SubjectWriter } from "./subjects";
import type { View } from "./view";

/** What one side said, the last time. */
interface Side {
  readonly party: string;
  readonly rows?: number;
  readonly bytes?: number;
  readonly digest?: string;
  readonly at: readonly [journal: number, index: number];
}

interface Stored {
  /** Whose data it is, as far as it was known then. */
  readonly source: string;
  readonly leg: Leg;
  readonly supplied?: Side;
  readonly pulled?: Side;
}

/** From a source to the city base, or from there to the operator. */
type Leg = "to-base" | "to-operator";

/** By leg: how much a source supplied. */
export type Contribution = Readonly<Partial<Record<Leg, { readonly transfers: number; readonly rows: number; readonly bytes: number }>>>;

export const RECONCILIATION_CODES = ["supplied-not-pulled", "pulled-not-supplied", "amounts-differ"] as const;
export type ReconciliationCode = (typeof RECONCILIATION_CODES)[number];

interface Reported {
  readonly authorization?: string;
  readonly scenario?: string;
  readonly resource: string;
  readonly transfer?: string;
  readonly rows?: number;
  readonly bytes?: number;
  readonly digest?: string;
}

type Name = readonly [authorization: string, resource: string, scenario: string, transfer: string];

const SUPPLIED = "suyuan.data.supplied";
const PULLED = "suyuan.data.pulled";
const AGGREGATED = "suyuan.data.aggregated";
const TYPES: ReadonlySet<string> = new Set([SUPPLIED, PULLED, AGGREGATED]);

/** Collects what one block says of transfers. */
export class ReconciliationWriter {
  readonly #told: { readonly name: Name; readonly type: string; readonly side: Side }[] = [];

  constructor(
    private readonly store: Store,
    private readonly changes: Changes,
    private readonly subjects: SubjectWriter,
  ) {}

  note({ type, event }: Known, { journal, index }: Place): void {
    if (!TYPES.has(type.type)) return;
    const { authorization = "", scenario = "", resource, transfer, ...amounts } = event.data as Reported;
    if (transfer === undefined) return;
    const { rows, bytes, digest } = amounts;
    const side = {
      party: event.party,
      ...(rows === undefined ? {} : { rows }),
      ...(bytes === undefined ? {} : { bytes }),
      ...(digest === undefined ? {} : { digest }),
      at: [journal, index] as const,
    };
    this.#told.push({ name: [authorization, resource, scenario, transfer], type: type.type, side });
  }

  async save(): Promise<void> {
    const transfers = new Map<string, Stored>();
    const contributions = new Map<string, Contribution>();
    for (const { name, type, side } of this.#told) {
      const key = keys.transfer(...name);
      const before = transfers.get(key) ?? ((await this.#read(key)) as Stored | undefined);
      const after = await this.#with(before, name, type, side);
      transfers.set(key, after);
      this.changes.put(key, toJson(after));
      if (codeOf(after) === undefined) this.changes.del(keys.unreconciled(...name));
      else this.changes.put(keys.unreconciled(...name), NOTHING);
      const total = keys.contribution(after.source);
      const known = contributions.get(total) ?? ((await this.#read(total)) as Contribution | undefined) ?? {};
      contributions.set(total, added(known, after.leg, before?.supplied, after.supplied));
    }
    for (const [key, total] of contributions) if (Object.keys(total).length > 0) this.changes.put(key, toJson(total));
  }

  async #with(before: Stored | undefined, name: Name, type: string, side: Side): Promise<Stored> {
    const leg = type === AGGREGATED ? "to-base" : "to-operator";
    const source = before?.source ?? (await this.#source(name[1])) ?? side.party;
    const isSupplier = type === SUPPLIED || (type === AGGREGATED && !(await this.#isPlatform(side.party)));
    return { source, leg, ...before, ...(isSupplier ? { supplied: side } : { pulled: side }) };
  }

  async #source(resource: string): Promise<string | undefined> {
    return ((await this.subjects.current("resource", resource)) as { readonly source?: string } | undefined)?.source;
  }

  async #isPlatform(party: string): Promise<boolean> {
    const known = (await this.subjects.current("party", party)) as { readonly roles?: readonly string[] } | undefined;
    return known?.roles?.includes("platform") === true;
  }

  async #read(key: string): Promise<unknown> {
    const bytes = await this.store.get(key);
    return bytes && fromJson(bytes);
  }
}

const NOTHING = Buffer.alloc(0);

/** What a source supplied, once one report of it has taken the place of another. */
function added(total: Contribution, leg: Leg, before: Side | undefined, after: Side | undefined): Contribution {
  if (after === undefined) return total;
  const { transfers, rows, bytes } = total[leg] ?? { transfers: 0, rows: 0, bytes: 0 };
  return {
    ...total,
    [leg]: {
      transfers: transfers + (before === undefined ? 1 : 0),
      rows: rows + (after.rows ?? 0) - (before?.rows ?? 0),
      bytes: bytes + (after.bytes ?? 0) - (before?.bytes ?? 0),
    },
  };
}

const AMOUNTS = ["rows", "bytes", "digest"] as const;

/** Amounts that both sides tell, and not the same. */
const differing = ({ supplied, pulled }: Stored): readonly string[] =>
  AMOUNTS.filter((amount) => {
    const [one, other] = [supplied?.[amount], pulled?.[amount]];
    return one !== undefined && other !== undefined && one !== other;
  });

function codeOf(transfer: Stored): ReconciliationCode | undefined {
  if (transfer.pulled === undefined) return "supplied-not-pulled";
  if (transfer.supplied === undefined) return "pulled-not-supplied";
  return differing(transfer).length > 0 ? "amounts-differ" : undefined;
}

/** As answers show it. */
export interface Transfer {
  readonly authorization?: string;
  readonly scenario?: string;
  readonly resource: string;
  readonly transfer: string;
  readonly source: string;
  readonly leg: Leg;
  readonly supplied?: SideRecord;
  readonly pulled?: SideRecord;
  /** Where the sides do not agree: what is wrong, and who has to explain which event. */
  readonly breach?: Breach;
  readonly event?: Position;
  readonly party?: string;
}
type SideRecord = Omit<Side, "at"> & Position;

export interface TransferFilter {
  readonly authorization?: string | undefined;
  readonly resource?: string | undefined;
  readonly source?: string | undefined;
  readonly code?: ReconciliationCode | undefined;
}

export interface TransferPage {
  readonly transfers: readonly Transfer[];
  /** Where the next page begins; absent on the last. */
  readonly next?: string;
}

/** Records looked at for one page at most: a page may be short of its limit, and still have a next one. */
const LOOKED_AT = 5000;

/** Transfers that fit, as they stand now. @param cursor `next` of the page before */
export async function listTransfers(
  store: Store,
  view: View,
  access: Access,
  filter: TransferFilter,
  limit: number,
  cursor?: string,
): Promise<TransferPage> {
  const letter = filter.code === undefined ? "t" : "u";
  const parts =
    filter.authorization === undefined ? [] : [filter.authorization, ...(filter.resource === undefined ? [] : [filter.resource])];
  const range = under(letter, ...parts);
  const from = cursor === undefined ? undefined : [letter, Buffer.from(cursor, "base64url").toString("utf8")].join("\0");
  const transfers: Transfer[] = [];
  let looked = 0;
  for await (const key of store.keys(from === undefined || from < range.gt ? range : { gte: from, lt: range.lt })) {
    const name = partsOf(key);
    if (transfers.length === limit || looked++ === LOOKED_AT)
      return { transfers, next: Buffer.from(name.join("\0"), "utf8").toString("base64url") };
    const bytes = await store.get(keys.transfer(...(name as unknown as Name)));
    const transfer = bytes && shown(view, name as unknown as Name, fromJson(bytes) as Stored);
    if (transfer !== undefined && fits(transfer, filter) && (await access.about(subjectsOf(transfer)))) transfers.push(transfer);
  }
  return { transfers };
}

function shown(view: View, [authorization, resource, scenario, transfer]: Name, stored: Stored): Transfer {
  const { source, leg, supplied, pulled } = stored;
  const code = codeOf(stored);
  const missing = differing(stored);
  const last = pulled ?? supplied;
  return {
    ...(authorization === "" ? {} : { authorization }),
    ...(scenario === "" ? {} : { scenario }),
    ...{ resource, transfer, source, leg },
    ...(supplied && { supplied: sideOf(view, supplied) }),
    ...(pulled && { pulled: sideOf(view, pulled) }),
    ...(code === undefined || last === undefined
      ? {}
      : {
          breach: { code, ...(code === "amounts-differ" ? { missing } : {}) },
          event: positionOf(view, last),
          party: last.party,
        }),
  };
}

const positionOf = (view: View, { at: [journal, index] }: Side): Position => view.position({ journal, index });

function sideOf(view: View, side: Side): SideRecord {
  const { at: _, ...said } = side;
  return { ...said, ...positionOf(view, side) };
}

const fits = ({ resource, source, breach }: Transfer, filter: TransferFilter): boolean =>
  (filter.resource === undefined || filter.resource === resource) &&
  (filter.source === undefined || filter.source === source) &&
  (filter.code === undefined || filter.code === breach?.code);

function subjectsOf({ authorization, scenario, resource }: Transfer): readonly Subject[] {
  return [
    ...(authorization === undefined ? [] : [{ kind: "authorization", id: authorization } as const]),
    ...(scenario === undefined ? [] : [{ kind: "scenario", id: scenario } as const]),
    { kind: "resource", id: resource },
  ];
}

/** How much each source supplied, of which the asker may know. */
export async function listContributions(store: Store, access: Access): Promise<readonly ({ readonly source: string } & Contribution)[]> {
  const found = await store.iterator(under("y")).all();
  const all = found.map(([key, value]) => ({ source: partsOf(key)[0] ?? "", ...(fromJson(value) as Contribution) }));
  return access.only(all, ({ source }) => access.subject({ kind: "party", id: source }));
}
