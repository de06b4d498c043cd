/**
 * What ends of what an authorization has, as the ledger came to count it. Who goes on for a developer counts with it, but only from when it does: what
 * was frozen before, and what is told of the past, is without it.
 */
import type { Effects, HoldingsPart } from "../../chaincode/events/definition";
import { partOf } from "../../chaincode/events/exit-part";
import type { Exit } from "../../chaincode/events/exit-record";
import { readEvent } from "../../chaincode/events/judge";
import type { Party } from "../../chaincode/events/party";
import type { EventRecord } from "../index/events";
import { lists } from "../index/lists";
import type { Anchored } from "../index/place";
import type { Reader } from "../index/reader";

export interface PartSince {
  /** The act that widened it; none where it began so. */
  readonly since?: Anchored;
  /** Undefined for all that the authorization has. */
  readonly part: HoldingsPart | undefined;
}

const TOGETHER = 500;

/** From the first on, each wider than the one before: the ledger's own effects tell. @param all a reader who sees everything, of any time */
export async function partsOf(all: Reader, record: Exit): Promise<readonly PartSince[]> {
  const parties = new Map<string, Party>();
  // For what ends, the effects of a succession and the rule itself ask for parties alone, and of these for their codes.
  const world = {
    get: (_: unknown, code: string) => parties.get(code) ?? UNKNOWN,
    put: (_: unknown, code: string, it: Party) => parties.set(code, it),
  } as unknown as Effects;
  const parts: PartSince[] = [{ part: partOf(record, world) }];
  for (const { event: leaf, recorded, journal, index, block } of await successions(all, record.developer)) {
    const event = readEvent(leaf, Date.parse(recorded), `${journal}/${index}`);
    event?.type.effects(event, world);
    const part = partOf(record, world);
    if (widthOf(part) > widthOf(parts.at(-1)?.part)) parts.push({ since: { journal, index, block }, part });
  }
  return parts;
}

const UNKNOWN: Party = { roles: [], host: "", steps: {} };

const widthOf = (part: HoldingsPart | undefined): number => part?.parties?.length ?? 0;

/** Those that a party has to do with, or one that has to do with it, in the order of the ledger. */
async function successions(all: Reader, developer: string | undefined): Promise<readonly EventRecord[]> {
  const found = new Map<string, EventRecord>();
  const codes = new Set(developer === undefined ? [] : [developer]);
  for (const id of codes)
    for (let cursor: string | undefined, isLast = false; !isLast;) {
      const { events, next } = await all.listed(lists.successions.of({ kind: "party", id }), { order: "oldest", limit: TOGETHER, cursor });
      for (const one of events) {
        found.set(`${one.journal}/${one.index}`, one);
        const { code, former, into } = one.event?.data as { code: string; former?: string | readonly string[]; into?: readonly string[] };
        for (const other of [code, former ?? [], into ?? []].flat()) codes.add(other);
      }
      [cursor, isLast] = [next, next === undefined];
    }
  // Of one block, acts in several journals that touch the same party would have made each other invalid.
  return [...found.values()].sort((a, b) => a.block - b.block || a.index - b.index);
}

/** What ends of what the authorization has, as the ledger counts it now. @returns undefined for all of it */
export const partOfExit = async (all: Reader, record: Exit): Promise<HoldingsPart | undefined> => (await partsOf(all, record)).at(-1)?.part;
