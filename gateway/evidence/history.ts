/**
 * The complete history (完整历史) of a subject: every event that names it, journal after journal, each with its inclusion path, against the count and the hash chain
 * that the ledger keeps of them. Nothing can be left out, added, exchanged or moved without the chain being another.
 */
import { fromBase64, fromHex, sameBytes } from "../../chaincode/proof/bytes";
import { isJournalName } from "../../chaincode/proof/holding-name";
import { verifyInclusion } from "../../chaincode/proof/rfc6962";
import { emptyChain, extendChain, type SubjectChain } from "../../chaincode/proof/subject-chain";
import type { Attestation } from "../ledger/port";
import { isAttestation, readAnswer } from "./attestation";
import { type AttestedChain, readChains } from "./attested-root";
import { demand, given } from "./errors";
import { type EventLine, hashOf, type PartVerifier, type StreamVerdict } from "./event-stream";
import { type Head, type ReadHead, readHead, verifyAnswer, verifyHead, type Vouched } from "./head";
import { integer, list, literal, record, text } from "./shape";
import type { TrustFile } from "./trust";

export const HISTORY_FORMAT = "suyuan-history/1";

/** Its first line. */
export interface HistoryHeader {
  readonly format: typeof HISTORY_FORMAT;
  readonly kind: string;
  readonly id: string;
  /** The ledger's word for counts and chains: transaction `subject` of this subject. */
  readonly attestation: Attestation;
  /** Of each journal that names the subject, in the order of that answer: one that reaches to its last event. */
  readonly heads: readonly Head[];
}

const isHeader = record<HistoryHeader>({
  format: literal(HISTORY_FORMAT),
  kind: text(100),
  id: text(256),
  attestation: isAttestation,
  heads: list(
    record<Head>({ journal: text(200, isJournalName), size: integer(1), checkpoint: text(0), attestation: isAttestation }, ["checkpoint"]),
    1000,
  ),
});

/** @throws EvidenceError `stream-malformed`, and those of heads and attestations */
export async function verifyHistory(header: object, trust: TrustFile, now: Date): Promise<PartVerifier> {
  demand(isHeader(header), "stream-malformed");
  const { kind, id, attestation, heads } = header;
  const answer = readAnswer(attestation);
  const chains = readChains(answer, kind, id);
  const vouched = await verifyAnswer(attestation, answer, trust, now);
  demand(heads.length === chains.length, "stream-malformed");
  const read = heads.map(readHead);
  for (const [i, head] of read.entries()) {
    demand(head.journal === chains[i]?.journal, "stream-malformed");
    const { network } = await verifyHead(head, trust, now);
    demand(network === vouched.network, "attestation-differs");
  }
  return new History({ kind, id }, chains, read, vouched);
}

class History implements PartVerifier {
  /** Of the journals, the one that is being read. */
  #at = 0;
  #chain: SubjectChain = emptyChain;
  #last = -1;
  #withheld = 0;

  constructor(
    private readonly subject: { readonly kind: string; readonly id: string },
    private readonly chains: readonly AttestedChain[],
    private readonly heads: readonly ReadHead[],
    private readonly vouched: Vouched,
  ) {}

  add(line: EventLine): void {
    const { journal, index, inclusion } = line;
    demand(journal !== undefined && inclusion !== undefined, "stream-malformed");
    if (journal !== this.chains[this.#at]?.journal) {
      const next = this.chains.findIndex((chain) => chain.journal === journal);
      demand(next >= 0, "events-excess");
      demand(next > this.#at, "events-out-of-order");
      this.#close();
      demand(next === this.#at, "events-missing");
    }
    const [chain, head] = [given(this.chains[this.#at], "events-excess"), given(this.heads[this.#at], "events-excess")];
    demand(index > this.#last, "events-out-of-order");
    const hash = hashOf(line);
    const path = inclusion.map((hash) => given(fromBase64(hash), "stream-malformed"));
    demand(verifyInclusion(hash, index, head.size, path, head.root), "inclusion-wrong");
    demand(this.#chain.count < chain.count, "events-excess");
    this.#chain = extendChain(this.#chain, hash);
    this.#last = index;
    if (line.leaf === undefined) this.#withheld++;
  }

  end(): StreamVerdict {
    while (this.#at < this.chains.length) this.#close();
    const { proven, notProven, ...vouched } = this.vouched;
    return {
      format: HISTORY_FORMAT,
      subject: this.subject,
      events: this.chains.reduce((sum, { count }) => sum + count, 0),
      withheld: this.#withheld,
      journals: this.chains.map(({ journal, count }, i) => ({ journal, events: count, size: this.heads[i]?.size ?? 0 })),
      ...vouched,
      proven: ["records-in-journals", "every-record-of-subject", ...proven],
      notProven: [...notProven, "no-unrecorded-copy", "represented-faithfully"],
    };
  }

  /** Goes on to the next journal. */
  #close(): void {
    const { count, chain } = given(this.chains[this.#at], "events-excess");
    demand(this.#chain.count === count, "events-missing");
    const wanted = fromHex(chain);
    demand(wanted !== undefined && sameBytes(this.#chain.hash, wanted), "events-differ");
    [this.#at, this.#chain, this.#last] = [this.#at + 1, emptyChain, -1];
  }
}
