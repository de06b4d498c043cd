import type { Reader } from "../index/reader";

/** Names of parties, by credit code; of those that have one. @param all a reader who sees everything */
export async function partyNames(all: Reader, codes: Iterable<string | undefined>): Promise<Readonly<Record<string, string>>> {
  const names: Record<string, string> = {};
  for (const id of new Set(codes)) {
    const name = id === undefined ? undefined : (await all.subject({ kind: "party", id }))?.name;
    if (id !== undefined && name !== undefined) names[id] = name;
  }
  return names;
}
