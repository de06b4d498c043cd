/** When an agreement is signed, and how long it may last. Clause 六(二). */
import { parametersAt } from "./rulebook";
import { addYears, dayOf } from "./time";
import { rule } from "./definition";

/** Each agreement counts from its own day of signing. */
export const termBounded = rule(
  "term-too-long",
  ({ data, recorded }: { data: { signed: string; until: string }; recorded: number }, world) =>
    data.until < data.signed || data.until > addYears(data.signed, parametersAt(world, recorded).termYears),
);

/** Ours: what is to be signed on a later day is recorded then. */
export const notSignedAhead = rule(
  "dated-ahead",
  ({ data, recorded }: { data: { signed: string }; recorded: number }) => data.signed > dayOf(recorded),
);
