/** The list of a folder's files, of which its digest is made. */
import { readdir } from "node:fs/promises";
import { below, type Path } from "../tables/wipe";

export interface Found {
  readonly path: Buffer;
  /** From the folder on: `./a/b` */
  readonly name: Buffer;
}

/** In the order of their names' bytes. Links are no files. */
export async function filesBelow(folder: Path, name: Buffer = Buffer.from(".")): Promise<readonly Found[]> {
  const found: Found[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true, encoding: "buffer" })) {
    const [path, own] = [below(folder, entry.name), below(name, entry.name)];
    if (entry.isDirectory()) for (const it of await filesBelow(path, own)) found.push(it);
    else if (entry.isFile()) found.push({ path, name: own });
  }
  return found.sort((a, b) => a.name.compare(b.name));
}

/** As `sha256sum` writes it. */
export function sumLine(digest: string, name: Buffer): Buffer {
  const text = name.toString("latin1");
  const escaped = text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll("\r", "\\r");
  return Buffer.from(`${escaped === text ? "" : "\\"}${digest}  ${escaped}\n`, "latin1");
}
