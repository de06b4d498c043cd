/**
 * What a trace (溯源) rests on: every event on its way and every act that allowed one, each with its inclusion path; and of everything that these events
 * used or made, the complete history after it. Whoever has it draws the graph from the events themselves, and need not believe the one that was shown.
 */
import { vocabulary } from "../../chaincode/events/vocabulary";
import { fromBase64, toHex } from "../../chaincode/proof/bytes";
import { parseStrict } from "../../chaincode/proof/canonical";
import { isJournalName } from "../../chaincode/proof/holding-name";
import { verifyInclusion } from "../../chaincode/proof/rfc6962";
import { HASH_BYTES } from "../../chaincode/proof/sha256";
import { emptyChain, extendChain, type SubjectChain, type SubjectChainState } from "../../chaincode/proof/subject-chain";
import { isAttestation } from "./attestation";
import { demand, given } from "./errors";
import { type EventLine, hashOf, type PartVerifier, type StreamVerdict } from "./event-stream";
import { type Head, type ReadHead, readHead, verifyHead, type Vouched } from "./head";
import { hex, integer, list, literal, record, text } from "./shape";
import type { TrustFile } from "./trust";

export const TRACE_FORMAT = "suyuan-trace/1";

/** What has a chain of its own on the ledger; of a holding, the authorization under which it is held. */
export interface Node {
  readonly kind: string;
  readonly id: string;
  /** Its history is not for whom the file was made. */
  readonly withheld?: true;
}

/** Its first line. */
export interface TraceHeader {
  readonly format: typeof TRACE_FORMAT;
  /** First what was traced, or of a holding its authorization; then what the events name. Histories of those not withheld follow, in this order. */
  readonly nodes: readonly Node[];
  /** Over the events here. Nobody vouches for it: a trace with fewer events is another trace, and what it leaves out stands in the histories. */
  readonly chain: SubjectChainState;
  /** Of each journal that has an event here, in the order of their names. */
  readonly heads: readonly Head[];
}

const yes = (value: unknown): value is true => value === true;
const isHeader = record<TraceHeader>({
  format: literal(TRACE_FORMAT),
  nodes: list(record<Node>({ kind: text(100), id: text(256), withheld: yes }, ["withheld"]), 10_000),
  chain: record<SubjectChainState>({ count: integer(0), hash: hex(HASH_BYTES) }),
  heads: list(
    record<Head>({ journal: text(200, isJournalName), size: integer(1), checkpoint: text(0), attestation: isAttestation }, ["checkpoint"]),
    1000,
  ),
});

/** @throws EvidenceError `stream-malformed`, and those of heads */
export async function verifyTrace(header: object, trust: TrustFile, now: Date): Promise<PartVerifier> {
  demand(isHeader(header), "stream-malformed");
  const heads = new Map<string, ReadHead>();
  let vouched: Vouched | undefined;
  for (const each of header.heads) {
    const head = readHead(each);
    const next = await verifyHead(head, trust, now);
    demand(vouched === undefined || vouched.network === next.network, "attestation-differs");
    demand(!heads.has(head.journal), "stream-malformed");
    vouched = next;
    heads.set(head.journal, head);
  }
  return new TraceProof(header, heads, given(vouched, "stream-malformed"));
}

class TraceProof implements PartVerifier {
  readonly #named = new Set<string>();
  /** That no event has named yet. */
  readonly #unseen: Set<string>;
  readonly #counts = new Map<string, number>();
  #last: { readonly journal: string; readonly index: number } | undefined;
  #chain: SubjectChain = emptyChain;
  #withheld = 0;

  constructor(
    private readonly header: TraceHeader,
    private readonly heads: ReadonlyMap<string, ReadHead>,
    private readonly vouched: Vouched,
  ) {
    for (const node of header.nodes) this.#named.add(nameOf(node));
    this.#unseen = new Set(this.#named);
    demand(this.#named.size === header.nodes.length, "stream-malformed");
    const [start] = header.nodes;
    demand(start !== undefined && start.withheld === undefined, "stream-malformed");
    this.#unseen.delete(nameOf(start));
  }

  add(line: EventLine): void {
    const { journal = "", index, inclusion, leaf } = line;
    demand(inclusion !== undefined, "stream-malformed");
    const head = given(this.heads.get(journal), "events-excess");
    const last = this.#last;
    demand(last === undefined || last.journal < journal || (last.journal === journal && last.index < index), "events-out-of-order");
    const path = inclusion.map((hash) => given(fromBase64(hash), "stream-malformed"));
    const hash = hashOf(line);
    demand(verifyInclusion(hash, index, head.size, path, head.root), "inclusion-wrong");
    this.#last = { journal, index };
    this.#chain = extendChain(this.#chain, hash);
    this.#counts.set(journal, (this.#counts.get(journal) ?? 0) + 1);
    if (leaf === undefined) this.#withheld++;
    // Whatever an event used or made has its history here.
    else
      for (const node of nodesOf(given(fromBase64(leaf), "stream-malformed"))) {
        demand(this.#named.has(nameOf(node)), "events-missing");
        this.#unseen.delete(nameOf(node));
      }
  }

  end(): StreamVerdict {
    const { chain } = this.header;
    demand(this.#chain.count >= chain.count, "events-missing");
    demand(this.#chain.count === chain.count, "events-excess");
    demand(toHex(this.#chain.hash) === chain.hash, "events-differ");
    demand(this.#counts.size === this.heads.size && this.#unseen.size === 0, "events-missing");
    const { proven, notProven, ...vouched } = this.vouched;
    const { nodes } = this.header;
    return {
      format: TRACE_FORMAT,
      follow: nodes.filter(({ withheld }) => withheld === undefined),
      unfollowed: nodes.filter(({ withheld }) => withheld === true).length,
      events: [...this.#counts.values()].reduce((sum, count) => sum + count, 0),
      withheld: this.#withheld,
      journals: [...this.#counts].map(([journal, events]) => ({ journal, events, size: this.heads.get(journal)?.size ?? 0 })),
      ...vouched,
      proven: ["records-in-journals", ...proven],
      notProven: [...notProven, "trace-whole", "no-unrecorded-copy", "represented-faithfully"],
    };
  }
}

const nameOf = ({ kind, id }: Node): string => `${kind} ${id}`;

/** What an event used or made, by what has a chain of its own. @param leaf what is no event, or is of no type known here, names nothing */
export function nodesOf(leaf: Uint8Array): readonly Node[] {
  try {
    const { type, data } = parseStrict(leaf).value as { readonly type: string; readonly data: unknown };
    const known = vocabulary.get(type);
    const step = known?.provenance(data);
    if (known === undefined || step === undefined) return [];
    const entities = [...step.used, ...(step.generated ?? [])].filter(({ kind }) => kind !== "holding");
    const authorizations = known.about(data).filter(({ kind }) => kind === "authorization");
    return [...entities, ...authorizations].map(({ kind, id }) => ({ kind, id }));
  } catch (error) {
    // A leaf that the ledger could not judge may be anything, and has no effect.
    if (error instanceof TypeError) return [];
    throw error;
  }
}
