/**
 * Duties (义务): what is to be done until when, by whom. One table; what is open is told when it is asked, from what was done and today's date.
 * Periods that the plan does not give are parameters of the rulebook.
 */
import type { Role, SubjectKind } from "../../chaincode/events/definition";
import { OWED_BY } from "../../chaincode/events/duty";
import { type Exit, isOfAll } from "../../chaincode/events/exit-record";
import type { Parameters } from "../../chaincode/events/rulebook";
import { isStanding, type Mark } from "../../chaincode/events/steps";
import { addDays, addMonths, dayOf, endOfDay } from "../../chaincode/events/time";
import { doneIn } from "../exit/progress";
import type { DutyContext } from "./duty-context";
import labels from "./duties.labels.json";
import { EMERGENCY } from "./lists";
import type { Done } from "./marks";
import { lastTerm, termsOf } from "./terms";

export type DutyName = keyof typeof labels;

/** Due on a day, its end included. */
export interface Open {
  /** Since when it is a duty, milliseconds since 1970. */
  readonly since: number;
  /** The event that began it: `MSPID/journal/index`. None where nothing but the date did. */
  readonly act?: string;
  /** `YYYY-MM-DD` */
  readonly due: string;
  /** The first day on which it may be done, where that is not any. */
  readonly from?: string;
  /** Who owes it, where that is not who owes all duties of the row; and in which role. */
  readonly party?: string;
  readonly role?: Role;
  /** Which one it is, where the same event begins several duties of the row. */
  readonly part?: string;
}

interface Duty {
  readonly name: DutyName;
  /** Clause of the plan; none where the duty is ours. */
  readonly clause?: string;
  /** Whose record it is about. */
  readonly kind: SubjectKind;
  /** Who owes it. */
  readonly role: Role;
  /** Nobody owes it any more once one of these steps holds. */
  readonly ends?: readonly string[];
  readonly open: (it: DutyContext) => readonly Open[] | Promise<readonly Open[]>;
}

type Period = (from: string, parameters: Parameters) => string;
type Count = keyof { [K in keyof Parameters as Parameters[K] extends number ? K : never]: K };

const days =
  (name: Count): Period =>
  (from, parameters) =>
    addDays(from, parameters[name]);
const months =
  (name: Count): Period =>
  (from, parameters) =>
    addMonths(from, parameters[name]);
const yearly: Period = (from) => addMonths(from, 12);

/** Once after some steps, until another is done; again after that. Doing the first ones again meanwhile gives no more time. */
const once =
  (begins: readonly string[], fulfilled: readonly string[], after: Period): Duty["open"] =>
  async (it) => {
    const done = (await it.last(...fulfilled))?.at ?? -Infinity;
    return begun(
      (await it.times(begins)).find(({ at }) => at > done),
      after,
      it,
    );
  };

/** Again and again, after whichever of these was done last. */
const every =
  (begins: readonly string[], after: Period): Duty["open"] =>
  async (it) => {
    return begun(await it.last(...begins), after, it);
  };

/** Of a duty that something began. */
function begun(by: Done | undefined, after: Period, it: DutyContext): readonly Open[] {
  return by === undefined ? [] : [{ since: by.at, act: by.act, due: after(dayOf(by.at), it.parameters(by.at)) }];
}

const SIGNED = ["signed", "renewed"];

/** The day on which a span that ends then has its last moment. */
const lastDay = (until: number): string => dayOf(until - 1);

/** Until the trial that was agreed is over. */
async function trial(it: DutyContext): Promise<readonly Open[]> {
  const until = lastTerm(it.record)?.trial;
  return until === undefined ? [] : once(["signed"], ["trial-assessed", "activated"], () => lastDay(until))(it);
}

/** To be applied for some months before the last day, as often as it can be renewed. */
async function renewal(it: DutyContext): Promise<readonly Open[]> {
  const until = lastTerm(it.record)?.until;
  if (until === undefined || termsOf(it.record).length > it.parameters(it.now).renewals) return [];
  return once(SIGNED, ["renewal-applied"], (_, { renewalMonths }) => addMonths(lastDay(until), -renewalMonths))(it);
}

/** By the day that the last order says which stands; versions before 0.6.0 kept that of the last one alone. */
async function rectification(it: DutyContext): Promise<readonly Open[]> {
  const { rectification: until } = (it.record ?? {}) as { readonly rectification?: number };
  const due = it.marks("rectification-ordered").at(-1)?.result ?? (until === undefined ? undefined : lastDay(until));
  return once(["rectification-ordered"], ["rectification-checked"], due === undefined ? days("rectificationDays") : () => due)(it);
}

