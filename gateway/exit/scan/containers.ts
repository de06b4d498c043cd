import { constants, inflateSync } from "node:zlib";

/** What holds other content: archives and compressed files, known by their first bytes and never by their names. */
export type Container = "gzip" | "zlib" | "tar" | "zip" | "sqlite";

/** Bytes of the beginning that {@link containerOf} looks at. */
export const HEAD_BYTES = 512;

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

/** Formats that are known and not read: compressions, and tables by columns. */
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
];

/** What says of itself that it is encrypted. */
const ENCRYPTED = [
  "53616c7465645f5f", // openssl
  "4c554b53babe", // luks
  "6167652d656e6372797074696f6e2e6f7267", // age
  "2d2d2d2d2d424547494e20504750204d455353414745", // openpgp, as text
];

/** Rows in a spreadsheet (ECMA-376, OpenDocument), by its name in the zip: the cells stand in XML of their own. */
export const isSheet = (name: string): boolean => /^xl\/worksheets\/[^/]+\.(xml|bin)$|^content\.xml$/.test(name);

/** @returns `closed` and `encrypted` for what is not read */
export function containerOf(head: Buffer): Container | "closed" | "encrypted" | undefined {
  const begins = (hex: string): boolean => head.toString("hex", 0, hex.length / 2) === hex;
  const known = KNOWN.find(([, hex]) => begins(hex));
  if (known !== undefined && (known[0] !== "zlib" || inflates(head))) return known[0];
  if (isTar(head)) return "tar";
  if (CLOSED.some(begins)) return "closed";
  return ENCRYPTED.some(begins) ? "encrypted" : undefined;
}

/** Two bytes alone say little. */
function inflates(head: Buffer): boolean {
  try {
    inflateSync(head, { finishFlush: constants.Z_SYNC_FLUSH });
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
