/** What a trace rests on, as anyone checks it: `evidence/trace-proof.ts`, then the histories that it names. */
import { chainState, emptyChain, extendChain } from "../../chaincode/proof/subject-chain";
import { canonicalText } from "../../chaincode/proof/canonical";
import type { SubjectKind } from "../../chaincode/events/definition";
import type { Head } from "../evidence/head";
import { type Node, nodesOf, TRACE_FORMAT, type TraceHeader } from "../evidence/trace-proof";
import type { Asker } from "../index/access";
import type { Trace } from "../index/trace";
import { Problem } from "./problem";
import { history, type HistorySources, lineOf } from "./histories";

/** @throws Problem `not-found` where the start is not the asker's to see by itself; `ledger-unavailable` */
export async function* traceProof(trace: Trace, sources: HistorySources, asker: Asker | undefined): AsyncGenerator<string, void> {
  const { readModel, receipts } = sources;
  const { start, activities, acts, entities } = trace;
  const reader = await readModel.reader(undefined, asker);
  const places = new Map<string, Set<number>>();
  for (const { journal, index } of [...activities, ...acts]) places.set(journal, (places.get(journal) ?? new Set()).add(index));
  const journals = [...places.keys()].sort();
  const indexes = (journal: string): number[] => [...(places.get(journal) ?? [])].sort((a, b) => a - b);

  const heads: Head[] = [];
  const nodes = new Map<string, Node>();
  let chain = emptyChain;
  const add = async ({ kind, id }: Node): Promise<void> => {
    const name = `${kind} ${id}`;
    if (nodes.has(name)) return;
    const isSeen = await reader.seesSubject({ kind: kind as SubjectKind, id });
    nodes.set(name, isSeen ? { kind, id } : { kind, id, withheld: true });
  };
  // Of a holding, that under which it is held.
  if (start.kind !== "holding") await add(start);
  else await add({ kind: "authorization", id: entities[0]?.authorization ?? "" });
  // A proof begins with a history: where that is not for the asker, there is none.
  if ([...nodes.values()].some(({ withheld }) => withheld)) throw new Problem("not-found");
  for (const journal of journals) {
    const own = indexes(journal);
    const { size, attestation } = await receipts.head(journal, (own.at(-1) ?? 0) + 1);
    heads.push({ journal, size, attestation });
    for (const { hash, leaf } of await reader.leavesAt(own.map((index) => ({ journal, index })))) {
      chain = extendChain(chain, hash);
      if (leaf !== undefined) for (const node of nodesOf(leaf)) await add(node);
    }
  }
  const header: TraceHeader = { format: TRACE_FORMAT, nodes: [...nodes.values()], chain: chainState(chain), heads };
  yield `${canonicalText(header)}\n`;
  const trees = await readModel.reader();
  for (const { journal, size } of heads) {
    const inclusions = trees.inclusions(journal, size);
    for (const event of await reader.leavesAt(indexes(journal).map((index) => ({ journal, index }))))
      yield lineOf(journal, event, inclusions);
  }
  for (const { kind, id, withheld } of nodes.values())
    if (withheld === undefined) yield* history({ kind: kind as SubjectKind, id }, sources, asker);
}
