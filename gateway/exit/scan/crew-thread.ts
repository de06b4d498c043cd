/** One of the crew's threads. */
import { parentPort, workerData } from "node:worker_threads";
import { lookThrough } from "./content";
import type { Given, Told } from "./crew";
import type { Looked } from "./looked";
import { Quarry, type QuarryData } from "./quarry";

/** Bytes of a file between two words of how far it is. */
const TELL_EVERY = 32 * 1024 * 1024;

const quarry = new Quarry(workerData as QuarryData);
const tell = (told: Told): void => parentPort?.postMessage(told);

parentPort?.on("message", (files: readonly Given[]) => void look(files));

async function look(files: readonly Given[]): Promise<void> {
  const looked: Looked[] = [];
  let untold = 0;
  for (const { path, name } of files)
    looked.push(
      await lookThrough(path, name, quarry, (bytes) => {
        if ((untold += bytes) < TELL_EVERY) return;
        tell({ bytes: untold });
        untold = 0;
      }),
    );
  tell({ bytes: untold });
  tell({ looked });
}
