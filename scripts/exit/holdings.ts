/** What an authorization holds or held, as the commands read it that look for it or erase it, and which of it an exit ends. */
import { isOfPart } from "../../chaincode/proof/inventory";
import type { Kept } from "../../gateway/exit/scan/quarry";
import type { ExitState } from "../../gateway/exit/state";
import { Failure } from "../failure";
import { bodyOf, type Gateway, request } from "../request";

export interface Holding {
  readonly holding: string;
  readonly state: string;
  readonly party: string;
  readonly scenario?: string;
  readonly product?: string;
  readonly declared: { readonly digest: string; readonly form: string; readonly place: string; readonly fingerprints?: string };
}

/** @throws Failure `exit-unknown` where there is none, or it is not the asker's to see */
export async function readExit(exit: string, gateway: Gateway): Promise<ExitState> {
  const response = await request(gateway, { path: `/v1/exits/${encodeURIComponent(exit)}` }).catch((error: unknown) => {
    throw error instanceof Failure && error.code === "not-found" ? new Failure("exit-unknown", { exit }, { cause: error }) : error;
  });
  return JSON.parse(await bodyOf(response)) as ExitState;
}

/** Those that the asker may see: the operator, the agency and an assessor see all. */
export async function holdingsOf(authorization: string, states: readonly string[], gateway: Gateway): Promise<readonly Holding[]> {
  const all: Holding[] = [];
  for (const state of states) for await (const one of listed<Holding>("holdings", gateway, { authorization, state })) all.push(one);
  return all;
}

/**
 * What is there under other authorizations of its operator: an exit of this one does not end it, and it may have the same content, or lie at the same place.
 * @returns undefined where the asker is not told which there are: who sees this one as its operator does, or as everybody's overseer
 */
export async function holdingsBesides(authorization: string, gateway: Gateway): Promise<readonly Holding[] | undefined> {
  const besides = await authorizationsBesides(authorization, gateway);
  if (besides === undefined) return undefined;
  const all: Holding[] = [];
  for (const one of besides) all.push(...(await holdingsOf(one, THERE, gateway)));
  return all;
}

async function authorizationsBesides(authorization: string, gateway: Gateway): Promise<readonly string[] | undefined> {
  const operators = new Map<string, string>();
  try {
    for await (const { id, state } of listed<Subject>("subjects", gateway, {}, "authorization")) operators.set(id, state?.operator ?? "");
  } catch (error) {
    if (!(error instanceof Failure) || error.values["problem"] !== "permissions-closed") throw error;
    // It has left, and nothing else of it is in force: of what was, something may be retained.
    const over = new Set<string>();
    for await (const exit of listed<ExitState>("exits", gateway)) over.add(exit.authorization);
    return [...over].filter((one) => one !== authorization);
  }
  const operator = operators.get(authorization);
  if (operator === undefined) return undefined;
  const codes = new Set([operator]);
  for await (const { id, state } of listed<Subject>("subjects", gateway, {}, "party")) {
    const same = [id, ...(state?.former ?? [])];
    if (same.includes(operator)) same.forEach((code) => codes.add(code));
  }
  return [...operators].flatMap(([one, its]) => (one !== authorization && codes.has(its) ? [one] : []));
}

interface Subject {
  readonly id: string;
  /** Of an authorization its operator; of a party what it was before, or what became part of it. */
  readonly state?: { readonly operator?: string; readonly former?: readonly string[] };
}

/** All pages. @param kind of subjects */
async function* listed<T>(
  name: "holdings" | "subjects" | "exits",
  gateway: Gateway,
  asked: Readonly<Record<string, string>> = {},
  kind?: string,
): AsyncGenerator<T, void> {
  const path = kind === undefined ? `/v1/${name}` : `/v1/${name}/${kind}`;
  let next: string | undefined;
  do {
    const query = new URLSearchParams({ ...asked, limit: "1000", ...(next === undefined ? {} : { cursor: next }) }).toString();
    const page = JSON.parse(await bodyOf(await request(gateway, { path: `${path}?${query}` }))) as Record<string, T[]> & { next?: string };
    yield* page[name] ?? [];
    ({ next } = page);
  } while (next !== undefined);
}

/** States of what is there: what was transferred is a successor's. */
export const THERE: readonly string[] = ["outstanding", "retained", "transferred"];

/**
 * What an exit, or none, has to do with a holding.
 * @returns `sought`: it has to be gone, or has gone · why it may be there · undefined: nothing, what goes on had it once
 */
export function standingOf(holding: Holding, ends: ExitState["ends"]): Kept | "sought" | undefined {
  const { state } = holding;
  if (isOfPart(holding, ends)) return state === "retained" || state === "transferred" ? state : "sought";
  return THERE.includes(state) ? "goes-on" : undefined;
}
