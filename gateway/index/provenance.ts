/** Who made what of what: the edges between events and data, as the vocabulary tells them. */
import type { Entity } from "../../chaincode/events/definition";
import { formatHoldingName } from "../../chaincode/proof/holding-name";
import { lists, tallies } from "./keys";
import type { Place, Position } from "./place";
import type { PlaceLists } from "./places";
import type { Known } from "./recording";
import type { TallyWriter } from "./tallies";

/** What an event did with data. */
export interface Step {
  readonly activity: string;
  readonly used: readonly Entity[];
  /** Holdings that it declared among them. */
  readonly generated: readonly Entity[];
}

/** @returns undefined for an event that did nothing with data */
export function stepOf({ type, event }: Known, position: Position): Step | undefined {
  const step = type.provenance(event.data);
  if (step === undefined) return undefined;
  return { activity: step.activity, used: step.used, generated: [...(step.generated ?? []), ...holdingsOf({ type, event }, position)] };
}

/** The holdings that an event declares, named by where it stands. */
export function holdingsOf({ type, event }: Known, { journal, index }: Position): Entity[] {
  const declared = type.declares(event.data)?.holdings ?? [];
  return declared.map((_, ordinal) => ({ kind: "holding", id: formatHoldingName({ journal, index, ordinal }) }));
}

/**
 * Notes the edges of an event. What made something is listed both ways, except that a holding's name already says what made it.
 * What made nothing (a call, an access, a delivery) is only counted: nothing leads on from it, and there are millions.
 */
export function noteStep(
  step: Step,
  type: string,
  place: Place,
  { counts, withFindings }: { readonly counts: boolean; readonly withFindings: boolean },
  to: { readonly places: PlaceLists; readonly counts: TallyWriter },
): void {
  const used = new Map(step.used.map((entity) => [`${entity.kind} ${entity.id}`, entity]));
  if (step.generated.length === 0) {
    if (counts) for (const { kind, id } of used.values()) to.counts.count(tallies.uses(kind, id), type, withFindings);
    return;
  }
  for (const { kind, id } of used.values()) to.places.add(lists.used(kind, id), place);
  for (const { kind, id } of step.generated) if (kind !== "holding") to.places.add(lists.made(kind, id), place);
}

/** The kinds of things a trace can start from: what some event type uses or makes. */
export const ENTITY_KINDS = ["resource", "holding", "product"] as const satisfies readonly Entity["kind"][];
