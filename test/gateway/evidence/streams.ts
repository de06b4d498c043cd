/** Rows of `kinds.ts` for streams of events: the history of a subject, and a whole journal. */
import { canonicalText } from "../../../chaincode/proof/canonical";
import { toBase64, toHex } from "../../../chaincode/proof/bytes";
import { CompactRange } from "../../../chaincode/proof/compact-range";
import { inclusionPath, leafHash } from "../../../chaincode/proof/rfc6962";
import { chainOver } from "../../../chaincode/proof/subject-chain";
import { signCheckpoint } from "../../../gateway/evidence/checkpoint";
import type { EvidenceErrorCode } from "../../../gateway/evidence/errors";
import { generateSignerKey } from "../../../gateway/evidence/note-key";
import { verifyStream } from "../../../gateway/evidence/verify-stream";
import { nodesOf } from "../../chaincode/proof/forest";
import type { Kind } from "./kinds";
import { attest, JOURNAL, NOW, ORIGIN, SIZE, statement, type World, world } from "./ledger";

/** Leaves that name the subject. */
const NAMED = [2, 5, 7];
const SUBJECT = { kind: "product", id: "p-1" };

const base64 = (text: string): string => Buffer.from(text).toString("base64");
const stream = (...lines: readonly object[]): string => lines.map((line) => `${canonicalText(line)}\n`).join("");

const verifying =
  ({ trust }: World) =>
  async (file: Uint8Array): Promise<void> => {
    const pieces = (async function* () {
      await Promise.resolve();
      yield file;
    })();
    const verdicts = verifyStream(pieces, trust, NOW);
    while ((await verdicts.next()).done !== true);
  };

const MALFORMED: readonly EvidenceErrorCode[] = ["stream-malformed", "events-missing", "events-excess"];

export async function streams(ledger: World): Promise<readonly Kind[]> {
  return [await history(ledger), await journal(ledger)];
}

/** What the ledger says of the subject, and lines for these leaves. */
function historyOf({ leaves, root, node }: World, named: readonly number[]): readonly object[] {
  const { count, hash } = chainOver(named.map((index) => leafHash(leaves[index]!)));
  const chains = statement(root, {
    transaction: "subject",
    args: [base64(SUBJECT.kind), base64(SUBJECT.id)],
    result: base64(canonicalText([{ journal: JOURNAL, count, chain: toHex(hash) }])),
  });
  const heads = [{ journal: JOURNAL, size: SIZE, attestation: attest(statement(root), node) }];
  const lines = named.map((index) => ({
    journal: JOURNAL,
    index,
    leaf: toBase64(leaves[index]!),
    inclusion: inclusionPath(index, SIZE, nodesOf(leaves)).map(toBase64),
  }));
  return [{ format: "suyuan-history/1", ...SUBJECT, attestation: attest(chains, node), heads }, ...lines];
}

async function history(ledger: World): Promise<Kind> {
  const lines = historyOf(ledger, NAMED);
  const [head, one, two, three] = lines as readonly [object, object, object, object];
  const [, other] = historyOf(ledger, [6]) as readonly [object, object];
  const [shorter] = historyOf(ledger, NAMED.slice(0, -1)) as readonly [object];
  const stranger = await world();
  const [forged] = historyOf({ ...ledger, node: stranger.node }, NAMED) as readonly [object];
  return {
    name: "history",
    good: stream(...lines),
    verify: verifying(ledger),
    malformed: MALFORMED,
    huge: "stream-malformed",
    everyByteCounts: true,
    attacks: {
      edit: [stream(head, one, { ...two, leaf: toBase64(Buffer.from("another")) }, three), "inclusion-wrong"],
      delete: [stream(head, one, three), "events-missing"],
      reorder: [stream(head, one, three, two), "events-out-of-order"],
      // The ledger counts three: who shows its word of before shows an event too many.
      "roll back": [stream(shorter, one, two, three), "events-excess"],
      fork: [stream(head, one, other, three), "events-differ"],
      "swap two of equal length": [
        stream(head, { ...one, index: 5, inclusion: (two as { inclusion: unknown }).inclusion }, two, three),
        "inclusion-wrong",
      ],
      "forge a key": [stream(forged, one, two, three), "certificate-untrusted"],
      "replay another journal's": [stream(head, { ...one, journal: "OtherMSP/facts" }, two, three), "events-excess"],
      "borrow a signature of another protocol": [
        stream({ ...head, attestation: attest(statement(ledger.root), ledger.node) }, one, two, three),
        "attestation-differs",
      ],
      "index of the size": [stream(head, one, two, { ...three, index: SIZE }), "inclusion-wrong"],
    },
  };
}

async function journal(ledger: World): Promise<Kind> {
  const { leaves, root, node, journalKey } = ledger;
  const headWith = async (from = root, key = journalKey, signer = node): Promise<object> => ({
    format: "suyuan-journal/1",
    journal: JOURNAL,
    size: SIZE,
    checkpoint: await signCheckpoint(SIZE, from, key),
    attestation: attest(statement(from), signer),
  });
  const head = await headWith();
  const lines = leaves.map((leaf, index) => ({ index, leaf: toBase64(leaf) }));
  const range = CompactRange.empty();
  for (const leaf of leaves.with(3, Buffer.from("another"))) range.append(leafHash(leaf));
  const fork = await headWith(Buffer.from(range.root()));
  const { key } = await generateSignerKey(ORIGIN);
  const swapped = lines.with(3, { index: 3, leaf: lines[4]!.leaf }).with(4, { index: 4, leaf: lines[3]!.leaf });
  return {
    name: "journal",
    good: stream(head, ...lines),
    verify: verifying(ledger),
    malformed: MALFORMED,
    huge: "stream-malformed",
    everyByteCounts: true,
    attacks: {
      edit: [stream(head, ...lines.with(3, { index: 3, leaf: toBase64(Buffer.from("another")) })), "events-differ"],
      delete: [stream(head, ...lines.toSpliced(3, 1)), "events-missing"],
      reorder: [stream(head, ...lines.toSpliced(3, 2, lines[4]!, lines[3]!)), "events-missing"],
      "roll back": [stream(head, ...lines.slice(0, -1)), "events-missing"],
      fork: [stream(fork, ...lines), "events-differ"],
      "swap two of equal length": [stream(head, ...swapped), "events-differ"],
      "forge a key": [stream(await headWith(root, key), ...lines), "checkpoint-key-unknown"],
      "replay another journal's": [stream({ ...head, journal: "OtherMSP/facts" }, ...lines), "attestation-differs"],
      "borrow a signature of another protocol": [
        stream({ ...head, attestation: attest({ ...statement(root), transaction: "head" }, node) }, ...lines),
        "attestation-differs",
      ],
      "index of the size": [stream(head, ...lines.with(-1, { ...lines.at(-1)!, index: SIZE })), "events-missing"],
    },
  };
}
