/** Where the authority's acts of an exit do not agree with what the gateway has: transfers that are unmatched, and a certificate that is another. */
import type { Exit } from "../../chaincode/events/exit-record";
import { standing } from "../../chaincode/events/steps";
import { ANNULLED, lists } from "../index/lists";
import { everyPage } from "../index/every-page";
import type { Reader } from "../index/reader";
import { RECONCILIATION_CODES } from "../index/transfer-sides";
import { actAt } from "./inventory-reading";
import type { Inventories } from "./inventory-thread";
import { isCertified } from "./progress";
import { verificationOf } from "./state";

export interface AuthorityActs {
  /** How many transfers of what ends do not agree now, and no act explains them; absent where there are none. */
  readonly unmatched?: number;
  /** Where it is certified, and by another digest than that of the certificate that the gateway makes: both. */
  readonly certified?: { readonly named: string; readonly made: string };
}

/** @param all a reader who sees everything @param now milliseconds since 1970 */
export async function authorityActs(
  all: Reader,
  inventories: Inventories,
  exit: string,
  record: Exit,
  now: number,
): Promise<AuthorityActs> {
  const [unmatched, certified] = [await unmatchedOf(all, exit, record), await otherCertificate(all, inventories, exit, record, now)];
  return { ...(unmatched === 0 ? {} : { unmatched }), ...(certified === undefined ? {} : { certified }) };
}

const TOGETHER = 500;

async function unmatchedOf(all: Reader, exit: string, record: Exit): Promise<number> {
  const scenario = await scenarioOf(all, record);
  const unmatched = new Set<string>();
  for (const code of RECONCILIATION_CODES)
    for await (const { transfers } of everyPage((from) => all.transfers({ authorization: record.authorization, code }, TOGETHER, from)))
      for (const one of transfers) if (scenario === undefined || one.scenario === scenario) unmatched.add(one.transfer);
  if (unmatched.size > 0) for (const explained of await explainedIn(all, exit, record)) unmatched.delete(explained);
  return unmatched.size;
}

/** Undefined for all. */
async function scenarioOf(all: Reader, { leaving, scenario, product }: Exit): Promise<string | undefined> {
  if (leaving !== "product" || product === undefined) return scenario;
  return ((await all.subject({ kind: "product", id: product }))?.state as { readonly scenario?: string } | undefined)?.scenario;
}

/** Then it explains nothing any more. */
const TAKEN_BACK: ReadonlySet<string> = new Set([ANNULLED, "suyuan.correction.withdrawn"]);

/** From the history: of so many, the record does not keep every mark. */
async function explainedIn(all: Reader, exit: string, { authorization }: Exit): Promise<readonly string[]> {
  const explained: string[] = [];
  const history = lists.history.of({ kind: "exit", id: exit });
  for await (const { events } of everyPage((cursor) => all.listed(history, { order: "oldest", limit: TOGETHER, cursor })))
    for (const { event, corrections = [] } of events) {
      if (event?.type !== "suyuan.exit.transfer-explained" || corrections.some(({ type }) => TAKEN_BACK.has(type))) continue;
      const data = event.data as { readonly authorization: string; readonly transfer: string };
      if (data.authorization === authorization) explained.push(data.transfer);
    }
  return explained;
}

async function otherCertificate(
  all: Reader,
  inventories: Inventories,
  exit: string,
  record: Exit,
  now: number,
): Promise<AuthorityActs["certified"]> {
  const held = await all.heldOfExit(record);
  const [mark, verified] = [standing(record, "certified", now), await verificationOf(all, record, now)];
  if (mark === undefined || verified === undefined || !isCertified(record, held, now)) return undefined;
  const said = (await actAt(all, mark.act))?.data as { readonly certificate?: { readonly digest?: string } } | undefined;
  const named = said?.certificate?.digest ?? "";
  // Where it cannot be made, whoever asks for it is told.
  const made = await inventories.digest(exit, { at: verified.at, certified: named }).catch(() => undefined);
  return made === undefined || named === made ? undefined : { named, made };
}
