/** What holds other content: archives and compressed files, known by their first bytes and never by their names. */
export type Container = "gzip" | "tar" | "zip" | "sqlite";

/** Bytes of the beginning that {@link containerOf} looks at. */
export const HEAD_BYTES = 512;

/** Compressions that are known and not read. */
const CLOSED = [
  "425a68", // bzip2
  "fd377a585a00", // xz
  "28b52ffd", // zstd
  "04224d18", // lz4
  "377abcaf271c", // 7z
  "526172211a07", // rar
  "4d534346", // cab
];

/** @returns `closed` for what is compressed in a way that is not read */
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
