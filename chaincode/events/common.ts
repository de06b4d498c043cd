/** What holds for events of every family. */
import { eachText, holdsPersonalInformation } from "./personal";
import { parametersAt } from "./rulebook";
import { type LedgerEvent, rule } from "./definition";

const HOUR_MS = 3600_000;

/** Ours: how far the clock of who reports a fact may be ahead of the ledger's. */
const AHEAD_MS = 5 * 60_000;

type Dated = Pick<LedgerEvent<unknown>, "happened" | "recorded">;

/** Ours: within the hours that the rulebook said when it happened. */
export const recordedInTime = rule("recorded-late", ({ happened, recorded }: Dated, world) => {
  return recorded - happened > parametersAt(world, happened).lateHours * HOUR_MS;
});

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
