/** What anybody pays who reads files and hashes them: what the scan is measured against. */
import { closeSync, openSync, readSync } from "node:fs";
import { createHash } from "node:crypto";
import { parentPort, Worker, workerData } from "node:worker_threads";
import { walk } from "../../../gateway/exit/scan/walk";

const BLOCK = 256 * 1024;

export interface Cost {
  /** Seconds. */
  readonly wall: number;
  readonly cpu: number;
}

/** Also of what its threads work. */
export async function costOf(work: () => Promise<unknown>): Promise<Cost> {
  const [start, before] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(before);
  return { wall: (performance.now() - start) / 1000, cpu: (user + system) / 1e6 };
}

/** Each thread takes the next file. */
export async function readAndHash(tree: string, threads: number): Promise<void> {
  const data: Shared = { paths: [...walk([tree])].map(({ path }) => path.toString()), next: new Int32Array(new SharedArrayBuffer(4)) };
  if (threads === 1) {
    readAll(data);
    return;
  }
  const ends = Array.from({ length: threads }, () => {
    const worker = new Worker(__filename, { workerData: data });
    return new Promise<void>((resolve, reject) => worker.once("error", reject).once("exit", () => resolve()));
  });
  await Promise.all(ends);
}

interface Shared {
  readonly paths: readonly string[];
  readonly next: Int32Array;
}

function readAll({ paths, next }: Shared): void {
  const block = Buffer.allocUnsafeSlow(BLOCK);
  for (let path = paths[Atomics.add(next, 0, 1)]; path !== undefined; path = paths[Atomics.add(next, 0, 1)]) {
    const file = openSync(path, "r");
    const hash = createHash("sha256");
    for (let read = readSync(file, block); read > 0; read = readSync(file, block)) hash.update(block.subarray(0, read));
    hash.digest();
    closeSync(file);
  }
}

if (parentPort !== null) readAll(workerData as Shared);
