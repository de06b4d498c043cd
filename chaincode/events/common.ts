/** What holds for events of every family. */
import { eachText, holdsPersonalInformation } from "./personal";
import { type Recorded, rule } from "./definition";

/** Could not be judged: recorded at its index, without effect, for a person to settle. */
export const QUARANTINED = "quarantined";

/** The party may not record this type, or the organisation that records it does not speak for the party. */
export const NOT_YOUR_EVENT = "not-your-event";

/** Ours: how far event time and record time of a fact may differ. */
const RECORDED_LATE_MS = 24 * 3600_000;

export const recordedInTime = rule(
  "recorded-late",
  undefined,
  ({ happened, recorded }: Recorded<unknown>) => Math.abs(recorded - happened) > RECORDED_LATE_MS,
);

/** A text with personal information was dropped at intake, or stands in the leaf because intake did not look. */
export const noPersonalInformation = rule("personal-information", "六(六)", ({ type, data }: Recorded<unknown>) => {
  let found = false;
  eachText(type, data, (text) => {
    found ||= typeof text !== "string" || holdsPersonalInformation(text);
    return text;
  });
  return found;
});
