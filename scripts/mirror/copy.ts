/** Bringing the copy of a journal up to the newest head that the ledger vouches for: every leaf is hashed, and the tree that they make is compared. */
import { sameBytes, toBase64, toHex } from "../../chaincode/proof/bytes";
import { canonicalText } from "../../chaincode/proof/canonical";
import { CompactRange } from "../../chaincode/proof/compact-range";
import { leafHash, type NodeSource, verifyConsistency } from "../../chaincode/proof/rfc6962";
import type { Hash } from "../../chaincode/proof/sha256";
import { decodeBundle, encodeBundle, type Tile, TILE_WIDTH, tileOf } from "../../chaincode/proof/tile";
import { demand } from "../../gateway/evidence/errors";
import { readHead, type ReadHead, verifyHead } from "../../gateway/evidence/head";
import { parseHeadFile } from "../../gateway/evidence/journal-export";
import { parseLatest, verifyLatest } from "../../gateway/evidence/latest";
import type { TrustFile } from "../../gateway/evidence/trust";
import { Failure, reasonOf } from "../failure";
import type { Journals } from "../journals";
import { type MirrorFiles, partialTiles } from "./files";
import { Tiles } from "./tiles";

export interface Copied {
  readonly journal: string;
  /** Leaves before and now. */
  readonly from: number;
  readonly size: number;
  readonly attestedBy: readonly string[];
}

export interface Mirroring {
  readonly journal: string;
  readonly journals: Journals;
  readonly files: MirrorFiles;
  readonly trust: TrustFile;
  /** Told how many leaves are here. */
  readonly onLeaves: (done: number, total: number) => void;
}

/**
 * Goes on where the last copy ended, or was interrupted. Nothing is served as copied that was not verified.
 * @throws EvidenceError where the head is not vouched for
 * @throws Failure `mirror-damaged` the copy itself; `mirror-rolled-back`, `mirror-forked` the journal is no continuation of the copy; `mirror-behind`,
 * `mirror-leaves-differ`, `source-wrong`, and those of sources
 */
export async function copyJournal(mirroring: Mirroring): Promise<Copied> {
  const { journal, journals, files, trust, onLeaves } = mirroring;
  const copy = await before(files);
  const { size: from, range } = copy;
  const text = await journals.head(journal);
  const head = readHead(parseHeadFile(text));
  demand(head.journal === journal, "attestation-differs");
  const { attestedBy } = await verifyHead(head, trust, new Date());
  if (head.size < from) throw await shorter(mirroring, copy, head);
  await demandContinued(mirroring, copy, head, text);

  if (head.size > from) {
    const tiles = await Tiles.open(from, (tile) => files.tile(tile));
    const written = await append(journal, journals, files, { from, head, range, tiles, onLeaves });
    if (!sameBytes(range.root(), head.root)) {
      for (const tile of written) await files.removeTile(tile);
      throw new Failure("mirror-leaves-differ", { journal, from, size: head.size });
    }
    for (const [tile, bytes] of tiles.rest()) await files.writeTile(tile, bytes);
  }
  await files.writeHead(text);
  // As tlog-tiles has it: what a checkpoint of before needs stays, until the whole tile is there in its place.
  for (const tile of partialTiles(from))
    if (tileOf(head.size, tile.level, tile.index)?.width === TILE_WIDTH) await files.removePartial(tile);
  return { journal, from, size: head.size, attestedBy };
}

/** The copy as it is, its tiles compared with its head. */
interface Copy {
  readonly size: number;
  readonly root: Hash;
  readonly range: CompactRange;
  /** When the ledger vouched for it. */
  readonly attested: Date;
}

/** @throws Failure `mirror-damaged` */
export async function before(files: MirrorFiles): Promise<Copy> {
  try {
    const file = await files.head();
    if (file === undefined) return { size: 0, range: CompactRange.empty(), root: CompactRange.empty().root(), attested: new Date(0) };
    const { size, root, attestation } = readHead(file);
    const range = await files.nodes(size, (nodes) => rangeOf(size, nodes));
    if (!sameBytes(range.root(), root)) throw new RangeError("its tiles do not make its root");
    return { size, range, root, attested: new Date(attestation.time) };
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    throw new Failure("mirror-damaged", { directory: files.directory, reason: reasonOf(cause) }, { cause });
  }
}

