/** One of the crew's threads. */
import { parentPort, workerData } from "node:worker_threads";
import { lookThrough } from "./file";
import type { Given, Task, Told } from "./crew";
import type { Looked } from "./looked";
import { Quarry } from "./quarry";
import { readLevel } from "../tables/level";
import { lookThroughTables } from "./table-content";

/** Bytes of a file between two words of how far it is. */
const TELL_EVERY = 32 * 1024 * 1024;

const task = workerData as Task;
const quarry = new Quarry(task.quarry);
const tell = (told: Told): void => parentPort?.postMessage(told);

parentPort?.on("message", (files: readonly Given[]) => void look(files));

async function look(files: readonly Given[]): Promise<void> {
  const looked: Looked[] = [];
  let untold = 0;
  const onBytes = (bytes: number): void => {
    if ((untold += bytes) < TELL_EVERY) return;
    tell({ bytes: untold });
    untold = 0;
  };
  for (const { path, name, isLevel, isOfDatabase } of files)
    looked.push(
      isLevel === true
        ? await lookThroughTables(() => readLevel(Buffer.from(path).toString(), task.scratch), name, quarry)
        : await lookThrough(path, name, quarry, task.scratch, onBytes, isOfDatabase),
    );
  tell({ bytes: untold });
  tell({ looked });
}
