/** The thread in which the ledger runs, so that neither chaincode nor hashing holds up the thread that serves requests. */
import { parentPort, workerData } from "node:worker_threads";
import { LedgerError } from "../port";
import { type Message, ownMemory, type Request, unpackCall, type WorkerOptions } from "./messages";
import { LedgerNode } from "./node";

async function serve(port: NonNullable<typeof parentPort>, { directory, name, contract, now }: WorkerOptions): Promise<void> {
  const post = (message: Message, bytes?: Uint8Array<ArrayBuffer>): void =>
    port.postMessage(message, bytes === undefined ? [] : [bytes.buffer]);
  const fail = (error: unknown, id?: number): void => {
    const known =
      error instanceof LedgerError ? error : new LedgerError("unavailable", error instanceof Error ? error.message : String(error));
    post({ kind: "error", code: known.code, message: known.message, ...(id === undefined ? {} : { id }) });
  };
  let node: LedgerNode;
  const close = (id?: number): Promise<void> =>
    node
      .close()
      .catch((error: unknown) => fail(error, id))
      .finally(() => port.close());
  try {
    node = await LedgerNode.open(directory, name, contract, now, {
      height: (height) => post({ kind: "height", height }),
      failed(reason) {
        fail(reason);
        void close();
      },
    });
  } catch (error) {
    fail(error);
    port.close();
    return;
  }
  const answer = async (request: Request): Promise<void> => {
    const { id, kind } = request;
    if (kind === "submit") {
      const { result, ...committed } = await node.submit(unpackCall(request.call), request.time);
      const bytes = ownMemory(result);
      post({ kind: "answer", id, value: { ...committed, result: bytes } }, bytes);
    } else if (kind === "attest") {
      post({ kind: "answer", id, value: await node.attest(unpackCall(request.call), request.time) });
    } else if (kind === "close") {
      await close(id);
    } else {
      const bytes =
        kind === "block" ? await node.block(request.number) : (await node.evaluate(unpackCall(request.call), request.time)).result;
      const own = ownMemory(bytes);
      post({ kind: "answer", id, value: own }, own);
    }
  };
  port.on("message", (request: Request) => void answer(request).catch((error: unknown) => fail(error, request.id)));
  post({ kind: "opened", height: node.height, authority: node.authority });
}

if (parentPort !== null) void serve(parentPort, workerData as WorkerOptions);
