import { expect } from "chai";
import { CompactRange } from "../../../chaincode/proof/compact-range";
import { leafHash } from "../../../chaincode/proof/rfc6962";
import { signCheckpoint } from "../../../gateway/evidence/checkpoint";
import { formatLatest, parseLatest } from "../../../gateway/evidence/latest";
import { formatVerifierKey, generateSignerKey } from "../../../gateway/evidence/note-key";
import { HEAD_FORMAT, type HeadFile } from "../../../gateway/evidence/journal-export";
import {
  judgePromise,
  OUTCOMES,
  type PromisedEvent,
  type PromiseOutcome,
  parsePromise,
  type ShownFile,
} from "../../../gateway/evidence/promise-kept";
import type { Receipt } from "../../../gateway/evidence/receipt";
import type { TrustFile } from "../../../gateway/evidence/trust";
import verdicts from "../../../gateway/evidence/verdict.labels.json";
import { attest, codeOf, JOURNAL, NOW, receiptFor, SIZE, statement, world, type World } from "./ledger";
import { DEADLINE, latestAt, promiseFor } from "./promises";

const LATER = "2025-06-01T12:10:00.000Z";

describe("a promise", () => {
  let ledger: World;
  before(async () => (ledger = await world()));

  /** The receipt of a leaf, whose head came to be at this time. */
  const recorded = (index: number, time: string, of = ledger, head: { readonly from?: number } = {}): Promise<Receipt> =>
    receiptFor(index, of, { attestation: attest(statement(of.root, {}, { time, ...head }), of.node) });
  /** A head by itself. */
  const headAt = async (time: string, head: { readonly from?: number } = {}): Promise<HeadFile> => {
    const { size, checkpoint, attestation } = await recorded(0, time, ledger, head);
    return { format: HEAD_FORMAT, journal: JOURNAL, size, checkpoint, attestation };
  };
  const outcome = async (promised: PromisedEvent, shown: readonly ShownFile[], trust: TrustFile = ledger.trust): Promise<PromiseOutcome> =>
    (await judgePromise(promised, shown, trust, NOW)).outcome;
  const code = (promised: PromisedEvent, shown: readonly ShownFile[] = [], trust = ledger.trust): Promise<string | undefined> =>
    codeOf(() => judgePromise(promised, shown, trust, NOW));

  it("is kept where the record stood at its index by the deadline", async () => {
    const promised = await promiseFor(5, ledger);
    expect(await outcome(promised, [await recorded(5, DEADLINE)])).to.equal("kept");
    expect(await judgePromise(promised, [await recorded(5, DEADLINE)], ledger.trust, NOW)).to.deep.include({
      journal: JOURNAL,
      index: 5,
      deadline: DEADLINE,
      promised: "2025-05-31T12:00:00.000Z",
      attestedBy: ["OperatorMSP"],
      notProven: ["several-parties", "no-unrecorded-copy", "represented-faithfully"],
    });
  });

  it("is kept late where it stands there, and past the deadline did not", async () => {
    const promised = await promiseFor(5, ledger);
    expect(await outcome(promised, [latestAt(5, LATER, ledger), await recorded(5, "2025-06-01T13:00:00.000Z")])).to.equal("kept-late");
  });

  it("is not called late for a receipt of a later head, which does not tell when it was recorded", async () => {
    expect(await outcome(await promiseFor(5, ledger), [await recorded(5, LATER)])).to.equal("kept-time-unknown");
    expect(await outcome(await promiseFor(5, ledger), [await recorded(5, LATER, ledger, { from: 6 })])).to.equal("kept-time-unknown");
  });

  it("is kept late where the record came with a head of past the deadline, as its receipt alone tells", async () => {
    const promised = await promiseFor(5, ledger);
    for (const from of [0, 5]) {
      expect(await outcome(promised, [await recorded(5, "2025-06-01T12:00:00.001Z", ledger, { from })])).to.equal("kept-late");
      expect(await outcome(promised, [await recorded(5, DEADLINE, ledger, { from })])).to.equal("kept");
    }
    expect(await code(promised, [await recorded(5, LATER, ledger, { from: SIZE })])).to.equal("attestation-malformed");
  });

  it("is judged by heads too, signed by the journal or not", async () => {
    const promised = await promiseFor(5, ledger);
    const beyond = await promiseFor(SIZE, ledger, { leaf: Buffer.from("left out") });
    expect(await outcome(beyond, [await headAt(LATER)])).to.equal("broken-missing");
    const { checkpoint: _, ...unsigned } = await headAt(LATER);
    expect(await outcome(beyond, [unsigned])).to.equal("broken-missing");
    expect(await outcome(beyond, [await headAt(DEADLINE)])).to.equal("unsettled");
    // It reaches the index: who stands there it does not say, but since when.
    expect(await outcome(promised, [await headAt(LATER, { from: 5 })])).to.equal("unsettled");
    expect(await outcome(promised, [await recorded(5, "2025-06-01T13:00:00.000Z"), await headAt(LATER, { from: 5 })])).to.equal(
      "kept-late",
    );
    expect(await outcome(promised, [await recorded(5, "2025-06-01T13:00:00.000Z"), await headAt(LATER, { from: 6 })])).to.equal(
      "kept-time-unknown",
    );
    // It stood there already, says the receipt; the head says that it came later.
    expect(await outcome(promised, [await recorded(5, DEADLINE), await headAt("2025-06-01T12:10:00.002Z", { from: 5 })])).to.equal(
      "two-histories",
    );
    expect(await code(promised, [{ ...(await headAt(LATER)), size: 4 }])).to.equal("checkpoint-differs");
  });

  it("is broken by another record at its index, and by a journal that past the deadline ends before it", async () => {
    const other = await promiseFor(5, ledger, { leaf: Buffer.from("what was promised") });
    expect(await outcome(other, [await recorded(5, LATER)])).to.equal("broken-other-record");
    expect(await outcome(other, [await recorded(5, DEADLINE)])).to.equal("broken-other-record");
    for (const size of [0, 5])
      expect(await outcome(await promiseFor(5, ledger), [latestAt(size, LATER, ledger)])).to.equal("broken-missing");
    const beyond = await promiseFor(SIZE, ledger, { leaf: Buffer.from("left out") });
    expect(await outcome(beyond, [latestAt(SIZE, LATER, ledger)])).to.equal("broken-missing");
    // A receipt of another record tells it as well: its head came to be past the deadline, and ends before.
    expect(await outcome(beyond, [await recorded(2, LATER)])).to.equal("broken-missing");
    expect(await outcome(beyond, [await recorded(2, DEADLINE)])).to.equal("unsettled");
  });

  it("is unsettled before the deadline, within what clocks may differ, and by what reaches beyond its index", async () => {
    const promised = await promiseFor(5, ledger);
    expect(await outcome(promised, [])).to.equal("unsettled");
    expect(await outcome(promised, [latestAt(5, DEADLINE, ledger)])).to.equal("unsettled");
    expect(await outcome(promised, [latestAt(5, "2025-06-01T12:05:00.000Z", ledger)])).to.equal("unsettled");
    expect(await outcome(promised, [latestAt(5, "2025-06-01T12:05:00.001Z", ledger)])).to.equal("broken-missing");
    expect(await outcome(promised, [latestAt(6, LATER, ledger)])).to.equal("unsettled");
  });

  it("shows two histories where good evidence contradicts itself", async () => {
    const promised = await promiseFor(5, ledger);
    expect(await outcome(promised, [await recorded(5, DEADLINE), latestAt(5, LATER, ledger)]), "gone back").to.equal("kept");
    expect(await outcome(promised, [await recorded(5, DEADLINE), latestAt(5, "2025-06-01T12:10:00.001Z", ledger)])).to.equal(
      "two-histories",
    );
    const leaves = ledger.leaves.map((leaf, i) => (i === 5 ? Buffer.from("another history") : leaf));
    const fork = { ...ledger, ...forked(leaves) };
    expect(await outcome(promised, [await recorded(5, DEADLINE), await recorded(5, DEADLINE, fork)])).to.equal("two-histories");
  });

  /** The same journal with other leaves: what a keeper could show someone else. */
  function forked(leaves: readonly Buffer[]): Pick<World, "leaves" | "root"> {
    const range = CompactRange.empty();
    for (const leaf of leaves) range.append(leafHash(leaf));
    return { leaves, root: Buffer.from(range.root()) };
  }

  it("counts only if the journal's key, in force when it was given, signed it for this record and index", async () => {
    const promised = await promiseFor(5, ledger);
    const [journal] = ledger.trust.journals;
    const keys = (...keys: { key: string; validFrom: string; validUntil?: string }[]): TrustFile => ({
      ...ledger.trust,
      journals: [{ ...journal!, keys }],
    });
    const { key } = journal!.keys[0]!;
    expect(await code(promised, [], keys({ key, validFrom: "2025-05-31T12:00:00Z" }))).to.equal(undefined);
    expect(await code(promised, [], keys({ key, validFrom: "2025-05-31T12:00:01Z" }))).to.equal("promise-key-not-valid");
    expect(await code(promised, [], keys({ key, validFrom: "2025-01-01T00:00:00Z", validUntil: "2025-05-31T12:00:00Z" }))).to.equal(
      "promise-key-not-valid",
    );
    expect(await code(promised, [], keys())).to.equal("promise-key-unknown");
    expect(await code({ ...promised, index: 4 })).to.equal("promise-differs");
    expect(await code({ ...promised, leafHash: "0".repeat(64) })).to.equal("promise-differs");
    expect(await code({ ...promised, journal: "OperatorMSP/acts" })).to.equal("promise-key-unknown");
    const { key: stranger } = await generateSignerKey("elsewhere.example/facts");
    expect(await code(await promiseFor(5, { ...ledger, journalKey: stranger }))).to.equal("promise-key-unknown");
  });

  it("stays checkable when the journal's key has been followed by another, with what that one signed", async () => {
    const promised = await promiseFor(5, ledger);
    const { key: successor } = await generateSignerKey(ledger.journalKey.verifier.name);
    const [journal] = ledger.trust.journals;
    const rotated = {
      ...ledger.trust,
      journals: [
        {
          ...journal!,
          keys: [
            { ...journal!.keys[0]!, validUntil: "2025-06-01T00:00:00Z" },
            { key: formatVerifierKey(successor.verifier), validFrom: "2025-06-01T00:00:00Z" },
          ],
        },
      ],
    };
    const old = await recorded(5, DEADLINE);
    expect(await code(promised, [old], rotated)).to.equal("checkpoint-key-not-valid");
    const renewed = { ...old, checkpoint: await signCheckpoint(SIZE, ledger.root, successor) };
    expect(await outcome(promised, [renewed], rotated)).to.equal("kept");
  });

  it("is judged by good evidence of its own journal alone", async () => {
    const promised = await promiseFor(5, ledger);
    const latest = latestAt(5, LATER, ledger);
    const stranger = { ...ledger, node: await ledger.authority.issue({ unit: "client" }) };
    expect(await code(promised, [latestAt(5, LATER, stranger)])).to.equal("certificate-malformed");
    expect(await code(promised, [latestAt(5, "2025-07-01T00:00:00Z", ledger)])).to.equal("attestation-in-future");
    expect(await code(promised, [{ ...latest, journal: "OperatorMSP/acts" }])).to.equal("attestation-differs");
    const acts = { journal: "OperatorMSP/acts" };
    const args = [Buffer.from("OperatorMSP/acts").toString("base64")];
    expect(await code(promised, [{ ...latestAt(5, LATER, ledger, { args }, acts), ...acts }])).to.equal("promise-evidence-differs");
    expect(await code(promised, [latestAt(5, LATER, ledger, { transaction: "root" })])).to.equal("attestation-differs");
    expect(await code(promised, [latestAt(5, LATER, ledger, { args })])).to.equal("attestation-differs");
    expect(await code(promised, [latestAt(5, LATER, ledger, { args: [] })])).to.equal("attestation-differs");
    expect(await code(promised, [latestAt(5, LATER, ledger, {}, { more: 1 })])).to.equal("attestation-malformed");
    expect(await code(promised, [{ ...(await recorded(5, DEADLINE)), index: 4 }])).to.equal("inclusion-wrong");
  });

  it("is read from the answer that intake gave, and the latest state from a file of one spelling", async () => {
    const promised = await promiseFor(5, ledger);
    const answer = { source: "s", id: "1", state: "accepted", ...promised };
    expect(parsePromise(Buffer.from(JSON.stringify(answer)))).to.deep.equal(promised);
    for (const bad of ["", "7", "[]", "{}", JSON.stringify({ ...answer, index: -1 }), JSON.stringify({ ...answer, promise: {} })])
      expect(await codeOf(() => parsePromise(Buffer.from(bad))), bad).to.equal("promise-malformed");
    const file = formatLatest(latestAt(5, LATER, ledger));
    for (const good of [file, `${file}\n`]) expect(formatLatest(parseLatest(Buffer.from(good)))).to.equal(file);
    for (const bad of ["", "{}", ` ${file}`, `${file}\n\n`, file.replace("{", '{"a":1,'), file.replace("latest", "newest")])
      expect(await codeOf(() => parseLatest(Buffer.from(bad))), bad.slice(0, 40)).to.equal("latest-malformed");
  });

  it("has words for every outcome, in two languages", () => {
    const words: Readonly<Record<PromiseOutcome, { zh: string; en: string }>> = verdicts.promises;
    expect(Object.keys(words).sort()).to.deep.equal([...OUTCOMES].sort());
  });
});
