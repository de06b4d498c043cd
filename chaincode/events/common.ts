/** What holds for events of every family. */
import { eachText, holdsPersonalInformation } from "./personal";
import { type LedgerEvent, rule } from "./definition";

/** Ours: how long after it happened a fact may be recorded. */
const LATE_MS = 24 * 3600_000;

/** Ours: how far the clock of who reports a fact may be ahead of the ledger's. */
const AHEAD_MS = 5 * 60_000;

type Dated = Pick<LedgerEvent<unknown>, "happened" | "recorded">;

export const recordedInTime = rule("recorded-late", ({ happened, recorded }: Dated) => recorded - happened > LATE_MS);

/** A fact reports what has happened: one that is still to come has not, and would be judged by what is not in force yet. */
export const notDatedAhead = rule("dated-ahead", ({ happened, recorded }: Dated) => happened - recorded > AHEAD_MS);

/** A text with personal information was dropped at intake, or stands in the leaf because intake did not look. */
export const noPersonalInformation = rule("personal-information", ({ type, data }: LedgerEvent<unknown>) => {
  let found = false;
  eachText(type, data, (text) => {
    found ||= typeof text !== "string" || holdsPersonalInformation(text);
    return text;
  });
  return found;
});
