/**
 * Who goes on for whom (更名, 合并, 分立), told by the ledger's own effects from the acts that there were by the time of a reader, and from what annulled
 * them: the party's record in the read model is the one of now.
 */
import type { Effects, LedgerEvent, Table, World } from "../../chaincode/events/definition";
import { bodyOf } from "../../chaincode/events/exit-part";
import { readEvent } from "../../chaincode/events/judge";
import { isParty, parties, type Party, successorsOf } from "../../chaincode/events/party";
import type { EventRecord } from "../index/events";
import { ANNULLED, lists } from "../index/lists";
import type { Anchored } from "../index/place";
import type { Reader } from "../index/reader";
import { everyPage } from "../index/every-page";

/** Or an annulment of one. */
export interface Succession {
  readonly event: LedgerEvent<unknown>;
  readonly at: Anchored;
}

const TOGETHER = 500;

/** Effects of successions and of their annulments, and rules of who is whose, ask for parties, and of these for their codes. */
export function worldOfParties(): Effects {
  const rows = new Map<string, unknown>();
  const world: Pick<Effects, "get" | "put"> = {
    get: <R>({ name }: Table<R>, id: string) =>
      (rows.get(`${name} ${id}`) ?? (name === parties.name ? UNKNOWN : undefined)) as R | undefined,
    put: ({ name }, id, row) => rows.set(`${name} ${id}`, row),
  };
  return world as Effects;
}

const UNKNOWN: Party = { roles: [], host: "", steps: {} };

async function worldThen(all: Reader, party: string): Promise<World> {
  const world = worldOfParties();
  for (const { event } of await successionsOf(all, party)) event.type.effects(event, world);
  return world;
}

/** Under which codes a party was known and goes on, its own among them. */
export const codesOf = async (all: Reader, party: string): Promise<readonly string[]> => bodyOf(await worldThen(all, party), party);

/** By which other codes the ledger takes what is told for a party's own: it was renamed, or another goes on for it. */
export async function laterCodesOf(all: Reader, party: string): Promise<readonly string[]> {
  const world = await worldThen(all, party);
  return successorsOf(world, party).filter((code) => code !== party && isParty(world, code, party));
}

/** Those that a party has to do with, or one that has to do with it, and what annulled them, in the order of the ledger. */
export async function successionsOf(all: Reader, party: string): Promise<readonly Succession[]> {
  const found = new Map<string, EventRecord>();
  const codes = new Set([party]);
  for (const id of codes) {
    const list = lists.successions.of({ kind: "party", id });
    for await (const { events } of everyPage((cursor) => all.listed(list, { order: "oldest", limit: TOGETHER, cursor })))
      for (const one of events) {
        found.set(placeOf(one), one);
        const { code, former, into } = one.event?.data as { code: string; former?: string | readonly string[]; into?: readonly string[] };
        for (const other of [code, former ?? [], into ?? []].flat()) codes.add(other);
      }
  }
  const annulments: EventRecord[] = [];
  for (const one of found.values()) annulments.push(...(await annulmentsOf(all, one)));
  // Of one block, acts in several journals that touch the same party would have made each other invalid.
  const inOrder = [...found.values(), ...annulments].sort((a, b) => a.block - b.block || a.index - b.index);
  return inOrder.flatMap(({ event: leaf, recorded, journal, index, block }) => {
    const event = readEvent(leaf, Date.parse(recorded), `${journal}/${index}`);
    return event === undefined ? [] : { event, at: { journal, index, block } };
  });
}

const placeOf = ({ journal, index }: { readonly journal: string; readonly index: number }): string => `${journal}/${index}`;

/** Those that took back what a succession gave to whom. */
async function annulmentsOf(all: Reader, succession: EventRecord): Promise<readonly EventRecord[]> {
  const places = (succession.corrections ?? []).filter(({ type }) => type === ANNULLED);
  if (places.length === 0 || !(await all.isSuccessionKept(placeOf(succession)))) return [];
  const annulments = await Promise.all(places.map((place) => all.event(place)));
  return annulments.filter((one) => one !== undefined);
}
