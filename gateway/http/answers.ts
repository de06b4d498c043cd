/**
 * What intake answers for each event, as text. Written out by hand: it goes out for every event, and half of it is the same for all events of a
 * request.
 */
import type { Outcome, Refused } from "../outbox/entry";
import { type AnyProblem, type Language, Problem, RuleProblem } from "./problem";

/** An event as its sender named it, as far as it did. */
interface Named {
  readonly source?: unknown;
  readonly id?: unknown;
}

/** HTTP status of a single event: anchored (an act), accepted or pending. */
export const statusOf = (outcome: Exclude<Outcome, Refused>): number => (outcome.state === "anchored" ? 201 : 202);

/** One result: `{source, id, state, leafHash, journal, index, promise}`, as far as they are known. */
export function result({ source, id }: { readonly source: string; readonly id: string }, outcome: Exclude<Outcome, Refused>): string {
  const { state, leafHash, journal } = outcome;
  let text = `{"source":${JSON.stringify(source)},"id":${JSON.stringify(id)},"state":"${state}","leafHash":"${leafHash}","journal":"${journal}"`;
  if (outcome.state !== "pending") text += `,"index":${outcome.index}`;
  // Neither base64 nor the alphabet of a JWS has anything that JSON escapes.
  if (outcome.state === "accepted") text += `,"promise":{"jws":"${outcome.promise.jws}","path":"${outcome.promise.path}"}`;
  return text + "}";
}

/** One result of an event that was not taken: `{source, id, state: "refused", problem}`. */
export function refusedResult(event: unknown, problem: AnyProblem, language: Language): string {
  const { source, id } = (typeof event === "object" && event !== null ? event : {}) as Named;
  return JSON.stringify({
    ...(typeof source === "string" ? { source } : {}),
    ...(typeof id === "string" ? { id } : {}),
    state: "refused",
    problem: problem.document(language),
  });
}

export const problemOf = (refused: Refused): AnyProblem =>
  refused.reason === "rule" ? new RuleProblem(refused.breaches) : new Problem(refused.reason);
