/** Looks whether bytes are anywhere in a file, in bounded memory. */
import { open } from "node:fs/promises";

const BLOCK = 4 * 1024 * 1024;

/** @returns those of the needles that are in it */
export async function searchFile(file: string, needles: readonly Buffer[]): Promise<readonly Buffer[]> {
  const overlap = Math.max(0, ...needles.map(({ length }) => length - 1));
  const found = new Set<Buffer>();
  const handle = await open(file, "r");
  try {
    const block = Buffer.alloc(BLOCK + overlap);
    let kept = 0;
    for (let at = 0; found.size < needles.length;) {
      const { bytesRead } = await handle.read(block, kept, BLOCK, at);
      if (bytesRead === 0) break;
      at += bytesRead;
      const read = block.subarray(0, kept + bytesRead);
      for (const needle of needles) if (!found.has(needle) && read.includes(needle)) found.add(needle);
      kept = Math.min(overlap, read.length);
      block.copyWithin(0, read.length - kept, read.length);
    }
  } finally {
    await handle.close();
  }
  return [...found];
}
