/** Evidence in lines, with what an adversary does to it. */
import { Readable } from "node:stream";
import { toBase64 } from "../../../chaincode/proof/bytes";
import { signCheckpoint } from "../../../gateway/evidence/checkpoint";
import type { TrustFile } from "../../../gateway/evidence/trust";
import { verifyStream } from "../../../gateway/evidence/verify-stream";
import { forked, type Kind } from "./attacks";
import { attest, base64, NOW, noteKey, ORIGIN, SIZE, statement, type World } from "./ledger";
import { latestAt } from "./promises";
import { chained, eventOf, headOf, historyOf, journalOf, type Lines, rooted, swapped, textOf, traced } from "./streams";

export const streamKinds = async (ledger: World): Promise<readonly Kind[]> => [
  await head(ledger),
  await journal(ledger),
  history(ledger),
  trace(ledger),
];

/** Reads all of a stream, in pieces. */
async function streamed(file: Uint8Array, trust: TrustFile): Promise<void> {
  const pieces = (function* () {
    for (let at = 0; at < file.length; at += 1000) yield file.subarray(at, at + 1000);
  })();
  for await (const verdict of verifyStream(Readable.from(pieces), trust, NOW))
    if (verdict.proven.length === 0) throw new Error("it proves nothing");
}

const stream = ({ trust }: World) =>
  ({
    verify: (file) => streamed(file, trust),
    beside: { trust, now: NOW },
    malformed: ["stream-malformed", "events-missing"],
    huge: "stream-malformed",
    continues: true,
    everyByteCounts: true,
  }) satisfies Partial<Kind>;

const LATER = "2025-06-02T00:00:00.000Z";
const ACTS = "OperatorMSP/acts";

async function head(ledger: World): Promise<Kind> {
  const { root, leaves, journalKey } = ledger;
  const good = await headOf(ledger);
  const with_ = (changes: object): string => textOf([{ ...good, ...changes }]);
  const earlier = forked(leaves.slice(0, 9));
  const stranger = await noteKey(ORIGIN, "stranger");
  return {
    ...stream(ledger),
    name: "head of a journal",
    good: textOf([good]),
    attacks: {
      edit: [with_({ size: SIZE + 1 }), "checkpoint-differs"],
      delete: [with_({ checkpoint: "" }), "checkpoint-malformed"],
      reorder: { none: "it is one line" },
      "roll back": [with_({ size: 9, checkpoint: await signCheckpoint(9, earlier.root, journalKey) }), "attestation-differs"],
      fork: [with_({ checkpoint: await signCheckpoint(SIZE, earlier.root, journalKey) }), "attestation-differs"],
      "swap two of equal length": { none: "it holds one root" },
      "forge a key": [with_({ checkpoint: await signCheckpoint(SIZE, root, stranger) }), "key-not-in-trust"],
      "replay another journal's": [with_({ journal: ACTS }), "attestation-differs"],
      "borrow a signature of another protocol": [
        with_({ attestation: { ...rooted(ledger), signature: chained(ledger, SUBJECT, [2]).signature } }),
        "attestation-signature-wrong",
      ],
      "index of the size": [textOf([good, { index: SIZE, leaf: toBase64(leaves[0]!) }]), "events-excess"],
    },
  };
}

async function journal(ledger: World): Promise<Kind> {
  const { leaves, journalKey } = ledger;
  const lines = await journalOf(ledger);
  const [header, ...events] = lines as [object, ...object[]];
  const told = (leaves: readonly Buffer[]): Lines => leaves.map((leaf, index) => ({ index, leaf: toBase64(leaf) }));
  /** Of other leaves, that its key signs and the ledger does not. */
  const unseen = async (leaves: readonly Buffer[], size = SIZE): Promise<string> =>
    textOf([{ ...header, size, checkpoint: await signCheckpoint(size, forked(leaves).root, journalKey) }, ...told(leaves)]);
  const stranger = await noteKey(ORIGIN, "stranger");
  const acts = await noteKey("ledger.example/operator/acts", "acts");
  const other = leaves.map((leaf, i) => (i === 5 ? Buffer.from("leaf Z") : leaf));
  const exchanged = leaves.map((leaf, i) => (i === 4 ? leaves[5]! : i === 5 ? leaves[4]! : leaf));
  return {
    ...stream(ledger),
    name: "export of a journal",
    good: textOf(lines),
    attacks: {
      edit: [textOf([header, ...told(other)]), "events-differ"],
      delete: [textOf(lines.filter((_, i) => i !== 6)), "events-missing"],
      reorder: [swapped(lines, 3, 4), "events-missing"],
      "roll back": [await unseen(leaves.slice(0, 9), 9), "attestation-differs"],
      fork: [await unseen(other), "attestation-differs"],
      "swap two of equal length": [textOf([header, ...told(exchanged)]), "events-differ"],
      "forge a key": [textOf(await journalOf(ledger, stranger)), "key-not-in-trust"],
      "replay another journal's": [textOf(await journalOf(ledger, acts)), "checkpoint-differs"],
      "borrow a signature of another protocol": [
        textOf([{ ...header, attestation: latestAt(SIZE, LATER, ledger).attestation }, ...events]),
        "attestation-differs",
      ],
      "index of the size": [textOf([...lines, { index: SIZE, leaf: toBase64(Buffer.from("more")) }]), "events-excess"],
    },
  };
}

