/** A thread that answers one question and ends: with a hundred thousand holdings it takes seconds, in which events are to be taken in. */
import { parentPort, workerData } from "node:worker_threads";
import { ReadModel } from "../index/read-model";
import { shownItem } from "./inventory";
import type { Answer, Question } from "./inventory-messages";
import { certificateOf, namesOf } from "./certificate-reading";
import { inventoryOf } from "./inventory-reading";
import { recordOf } from "./state";
import { partOf } from "./source-part";

async function answerTo(question: Question, readModel: ReadModel): Promise<Answer> {
  const all = await readModel.reader();
  const { exit } = question;
  const record = await recordOf(all, exit);
  if (record === undefined) return undefined;
  if (question.kind === "inventory") {
    const { items, ...inventory } = await inventoryOf(all, exit, record, Date.now());
    return { height: all.height, inventory, lines: linesOf(items.map((item) => JSON.stringify(shownItem(item)))) };
  }
  const { at, certified, source } = question;
  const made = await certificateOf(await readModel.reader(at), exit, record, at, certified);
  const { certificate } = made;
  const lines = linesOf(source === undefined ? made.lines : (partOf(made, source) ?? []));
  return { certificate, names: await namesOf(all, certificate), lines };
}

const encoder = new TextEncoder();
const linesOf = (lines: readonly string[]): Uint8Array<ArrayBuffer> => encoder.encode(lines.length === 0 ? "" : `${lines.join("\n")}\n`);

async function work(
  port: NonNullable<typeof parentPort>,
  { directory, question }: { directory: string; question: Question },
): Promise<void> {
  const readModel = await ReadModel.open(directory);
  try {
    const answer = await answerTo(question, readModel);
    port.postMessage(answer, answer === undefined ? [] : [answer.lines.buffer]);
  } finally {
    await readModel.close();
  }
}

if (parentPort !== null)
  work(parentPort, workerData as Parameters<typeof work>[1]).catch((error: unknown) => {
    // Where no promise catches it: the thread ends, and the other side is told why.
    setImmediate(() => {
      throw error;
    });
  });
