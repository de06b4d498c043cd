/** What goes into the outbox, and what comes of it. */
import type { Breach } from "../../chaincode/events/judge";

/** An event as it will stand on the ledger. */
export interface Entry {
  readonly source: string;
  readonly id: string;
  /** Canonical JSON. */
  readonly leaf: string;
  /** Names of the holdings that it names, in the event's order. */
  readonly names: readonly string[];
}

/** Where an event stands; `leafHash` in hex. */
interface Place {
  readonly journal: string;
  readonly index: number;
  readonly leafHash: string;
}

/** A fact that is durable here and will be anchored. */
export interface Accepted extends Place {
  readonly state: "accepted";
  readonly promise: { readonly jws: string; readonly path: string };
}

/** An event that is on the ledger; `quarantined`: without effect, because the ledger could not judge it. */
export interface Anchored extends Place {
  readonly state: "anchored" | "quarantined";
}

/** An act of which the ledger has not said yet what became of it. */
export interface Pending {
  readonly state: "pending";
  readonly journal: string;
  readonly leafHash: string;
}

/** Not recorded. `rule`: the ledger refused the act, for these breaches. All others: the same event may be sent again. */
export type Refused =
  | { readonly state: "refused"; readonly reason: "rule"; readonly breaches: readonly [Breach, ...Breach[]] }
  | { readonly state: "refused"; readonly reason: RefusalReason };

export type RefusalReason =
  "conflicting-report" | "outbox-full" | "ledger-unavailable" | "ledger-busy" | "storage-unavailable" | "stopping";

export type Outcome = Accepted | Anchored | Pending | Refused;

/** Of two leaves: whether they say the same, apart from when they were taken in. */
export function sameContent(a: string, b: string): boolean {
  return a.length === b.length && withoutTime(a) === withoutTime(b);
}

/** The key can stand nowhere else in a leaf: data has no such member, and inside a text its quotes would be escaped. */
const withoutTime = (leaf: string): string => leaf.replace(/"recordedtime":"[^"]*"/, "");