const SUBJECT = { kind: "scenario", id: "S-1" };

function history(ledger: World): Kind {
  const { leaves, root, node } = ledger;
  const indexes = [2, 5, 6, 10];
  const lines = historyOf(ledger, SUBJECT, indexes);
  const [header, ...events] = lines as [object, ...object[]];
  const event = (index: number, leaf?: Buffer): object => eventOf(ledger, index, leaf);
  const answered = chained(ledger, SUBJECT, indexes);
  const headed = (attestation: object): string => textOf([{ ...header, attestation }, ...events]);
  return {
    ...stream(ledger),
    name: "history of a subject",
    good: textOf(lines),
    attacks: {
      edit: [textOf([header, event(2, Buffer.from("leaf Z")), ...events.slice(1)]), "inclusion-wrong"],
      delete: [textOf(lines.filter((_, i) => i !== 2)), "events-missing"],
      reorder: [swapped(lines, 2, 3), "events-out-of-order"],
      "roll back": [textOf(lines.slice(0, -1)), "events-missing"],
      // Of the journal, but of other subjects: each with a path that is good.
      fork: [textOf([header, event(2), event(5), event(7), event(10)]), "events-differ"],
      "swap two of equal length": [
        textOf([header, event(2), { ...event(5), leaf: toBase64(leaves[6]!) }, ...events.slice(2)]),
        "inclusion-wrong",
      ],
      "forge a key": [headed({ ...answered, certificate: ledger.authority.pem }), "certificate-malformed"],
      "replay another journal's": [headed(chained(ledger, { ...SUBJECT, id: "S-2" }, indexes)), "attestation-differs"],
      "borrow a signature of another protocol": [headed(attest(statement(root), node)), "attestation-differs"],
      "index of the size": [textOf([...lines.slice(0, -1), { ...event(10), index: SIZE }]), "inclusion-wrong"],
    },
  };
}

function trace(given: World): Kind {
  const { ledger, trace, histories } = traced(given);
  const [header, first, second] = trace as [{ readonly heads: readonly object[] }, object, object];
  const followed = (...lines: Lines): string => textOf([...lines, ...histories.flat()]);
  const headed = (change: object): string => followed({ ...header, heads: [{ ...header.heads[0]!, ...change }] }, first, second);
  const acts = attest(statement(ledger.root, { args: [base64(ACTS), base64(String(SIZE))] }, { journal: ACTS }), ledger.node);
  return {
    ...stream(ledger),
    name: "trace",
    good: followed(...trace),
    attacks: {
      edit: [followed(header, { ...first, leaf: toBase64(Buffer.from("leaf Z")) }, second), "inclusion-wrong"],
      delete: [followed(header, first), "events-missing"],
      reorder: [followed(header, second, first), "events-out-of-order"],
      "roll back": [textOf([...trace, ...histories.slice(0, -1).flat()]), "events-missing"],
      // An event of the journal that the trace does not have: its path is good.
      fork: [followed(header, eventOf(ledger, 2), second), "events-differ"],
      // Of two things, each with the history of the other.
      "swap two of equal length": [textOf([...trace, ...[...histories].reverse().flat()]), "events-missing"],
      "forge a key": [headed({ attestation: { ...rooted(ledger), certificate: ledger.authority.pem } }), "certificate-malformed"],
      "replay another journal's": [headed({ attestation: acts }), "attestation-differs"],
      "borrow a signature of another protocol": [headed({ attestation: latestAt(SIZE, LATER, ledger).attestation }), "attestation-differs"],
      "index of the size": [followed(header, first, { ...second, index: SIZE }), "inclusion-wrong"],
    },
  };
}
