/** Search by what people have in hand: a name or part of one, a credit code, a number, the digest of a file, the hash of an event, a holding's name. */
import { fromHex } from "../../chaincode/proof/bytes";
import { parseHoldingName } from "../../chaincode/proof/holding-name";
import type { Access } from "./access";
import { type EventRecord, readEvents } from "./events";
import { type Held, readHoldings, visibleHoldings } from "./holdings";
import { findLeaf } from "./leaves";
import { readMentions } from "./mentions";
import type { Store } from "./store";
import { searchSubjects, type SubjectSummary } from "./subjects";
import type { View } from "./view";

export interface SearchResult {
  readonly subjects: readonly SubjectSummary[];
  /** Whose name or digest it is. */
  readonly holdings: readonly Held[];
  /** Whose hash it is, or that carry the digest. */
  readonly events: readonly EventRecord[];
}

const SHA256 = /^[0-9a-f]{64}$/;

export async function search(store: Store, view: View, access: Access, text: string, limit: number): Promise<SearchResult> {
  const wanted = text.trim();
  const digest = wanted.toLowerCase();
  if (SHA256.test(digest)) return searchDigest(store, view, access, digest, limit);
  const holdings = parseHoldingName(wanted) === undefined ? [] : await readHoldings(store, view, [wanted]);
  return {
    subjects: await searchSubjects(store, access, wanted, limit),
    holdings: await visibleHoldings(
      store,
      view,
      access,
      holdings.filter((held) => held !== undefined),
    ),
    events: [],
  };
}

async function searchDigest(store: Store, view: View, access: Access, digest: string, limit: number): Promise<SearchResult> {
  const leaf = await findLeaf(store, fromHex(digest) ?? new Uint8Array(0));
  const mentions = await readMentions(store, view, digest, limit);
  const names = mentions.flatMap(({ holding }) => holding ?? []);
  const held = (await readHoldings(store, view, names)).filter((held) => held !== undefined);
  const places = [leaf, ...mentions.map(({ position }) => view.place(position))].filter((place) => place !== undefined);
  return {
    subjects: [],
    holdings: await visibleHoldings(store, view, access, held),
    events: await readEvents(store, view, access, places),
  };
}
