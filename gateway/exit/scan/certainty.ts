/** What of a holding a scan may miss although it read everything: the report says so, as it says what was not read. */
import { COARSE, type Cutting, FINE } from "./chunker";
import { LEAST_FILE, type Sidecar } from "./sidecar";

/**
 * Why not everything of a holding was found that was read. `without-fingerprints`: only the very bytes of it are found, and nothing if it is no file ·
 * `not-sought`: it is known to be a folder or a table, and has none: its digest is of a list or a text that no copy of it has · `without-rows`: its sidecar tells of rows
 * in an earlier way, so that they are not found · `parts-uncertain`: it is so small that its parts are found or not by chance · `goes-on`: most of its fingerprints are another's, too,
 * that goes on, and say nothing of it.
 */
export const UNSOUGHT = ["without-fingerprints", "not-sought", "without-rows", "parts-uncertain", "goes-on"] as const;
export type Unsought = (typeof UNSOUGHT)[number];

/**
 * Bytes of a holding, measured with holdings of noise: from the first on it is found with something before it, from the second on either half of it too,
 * at least 99 times in a hundred. What is cut less finely was not made to have its parts found wherever they begin.
 */
const CERTAIN: ReadonlyMap<Cutting, readonly [headed: number, halves: number]> = new Map([
  [FINE, [12_288, 32_768]],
  [COARSE, [131_072, 614_400]],
]);

export interface Certainty {
  readonly unsought?: Unsought;
  /** Bytes below which a holding's parts are found by chance, as many as it has or more; of a folder those below which its files are. */
  readonly below?: number;
}

/** @param isFile undefined where nobody says whether it is one */
export function certaintyOf(sidecar: Sidecar | undefined, isFile?: boolean): Certainty {
  if (sidecar === undefined) return { unsought: isFile === false ? "not-sought" : "without-fingerprints" };
  const { head, cutting, rowBytes, isWithoutRows } = sidecar;
  if (isWithoutRows) return { unsought: "without-rows" };
  // Of a folder each file is a part, whatever its size, but the very smallest.
  if (head.fileBytes !== undefined && 2 * head.fileBytes < head.bytes) return { unsought: "parts-uncertain", below: LEAST_FILE };
  if (head.fileBytes !== undefined) return {};
  // Of a table any few rows are enough.
  if (2 * rowBytes >= head.bytes) return {}; // Nothing has no parts either.
  const below = CERTAIN.get(cutting)?.find((bytes) => head.bytes < bytes);
  return below === undefined ? {} : { unsought: "parts-uncertain", below };
}
