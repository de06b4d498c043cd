/**
 * What ends of what an authorization has, as the ledger came to count it. Who goes on for a developer counts with it, but only from when it does, and
 * until that is annulled: what was frozen before, and what is told of the past, is of what ended then.
 */
import type { HoldingsPart } from "../../chaincode/events/definition";
import { partOf } from "../../chaincode/events/exit-part";
import type { Exit } from "../../chaincode/events/exit-record";
import type { Change } from "../index/ever-held";
import type { Reader } from "../index/reader";
import { successionsOf, worldOfParties } from "./successions";

export interface PartSince {
  /** The act by which it came to be this; none where it began so. */
  readonly since?: Change;
  /** Undefined for all that the authorization has. */
  readonly part: HoldingsPart | undefined;
}

/** From the first on, each another than the one before: the ledger's own effects tell. @param all a reader who sees everything, of any time */
export async function partsOf(all: Reader, record: Exit): Promise<readonly PartSince[]> {
  const world = worldOfParties();
  const parts: PartSince[] = [{ part: partOf(record, world) }];
  if (record.developer === undefined) return parts;
  for (const { event, at } of await successionsOf(all, record.developer)) {
    event.type.effects(event, world);
    const part = partOf(record, world);
    if (namesOf(part) === namesOf(parts.at(-1)?.part)) continue;
    const { type, party, recorded, data } = event;
    const state = type.type.slice(type.type.lastIndexOf(".") + 1);
    parts.push({ since: { ...at, state, party, recorded, data: data as Change["data"] }, part });
  }
  return parts;
}

const namesOf = (part: HoldingsPart | undefined): string => [...(part?.parties ?? [])].sort().join(" ");

/** What ends of what the authorization has, as the ledger counts it now. @returns undefined for all of it */
export const partOfExit = async (all: Reader, record: Exit): Promise<HoldingsPart | undefined> => (await partsOf(all, record)).at(-1)?.part;
