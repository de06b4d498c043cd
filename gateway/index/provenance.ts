/** Who made what of what: the edges between events and data, as the vocabulary tells them. */
import type { Entity } from "../../chaincode/events/definition";
import { formatHoldingName } from "../../chaincode/proof/holding-name";
import type { Position } from "./place";
import type { Known } from "./recording";

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
function holdingsOf({ type, event }: Known, { journal, index }: Position): Entity[] {
  const declared = type.declares(event.data)?.holdings ?? [];
  return declared.map((_, ordinal) => ({ kind: "holding", id: formatHoldingName({ journal, index, ordinal }) }));
}

/** The kinds of things a trace can start from: what some event type uses or makes. */
export const ENTITY_KINDS = ["resource", "holding", "product"] as const satisfies readonly Entity["kind"][];
