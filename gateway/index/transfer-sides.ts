/** What both sides said of a transfer (供数), and whether it agrees. Pure. */
import type { Breach } from "../../chaincode/events/judge";

/** What was reported of a transfer, the last time. */
export interface Report {
  readonly party: string;
  readonly rows?: number;
  readonly bytes?: number;
  readonly digest?: string;
  readonly at: readonly [journal: number, index: number];
}

/** What one side said: in what capacity it spoke for that side. */
export interface Side extends Report {
  readonly as: Capacity;
}
/** The source of the resource, the operator of the authorization, or the city base, which stands for either where it says nothing itself. */
export const CAPACITIES = ["source", "operator", "platform"] as const;
export type Capacity = (typeof CAPACITIES)[number];

export type SideName = "supplied" | "pulled";

/** What somebody said of it who has no say in it: kept, and compared with nothing. */
export interface Other extends Report {
  readonly side: SideName;
}

/** What was said of a side earlier, in the same capacity: under a number nothing goes twice, so it agrees with nothing until it is corrected or voided. */
export interface Earlier extends Side {
  readonly side: SideName;
}

export interface Stored {
  /** Whose data it is, as far as it was known then. */
  readonly source?: string;
  readonly leg: Leg;
  readonly supplied?: Side;
  readonly pulled?: Side;
  /** In the order of the ledger. */
  readonly again?: readonly Earlier[];
  /** There were more of these than are kept: they stand for good. */
  readonly more?: true;
  /** By party and side, the newest last. */
  readonly others?: readonly Other[];
}

/** From a source to the city base, or from there to the operator. */
export type Leg = "to-base" | "to-operator";

/** By leg: how much a source supplied. */
export type Contribution = Readonly<Partial<Record<Leg, { readonly transfers: number; readonly rows: number; readonly bytes: number }>>>;

export const RECONCILIATION_CODES = ["supplied-not-pulled", "pulled-not-supplied", "amounts-differ"] as const;
export type ReconciliationCode = (typeof RECONCILIATION_CODES)[number];

/** Of those who have no say in a transfer, and of what is said of it again, so much is kept. */
const OTHERS_KEPT = 16;
const AGAIN_KEPT = 64;

/** With one more report. @param as in what capacity whoever made it speaks for the side; undefined where it is not theirs to say */
export function withReport(stored: Stored, side: SideName, report: Report, as: Capacity | undefined): Stored {
  const said = stored[side];
  if (as === undefined || !isHeard({ ...report, as }, said, stored[side === "supplied" ? "pulled" : "supplied"]))
    return withOther(stored, report, side);
  const now = { ...report, as };
  return { ...(said === undefined ? stored : replaced(stored, said, side, now)), [side]: now };
}

/** The city base speaks for a side as long as that does not itself, and never for both. */
const isHeard = (report: Side, before: Side | undefined, other: Side | undefined): boolean =>
  report.as !== "platform" ||
  ((before === undefined || (before.as === "platform" && before.party === report.party)) && other?.party !== report.party);

/** What is left of a side for which somebody speaks again, or in a better capacity. */
function replaced(stored: Stored, said: Side, side: SideName, now: Side): Stored {
  if (said.as !== now.as) return said.party === now.party ? stored : withOther(stored, said, side);
  const again = [...(stored.again ?? []), { ...said, side }];
  return again.length > AGAIN_KEPT ? { ...stored, more: true } : { ...stored, again };
}

/** Without one report; what was said of its side before it stands again. */
export function withoutReport({ again = [], ...stored }: Stored, [journal, index]: Report["at"]): Stored {
  const isIt = ({ at }: Report): boolean => at[0] === journal && at[1] === index;
  let left = again.filter((one) => !isIt(one));
  const { supplied, pulled, ...rest } = stored;
  const before = (name: SideName): Side | undefined => {
    const last = left.findLast(({ side }) => side === name);
    left = left.filter((one) => one !== last);
    if (last === undefined) return undefined;
    const { side: _, ...side } = last;
    return side;
  };
  const sides = {
    supplied: supplied !== undefined && isIt(supplied) ? before("supplied") : supplied,
    pulled: pulled !== undefined && isIt(pulled) ? before("pulled") : pulled,
  };
  return {
    ...rest,
    ...(sides.supplied && { supplied: sides.supplied }),
    ...(sides.pulled && { pulled: sides.pulled }),
    ...(left.length > 0 && { again: left }),
  };
}

function withOther(stored: Stored, { party, rows, bytes, digest, at }: Report, side: SideName): Stored {
  const others = (stored.others ?? []).filter((other) => other.party !== party || other.side !== side);
  const told = {
    ...(rows === undefined ? {} : { rows }),
    ...(bytes === undefined ? {} : { bytes }),
    ...(digest === undefined ? {} : { digest }),
  };
  return { ...stored, others: [...others, { side, party, ...told, at }].slice(-OTHERS_KEPT) };
}

/** What a source supplied, once one report of it has taken the place of another, or of none, or has gone. */
export function moved(total: Contribution, leg: Leg, before: Side | undefined, after: Side | undefined): Contribution {
  const { transfers, rows, bytes } = total[leg] ?? { transfers: 0, rows: 0, bytes: 0 };
  const [was, is] = [before, after].map((side) => (side === undefined ? 0 : 1)) as [number, number];
  return {
    ...total,
    [leg]: {
      transfers: transfers + is - was,
      rows: rows + (after?.rows ?? 0) - (before?.rows ?? 0),
      bytes: bytes + (after?.bytes ?? 0) - (before?.bytes ?? 0),
    },
  };
}

const AMOUNTS = ["rows", "bytes", "digest"] as const;

/** Amounts of which not everything that was told of a transfer is the same; and `reports`, where a side was told more than once. */
export function differing({ supplied, pulled, again = [], more }: Stored): readonly string[] {
  const told = [supplied, pulled, ...again];
  const amounts = AMOUNTS.filter((amount) => new Set(told.flatMap((report) => report?.[amount] ?? [])).size > 1);
  return again.length > 0 || more === true ? [...amounts, "reports"] : amounts;
}

/** The report in which a finding about a transfer is shown. */
export const lastOf = ({ supplied, pulled }: Stored): Side | undefined => pulled ?? supplied;

export const isOf = (transfer: Stored, { at: [journal, index] }: Pick<Report, "at">): boolean => {
  const last = lastOf(transfer);
  return last?.at[0] === journal && last.at[1] === index;
};

export function codeOf(transfer: Stored): ReconciliationCode | undefined {
  if (transfer.pulled === undefined && transfer.supplied === undefined) return undefined;
  if (transfer.pulled === undefined) return "supplied-not-pulled";
  if (transfer.supplied === undefined) return "pulled-not-supplied";
  return differing(transfer).length > 0 ? "amounts-differ" : undefined;
}

export function breachesOf(transfer: Stored): readonly (Breach & { readonly code: ReconciliationCode })[] {
  const code = codeOf(transfer);
  return code === undefined ? [] : [{ code, ...(code === "amounts-differ" ? { missing: differing(transfer) } : {}) }];
}