/** By a third party: an audit by a supervisor is another thing. */
async function audit(it: DutyContext): Promise<readonly Open[]> {
  const [signed, audited] = [await it.last(...SIGNED), (await it.timesBy(["assessor"], "audited")).at(-1)];
  return begun(audited !== undefined && audited.at > (signed?.at ?? Infinity) ? audited : signed, yearly, it);
}

/** Of each use that no inspection has looked at, or whose inspection was taken back; any later one, where the use is of before they named it. */
async function emergency(it: DutyContext): Promise<readonly Open[]> {
  const uses = await it.times([EMERGENCY]);
  const records = await Promise.all(uses.map(({ act }) => it.other("emergency", act)));
  const last = (await it.timesBy(["authority", "supervisor"], "inspected")).at(-1)?.at ?? -Infinity;
  const isDone = (use: Done, record: Readonly<Record<string, unknown>> | undefined): boolean =>
    record === undefined ? last >= use.at : typeof record["reviewed"] === "string" && !it.isTakenBack("inspected", record["reviewed"]);
  return uses.filter((use, i) => !isDone(use, records[i])).flatMap((use) => begun(use, days("emergencyDays"), it));
}

/** Of backups that were beyond use when data was deleted: to be reported gone on the day that was named, for each exit whose certificate tells of them. */
const backups = async (it: DutyContext): Promise<readonly Open[]> =>
  (await it.backups()).map(({ day, party, since, act, exit }) => ({
    since,
    act,
    due: day,
    party,
    ...(exit === undefined ? {} : { part: exit }),
  }));

/** Once transfers are reconciled; and again from when what was verified holds no longer, and can be verified anew. */
async function verifying(it: DutyContext): Promise<readonly Open[]> {
  const first = await once(["reconciled"], ["verified"], days("exitStepDays"))(it);
  const last = it.marks("verified").at(-1);
  if (first.length > 0 || last === undefined || !it.stands("reconciled")) return first;
  const record = it.record as unknown as Exit;
  const { settled, outstanding } = await it.heldOfExit(record);
  if (doneIn(record, "verified", { settled }, it.now) !== undefined) return [];
  const ended = last.until ?? record.residue?.at;
  // Of what is declared since, nothing can be verified before it is accounted for.
  if (ended === undefined && outstanding > 0) return [];
  return begun({ at: ended ?? Math.max(last.at, settled.last), act: last.endedBy ?? last.act }, days("exitStepDays"), it);
}

/** Since the first verification that still holds, and that nothing was certified of. */
async function certifying(it: DutyContext): Promise<readonly Open[]> {
  const record = it.record as unknown as Exit;
  const { settled, outstanding } = await it.heldOfExit(record);
  if (outstanding > 0 || doneIn(record, "verified", { settled }, it.now) === undefined) return [];
  const done = it.marks("certified").at(-1)?.at ?? -Infinity;
  const holds = (mark: Mark): boolean => isStanding(mark, it.now) && isOfAll("verified", mark, settled);
  return begun(
    it.marks("verified").find((mark) => mark.at > done && holds(mark)),
    days("exitStepDays"),
    it,
  );
}

/**
 * Some days from the last one on which logs have to be kept: for as long as all must, or as long as one was retained. The first of them may go as soon
 * as that is over. A developer's are its own.
 */
async function logs(it: DutyContext): Promise<readonly Open[]> {
  const record = it.record as unknown as Exit;
  const opened = it.marks("opened").at(-1);
  const isDone = it.marks("logs-disposed").some(({ result }) => result !== "some");
  if (opened === undefined || isDone) return [];
  const { logDisposalDays, logMonths } = it.parameters(it.now);
  const all = addMonths(dayOf(record.since), logMonths);
  const kept = (await it.logsKept(record)).map((until) => (until > all ? until : all)).sort();
  const owed = { from: addDays(kept[0] ?? all, 1), due: addDays(kept.at(-1) ?? all, logDisposalDays) };
  const { leaving, developer } = record;
  const by = leaving === "developer" && developer !== undefined ? { role: "developer" as const, party: developer } : {};
  return [{ since: record.since, act: opened.act, ...owed, ...by }];
}

/** How often a resource is to be brought up to date, as it was said last. */
const FREQUENCIES: Readonly<Record<string, Period>> = {
  realtime: (from) => addDays(from, 1),
  hourly: (from) => addDays(from, 1),
  daily: (from) => addDays(from, 1),
  monthly: (from) => addMonths(from, 1),
  yearly,
};

async function update(it: DutyContext): Promise<readonly Open[]> {
  const [said] = await it.said(it.marks("catalogued", "frequency-set").slice(-1));
  const period = FREQUENCIES[String(said?.["frequency"])];
  if (period === undefined || !it.stands("published")) return [];
  return every(["published", "frequency-set", "updated", "suyuan.data.aggregated"], period)(it);
}

