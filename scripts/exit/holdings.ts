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
  for (const state of states) {
    let cursor: string | undefined;
    do {
      const query = new URLSearchParams({ authorization, state, limit: "1000", ...(cursor === undefined ? {} : { cursor }) }).toString();
      const page = JSON.parse(await bodyOf(await request(gateway, { path: `/v1/holdings?${query}` }))) as {
        holdings: Holding[];
        next?: string;
      };
      all.push(...page.holdings);
      cursor = page.next;
    } while (cursor !== undefined);
  }
  return all;
}

/** States of what is there. */
export const THERE: readonly string[] = ["outstanding", "retained"];

/**
 * What an exit, or none, has to do with a holding.
 * @returns `sought`: it has to be gone, or has gone · why it may be there · undefined: nothing, what goes on had it once
 */
export function standingOf(holding: Holding, ends: ExitState["ends"]): Kept | "sought" | undefined {
  if (isOfPart(holding, ends)) return holding.state === "retained" ? "retained" : "sought";
  return THERE.includes(holding.state) ? "goes-on" : undefined;
}
