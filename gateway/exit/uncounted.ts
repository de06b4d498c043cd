/** What has to do with what ends and is in no inventory of it: the ledger counts it elsewhere, or not at all, and the certificate says that there is such. */
import type { Product } from "../../chaincode/events/offer";
import { DECLARED_BY_STRANGER } from "../../chaincode/events/codes";
import type { Exit } from "../../chaincode/events/exit-record";
import { vocabulary } from "../../chaincode/events/vocabulary";
import { type InventoryPart, isOfPart } from "../../chaincode/proof/inventory";
import type { ExitCertificate } from "../evidence/exit-certificate";
import type { EverHeld } from "../index/ever-held";
import type { EventRecord } from "../index/events";
import { lists } from "../index/lists";
import { positionOf } from "../index/place";
import type { Reader } from "../index/reader";
import { codesOf } from "./successions";

/** @param part what ends @param ever all that was ever held under the authorization */
export async function uncountedOf(
  all: Reader,
  record: Exit,
  part: InventoryPart | undefined,
  ever: readonly EverHeld[],
): Promise<Pick<ExitCertificate, "declaredWithoutPart" | "heldForAnother">> {
  const [declaredWithoutPart, heldForAnother] = [await declared(all, record, part), await held(all, record, ever)];
  return {
    ...(declaredWithoutPart === 0 ? {} : { declaredWithoutPart }),
    ...(heldForAnother === 0 ? {} : { heldForAnother }),
  };
}

/** Events that are read together, and at most: of the oldest, who leaves chooses how many more there are. */
const TOGETHER = 500;
const MOST = 20 * TOGETHER;

/**
 * How many holdings who leaves declared while it had no part in what it named: before the authorization was decided, say. Others would fill an exit
 * with such, so that the ledger counts none.
 */
async function declared(all: Reader, record: Exit, part: InventoryPart | undefined): Promise<number> {
  let count = 0;
  for (const code of part?.parties ?? (await codesOf(all, record.hands[0] ?? ""))) {
    let cursor: string | undefined;
    for (let read = 0; read < MOST; read += TOGETHER) {
      const { events, next } = await all.listed(lists.findingsOfParty.of(code), { order: "oldest", limit: TOGETHER, cursor });
      for (const one of events) if (one.event?.party === code) count += declaredIn(one, record.authorization, part);
      if (next === undefined) break;
      cursor = next;
    }
  }
  return count;
}

function declaredIn({ event, findings }: EventRecord, authorization: string, part: InventoryPart | undefined): number {
  if (event === undefined || !findings.some(({ code }) => code === DECLARED_BY_STRANGER)) return 0;
  const declaration = vocabulary.get(event.type)?.declares(event.data);
  if (declaration?.authorization !== authorization) return 0;
  const { scenario, product, holdings } = declaration;
  const of = { party: event.party, ...(scenario === undefined ? {} : { scenario }), ...(product === undefined ? {} : { product }) };
  return isOfPart(of, part) ? holdings.length : 0;
}

/** Of a product: of how many holdings its releases were made that are there, and go with another product. */
async function held(all: Reader, { leaving, product }: Exit, ever: readonly EverHeld[]): Promise<number> {
  if (leaving !== "product" || product === undefined) return 0;
  const it = (await all.subject({ kind: "product", id: product }))?.state as Product | undefined;
  const made = new Set<string>();
  for (const { act } of it?.steps["released"] ?? [])
    for (const name of ((await all.event(positionOf(act)))?.event?.data as { readonly made?: readonly string[] } | undefined)?.made ?? [])
      made.add(name);
  return ever.filter(({ slot, released, changes }) => {
    const isThere = changes.every(({ state }) => state === "retained");
    return made.has(slot.holding) && isThere && (slot.product ?? released?.product) !== product;
  }).length;
}
