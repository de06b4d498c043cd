/**
 * What ends of what an authorization has, as the ledger came to count it. Who goes on for a developer counts with it, but only from when it does, and
 * until that is annulled: what was frozen before, and what is told of the past, is of what ended then.
 */
import type { Effects, HoldingsPart, Table } from "../../chaincode/events/definition";
import { partOf } from "../../chaincode/events/exit-part";
import type { Exit } from "../../chaincode/events/exit-record";
import { readEvent } from "../../chaincode/events/judge";
import { parties, type Party } from "../../chaincode/events/party";
import type { Change } from "../index/ever-held";
import type { EventRecord } from "../index/events";
import { ANNULLED, lists } from "../index/lists";
import type { Reader } from "../index/reader";

export interface PartSince {
  /** The act by which it came to be this; none where it began so. */
  readonly since?: Change;
  /** Undefined for all that the authorization has. */
  readonly part: HoldingsPart | undefined;
}

const TOGETHER = 500;

/** From the first on, each another than the one before: the ledger's own effects tell. @param all a reader who sees everything, of any time */
export async function partsOf(all: Reader, record: Exit): Promise<readonly PartSince[]> {
  const world = worldOfParties();
  const parts: PartSince[] = [{ part: partOf(record, world) }];
  for (const act of await successions(all, record.developer)) {
    const { event: leaf, recorded, journal, index, block } = act;
    const event = readEvent(leaf, Date.parse(recorded), `${journal}/${index}`);
    if (event === undefined) continue;
    event.type.effects(event, world);
    const part = partOf(record, world);
    if (namesOf(part) === namesOf(parts.at(-1)?.part)) continue;
    const { type, party, recorded: at, data } = event;
    const state = type.type.slice(type.type.lastIndexOf(".") + 1);
    parts.push({ since: { journal, index, block, state, party, recorded: at, data: data as Change["data"] }, part });
  }
  return parts;
}

/** For what ends, the effects of successions and annulments and the rule itself ask for parties, and of these for their codes. */
function worldOfParties(): Effects {
  const rows = new Map<string, unknown>();
  const world: Pick<Effects, "get" | "put"> = {
    get: <R>({ name }: Table<R>, id: string) =>
      (rows.get(`${name} ${id}`) ?? (name === parties.name ? UNKNOWN : undefined)) as R | undefined,
    put: ({ name }, id, row) => rows.set(`${name} ${id}`, row),
  };
  return world as Effects;
}

const UNKNOWN: Party = { roles: [], host: "", steps: {} };

const namesOf = (part: HoldingsPart | undefined): string => [...(part?.parties ?? [])].sort().join(" ");

/** Those that a party has to do with, or one that has to do with it, and what annulled them, in the order of the ledger. */
async function successions(all: Reader, developer: string | undefined): Promise<readonly EventRecord[]> {
  const found = new Map<string, EventRecord>();
  const codes = new Set(developer === undefined ? [] : [developer]);
  for (const id of codes)
    for (let cursor: string | undefined, isLast = false; !isLast;) {
      const { events, next } = await all.listed(lists.successions.of({ kind: "party", id }), { order: "oldest", limit: TOGETHER, cursor });
      for (const one of events) {
        found.set(placeOf(one), one);
        const { code, former, into } = one.event?.data as { code: string; former?: string | readonly string[]; into?: readonly string[] };
        for (const other of [code, former ?? [], into ?? []].flat()) codes.add(other);
      }
      [cursor, isLast] = [next, next === undefined];
    }
  const annulments: EventRecord[] = [];
  for (const one of found.values()) annulments.push(...(await annulmentsOf(all, one)));
  // Of one block, acts in several journals that touch the same party would have made each other invalid.
  return [...found.values(), ...annulments].sort((a, b) => a.block - b.block || a.index - b.index);
}

const placeOf = ({ journal, index }: { readonly journal: string; readonly index: number }): string => `${journal}/${index}`;

/** Those that took back what a succession gave to whom. */
async function annulmentsOf(all: Reader, succession: EventRecord): Promise<readonly EventRecord[]> {
  const places = (succession.corrections ?? []).filter(({ type }) => type === ANNULLED);
  if (places.length === 0 || !(await all.isSuccessionKept(placeOf(succession)))) return [];
  const annulments = await Promise.all(places.map((place) => all.event(place)));
  return annulments.filter((one) => one !== undefined);
}

/** What ends of what the authorization has, as the ledger counts it now. @returns undefined for all of it */
export const partOfExit = async (all: Reader, record: Exit): Promise<HoldingsPart | undefined> => (await partsOf(all, record)).at(-1)?.part;
