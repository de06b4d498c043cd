/** Transfers as answers show them: what both sides said, and the finding where that does not agree. */
import type { Subject } from "../../chaincode/events/definition";
import type { Access } from "./access";
import { describeFindings, type FindingRecord, type Standing } from "./handling";
import { keys, partsOf, under } from "./keys";
import type { Position } from "./place";
import type { Name } from "./reconciliation";
import { fromJson, type Store } from "./store";
import {
  breachesOf,
  type Contribution,
  type Earlier,
  lastOf,
  type Leg,
  type Other,
  type ReconciliationCode,
  type Report,
  type Side,
  type Stored,
} from "./transfer-sides";
import type { View } from "./view";

/** As answers show it. */
export interface Transfer {
  readonly authorization?: string;
  readonly scenario?: string;
  readonly resource: string;
  readonly transfer: string;
  /** Whose data it is; absent where nobody registered the resource. */
  readonly source?: string;
  readonly leg: Leg;
  readonly supplied?: Shown<Side>;
  readonly pulled?: Shown<Side>;
  /** What was said of a side earlier, and stands until it is corrected or voided. */
  readonly again?: readonly Shown<Earlier>[];
  /** What those said of it who have no say in it. */
  readonly others?: readonly Shown<Other>[];
  /** Where the sides do not agree: what is wrong, and in which event. */
  readonly finding?: FindingRecord;
  readonly event?: Position;
}
type Shown<R extends Report> = Omit<R, "at"> & Position;

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
  const from = cursor === undefined ? undefined : [letter, cursor].join("\0");
  const transfers: Told[] = [];
  let looked = 0;
  for await (const key of store.keys(from === undefined || from < range.gt ? range : { gte: from, lt: range.lt })) {
    const name = partsOf(key);
    if (transfers.length === limit || looked++ === LOOKED_AT)
      return { transfers: await described(store, view, transfers), next: name.join("\0") };
    const bytes = await store.get(keys.transfer(...(name as unknown as Name)));
    const transfer = bytes && shown(view, name as unknown as Name, fromJson(bytes) as Stored);
    if (transfer !== undefined && fits(transfer, filter) && (await mayBeSeen(transfer, access))) transfers.push(transfer);
  }
  return { transfers: await described(store, view, transfers) };
}

/** A transfer whose finding is not described yet. */
type Told = Omit<Transfer, "finding" | "event"> & Partial<Standing>;

async function described(store: Store, view: View, told: readonly Told[]): Promise<readonly Transfer[]> {
  const standing = told.flatMap(({ breach, event, party }) => (breach && event ? [{ breach, event, party }] : []));
  const findings = await describeFindings(store, view, standing);
  const byBreach = new Map(standing.map(({ breach }, i) => [breach, findings[i]]));
  return told.map(({ breach, event, party: _, ...transfer }) => {
    const finding = breach && byBreach.get(breach);
    return { ...transfer, ...(finding === undefined || event === undefined ? {} : { finding, event }) };
  });
}

function shown(view: View, [authorization, resource, scenario, transfer]: Name, stored: Stored): Told {
  const { source, leg, supplied, pulled, again, others } = stored;
  const [breach] = breachesOf(stored);
  const last = lastOf(stored);
  return {
    ...(authorization === "" ? {} : { authorization }),
    ...(scenario === "" ? {} : { scenario }),
    ...{ resource, transfer, leg },
    ...(source === undefined ? {} : { source }),
    ...(supplied && { supplied: reportOf(view, supplied) }),
    ...(pulled && { pulled: reportOf(view, pulled) }),
    ...(again && { again: again.map((earlier) => reportOf(view, earlier)) }),
    ...(others && { others: others.map((other) => reportOf(view, other)) }),
    ...(breach === undefined || last === undefined ? {} : { breach, event: positionOf(view, last), party: last.party }),
  };
}

const positionOf = (view: View, { at: [journal, index] }: Report): Position => view.position({ journal, index });

function reportOf<R extends Report>(view: View, report: R): Shown<R> {
  const { at: _, ...said } = report;
  return { ...said, ...positionOf(view, report) };
}

const fits = ({ resource, source, breach }: Told, filter: TransferFilter): boolean =>
  (filter.resource === undefined || filter.resource === resource) &&
  (filter.source === undefined || filter.source === source) &&
  (filter.code === undefined || filter.code === breach?.code);

/** By whose data it was then, too, whoever is the source of the resource by now. */
async function mayBeSeen(transfer: Told, access: Access): Promise<boolean> {
  const { source } = transfer;
  return (await access.about(subjectsOf(transfer), "fact")) || (source !== undefined && (await access.codes()).has(source));
}

function subjectsOf({ authorization, scenario, resource }: Told): readonly Subject[] {
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