/** By every operator that still holds data taken before, or what was made of it: since the first of these acts after it was taken. */
async function purge(it: DutyContext): Promise<readonly Open[]> {
  const acts = it.marks("narrowed", "withdrawn", "consent-withdrawn");
  if (acts.length === 0) return [];
  const open = [...(await it.stillHeld())].map(async ([authorization, taken]) => {
    const by = acts.find(({ at }) => at > taken);
    const operator = (await it.other("authorization", authorization))?.["operator"];
    const of = { part: authorization, ...(typeof operator === "string" ? { party: operator } : {}) };
    return begun(by, days("purgeDays"), it).map((duty) => ({ ...duty, ...of }));
  });
  return (await Promise.all(open)).flat();
}

/** Every year until 31 March, for the year before. */
const disclosure =
  (what: "authorizations" | "products-and-use"): Duty["open"] =>
  async (it) => {
    const [first] = it.marks(...SIGNED);
    if (first === undefined) return [];
    const disclosed = (await it.said(it.marks("disclosed"))).filter((said) => said["disclosure"] === what).map((said) => said["year"]);
    const [from, to] = [first.at, it.now].map((at) => Number(dayOf(at).slice(0, 4))) as [number, number];
    const years = Array.from({ length: to - from }, (_, i) => from + i);
    return years
      .filter((year) => !disclosed.includes(String(year)))
      .map((year) => ({ act: first.act, since: endOfDay(`${year}-12-31`), due: `${year + 1}-03-31`, part: String(year) }));
  };

/** The working days of a year, recorded before it begins. */
function calendar({ record, subject: { id } }: DutyContext): readonly Open[] {
  const before = Number(id) - 1;
  return record !== undefined ? [] : [{ since: endOfDay(`${before - 1}-12-31`), due: `${before}-12-31`, part: id }];
}

/** The table. */
const rows: readonly Omit<Duty, "role">[] = [
  ...(
    [
      { name: "filing", clause: "六(一)5", open: once(SIGNED, ["filed"], days("filingDays")) },
      { name: "trial-assessment", clause: "六(二)", open: trial },
      { name: "renewal", clause: "六(二)", open: renewal },
      { name: "evaluation", clause: "八(一)", open: every([...SIGNED, "evaluated"], months("evaluationMonths")) },
      { name: "rectification", clause: "八(一)", open: rectification },
      { name: "audit", clause: "六(五)4", open: audit },
      { name: "security-report", clause: "六(六)", open: every([...SIGNED, "reported"], yearly) },
      {
        name: "operation-report",
        clause: "七(五)12",
        open: every([...SIGNED, "operation-reported"], months("operationReportMonths")),
      },
      { name: "disclosure-of-authorizations", clause: "七(一)5", open: disclosure("authorizations") },
      { name: "disclosure-of-products", clause: "七(五)11", open: disclosure("products-and-use") },
    ] as const satisfies readonly Omit<Duty, "kind" | "role">[]
  ).map((duty) => ({
    ...duty,
    kind: "authorization" as const,
    ends: ["terminated"],
  })),
  {
    ...{ name: "exit-reconciling", kind: "exit" },
    open: once(["inventory-frozen"], ["reconciled"], days("exitStepDays")),
  },
  {
    ...{ name: "exit-verifying", clause: "六(五)6", kind: "exit" },
    open: verifying,
  },
  {
    ...{ name: "exit-certifying", clause: "六(五)6", kind: "exit" },
    open: certifying,
  },
  {
    ...{ name: "log-retention", clause: "六(五)6", kind: "exit" },
    open: logs,
  },
  { name: "backups", clause: "六(五)6", kind: "authorization", open: backups },
  { name: "emergency-review", kind: "authorization", open: emergency },
  { name: "catalogue-update", clause: "五(三)", kind: "resource", ends: ["withdrawn"], open: update },
  { name: "purge", clause: "六(六)", kind: "resource", open: purge },
  {
    ...{ name: "asset-check", clause: "六(五)1", kind: "asset", ends: ["retired"] },
    open: every(["registered", "suyuan.asset.checked"], months("assetCheckMonths")),
  },
  {
    ...{ name: "incident-follow-up", clause: "六(六)", kind: "incident" },
    open: once(["suyuan.security.incident-reported"], ["suyuan.security.incident-handled"], days("incidentDays")),
  },
  { name: "calendar", clause: "六(一)4", kind: "calendar", open: calendar },
];

export const duties: readonly Duty[] = rows.map((row) => ({ ...row, role: OWED_BY[row.name] }));

export const DUTY_NAMES = Object.keys(labels) as readonly DutyName[];
