/** The project's own topology on ports of a test's own. */
import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";

const ORGANISATIONS = 4;
const BLOCK = 10;
/** Below those that the system gives out by itself. */
const [FIRST, LAST] = [21_000, 31_000];

/** As topology.yaml says; or ordered by Raft, whose peers have no gateway service, as before Fabric 2.4. */
export type Release = "declared" | "before-2.4";

export const forRelease = (topology: string, release: Release): string =>
  release === "declared"
    ? topology
    : topology.replace(/^ordering: bft/m, "ordering: raft").replace(/^gatewayService: true/m, "gatewayService: false");

/** Writes it to the directory. @returns the file */
export async function declareOnFreePorts(directory: string, release: Release = "declared"): Promise<string> {
  let port = FIRST + Math.floor((Math.random() * (LAST - FIRST)) / BLOCK) * BLOCK;
  while (!(await areFree(port, ORGANISATIONS * BLOCK))) port = port + ORGANISATIONS * BLOCK < LAST ? port + ORGANISATIONS * BLOCK : FIRST;
  const declared = forRelease(await readFile(join("network", "topology.yaml"), "utf8"), release);
  const file = join(directory, "topology.yaml");
  let next = port - BLOCK;
  await writeFile(
    file,
    declared.replace(/^( +port: )\d+$/gm, (_line, field: string) => `${field}${(next += BLOCK)}`),
  );
  return file;
}

async function areFree(first: number, count: number): Promise<boolean> {
  for (let port = first; port < first + count; port++) if (!(await isFree(port))) return false;
  return true;
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => {
      resolve(false);
    });
    server.listen(port, "127.0.0.1", () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
