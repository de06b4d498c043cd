/** The thread that builds the read model. An error ends it; the next one goes on from what is written. */
import { parentPort, workerData } from "node:worker_threads";
import type { Block } from "../ledger/port";
import { isCurrent } from "./checkpoint";
import { Projection } from "./projection";
import type { ProjectorState, Question } from "./projector-messages";
import { openStore, type Store } from "./store";

async function work(port: NonNullable<typeof parentPort>, directory: string): Promise<void> {
  const store = await openStore(directory);
  // Built by another version of this program: from the beginning.
  if (!(await isCurrent(store))) await store.clear();
  let projection = await Projection.open(store);
  const answer = (): void => port.postMessage({ height: projection.height, sizes: projection.sizes } satisfies ProjectorState);
  const take = (question: Question): (() => Promise<void>) => {
    switch (question.kind) {
      case "compare":
        return async () => {
          projection = await agreeing(store, projection, question.block);
        };
      case "project":
        return () => projection.project(question.block);
      case "stop":
        return async () => {
          await store.close();
          port.close();
        };
    }
  };
  let turn = Promise.resolve();
  port.on("message", (question: Question) => {
    turn = turn.then(take(question)).then(answer);
    turn.catch(end);
  });
  answer();
}

/** A read model that was built from another ledger, or from more of this one than there is, is built again. */
async function agreeing(store: Store, projection: Projection, block: Block | undefined): Promise<Projection> {
  if (projection.height === 0 || (block !== undefined && projection.isLast(block))) return projection;
  await store.clear();
  return Projection.open(store);
}

/** Throws it where no promise catches it: the thread ends, and the other side is told why. */
function end(error: unknown): void {
  setImmediate(() => {
    throw error;
  });
}

if (parentPort !== null) work(parentPort, workerData as string).catch(end);
