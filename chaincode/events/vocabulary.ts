/** The vocabulary: every event type, by name. A family is a file; its event types are whatever it exports that is one. */
import * as authorization from "./authorization";
import * as common from "./common";
import * as data from "./data";
import * as holding from "./holding";
import * as party from "./party";
import * as product from "./product";
import * as resource from "./resource";
import * as scenario from "./scenario";
import type { EventType, Rule } from "./definition";

const families = { party, resource, authorization, scenario, data, product, holding };

const isEventType = (value: unknown): value is EventType =>
  typeof value === "object" && value !== null && "type" in value && "schema" in value && "kind" in value;

export const vocabulary: ReadonlyMap<string, EventType> = new Map(
  Object.values(families)
    .flatMap((family) => Object.values<unknown>(family))
    .filter(isEventType)
    .map((it) => [it.type, it]),
);

type CodesOf<M> = { [K in keyof M]: M[K] extends Rule<infer C> ? C : never }[keyof M];

/** The closed union of what a rule can say, of an act as its refusal and of a fact as a finding. */
export type RuleCode =
  | { [F in keyof typeof families]: CodesOf<(typeof families)[F]> }[keyof typeof families]
  | CodesOf<typeof common>
  | typeof common.QUARANTINED;

/** Every rule by its code, with its clause: for the reference and for problem documents. */
export const ruleClauses: ReadonlyMap<string, string | undefined> = new Map(
  [...Object.values(families), common]
    .flatMap((module) => Object.values<unknown>(module))
    .filter((value): value is Rule => typeof value === "object" && value !== null && "broken" in value)
    .map((it) => [it.code, it.clause]),
);
