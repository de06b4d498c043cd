/** Streams of events of the small ledger: histories, traces, journals and heads, as lines. */
import { toBase64, toHex } from "../../../chaincode/proof/bytes";
import { canonicalText } from "../../../chaincode/proof/canonical";
import { CompactRange } from "../../../chaincode/proof/compact-range";
import { inclusionPath, leafHash } from "../../../chaincode/proof/rfc6962";
import { chainOver } from "../../../chaincode/proof/subject-chain";
import { signCheckpoint } from "../../../gateway/evidence/checkpoint";
import { HISTORY_FORMAT } from "../../../gateway/evidence/history";
import { HEAD_FORMAT, type HeadFile, JOURNAL_FORMAT } from "../../../gateway/evidence/journal-export";
import { type Node, nodesOf as named, TRACE_FORMAT } from "../../../gateway/evidence/trace-proof";
import type { NodeAttestation } from "../../../gateway/ledger/port";
import { nodesOf } from "../../chaincode/proof/forest";
import { example, OPERATOR } from "../../chaincode/events/world";
import { forked } from "./attacks";
import { attest, base64, JOURNAL, SIZE, statement, type World } from "./ledger";

export type Lines = readonly object[];

export const textOf = (lines: Lines): string => lines.map((line) => `${canonicalText(line)}\n`).join("");

/** With two of them exchanged. */
export const swapped = (lines: Lines, a: number, b: number): string =>
  textOf(lines.map((line, i) => (i === a ? lines[b]! : i === b ? lines[a]! : line)));

/** What the node says of the root. */
export const rooted = ({ root, node }: World): NodeAttestation => attest(statement(root), node);

export async function headOf(ledger: World, key = ledger.journalKey): Promise<HeadFile> {
  const checkpoint = await signCheckpoint(SIZE, ledger.root, key);
  return { format: HEAD_FORMAT, journal: JOURNAL, size: SIZE, checkpoint, attestation: rooted(ledger) };
}

export async function journalOf(ledger: World, key = ledger.journalKey): Promise<Lines> {
  const events = ledger.leaves.map((leaf, index) => ({ index, leaf: toBase64(leaf) }));
  return [{ ...(await headOf(ledger, key)), format: JOURNAL_FORMAT }, ...events];
}

/** The event at an index, with its path. */
export const eventOf = ({ leaves }: World, index: number, leaf = leaves[index]!): object => ({
  journal: JOURNAL,
  index,
  leaf: toBase64(leaf),
  inclusion: inclusionPath(index, SIZE, nodesOf(leaves)).map(toBase64),
});

/** What the node says of a subject that these name. */
export function chained({ leaves, root, node }: World, { kind, id }: Node, indexes: readonly number[]): NodeAttestation {
  const { count, hash } = chainOver(indexes.map((index) => leafHash(leaves[index]!)));
  const result = base64(canonicalText(count === 0 ? [] : [{ journal: JOURNAL, count, chain: toHex(hash) }]));
  return attest(statement(root, { transaction: "subject", args: [base64(kind), base64(id)], result }), node);
}

export function historyOf(ledger: World, { kind, id }: Node, indexes: readonly number[]): Lines {
  const heads = [{ journal: JOURNAL, size: SIZE, attestation: rooted(ledger) }];
  return [
    { format: HISTORY_FORMAT, kind, id, attestation: chained(ledger, { kind, id }, indexes), heads },
    ...indexes.map((index) => eventOf(ledger, index)),
  ];
}

/** A ledger with two events of which one used what the other made, and the trace of it: header, the two, and the histories of what they name. */
export function traced(ledger: World): { readonly ledger: World; readonly trace: Lines; readonly histories: readonly Lines[] } {
  const [pulled, processed] = (["data.pulled", "data.processed"] as const).map((type) =>
    Buffer.from(canonicalText({ type: `suyuan.${type}`, data: example(type, OPERATOR).data })),
  ) as [Buffer, Buffer];
  const indexes = [3, 7];
  const own = { ...ledger, ...forked(ledger.leaves.map((leaf, i) => (i === 3 ? pulled : i === 7 ? processed : leaf))) };
  const names = (index: number): readonly string[] => named(own.leaves[index]!).map(({ kind, id }) => `${kind} ${id}`);
  const nodes = [...new Set(indexes.flatMap(names))].map((name) => {
    const [kind = "", id = ""] = name.split(" ");
    return { kind, id };
  });
  const { count, hash } = chainOver(indexes.map((index) => leafHash(own.leaves[index]!)));
  const heads = [{ journal: JOURNAL, size: SIZE, attestation: rooted(own) }];
  const header = { format: TRACE_FORMAT, nodes, chain: { count, hash: toHex(hash) }, heads };
  return {
    ledger: own,
    trace: [header, ...indexes.map((index) => eventOf(own, index))],
    histories: nodes.map((node) =>
      historyOf(
        own,
        node,
        indexes.filter((index) => names(index).includes(`${node.kind} ${node.id}`)),
      ),
    ),
  };
}

/** An export of a journal of any length, line by line. */
export function* longJournal({ node }: World, events: number): Generator<string, void> {
  const leafAt = (index: number): Buffer => Buffer.from(canonicalText({ index, text: "x".repeat(300) }));
  const range = CompactRange.empty();
  for (let index = 0; index < events; index++) range.append(leafHash(leafAt(index)));
  const asked = { args: [base64(JOURNAL), base64(String(events))] };
  const attestation = attest(statement(range.root(), asked, { size: events }), node);
  yield textOf([{ format: JOURNAL_FORMAT, journal: JOURNAL, size: events, attestation }]);
  for (let index = 0; index < events; index++) yield textOf([{ index, leaf: toBase64(leafAt(index)) }]);
}
