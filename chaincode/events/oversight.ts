/** What is reported and found about an authorization while it is in force: on a record of its own, since facts read the authorization's and ask for none of it. */
import { authorizations } from "./agreement";
import { type Mark, recordBeside, type Stepped } from "./steps";
import { table, type World } from "./definition";

const oversights = table<Stepped>("oversight");

const nameOf = (d: { readonly authorization: string }): string => d.authorization;

export const itsOversight = recordBeside([authorizations, nameOf], [oversights, nameOf]);

/**
 * What is disclosed has one for each kind and year: so many of one's own push nobody else's out, nor an earlier year's. Neither name has a space.
 * Versions before 0.6.0 left all marks of it together.
 */
export const itsDisclosure = recordBeside(
  [authorizations, nameOf],
  [
    oversights,
    (d: { readonly authorization: string; readonly disclosure: string; readonly year: string }) =>
      `${d.authorization} ${d.disclosure}:${d.year}`,
  ],
);

/** All marks of a step, in the order of the ledger; versions before 0.5.0 left them on the authorization's own record. */
export const overseen = (world: World, authorization: string, step: string): readonly Mark[] =>
  [authorizations, oversights].flatMap((where) => world.get<Stepped>(where, authorization)?.steps[step] ?? []);
