/** What the ledger says of one event: refused, quarantined, or recorded with findings. */
import { type RecordedEvent, shapeError, typeOf } from "./envelope";
import { mayAct, type Party, parties } from "./party";
import { DECLARED_BY_STRANGER, NOT_YOUR_EVENT, QUARANTINED } from "./codes";
import { journalOpen, reportedThere } from "./journal";
import { noPersonalInformation, notDatedAhead, recordedInTime } from "./common";
import type { HoldingDeclaration, LedgerEvent, Rule, World } from "./definition";

/** A broken rule: its code and, where the rule tells, what is missing or too much. */
export interface Breach {
  readonly code: string;
  readonly missing?: readonly string[];
}

/**
 * The event that a leaf is.
 * @param leaf parsed
 * @param recorded the transaction's time, milliseconds since 1970
 * @param place where it is to stand: `MSPID/journal/index`
 * @returns undefined where its type is unknown or its shape is not the type's
 */
export function readEvent(leaf: unknown, recorded: number, place: string): LedgerEvent<unknown> | undefined {
  const type = typeOf(leaf);
  if (type === undefined || shapeError(type, leaf) !== undefined) return undefined;
  const { id, source, party, time, recordedtime: taken, data } = leaf as RecordedEvent;
  return { id, source, type, place, party, data, happened: Date.parse(time), taken, recorded };
}

/**
 * Judges an event against the world.
 * @param mspId the organisation that records it
 * @returns the rules it breaks; `quarantined` alone for a fact of a party that this organisation does not speak for
 */
export function judge(event: LedgerEvent<unknown>, mspId: string, world: World): readonly Breach[] {
  const { type } = event;
  if (!speaksFor(mspId, world.get(parties, event.party), event)) return [{ code: type.kind === "fact" ? QUARANTINED : NOT_YOUR_EVENT }];
  const breaches: Breach[] = [];
  if (type.kind === "fact") for (const rule of ofFacts) note(rule, event, world, breaches);
  note(journalOpen, event, world, breaches);
  note(noPersonalInformation, event, world, breaches);
  for (const rule of type.rules) note(rule, event, world, breaches);
  return breaches;
}

const ofFacts = [recordedInTime, notDatedAhead, reportedThere];

export const isQuarantined = (breaches: readonly Breach[]): boolean => breaches[0]?.code === QUARANTINED;

/** Whether what an event says is held was not for its party to say, and counts for nothing. */
export const isStrangers = (breaches: readonly Breach[]): boolean => breaches.some(({ code }) => code === DECLARED_BY_STRANGER);

/** What is held since an event that is judged so. */
export const declarationOf = (
  { type, data }: LedgerEvent<unknown>,
  breaches: readonly Breach[],
  world: World,
): HoldingDeclaration | undefined => (isStrangers(breaches) ? undefined : type.declares(data, world));

const speaksFor = (mspId: string, party: Party | undefined, { type, recorded }: LedgerEvent<unknown>): boolean =>
  party?.host === mspId && party.roles.some((role) => type.by.includes(role)) && (type.kind === "fact" || mayAct(party, recorded));

function note(rule: Rule<unknown>, event: LedgerEvent<unknown>, world: World, breaches: Breach[]): void {
  const broken = rule.broken(event, world);
  if (broken === true) breaches.push({ code: rule.code });
  else if (broken !== false && broken.length > 0) breaches.push({ code: rule.code, missing: broken });
}
