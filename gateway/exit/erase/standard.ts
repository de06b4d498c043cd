/** What a report of a deletion says in its field `standard`: whose terms its method is in, and what it did not reach. Written and read here alone. */
import type { Label } from "../../labels";
import type { NotReached } from "./eraser";
import words from "./standard.labels.json";

const [TERMS, NOT_REACHED, DIFFERED, END] = ["NIST SP 800-88 (terms)", "not reached: ", "not as declared", "; "];

/** @param differed whether it was something else than was declared */
export const standardOf = (unreached: readonly NotReached[], differed: boolean): string =>
  [TERMS, `${NOT_REACHED}${unreached.join(", ")}`, ...(differed ? [DIFFERED] : [])].join(END);

/** In words; what others wrote stands as they wrote it. */
export function standardIn(said: string, language: keyof Label): string {
  const [terms, reached, ...others] = said.split(END);
  if (terms !== TERMS || reached?.startsWith(NOT_REACHED) !== true) return said;
  const codes = reached.slice(NOT_REACHED.length).split(", ");
  const comma = words.comma[language];
  const unreached = codes.map((code) => (Object.hasOwn(words.unreached, code) ? words.unreached[code as NotReached][language] : code));
  return [
    words.terms[language],
    ...(reached === NOT_REACHED ? [] : [`${words["not-reached"][language]}${unreached.join(comma)}`]),
    ...(others.includes(DIFFERED) ? [words.differed[language]] : []),
  ].join(words.end[language]);
}
