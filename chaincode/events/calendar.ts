/** calendar 工作日: which days are working days, as the State Council's notice for the year says. Clause 六(一)4. */
import { day, document, list, optional, text, year } from "./schema";
import { addDays, dayOf } from "./time";
import { act, type Rule, rule, type Subject, table, type World } from "./definition";

export interface Calendar {
  /** Days off; Saturdays and Sundays may be among them, as notices name whole holidays. */
  readonly holidays: readonly string[];
  /** Saturdays and Sundays that are worked (调休). */
  readonly workdays: readonly string[];
}

export const calendars = table<Calendar>("calendar");

const calendar = (id: string): Subject => ({ kind: "calendar", id });

interface Notice {
  readonly year: string;
  readonly holidays: readonly string[];
  readonly workdays: readonly string[];
}

const isWeekend = (date: string): boolean => [0, 6].includes(new Date(`${date}T00:00:00Z`).getUTCDay());

/** A notice speaks of days of its year; a day that has to be declared a working day is a Saturday or Sunday, and no day off. */
const consistent = rule("calendar-inconsistent", ({ data: { year, holidays, workdays } }: { data: Notice }) => [
  ...[...holidays, ...workdays].filter((date) => !date.startsWith(`${year}-`)),
  ...workdays.filter((date) => !isWeekend(date) || holidays.includes(date)),
]);

const isSet = (world: World, of: string): boolean => world.get(calendars, of) !== undefined;

const notice = (name: "set" | "amended", ready: Rule<Notice>) =>
  act(`calendar.${name}`, {
    clause: "六(一)4",
    by: ["authority"],
    data: { year, number: text, document: optional(document), holidays: list(day), workdays: list(day) },
    about: (d) => [calendar(d.year)],
    rules: [consistent, ready],
    effects: ({ data: { year, holidays, workdays } }, world) => world.put(calendars, year, { holidays, workdays }),
  });

export const set = notice(
  "set",
  rule("calendar-exists", ({ data }, world) => isSet(world, data.year)),
);

/** Open periods are counted by it from then on; what is closed stands. */
export const amended = notice(
  "amended",
  rule("calendar-missing", ({ data }, world) => !isSet(world, data.year)),
);

/** Whether a day is worked; undefined where no calendar of its year is recorded. */
function isWorked(world: World, date: string): boolean | undefined {
  const known = world.get(calendars, date.slice(0, 4));
  if (known === undefined) return undefined;
  return known.workdays.includes(date) || (!isWeekend(date) && !known.holidays.includes(date));
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
