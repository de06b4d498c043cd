/** What the ledger says of one event: refused, quarantined, or recorded with findings. */
import { type RecordedEvent, shapeError, typeOf } from "./envelope";
import { type Party, parties } from "./party";
import { noPersonalInformation, NOT_YOUR_EVENT, recordedInTime } from "./common";
import type { EventType, Recorded, Rule, World } from "./vocabulary";

/** A broken rule: its code and, where the rule tells, what is missing or too much. */
export interface Breach {
  readonly code: string;
  readonly missing?: readonly string[];
}

export interface Judgement {
  readonly event: Recorded<unknown>;
  readonly breaches: readonly Breach[];
}

/**
 * Judges one event against the world.
 * @param value the leaf, parsed
 * @param mspId the organisation that records it
 * @param recorded the transaction's time, milliseconds since 1970
 * @returns undefined where it cannot be judged: no known type, not its shape, or a fact of a party this organisation does not speak for
 */
export function judge(value: unknown, mspId: string, recorded: number, world: World): Judgement | undefined {
  const type = typeOf(value);
  if (type === undefined || shapeError(type, value) !== undefined) return undefined;
  const { id, source, party, time, data } = value as RecordedEvent;
  const event = { id, source, type, party, data, happened: Date.parse(time), recorded };
  if (!speaksFor(mspId, world.get(parties, party), type)) {
    return type.kind === "fact" ? undefined : { event, breaches: [{ code: NOT_YOUR_EVENT }] };
  }
  const breaches: Breach[] = [];
  if (type.kind === "fact") note(recordedInTime, event, world, breaches);
  note(noPersonalInformation, event, world, breaches);
  for (const rule of type.rules) note(rule, event, world, breaches);
  return { event, breaches };
}

const speaksFor = (mspId: string, party: Party | undefined, type: EventType): boolean =>
  party?.host === mspId && party.roles.some((role) => type.by.includes(role));

function note(rule: Rule<string, unknown>, event: Recorded<unknown>, world: World, breaches: Breach[]): void {
  const broken = rule.broken(event, world);
  if (broken === true) breaches.push({ code: rule.code });
  else if (broken !== false && broken.length > 0) breaches.push({ code: rule.code, missing: broken });
}
