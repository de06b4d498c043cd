/**
 * What may have lost its basis when an act was annulled: every event about the same thing that was recorded after that act. Each is entered where findings
 * are looked for; whether it did lose anything is told when it is shown (`corrections.ts`).
 */
import type { Subject } from "../../chaincode/events/definition";
import type { Checkpoint } from "./checkpoint";
import { readEntries } from "./entries";
import { lists } from "./lists";
import { positionOf } from "./place";
import { cursorAt, type PlaceLists, readPlaces } from "./places";
import { knownOf } from "./recording";
import type { Store } from "./store";
import { View } from "./view";

export const BASIS_ANNULLED = "basis-annulled";

/** Events that are read at once. */
const TOGETHER = 1000;

export class LostBasis {
  readonly #annulled: { readonly act: string; readonly subjects: readonly Subject[] }[] = [];

  /** @param checkpoint before the block */
  constructor(
    private readonly store: Store,
    private readonly checkpoint: Checkpoint,
  ) {}

  /** @param act `MSPID/journal/index`. @param subjects what it was about */
  note(act: string, subjects: readonly Subject[]): void {
    this.#annulled.push({ act, subjects });
  }

  async save(places: PlaceLists): Promise<void> {
    const seen = new Set<string>();
    for (const { act, subjects } of this.#annulled) {
      const view = View.at(this.checkpoint);
      const place = view.place(positionOf(act));
      const [annulled] = place === undefined ? [] : await readEntries(this.store, [place]);
      for (const subject of annulled === undefined ? [] : subjects)
        await this.#enter(view, lists.history.of(subject), cursorAt(annulled?.block ?? 0), places, seen);
    }
  }

  async #enter(view: View, list: string, from: string, lists: PlaceLists, seen: Set<string>): Promise<void> {
    let cursor: string | undefined = from;
    while (cursor !== undefined) {
      const page = await readPlaces(this.store, view, list, { order: "oldest", limit: TOGETHER, cursor });
      cursor = page.next;
      for (const entry of await readEntries(this.store, page.places)) {
        const known = entry && !entry.quarantined ? knownOf(JSON.parse(entry.leaf.toString("utf8"))) : undefined;
        if (entry === undefined || known === undefined) continue;
        const name = `${entry.place.journal}/${entry.place.index}`;
        if (seen.has(name)) continue;
        seen.add(name);
        const { type, event } = known;
        const told = { type: type.type, party: event.party, subjects: type.about(event.data), codes: [BASIS_ANNULLED] };
        lists.noteFound({ ...told, used: [], made: [], corrects: [], counts: false }, entry.place, entry.findings);
      }
    }
  }
}
