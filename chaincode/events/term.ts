/** How long an agreement may last. Clause 六(二). */
import { parametersAt } from "./rulebook";
import { addYears } from "./time";
import { rule } from "./definition";

/** Each agreement counts from its own day of signing. */
export const termBounded = rule(
  "term-too-long",
  ({ data, recorded }: { data: { signed: string; until: string }; recorded: number }, world) =>
    data.until < data.signed || data.until > addYears(data.signed, parametersAt(world, recorded).termYears),
);
