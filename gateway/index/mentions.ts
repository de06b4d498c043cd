/** Digests that events carry: of data held, of deliveries, of documents. Whoever finds a file somewhere asks the ledger what it is. */
import type { JsonSchema } from "../../chaincode/events/schema";
import type { EventType } from "../../chaincode/events/definition";
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
  const data = event.data as Readonly<Record<string, unknown>>;
  for (const field of digestFields(type)) {
    const value = data[field];
    const digest = typeof value === "object" && value !== null && "digest" in value ? value.digest : value;
    if (typeof digest === "string" && !mentions.some((mention) => mention.digest === digest)) mentions.push({ digest });
  }
  return mentions;
}

/** Fields at the top of an event's data that are a digest or have one: deliveries and documents. */
const fields = new Map<EventType, readonly string[]>();
function digestFields(type: EventType): readonly string[] {
  let found = fields.get(type);
  if (found === undefined) {
    const properties = type.schema["properties"] as Readonly<Record<string, JsonSchema>>;
    const carries = (name: string, { properties }: JsonSchema): boolean =>
      name === "digest" || (properties !== undefined && "digest" in (properties as object));
    found = Object.keys(properties).filter((name) => carries(name, properties[name] ?? {}));
    fields.set(type, found);
  }
  return found;
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
