/** The duties that are open, as the ledger stands, on a day. */
import type { Role, Subject, SubjectKind } from "../../chaincode/events/definition";
import { type Rulebook, RULEBOOK } from "../../chaincode/events/rulebook";
import { dayOf, endOfDay, startOfDay } from "../../chaincode/events/time";
import type { Label } from "../labels";
import type { Access } from "./access";
import { withBeside } from "./record-beside";
import { duties, type DutyName, type Open } from "./duties";
import labels from "./duties.labels.json";
import { DutyContext } from "./duty-context";
import { HeldData } from "./held-data";
import { keys, lastPart, under } from "./keys";
import { type Position, positionOf } from "./place";
import { fromJson, type Store } from "./store";
import type { View } from "./view";

export interface OpenDuty extends Label {
  readonly duty: DutyName;
  /** Which of several duties of that name that the same event began: a year, an authorization, an exit. */
  readonly part?: string;
  /** Of the plan; absent where the duty is ours. */
  readonly clause?: string;
  readonly subject: Subject;
  readonly role: Role;
  /** Credit code of who owes it, where it is known. */
  readonly party?: string;
  /** RFC 3339. */
  readonly since: string;
  /** The first day on which it may be done, `YYYY-MM-DD`; absent where any is. */
  readonly from?: string;
  /** The last day, `YYYY-MM-DD`. */
  readonly due: string;
  /** Whole days from today: 0 on the last day, less than that when it is overdue. */
  readonly daysLeft: number;
  /** The event that began it. */
  readonly event?: Position;
  /** Where it is overdue. */
  readonly code?: (typeof OVERDUE_CODES)[number];
}
export const OVERDUE_CODES = ["duty-overdue", "update-overdue"] as const;

export interface DutyFilter {
  readonly kind?: SubjectKind | undefined;
  readonly duty?: DutyName | undefined;
  readonly party?: string | undefined;
  readonly overdue?: boolean | undefined;
  /** `YYYY-MM-DD` */
  readonly dueBefore?: string | undefined;
}

const DAY_MS = 24 * 3600_000;
type Row = Readonly<Record<string, unknown>>;

/** Those that fit, the soonest due first. @param now milliseconds since 1970 */
export async function openDuties(store: Store, view: View, access: Access, filter: DutyFilter, now: number): Promise<readonly OpenDuty[]> {
  const wanted = duties.filter(
    ({ name, kind }) => (filter.duty === undefined || filter.duty === name) && (filter.kind === undefined || filter.kind === kind),
  );
  const rulebook = (await recordOf(store, { kind: "rulebook", id: RULEBOOK })) as Rulebook | undefined;
  const authority = await partyOf(store, "authority");
  const held = new HeldData(store, view);
  const found: OpenDuty[] = [];
  for (const kind of new Set(wanted.map((duty) => duty.kind))) {
    for await (const [subject, record] of subjectsOf(store, kind, now)) {
      if (!(await access.subject(subject))) continue;
      const it = new DutyContext(store, view, subject, record, rulebook, held, now);
      for (const duty of wanted.filter((other) => other.kind === kind && !(other.ends ?? []).some((step) => it.stands(step))))
        for (const { party = await owedBy(duty.role, it, authority), ...open } of await duty.open(it))
          found.push(shown(view, duty, subject, { ...open, ...(party === undefined ? {} : { party }) }, now));
    }
  }
  const { former = [] } = (filter.party === undefined ? undefined : await recordOf(store, { kind: "party", id: filter.party })) ?? {};
  return found
    .filter((duty) => fits(duty, filter, former as readonly string[]))
    .sort((a, b) => compare(a.due, b.due) || compare(a.subject.id, b.subject.id));
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function shown(
  view: View,
  { name, clause, role }: (typeof duties)[number],
  subject: Subject,
  { since, from, due, party, role: own, act, part }: Open,
  now: number,
): OpenDuty {
  const { zh, en } = labels[name];
  const isOverdue = now >= endOfDay(due);
  const place = act === undefined ? undefined : view.place(positionOf(act));
  return {
    ...{ duty: name, zh, en },
    ...(part === undefined ? {} : { part }),
    ...(clause === undefined ? {} : { clause }),
    ...{ subject, role: own ?? role },
    ...(party === undefined ? {} : { party }),
    ...(place === undefined ? {} : { event: view.position(place) }),
    ...(from === undefined ? {} : { from }),
    ...{ since: new Date(since).toISOString(), due, daysLeft: Math.round((startOfDay(due) - startOfDay(dayOf(now))) / DAY_MS) },
    ...(isOverdue ? { code: name === "catalogue-update" ? ("update-overdue" as const) : ("duty-overdue" as const) } : {}),
  };
}

/** @param former codes of the party that is asked for: what it owed under them it still owes */
const fits = ({ party, code, due }: OpenDuty, filter: DutyFilter, former: readonly string[]): boolean =>
  (filter.party === undefined || filter.party === party || (party !== undefined && former.includes(party))) &&
  (filter.overdue === undefined || filter.overdue === (code !== undefined)) &&
  (filter.dueBefore === undefined || due < filter.dueBefore);

/** Subjects of a kind with their records; of calendars this year's and the next, whether there are any or not. */
async function* subjectsOf(store: Store, kind: SubjectKind, now: number): AsyncGenerator<readonly [Subject, Row | undefined], void> {
  if (kind === "calendar") {
    const year = Number(dayOf(now).slice(0, 4));
    for (const id of [String(year), String(year + 1)]) yield [{ kind, id }, await recordOf(store, { kind, id })];
    return;
  }
  for await (const [key, value] of store.iterator(under("r", kind))) {
    const subject = { kind, id: lastPart(key) };
    yield [subject, await withBeside(store, subject, fromJson(value) as Row)];
  }
}

async function recordOf(store: Store, { kind, id }: Subject): Promise<Row | undefined> {
  const bytes = await store.get(keys.record(kind, id));
  return bytes && (fromJson(bytes) as Row);
}

/** Whose the record is, in the role that owes. */
async function owedBy(role: Role, it: DutyContext, authority: string | undefined): Promise<string | undefined> {
  if (role === "authority") return authority;
  const { authorization, operator, source } = (it.record ?? {}) as Readonly<Record<string, string | undefined>>;
  if (role === "source") return source;
  if (role !== "primary-operator") return undefined;
  return operator ?? (authorization === undefined ? undefined : String((await it.other("authorization", authorization))?.["operator"]));
}

/** The party of a role of which there is one. */
async function partyOf(store: Store, role: Role): Promise<string | undefined> {
  const found: string[] = [];
  for await (const [key, value] of store.iterator(under("r", "party")))
    if ((fromJson(value) as { readonly roles?: readonly string[] }).roles?.includes(role) === true) found.push(lastPart(key));
  return found.length === 1 ? found[0] : undefined;
}
