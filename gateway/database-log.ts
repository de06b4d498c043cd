/** The logs of a `level` database: its manifest, and what is in no table yet. Format: LevelDB, doc/log_format.md. */
import { beginsWith, crc32c, Damaged, unmask } from "./database-reader";

const BLOCK = 32_768;
/** checksum u32, length u16, type u8 */
const HEADER = 7;
/** Types of the parts after which a record is whole. */
const [FULL, LAST] = [1, 4];

interface Part {
  readonly type: number;
  readonly content: Buffer;
}

/** Up to where it was cut off while it was written. @throws Damaged */
export function* partsOf(log: Buffer): Generator<Part, void> {
  for (let at = 0; at < log.length;) {
    const blockEnd = Math.min(at - (at % BLOCK) + BLOCK, log.length);
    if (blockEnd - at < HEADER) {
      if (log.subarray(at, blockEnd).some((byte) => byte !== 0)) throw new Damaged(at, "what fills up a block is not zero");
      at = blockEnd;
      continue;
    }
    const end = at + HEADER + log.readUInt16LE(at + 4);
    if (end > blockEnd) {
      if (blockEnd < log.length) throw new Damaged(at, "a record goes beyond its block");
      if (beginsWith(log, at + 6, blockEnd, unmask(log.readUInt32LE(at))))
        throw new Damaged(at, "a record is whole, but has another length");
      return; // cut off while it was written
    }
    if (unmask(log.readUInt32LE(at)) !== crc32c(log, at + 6, end)) {
      if (log.subarray(at).every((byte) => byte === 0)) return; // room that was never written to
      throw new Damaged(at, "a record has another checksum");
    }
    yield { type: log.readUInt8(at + 6), content: log.subarray(at + HEADER, end) };
    at = end;
  }
}

/** @throws Damaged */
export function* recordsOf(log: Buffer): Generator<Buffer, void> {
  let parts: Buffer[] = [];
  for (const { type, content } of partsOf(log)) {
    parts.push(content);
    if (type !== FULL && type !== LAST) continue;
    yield Buffer.concat(parts);
    parts = [];
  }
}
