/** Legal time: days are days in China (UTC+8, no daylight saving), spans are half open. */

const CHINA_MS = 8 * 3600_000;
const DAY_MS = 24 * 3600_000;

/**
 * Whether there is such a time: RFC 3339 section 5.7, without leap seconds. By position, because it is asked twice of every event.
 * @param text `YYYY-MM-DDThh:mm:ss`, a fraction or none, and `Z` or `+hh:mm`; of another form, no matter what is said of it
 */
export function instantExists(text: string): boolean {
  const number = (at: number): number => 10 * text.charCodeAt(at) + text.charCodeAt(at + 1) - 11 * ZERO;
  const month = number(5);
  const day = number(8);
  if (month < 1 || month > 12 || day < 1 || number(11) > 23 || number(14) > 59 || number(17) > 59) return false;
  if (day > 28 && day > daysOf(100 * number(0) + number(2), month)) return false;
  return text.endsWith("Z") || (number(text.length - 5) <= 23 && number(text.length - 2) <= 59);
}

const ZERO = "0".charCodeAt(0);
const daysOf = (year: number, month: number): number => new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();

/** Milliseconds since 1970 at which a day (`YYYY-MM-DD`) begins in China. */
export const startOfDay = (day: string): number => Date.parse(`${day}T00:00:00Z`) - CHINA_MS;

/** Milliseconds since 1970 at which the day after begins. */
export const endOfDay = (day: string): number => startOfDay(day) + DAY_MS;

/** The corresponding day some years later, else the month's end: 2028-02-29 and five years is 2033-02-28. */
export const addYears = (day: string, years: number): string => addMonths(day, 12 * years);

/** As {@link addYears}: 2026-08-31 and six months is 2027-02-28. */
export function addMonths(day: string, months: number): string {
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  const lastOfMonth = new Date(Date.UTC(year, month + months, 0)).getUTCDate();
  return new Date(Date.UTC(year, month - 1 + months, Math.min(date, lastOfMonth))).toISOString().slice(0, 10);
}

/** The day in China at a time, `YYYY-MM-DD`. */
export const dayOf = (at: number): string => new Date(at + CHINA_MS).toISOString().slice(0, 10);

export const addDays = (day: string, days: number): string => dayOf(startOfDay(day) + days * DAY_MS);

/** When something was in force: from, and until but not at. Milliseconds since 1970. */
export interface Span {
  readonly from: number;
  readonly until?: number | undefined;
}

export const covers = (span: Span, at: number): boolean => span.from <= at && (span.until === undefined || at < span.until);
