/** `suyuan calendar propose`: a year's days off and worked weekends, for the authority to check against the notice and record. */
import { holidays, workdays } from "chinese-days/dist/chinese-days.json";
import { Exit, Failure } from "./failure";
import type { Output } from "./output";
import { text } from "./texts";

/** A weekend that is off is no matter of a notice, nor a weekday that is worked. */
const isWeekend = (day: string): boolean => [0, 6].includes(new Date(`${day}T00:00:00Z`).getUTCDay());

/** Days of a year, in their order. */
const of = (year: string, days: Readonly<Record<string, string>>): readonly string[] =>
  Object.keys(days)
    .filter((day) => day.startsWith(`${year}-`))
    .sort();

/** @throws Failure `calendar-unknown` for a year of which it knows nothing: it never guesses */
export function calendarOf(year: string): Readonly<Record<"holidays" | "workdays", readonly string[]> & { year: string }> {
  const off = of(year, holidays).filter((day) => !isWeekend(day));
  if (off.length === 0) {
    const known = [...new Set(Object.keys(holidays).map((day) => day.slice(0, 4)))].sort();
    throw new Failure("calendar-unknown", { year, last: known.at(-1) ?? "" });
  }
  return { year, holidays: off, workdays: of(year, workdays).filter(isWeekend) };
}

/** @returns exit code. @throws Failure as {@link calendarOf} */
export function propose(year: string, output: Output): number {
  const { holidays: off, workdays: worked } = calendarOf(year);
  output.document(calendarOf(year));
  output.line(text("calendar.holidays", { count: off.length, days: off.join(" ") }));
  output.line(text("calendar.workdays", { count: worked.length, days: worked.join(" ") }));
  output.note(text("calendar.check", { year }));
  return Exit.done;
}