function rangeOf(size: number, node: NodeSource): CompactRange {
  const peaks: string[] = [];
  let before = 0;
  for (let level = Math.floor(Math.log2(Math.max(size, 1))); level >= 0; level--) {
    const width = 2 ** level;
    if (Math.floor(size / width) % 2 === 0) continue;
    peaks.push(toHex(node(level, before / width)));
    before += width;
  }
  const range = CompactRange.from({ size, peaks });
  if (range === undefined) throw new RangeError("a tile is missing or cut");
  return range;
}

/** A head that has fewer leaves may just be an old one: only the ledger itself can say that there are no more. */
async function shorter({ journal, journals, files, trust }: Mirroring, copy: Copy, { size }: ReadHead): Promise<Failure> {
  const { size: from, attested } = copy;
  const given = await journals.latest(journal);
  if (given !== undefined) {
    const latest = await verifyLatest(parseLatest(given), trust, new Date());
    demand(latest.latest.journal === journal, "attestation-differs");
    if (latest.latest.size < from && new Date(latest.attested) > attested) {
      const file = await files.keepContradiction(`${latest.latest.size}.latest`, `${Buffer.from(given).toString("utf8").trimEnd()}\n`);
      return new Failure("mirror-rolled-back", { journal, from, size: latest.latest.size, file, directory: files.directory });
    }
  }
  return new Failure("mirror-behind", { journal, from, size });
}

/** @throws Failure `mirror-forked`, with what proves it; `source-wrong` where what is there is not the tree of its own head */
async function demandContinued({ journal, journals, files }: Mirroring, copy: Copy, head: ReadHead, text: string): Promise<void> {
  const { size: from, root } = copy;
  if (from === 0) return;
  const { size } = head;
  const there = from === size ? { root: head.root, path: [] } : await journals.consistency(journal, from, size);
  if (!verifyConsistency(from, there.root, size, head.root, there.path)) throw journals.wrong(`${journal}/tile`);
  if (sameBytes(there.root, root)) return;
  const proof = { journal, from, root: toHex(there.root), to: size, path: there.path.map(toBase64) };
  await files.keepContradiction(`${size}.proof`, `${canonicalText(proof)}\n`);
  const file = await files.keepContradiction(`${size}.head`, text);
  throw new Failure("mirror-forked", { journal, from, size, file, directory: files.directory });
}

interface Appending {
  readonly from: number;
  readonly head: ReadHead;
  readonly range: CompactRange;
  readonly tiles: Tiles;
  readonly onLeaves: Mirroring["onLeaves"];
}

/** One bundle after the other. @returns those that were written */
async function append(
  journal: string,
  journals: Journals,
  files: MirrorFiles,
  { from, head, range, tiles, onLeaves }: Appending,
): Promise<Tile[]> {
  const written: Tile[] = [];
  const { size } = head;
  for (let number = Math.floor(from / TILE_WIDTH); range.size < size; number++) {
    const tile = tileOf(size, "entries", number) as Tile;
    // What an interrupted copy has left is as good as what would be sent now: either shows in the root.
    const left = tile.width === TILE_WIDTH ? await files.tile(tile) : undefined;
    const known = left && decodeBundle(left, tile.width);
    const leaves = known ?? (await journals.leaves(journal, tile));
    const before = range.size - number * TILE_WIDTH;
    if (leaves === undefined || !leaves.slice(0, before).every((leaf, i) => tiles.begins(i, leafHash(leaf))))
      throw new Failure("mirror-leaves-differ", { journal, from, size });
    for (const leaf of leaves.slice(before)) range.append(leafHash(leaf), (level, _, hash) => tiles.add(level, hash));
    if (known === undefined) await files.writeTile(tile, encodeBundle(leaves));
    written.push(tile);
    for (const [full, bytes] of tiles.full()) {
      await files.writeTile(full, bytes);
      written.push(full);
    }
    onLeaves(range.size, size);
  }
  return written;
}
