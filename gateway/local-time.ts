/** Times for people to read: legal time in China (UTC+8, no daylight saving), with its zone. */
const CHINA_MS = 8 * 3600_000;

/** @param moment RFC 3339 @returns `2026-03-10 10:00:00 +08:00`; what is no time, as it is */
export function localTime(moment: string): string {
  const at = Date.parse(moment);
  return Number.isNaN(at) ? moment : `${new Date(at + CHINA_MS).toISOString().slice(0, 19).replace("T", " ")} +08:00`;
}
