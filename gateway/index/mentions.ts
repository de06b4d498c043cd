/** Digests that events carry: of data held, of deliveries, of documents. Whoever finds a file somewhere asks the ledger what it is. */
import { formatHoldingName } from "../../chaincode/proof/holding-name";
import { readEntries } from "./entries";
import { keys, parseOrdered, partsOf, under } from "./keys";
import type { Place, Position } from "./place";
import { type Known, knownOf } from "./recording";
import type { Changes, Store } from "./store";
import type { View } from "./view";

export interface Mention {
  readonly digest: string;
  /** Name of the holding whose data it is; absent where it is something else of the event. */
  readonly holding?: string;
}

/** What an event's digests belong to. */
export function mentionsOf({ type, event }: Known, { journal, index }: Position): Mention[] {
  const held = type.declares(event.data)?.holdings ?? [];
  const mentions: Mention[] = held.map(({ digest }, ordinal) => ({ digest, holding: formatHoldingName({ journal, index, ordinal }) }));
  for (const digest of digestsIn(event.data as object)) {
    if (!mentions.some((mention) => mention.digest === digest)) mentions.push({ digest });
  }
  return mentions;
}

/** Members called `digest`, at the top or in an object at the top: where the vocabulary has documents and deliveries. */
function digestsIn(data: object): string[] {
  const digests: string[] = [];
  for (const [name, value] of Object.entries(data) as [string, unknown][]) {
    const digest = name === "digest" ? value : typeof value === "object" && value !== null && "digest" in value ? value.digest : undefined;
    if (typeof digest === "string") digests.push(digest);
  }
  return digests;
}

const NOTHING = Buffer.alloc(0);

export function noteMentions(mentions: readonly Mention[], place: Place, changes: Changes): void {
  for (const { digest } of mentions) changes.put(keys.mention(digest, place), NOTHING);
}

/** Events that mention a digest, the first ones. */
export async function readMentions(
  store: Store,
  view: View,
  digest: string,
  limit: number,
): Promise<(Mention & { readonly position: Position })[]> {
  const found = await store
    .keys({ gte: keys.mention(digest, { journal: 0, index: 0 }), lt: under("d", digest.slice(0, 32)).lt, limit })
    .all();
  const places = found.map(placeIn).filter((place) => view.has(place));
  const entries = await readEntries(store, places);
  return entries.flatMap((entry) => {
    if (entry === undefined) return [];
    const position = view.position(entry.place);
    const event = knownOf(JSON.parse(entry.leaf.toString("utf8")));
    const mentions = event === undefined ? [] : mentionsOf(event, position);
    return mentions.filter((mention) => mention.digest === digest).map((mention) => ({ ...mention, position }));
  });
}

function placeIn(key: string): Place {
  const [, journal = "", index = ""] = partsOf(key);
  return { journal: parseOrdered(journal), index: parseOrdered(index) };
}
