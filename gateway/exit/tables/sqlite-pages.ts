/** What stands in the pages of an SQLite database that is in none of its tables. Format: https://www.sqlite.org/fileformat2.html */
import { open } from "node:fs/promises";

/** Pages at a time. */
const PAGES = 256;

const FILE_HEADER = 100;
/** Header bytes of pages of tables and indexes by their type. */
const PAGE_HEADERS: Readonly<Record<number, number>> = { 2: 12, 5: 12, 10: 8, 13: 8 };

/**
 * Whether pages in use have deleted cells with content still in them. Pages that are not in use are counted by SQLite itself (`freelist_count`); the room between
 * a page's pointers and its cells says nothing, since new pages have it too.
 */
export async function hasFreedCells(file: string): Promise<boolean> {
  const handle = await open(file, "r");
  try {
    const header = Buffer.alloc(FILE_HEADER);
    await handle.read(header, 0, FILE_HEADER, 0);
    const size = header.readUInt16BE(16) === 1 ? 65_536 : header.readUInt16BE(16);
    if (size < 512) return false;
    // Where pages may move, some only say whose they are: one for each so many.
    const each = header.readUInt32BE(52) === 0 ? Infinity : Math.floor((size - header.readUInt8(20)) / 5) + 1;
    const pages = Buffer.alloc(PAGES * size);
    for (let first = 1; ; first += PAGES) {
      const { bytesRead } = await handle.read(pages, 0, pages.length, (first - 1) * size);
      for (let i = 0; (i + 1) * size <= bytesRead; i++)
        if ((first + i - 2) % each !== 0 || first + i === 1) {
          if (hasFreed(pages.subarray(i * size, (i + 1) * size), first + i === 1 ? FILE_HEADER : 0)) return true;
        }
      if (bytesRead < pages.length) return false;
    }
  } finally {
    await handle.close();
  }
}

/** Along the page's chain of free blocks, each with where the next is and its own length. */
function hasFreed(page: Buffer, header: number): boolean {
  const length = PAGE_HEADERS[page[header] as number];
  if (length === undefined) return false;
  const first = header + length;
  for (let at = page.readUInt16BE(header + 1), before = first; at > before && at + 4 <= page.length; before = at, at = page.readUInt16BE(at)) {
    const end = at + page.readUInt16BE(at + 2);
    if (page.subarray(at + 4, Math.min(end, page.length)).some((byte) => byte !== 0)) return true;
  }
  return false;
}
