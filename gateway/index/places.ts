/**
 * Lists of places in ledger order: the history of a subject, the uses of an entity, the findings of a code. What a block adds to a list
 * is one record, so that a list costs a write a block and not one an event, and a view reads it up to its height.
 */
import { keys, lastPart, ordered, parseOrdered } from "./keys";
import { everyList, lists, listsOfFindings, type Told } from "./lists";
import { decodePlaces, encodePlaces, type Place } from "./place";
import type { Changes, Store } from "./store";
import type { View } from "./view";

export interface PageQuery {
  readonly order: "newest" | "oldest";
  readonly limit: number;
  /** `next` of the page before. */
  readonly cursor?: string | undefined;
}

export interface Page {
  readonly places: readonly Place[];
  /** Of each place, where a page that begins with it begins. */
  readonly cursors: readonly string[];
  /** Where the next page begins; absent on the last. */
  readonly next?: string;
}

/** What one block adds. */
export class PlaceLists {
  readonly #lists = new Map<string, Place[]>();

  /** Enters an event wherever it belongs. */
  note(told: Told, place: Place): void {
    for (const list of everyList) {
      for (const key of list.holding(told)) this.#add(list.of(key), place);
    }
  }

  /** Enters what only comparing shows, of an event recorded now or earlier. @param told with that code alone. @param isFound that it stands where findings stand already */
  noteFound(told: Told, place: Place, isFound: boolean): void {
    for (const list of isFound ? [lists.findingsOfCode] : [lists.findingsOfCode, ...listsOfFindings]) {
      for (const key of list.holding(told)) this.#add(list.of(key), place);
    }
  }

  #add(list: string, place: Place): void {
    const places = this.#lists.get(list);
    if (places === undefined) this.#lists.set(list, [place]);
    else places.push(place);
  }

  save(block: number, changes: Changes): void {
    for (const [list, places] of this.#lists) changes.put(keys.places(list, block), encodePlaces(places));
  }
}

/** One page of a list. */
export async function readPlaces(store: Store, view: View, list: string, { order, limit, cursor }: PageQuery): Promise<Page> {
  const places: Place[] = [];
  const cursors: string[] = [];
  const from = cursor === undefined ? undefined : parseCursor(cursor);
  for await (const segment of segments(store, view, list, order, from?.block)) {
    const first = from?.block === segment.block ? from.skip : 0;
    for (let skip = first; skip < segment.places.length; skip++) {
      const here = formatCursor({ block: segment.block, skip });
      if (places.length === limit) return { places, cursors, next: here };
      places.push(segment.places[skip] as Place);
      cursors.push(here);
    }
  }
  return { places, cursors };
}

/** The last of a list that the ledger recorded before an event; the list's last where no event is given. */
export async function lastBefore(
  store: Store,
  view: View,
  list: string,
  event: { readonly place: Place; readonly block: number },
): Promise<Place | undefined> {
  for await (const { block, places } of segments(store, view, list, "newest", event.block)) {
    const found = places.find((place) => block < event.block || place.journal !== event.place.journal || place.index < event.place.index);
    if (found !== undefined) return found;
  }
  return undefined;
}

interface Segment {
  readonly block: number;
  /** In the order asked for. */
  readonly places: readonly Place[];
}

async function* segments(
  store: Store,
  view: View,
  list: string,
  order: PageQuery["order"],
  from: number | undefined,
): AsyncGenerator<Segment, void> {
  const reverse = order === "newest";
  const [lowest, highest] = reverse ? [0, Math.min(from ?? view.height, view.height - 1)] : [from ?? 0, view.height - 1];
  if (highest < lowest) return;
  for await (const [key, value] of store.iterator({ gte: keys.places(list, lowest), lte: keys.places(list, highest), reverse })) {
    const places = decodePlaces(value);
    yield { block: parseOrdered(lastPart(key)), places: reverse ? places.reverse() : places };
  }
}

interface Cursor {
  readonly block: number;
  readonly skip: number;
}
/** How a cursor is written, as a regular expression. */
export const CURSOR = "^([0-9a-z]{9})\\.(\\d{1,9})$";
const formatCursor = ({ block, skip }: Cursor): string => `${ordered(block)}.${skip}`;
/** Where a page begins after the one that begins with a place. */
export function cursorAfter(cursor: string): string {
  const { block = 0, skip = 0 } = parseCursor(cursor) ?? {};
  return formatCursor({ block, skip: skip + 1 });
}

/** Where the places begin that a block added. */
export const cursorAt = (block: number): string => formatCursor({ block, skip: 0 });
const parseCursor = (text: string): Cursor | undefined => {
  const [, block, skip] = new RegExp(CURSOR).exec(text) ?? [];
  return block === undefined ? undefined : { block: parseOrdered(block), skip: Number(skip) };
};
