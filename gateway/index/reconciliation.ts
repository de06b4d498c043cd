/**
 * Transfers (供数), each with what both sides said of it: the source or the city base that it supplied, the platform or the operator that it pulled;
 * of what goes from a source to the city base, what each of them said was aggregated. One record a transfer, kept up with every block.
 */
import { keys } from "./keys";
import type { Place } from "./place";
import type { Known } from "./recording";
import { fromJson, type Changes, type Store, toJson } from "./store";
import type { SubjectWriter } from "./subjects";

/** What one side said, the last time. */
export interface Side {
  readonly party: string;
  readonly rows?: number;
  readonly bytes?: number;
  readonly digest?: string;
  readonly at: readonly [journal: number, index: number];
}

export interface Stored {
  /** Whose data it is, as far as it was known then. */
  readonly source: string;
  readonly leg: Leg;
  readonly supplied?: Side;
  readonly pulled?: Side;
}

/** From a source to the city base, or from there to the operator. */
export type Leg = "to-base" | "to-operator";

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

export type Name = readonly [authorization: string, resource: string, scenario: string, transfer: string];

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
export const differing = ({ supplied, pulled }: Stored): readonly string[] =>
  AMOUNTS.filter((amount) => {
    const [one, other] = [supplied?.[amount], pulled?.[amount]];
    return one !== undefined && other !== undefined && one !== other;
  });

export function codeOf(transfer: Stored): ReconciliationCode | undefined {
  if (transfer.pulled === undefined) return "supplied-not-pulled";
  if (transfer.supplied === undefined) return "pulled-not-supplied";
  return differing(transfer).length > 0 ? "amounts-differ" : undefined;
}
