import { constants, gunzipSync, inflateSync } from "node:zlib";
import { crc32c, unmask } from "../../database-reader";

/** What holds other content: archives and compressed files, known by their first bytes and never by their names. */
export type Container = "gzip" | "zlib" | "tar" | "zip" | "sqlite";

/** Bytes of the beginning that {@link containerOf} looks at: so long may the first record of LevelDB's logs be. */
export const HEAD_BYTES = 32_768;
/** Bytes of the beginning in which {@link displacedOf} looks, and of the end: a zip's directory ends so near to it. */
export const EDGE_BYTES = 65_536 + 22;

const KNOWN: readonly (readonly [Container, string])[] = [
  ["gzip", "1f8b08"],
  ["zip", "504b0304"],
  ["zip", "504b0506"],
  ["sqlite", "53514c69746520666f726d6174203300"],
  // As zlib itself writes it, one level of effort each: objects of git.
  ["zlib", "7801"],
  ["zlib", "785e"],
  ["zlib", "789c"],
  ["zlib", "78da"],
];

/** Formats that are known and not read: compressions, tables by columns, and what has compressed content in it. */
const CLOSED = [
  "425a68", // bzip2
  "fd377a585a00", // xz
  "5d00008000", // lzma
  "4c5a4950", // lzip
  "1f9d", // compress
  "28b52ffd", // zstd
  "04224d18", // lz4
  "ff060000734e61507059", // snappy, framed
  "377abcaf271c", // 7z
  "526172211a07", // rar
  "4d534346", // cab
  "68737173", // squashfs
  "213c617263683e0a64656269616e", // deb
  "edabeedb", // rpm
  "5041434b0000", // pack of git
  "d0cf11e0a1b11ae1", // compound file: older office files, and encrypted ones of any age
  "50415231", // parquet
  "50415245", // parquet with an encrypted footer
  "4f5243", // orc
  "4f626a01", // avro
  "4152524f5731", // arrow
  "894844460d0a1a0a", // hdf5
  "255044462d", // pdf
  "5047444d50", // dump of postgresql
  "524544495330", // dump of redis
  "514649fb", // disk image of qemu
];

/** Rows that are read with the database to which they belong, if at all: older ones stand there too. */
const ROWS = [
  "377f0682", // write-ahead log of sqlite, little-endian
  "377f0683", // the same, big-endian
  "d9d505f920a163d7", // rollback journal of sqlite
];
const SQLITE = Buffer.from("SQLite format 3\0");
/** Ends of tables of LevelDB and RocksDB. */
const TABLE_ENDS = ["57fb808b247547db", "f7cff485b741e288"];

/** What says of itself that it is encrypted. */
const ENCRYPTED = [
  "53616c7465645f5f", // openssl
  "4c554b53babe", // luks
  "6167652d656e6372797074696f6e2e6f7267", // age
  "2d2d2d2d2d424547494e20504750204d455353414745", // openpgp, as text
];

/** Rows in a spreadsheet (ECMA-376, OpenDocument), by its name in the zip: the cells stand in XML of their own. */
export const isSheet = (name: string): boolean => /^xl\/worksheets\/[^/]+\.(xml|bin)$|^content\.xml$/.test(name);

/** `closed`, `encrypted`, `rows`: what is not read, and why. */
export type Kind = Container | "closed" | "encrypted" | "rows";

/** @param head the beginning, at least {@link HEAD_BYTES} where there are so many */
export function containerOf(head: Buffer): Kind | undefined {
  const text = head.toString("hex", 0, 32);
  const begins = (hex: string): boolean => text.startsWith(hex);
  const known = KNOWN.find(([, hex]) => begins(hex));
  if (known !== undefined && (known[0] !== "zlib" || inflates(head))) return known[0];
  if (isTar(head)) return "tar";
  if (CLOSED.some(begins)) return "closed";
  if (ENCRYPTED.some(begins)) return "encrypted";
  return ROWS.some(begins) || isLevelLog(head) ? "rows" : undefined;
}

/** What begins a little later: self-extracting archives, and what a program put a header before. */
export function displacedOf(head: Buffer): { readonly kind: "gzip" | "tar" | "sqlite"; readonly at: number } | undefined {
  const window = head.subarray(0, EDGE_BYTES);
  for (let at = window.indexOf(GZIP, 1); at !== -1; at = window.indexOf(GZIP, at + 1))
    if (gunzips(window.subarray(at))) return { kind: "gzip", at };
  for (let at = window.indexOf("ustar", TAR_NAME + 1); at !== -1; at = window.indexOf("ustar", at + 1))
    if (isTar(window.subarray(at - TAR_NAME))) return { kind: "tar", at: at - TAR_NAME };
  const at = window.indexOf(SQLITE, 1);
  return at === -1 ? undefined : { kind: "sqlite", at };
}

/** A file of a database that is read only as a part of it. */
export const endsAsTable = (tail: Buffer): boolean => TABLE_ENDS.includes(tail.toString("hex", Math.max(0, tail.length - 8)));

const GZIP = Buffer.of(0x1f, 0x8b, 8);
/** Where a tar's header names its format. */
const TAR_NAME = 257;

/** Three bytes may be anywhere: flags that are none, or content that is not compressed, are of something else. */
function gunzips(from: Buffer): boolean {
  if (from.length < 18 || (from[3] as number) > 0x1f) return false;
  try {
    return gunzipSync(from.subarray(0, 4096), { finishFlush: constants.Z_SYNC_FLUSH }).length > 0;
  } catch {
    return false;
  }
}

/** By the checksum of its first record. */
function isLevelLog(head: Buffer): boolean {
  if (head.length < 7) return false;
  const [end, type] = [7 + head.readUInt16LE(4), head[6] as number];
  return type >= 1 && type <= 4 && end > 7 && end <= head.length && unmask(head.readUInt32LE(0)) === crc32c(head, 6, end);
}

/** Two bytes alone say little. */
function inflates(head: Buffer): boolean {
  try {
    inflateSync(head.subarray(0, 512), { finishFlush: constants.Z_SYNC_FLUSH });
    return true;
  } catch {
    return false;
  }
}

/** By the header's checksum, which old and new kinds have alike. */
function isTar(head: Buffer): boolean {
  if (head.length < 512 || head[0] === 0) return false;
  const said = parseInt(head.toString("latin1", 148, 156).replaceAll(/[\0 ]/g, ""), 8);
  let sum = 8 * 0x20;
  head.subarray(0, 512).forEach((byte, i) => (sum += i >= 148 && i < 156 ? 0 : byte));
  return sum === said;
}
