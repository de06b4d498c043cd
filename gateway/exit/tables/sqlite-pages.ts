/** What stands in the pages of an SQLite database that is in none of its tables. Format: https://www.sqlite.org/fileformat2.html */
import { type FileHandle, open } from "node:fs/promises";

/** Pages at a time. */
const PAGES = 256;

const FILE_HEADER = 100;
/** Header bytes of pages of tables and indexes by their type. */
const PAGE_HEADERS: Readonly<Record<number, number>> = { 2: 12, 5: 12, 10: 8, 13: 8 };

/**
 * Whether deleted rows may still be in the file: where cells were, or in pages that are not in use. The room between a page's pointers and its cells says nothing,
 * since pages that are new have something in it too.
 */
export async function hasDeletedRows(file: string): Promise<boolean> {
  const handle = await open(file, "r");
  try {
    const header = await read(handle, 0, FILE_HEADER);
    const size = header.readUInt16BE(16) === 1 ? 65_536 : header.readUInt16BE(16);
    return size >= 512 && ((await hasFreePages(handle, header, size)) || (await hasFreeCells(handle, header, size)));
  } finally {
    await handle.close();
  }
}

/** Along the chain of pages that name others, none of which is in use. One that has no end may hide something. */
async function hasFreePages(handle: FileHandle, header: Buffer, size: number): Promise<boolean> {
  const pageAt = (number: number): Promise<Buffer> => read(handle, (number - 1) * size, size);
  let left = (await handle.stat()).size / size;
  for (let trunk = header.readUInt32BE(32); trunk !== 0; left--) {
    const page = await pageAt(trunk);
    if (page.length < size || left < 0) return true;
    const end = 8 + 4 * Math.min(page.readUInt32BE(4), Math.floor(size / 4) - 2);
    if (hasContent(page.subarray(end))) return true;
    for (let at = 8; at < end; at += 4, left--) if (left < 0 || hasContent(await pageAt(page.readUInt32BE(at)))) return true;
    trunk = page.readUInt32BE(0);
  }
  return false;
}

async function hasFreeCells(handle: FileHandle, header: Buffer, size: number): Promise<boolean> {
  // Where pages may move, one for each so many only says whose they are.
  const each = header.readUInt32BE(52) === 0 ? Infinity : Math.floor((size - header.readUInt8(20)) / 5) + 1;
  for (let first = 1; ; first += PAGES) {
    const pages = await read(handle, (first - 1) * size, PAGES * size);
    for (let at = 0; at + size <= pages.length; at += size) {
      const number = first + at / size;
      if (number > 1 && (number - 2) % each === 0) continue;
      if (hasFreeIn(pages.subarray(at, at + size), number === 1 ? FILE_HEADER : 0)) return true;
    }
    if (pages.length < PAGES * size) return false;
  }
}

/** Along the page's chain of free blocks, each with where the next is and its own length. */
function hasFreeIn(page: Buffer, header: number): boolean {
  const length = PAGE_HEADERS[page[header] as number];
  if (length === undefined) return false;
  let before = header + length;
  for (let at = page.readUInt16BE(header + 1); at > before && at + 4 <= page.length; before = at, at = page.readUInt16BE(at))
    if (hasContent(page.subarray(at + 4, at + page.readUInt16BE(at + 2)))) return true;
  return false;
}

const hasContent = (bytes: Buffer): boolean => bytes.some((byte) => byte !== 0);

/** As much of it as there is. */
async function read(handle: FileHandle, at: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, at);
  return buffer.subarray(0, bytesRead);
}
