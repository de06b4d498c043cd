/**
 * Reads a QR code (ISO/IEC 18004, versions 1 to 10, byte mode, error correction level M) from its modules. Written from the standard, and apart from what draws
 * them, so that a code that only its maker can read is found out. A module that is wrong is not corrected: it makes another text.
 */

/** Dark modules, by row and column. */
export type Modules = readonly (readonly boolean[])[];

/** Of the code that a page of a certificate shows: each dark module is a square of two units, with four light ones around them all. */
export function modulesOf(html: string): Modules {
  const size = Number(/viewBox="0 0 (\d+) \1"/.exec(html)?.[1]) / 2 - 8;
  const dark = new Set(Array.from(html.matchAll(/M(\d+),(\d+)l2,0/g), ([, x, y]) => `${Number(y) / 2 - 4} ${Number(x) / 2 - 4}`));
  return Array.from({ length: size }, (_, row) => Array.from({ length: size }, (_, column) => dark.has(`${row} ${column}`)));
}

/** Of level M: codewords of data in each block, by version. */
const BLOCKS: readonly (readonly number[])[] = [
  [],
  [16],
  [28],
  [44],
  [32, 32],
  [43, 43],
  [27, 27, 27, 27],
  [31, 31, 31, 31],
  [38, 38, 39, 39],
  [36, 36, 36, 37, 37],
  [43, 43, 43, 43, 44],
];
/** Rows and columns of the centres of alignment patterns, by version. */
const CENTRES: readonly (readonly number[])[] = [
  ...[[], [], [6, 18], [6, 22], [6, 26], [6, 30], [6, 34]],
  ...[
    [6, 22, 38],
    [6, 24, 42],
    [6, 26, 46],
    [6, 28, 50],
  ],
];
const MASKS: readonly ((row: number, column: number) => boolean)[] = [
  (i, j) => (i + j) % 2 === 0,
  (i) => i % 2 === 0,
  (_, j) => j % 3 === 0,
  (i, j) => (i + j) % 3 === 0,
  (i, j) => (Math.floor(i / 2) + Math.floor(j / 3)) % 2 === 0,
  (i, j) => ((i * j) % 2) + ((i * j) % 3) === 0,
  (i, j) => (((i * j) % 2) + ((i * j) % 3)) % 2 === 0,
  (i, j) => (((i + j) % 2) + ((i * j) % 3)) % 2 === 0,
];
const LEVEL_M = 0;
const BYTE_MODE = 4;

/** @throws Error for what is no such code */
export function readQr(modules: Modules): string {
  const size = modules.length;
  const version = (size - 17) / 4;
  const blocks = BLOCKS[version] ?? [];
  if (blocks.length === 0 || modules.some((row) => row.length !== size)) throw new Error(`no version has ${size} modules a side`);
  const format = formatOf(modules);
  if (format >> 13 !== LEVEL_M) throw new Error("not of level M");
  const mask = MASKS[(format >> 10) & 7]!;
  const bits = bitsOf(codewordsOf(modules, version, mask), blocks);
  const take = (many: number): number => bits.splice(0, many).reduce((number, bit) => 2 * number + bit, 0);
  if (take(4) !== BYTE_MODE) throw new Error("not in byte mode");
  const length = take(version < 10 ? 8 : 16);
  return Buffer.from(Array.from({ length }, () => take(8))).toString("utf8");
}

/** 15 bits beside the first finder pattern: level, mask, and their error correction. */
function formatOf(modules: Modules): number {
  const path = [0, 1, 2, 3, 4, 5, 7, 8].map((column) => [8, column]).concat([7, 5, 4, 3, 2, 1, 0].map((row) => [row, 8]));
  return path.reduce((format, [row, column]) => 2 * format + Number(modules[row!]![column!]), 0) ^ 0x5412;
}

/** In columns of two, upwards and downwards by turns, from the right; the vertical timing pattern is no column. */
function codewordsOf(modules: Modules, version: number, mask: (row: number, column: number) => boolean): readonly number[] {
  const size = modules.length;
  const bits: number[] = [];
  let upwards = true;
  for (let right = size - 1; right > 0; right -= 2, upwards = !upwards) {
    if (right === 6) right--;
    for (let n = 0; n < size; n++) {
      const row = upwards ? size - 1 - n : n;
      for (const column of [right, right - 1])
        if (!isFunction(row, column, size, version)) bits.push(Number(modules[row]![column] !== mask(row, column)));
    }
  }
  return Array.from({ length: bits.length >> 3 }, (_, i) => bits.slice(8 * i, 8 * i + 8).reduce((number, bit) => 2 * number + bit, 0));
}

function isFunction(row: number, column: number, size: number, version: number): boolean {
  const isFinder = (row < 9 && column < 9) || (row < 9 && column >= size - 8) || (row >= size - 8 && column < 9);
  const isVersion = version >= 7 && ((row < 6 && column >= size - 11) || (column < 6 && row >= size - 11));
  return isFinder || isVersion || row === 6 || column === 6 || isAlignment(row, column, size, CENTRES[version] ?? []);
}

/** Around each pair of centres but the three that finder patterns cover. */
function isAlignment(row: number, column: number, size: number, centres: readonly number[]): boolean {
  const last = size - 7;
  return centres.some((y) =>
    centres.some((x) => {
      const isCovered = (x === 6 && y === 6) || (x === 6 && y === last) || (x === last && y === 6);
      return !isCovered && Math.abs(row - y) <= 2 && Math.abs(column - x) <= 2;
    }),
  );
}

/** Of the data alone: the first codeword of each block, then the second of each, and so on. */
function bitsOf(codewords: readonly number[], blocks: readonly number[]): number[] {
  const data: number[][] = blocks.map(() => []);
  let next = 0;
  for (let i = 0; i < Math.max(...blocks); i++)
    for (const [block, length] of blocks.entries()) if (i < length) data[block]!.push(codewords[next++]!);
  return data.flat().flatMap((word) => Array.from({ length: 8 }, (_, i) => (word >> (7 - i)) & 1));
}
