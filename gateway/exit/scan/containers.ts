/** What holds other content: archives and compressed files, known by their first bytes and never by their names. */
export type Container = "gzip" | "tar" | "zip" | "sqlite";

/** Bytes of the beginning that {@link containerOf} looks at. */
export const HEAD_BYTES = 512;

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
  "d0cf11e0a1b11ae1", // compound file: older office files, and encrypted ones of any age
  "50415231", // parquet
  "50415245", // parquet with an encrypted footer
  "4f5243", // orc
  "4f626a01", // avro
  "4152524f5731", // arrow
  "894844460d0a1a0a", // hdf5
];

/** Rows in a spreadsheet (ECMA-376, OpenDocument), by its name in the zip: the cells stand in XML of their own. */
export const isSheet = (name: string): boolean => /^xl\/worksheets\/[^/]+\.(xml|bin)$|^content\.xml$/.test(name);

/** @returns `closed` for what is written in a way that is not read */
export function containerOf(head: Buffer): Container | "closed" | undefined {
  const begins = (hex: string): boolean => head.toString("hex", 0, hex.length / 2) === hex;
  if (begins("1f8b08")) return "gzip";
  if (begins("504b0304") || begins("504b0506")) return "zip";
  if (head.toString("latin1", 0, 16) === "SQLite format 3\0") return "sqlite";
  if (isTar(head)) return "tar";
  return CLOSED.some(begins) ? "closed" : undefined;
}

/** By the header's checksum, which old and new kinds have alike. */
function isTar(head: Buffer): boolean {
  if (head.length < 512 || head[0] === 0) return false;
  const said = parseInt(head.toString("latin1", 148, 156).replaceAll(/[\0 ]/g, ""), 8);
  let sum = 8 * 0x20;
  head.subarray(0, 512).forEach((byte, i) => (sum += i >= 148 && i < 156 ? 0 : byte));
  return sum === said;
}
