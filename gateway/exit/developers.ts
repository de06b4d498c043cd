/**
 * What developers have of what ends in an exit that is none of theirs: what is outstanding of each, which it deletes in an exit of its own, and what they
 * declared late and deleted once this one was verified, which ends nothing of it and is in no certificate.
 */
import { type Exit, isDevelopers } from "../../chaincode/events/exit-record";
import { type Mark, standing } from "../../chaincode/events/steps";
import type { Outstanding } from "../index/exit-held";
import { everyPage } from "../index/every-page";
import type { Reader } from "../index/reader";
import type { Inventories } from "./inventory-thread";
import { codesOf } from "./successions";

export interface OfDevelopers {
  /** What is outstanding of each, by scenario, and its own exit of that where one is open; absent where nothing is. */
  readonly ofDevelopers?: readonly (Outstanding & { readonly name?: string; readonly exit?: string })[];
  /** How many they declared late and accounted for since the verification; absent where there are none. */
  readonly developersSince?: number;
}

/** @param all a reader who sees everything @param now milliseconds since 1970 */
export async function ofDevelopers(all: Reader, inventories: Inventories, exit: string, record: Exit, now: number): Promise<OfDevelopers> {
  if (isDevelopers(record)) return {};
  const [operator, exits] = [await codesOf(all, record.hands[0] ?? ""), await exitsOf(all, record)];
  const outstanding = [];
  for (const one of await all.outstandingBy(record)) {
    if (operator.includes(one.party)) continue;
    const name = (await all.subject({ kind: "party", id: one.party }))?.name;
    outstanding.push({ ...one, ...(name === undefined ? {} : { name }), ...exits.get(nameOf(one)) });
  }
  const since = await developersSince(all, inventories, exit, record, standing(record, "verified", now));
  return { ...(outstanding.length === 0 ? {} : { ofDevelopers: outstanding }), ...(since === 0 ? {} : { developersSince: since }) };
}

/** How many were accounted for since a verification: looked for only where the ledger's counts say that there may be any. */
export async function developersSince(
  all: Reader,
  inventories: Inventories,
  exit: string,
  record: Exit,
  verified: Mark | undefined,
): Promise<number> {
  const [inAll, { settled }] = [await all.settledInAll(record), await all.heldOfExit(record)];
  if (verified === undefined || inAll.count === settled.count || inAll.last <= verified.at) return 0;
  const operator = await codesOf(all, record.hands[0] ?? "");
  const { late = {} } = (await inventories.inventory(exit, all.height))?.inventory ?? {};
  return Object.entries(late).reduce((sum, [party, count]) => (operator.includes(party) ? sum : sum + count), 0);
}

const nameOf = ({ party, scenario = "" }: Pick<Outstanding, "party" | "scenario">): string => `${party} ${scenario}`;

const TOGETHER = 500;

/** Developers' own exits from an authorization, one of each. */
async function exitsOf(all: Reader, { authorization }: Exit): Promise<ReadonlyMap<string, { readonly exit: string }>> {
  const found = new Map<string, { readonly exit: string }>();
  for await (const { subjects } of everyPage((cursor) => all.subjects("exit", TOGETHER, cursor)))
    for (const { id, state } of subjects) {
      const { developer: party, ...its } = state as Exit;
      if (its.authorization === authorization && party !== undefined && its.leaving === "developer")
        found.set(nameOf({ party, ...(its.scenario === undefined ? {} : { scenario: its.scenario }) }), { exit: id });
    }
  return found;
}
