/** calendar 工作日: which days are working days, as the State Council's notice for the year says. Clause 六(一)4. */
import { document, list, optional, text, day, year } from "./schema";
import { addDays, dayOf } from "./time";
import { act, rule, type Subject, table, type World } from "./definition";

export interface Calendar {
  /** Days off that would be working days. */
  readonly holidays: readonly string[];
  /** Saturdays and Sundays that are worked. */
  readonly workdays: readonly string[];
}

export const calendars = table<Calendar>("calendar");

interface Dated {
  readonly data: { readonly year: string; readonly holidays: readonly string[]; readonly workdays: readonly string[] };
}

const notice = { year, number: text, document: optional(document), holidays: list(day), workdays: list(day) };
const about = (d: { year: string }): readonly Subject[] => [{ kind: "calendar", id: d.year }];
const effects = ({ data }: Dated, world: { put: (t: typeof calendars, id: string, c: Calendar) => void }): void =>
  world.put(calendars, data.year, { holidays: data.holidays, workdays: data.workdays });

const isWeekend = (date: string): boolean => [0, 6].includes(new Date(`${date}T00:00:00Z`).getUTCDay());

/** A notice speaks of days of its year; a day off was a weekday, a day that is worked was not. */
const consistent = rule("calendar-inconsistent", ({ data }: Dated) => [
  ...data.holidays.filter((date) => !date.startsWith(`${data.year}-`) || isWeekend(date)),
  ...data.workdays.filter((date) => !date.startsWith(`${data.year}-`) || !isWeekend(date)),
]);

const isSet = (world: World, of: string): boolean => world.get(calendars, of) !== undefined;

const notSet = rule("calendar-exists", ({ data }: Dated, world) => isSet(world, data.year));
const alreadySet = rule("calendar-missing", ({ data }: Dated, world) => !isSet(world, data.year));

export const set = act("calendar.set", {
  clause: "六(一)4",
  by: ["authority"],
  data: notice,
  about,
  rules: [consistent, notSet],
  effects,
});

/** Open periods are counted by it from then on; what is closed stands. */
export const amended = act("calendar.amended", {
  clause: "六(一)4",
  by: ["authority"],
  data: notice,
  about,
  rules: [consistent, alreadySet],
  effects,
});

/** Whether a day is worked; undefined where no calendar of its year is recorded. */
function isWorked(world: World, date: string): boolean | undefined {
  const calendar = world.get(calendars, date.slice(0, 4));
  if (calendar === undefined) return undefined;
  return calendar.workdays.includes(date) || (!isWeekend(date) && !calendar.holidays.includes(date));
}

/** Longer than any holiday, so that a period of some days ends. */
const LONGEST_REST = 30;

/**
 * The day after so many full working days, not counting the day on which they begin.
 * @param from milliseconds since 1970: at some time of day 0, in China
 * @returns `YYYY-MM-DD`: from its first moment on the next step may be taken; undefined where the calendar of a year is missing
 */
export function afterWorkingDays(world: World, from: number, days: number): string | undefined {
  let date = dayOf(from);
  for (let left = days, rest = 0; left > 0;) {
    date = addDays(date, 1);
    const worked = isWorked(world, date);
    if (worked === undefined || rest > LONGEST_REST) return undefined;
    if (worked) [left, rest] = [left - 1, 0];
    else rest++;
  }
  return addDays(date, 1);
}

export const types = [set, amended];
