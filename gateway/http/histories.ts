/** Complete histories (完整历史) as anyone checks them: the ledger is asked what it counts of a subject, and every event is given with its path. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Subject } from "../../chaincode/events/definition";
import { canonicalText } from "../../chaincode/proof/canonical";
import { toBase64, toHex } from "../../chaincode/proof/bytes";
import { readAnswer } from "../evidence/attestation";
import { type AttestedChain, readChains } from "../evidence/attested-root";
import type { Hash } from "../../chaincode/proof/sha256";
import type { EventLine } from "../evidence/event-stream";
import { HISTORY_FORMAT, type HistoryHeader } from "../evidence/history";
import type { Asker } from "../index/access";
import type { Chained } from "../index/chained";
import type { ReadModel } from "../index/read-model";
import type { Reader } from "../index/reader";
import { Problem } from "./problem";
import type { Sources } from "./query";
import { attested } from "./receipts";

/** Characters that are sent together. */
const PIECE = 64 * 1024;

/** How long the read model may take to show what the ledger has counted, and how often it is looked at, ms. */
const PATIENCE_MS = 10_000;
const PAUSE_MS = 20;

/** What a history is asked of. */
export type HistorySources = Pick<Sources, "readModel" | "ledger" | "receipts">;

/**
 * Lines of `evidence/history.ts`, read as they are sent.
 * @throws Problem `not-found` where the subject is not the asker's to see; `ledger-unavailable`
 */
export async function* history(subject: Subject, sources: HistorySources, asker: Asker | undefined): AsyncGenerator<string, void> {
  const { readModel, ledger, receipts } = sources;
  const before = await readModel.reader(undefined, asker);
  if (!(await before.seesSubject(subject))) throw new Problem("not-found");
  const attestation = await attested(ledger, "subject", subject.kind, subject.id);
  const chains = readChains(readAnswer(attestation), subject.kind, subject.id);
  const { reader, lasts } = await showing(subject, chains, readModel, asker);
  const heads = [];
  for (const [i, { journal }] of chains.entries()) {
    const { size, attestation } = await receipts.head(journal, (lasts[i] ?? 0) + 1);
    heads.push({ journal, size, attestation });
  }
  const header: HistoryHeader = { format: HISTORY_FORMAT, ...subject, attestation, heads };
  yield `${canonicalText(header)}\n`;
  // Heads may be newer than the reader.
  const trees = await readModel.reader();
  for (const [i, chain] of chains.entries()) yield* linesOf(subject, chain, heads[i]?.size ?? 0, reader, trees);
}

/**
 * Waits until the read model shows as many events of each journal as the ledger has counted, which may be more than the own peer had just then.
 * @returns where the last of each stands. @throws Problem `ledger-unavailable` where it is far behind
 */
async function showing(
  subject: Subject,
  chains: readonly AttestedChain[],
  readModel: ReadModel,
  asker: Asker | undefined,
): Promise<{ readonly reader: Reader; readonly lasts: readonly number[] }> {
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    const reader = await readModel.reader(undefined, asker);
    const lasts: number[] = [];
    for (const { journal, count } of chains) {
      const last = await reader.lastChained(subject, journal, count);
      if (last !== undefined) lasts.push(last);
    }
    if (lasts.length === chains.length) return { reader, lasts };
    if (performance.now() > until) throw new Problem("ledger-unavailable");
    await sleep(PAUSE_MS);
  }
}

async function* linesOf(
  subject: Subject,
  { journal, count }: AttestedChain,
  size: number,
  reader: Reader,
  trees: Reader,
): AsyncGenerator<string, void> {
  const inclusions = trees.inclusions(journal, size);
  for await (const event of reader.chained(subject, journal, count)) yield lineOf(journal, event, inclusions);
}

/** Lines put together, since each bit that is sent is waited for by itself. */
export async function* inPieces(lines: AsyncIterable<string>): AsyncGenerator<string, void> {
  let piece = "";
  for await (const line of lines) {
    piece += line;
    if (piece.length < PIECE) continue;
    yield piece;
    piece = "";
  }
  if (piece !== "") yield piece;
}

/** @param inclusions paths in the journal's tree */
export function lineOf(journal: string, { index, hash, leaf }: Chained, inclusions: (index: number) => Hash[] | undefined): string {
  const inclusion = inclusions(index);
  if (inclusion === undefined) throw new Error(`the read model has no tree of ${journal} with ${index}`);
  const line: EventLine = {
    journal,
    index,
    ...(leaf === undefined ? { leafHash: toHex(hash) } : { leaf: toBase64(leaf) }),
    inclusion: inclusion.map(toBase64),
  };
  return `${canonicalText(line)}\n`;
}
