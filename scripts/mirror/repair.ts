/**
 * Files of a copy that were damaged are made again, by the copy's own head: of its own records as far as these are left, else of somebody else's. Nothing is
 * written before all of it is known to make the head's root.
 */
import { sameBytes } from "../../chaincode/proof/bytes";
import { CompactRange } from "../../chaincode/proof/compact-range";
import { leafHash } from "../../chaincode/proof/rfc6962";
import type { Hash } from "../../chaincode/proof/sha256";
import { decodeBundle, encodeBundle, type Tile, TILE_WIDTH, tileOf } from "../../chaincode/proof/tile";
import { demand } from "../../gateway/evidence/errors";
import { readHead, verifyHead } from "../../gateway/evidence/head";
import { Failure } from "../failure";
import type { Mirroring } from "./copy";
import { type MadeTile, Tiles } from "./tiles";

type Leaves = readonly Uint8Array[];

/**
 * @returns how many files were made again
 * @throws Failure `mirror-damaged` where the head is, or what is to be had does not make its root; EvidenceError where the head is not vouched for; those of sources
 */
export async function repairCopy({ journal, journals, files, trust, onLeaves }: Mirroring): Promise<number> {
  const file = await files.head();
  if (file === undefined) return 0;
  const head = readHead(file);
  demand(head.journal === journal, "attestation-differs");
  await verifyHead(head, trust, new Date());
  const { size, root } = head;
  /** What is here in place of a tile, whatever it is. */
  const here = (tile: Tile): Promise<Uint8Array | undefined> =>
    files.tile(tile).catch((error: unknown) => {
      if (error instanceof Failure) return undefined;
      throw error;
    });
  /** Undefined where they are not what their hash tile says; either of the two may be the damaged one. */
  const own = async (tile: Tile): Promise<Leaves | undefined> => {
    const leaves = decodeBundle((await here(tile)) ?? new Uint8Array(), tile.width);
    const hashes = await here({ ...tile, level: 0 });
    return leaves && hashes && sameBytes(Buffer.concat(leaves.map(leafHash)), hashes) ? leaves : undefined;
  };
  const alone = async (tile: Tile): Promise<Leaves | undefined> => decodeBundle((await here(tile)) ?? new Uint8Array(), tile.width);
  const helped = async (tile: Tile): Promise<Leaves | undefined> => (await own(tile)) ?? journals.leaves(journal, tile);

  for (const leavesOf of [alone, helped]) {
    const roots = await rootsOf(size, leavesOf);
    if (roots === undefined || !sameBytes(roots.root, root)) continue;
    let made = 0;
    const write = async ([tile, bytes]: MadeTile): Promise<void> => {
      if (sameBytes(bytes, (await here(tile)) ?? new Uint8Array())) return;
      await files.writeTile(tile, bytes);
      made++;
    };
    const [range, tiles] = [CompactRange.empty(), new Tiles()];
    for (const tile of bundlesOf(size)) {
      const leaves = (await leavesOf(tile)) ?? [];
      // Whoever was asked is asked a second time, and might say something else.
      const isSame = sameBytes(rangeOf(leaves).root(), roots.bundles[tile.index] ?? new Uint8Array());
      if (!isSame) throw new Failure("mirror-leaves-differ", { journal, from: 0, size });
      await write([tile, encodeBundle(leaves)]);
      for (const leaf of leaves) range.append(leafHash(leaf), (level, _, hash) => tiles.add(level, hash));
      for (const full of tiles.full()) await write(full);
      onLeaves(range.size, size);
    }
    for (const rest of tiles.rest()) await write(rest);
    return made;
  }
  throw new Failure("mirror-damaged", { directory: files.directory, reason: `tile/entries (${size})` });
}

/** The tree's root, and each bundle's own; undefined where there is a bundle that nobody has. */
async function rootsOf(
  size: number,
  leavesOf: (tile: Tile) => Promise<Leaves | undefined>,
): Promise<{ readonly root: Hash; readonly bundles: readonly Hash[] } | undefined> {
  const range = CompactRange.empty();
  const bundles: Hash[] = [];
  for (const tile of bundlesOf(size)) {
    const leaves = await leavesOf(tile);
    if (leaves === undefined) return undefined;
    for (const leaf of leaves) range.append(leafHash(leaf));
    bundles.push(rangeOf(leaves).root());
  }
  return { root: range.root(), bundles };
}

function rangeOf(leaves: Leaves): CompactRange {
  const range = CompactRange.empty();
  for (const leaf of leaves) range.append(leafHash(leaf));
  return range;
}

const bundlesOf = (size: number): readonly Tile[] =>
  Array.from({ length: Math.ceil(size / TILE_WIDTH) }, (_, index) => tileOf(size, "entries", index) as Tile);
