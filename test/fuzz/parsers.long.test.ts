import { expect } from "chai";
import { deflateRawSync } from "node:zlib";
import { encodeLine, inflate } from "../../chaincode/batch";
import { ContractError } from "../../chaincode/errors";
import { canonical, canonicalText, parseStrict } from "../../chaincode/proof/canonical";
import { CompactRange } from "../../chaincode/proof/compact-range";
import { formatHoldingName, parseHoldingName } from "../../chaincode/proof/holding-name";
import { pageFrom } from "../../chaincode/proof/holdings-page";
import { leafHash, verifyConsistency, verifyInclusion } from "../../chaincode/proof/rfc6962";
import { chainFrom } from "../../chaincode/proof/subject-chain";
import { decodeBundle, encodeBundle, parseTilePath, tilePath } from "../../chaincode/proof/tile";
import { readCheckpoint } from "../../gateway/evidence/checkpoint";
import { formatVerifierKey, parseVerifierKey } from "../../gateway/evidence/note-key";
import { parseNote } from "../../gateway/evidence/note";
import errorLabels from "../../gateway/evidence/errors.labels.json";
import { formatLatest } from "../../gateway/evidence/latest";
import { OUTCOMES, parsePromise, type PromiseOutcome } from "../../gateway/evidence/promise-kept";
import { promiseGroup, signPromise, verifyPromise } from "../../gateway/evidence/promise";
import { formatReceipt, parseReceipt, type Receipt } from "../../gateway/evidence/receipt";
import { formatTrust, parseTrust } from "../../gateway/evidence/trust";
import { verifyReceipt } from "../../gateway/evidence/verify-receipt";
import { limits } from "../../gateway/http/limits";
import { readItems } from "../../gateway/http/items";
import { Problem } from "../../gateway/http/problem";
import { ruleCodes } from "../../gateway/labels";
import { after, story } from "../chaincode/events/world";
import { outcomeOf } from "../gateway/evidence/examined";
import { kinds } from "../gateway/evidence/kinds";
import { codeOf, JOURNAL, NOW, receiptFor, SIZE, world, type World } from "../gateway/evidence/ledger";
import { latestAt, promiseFor } from "../gateway/evidence/promises";
import { mutatedOften } from "./bytes";
import { cases, type Chance, many } from "./chance";
import { mutate, spell, type Tree, treeOf } from "./tree";

const bent = (text: string, chance: Chance): string =>
  mutatedOften(Buffer.from(text), chance).toString(chance.odds(0.5) ? "utf8" : "latin1");

/** In its one spelling: a promise may be laid out as anyone likes, and have more beside it. */
const spelled = (promise: string): string => canonicalText(parsePromise(Buffer.from(promise)));

describe("what is read from strangers", function () {
  this.timeout(1800_000);
  let ledger: World;
  let receipts: readonly Receipt[];
  let trees: readonly Tree[];

  before(async () => {
    ledger = await world();
    // One word of the ledger for all: two signatures of the same words could take each other's place.
    const { attestation } = await receiptFor(0, ledger);
    receipts = await Promise.all(ledger.leaves.map((_, index) => receiptFor(index, ledger, { attestation })));
    trees = receipts.map(treeOf);
  });

  it("a receipt: none that was changed is verified, and each fails by a code", async () => {
    const files = new Set(receipts.map(formatReceipt));
    const codes = new Map<string, number>();
    await cases("receipts", many(60_000, 4000), 1, async (chance) => {
      const receipt = chance.pick(receipts);
      const file = changedReceipt(receipt, chance);
      if (files.has(Buffer.from(file).toString("utf8").replace(/\n$/, ""))) return;
      const code = await codeOf(() => verifyReceipt(parseReceipt(file), ledger.trust, NOW));
      expect(code, Buffer.from(file).toString("base64")).to.not.equal(undefined);
      codes.set(code!, (codes.get(code!) ?? 0) + 1);
    });
    process.stdout.write(`      ${[...codes].map(([code, n]) => `${code} ${n}`).join(", ")}\n`);
    expect(codes.size).to.be.greaterThan(10);
  });

  /** Its bytes, a value in it, or a value in what it carries, changed; spelled as it must be, so that more than its spelling is looked at. */
  function changedReceipt(receipt: Receipt, chance: Chance): string | Uint8Array {
    const kind = chance.below(5);
    if (kind === 0) return mutatedOften(Buffer.from(formatReceipt(receipt)), chance);
    if (kind === 1) return respelled(treeOf(receipt), chance, trees);
    if (kind === 2) return formatReceipt({ ...receipt, checkpoint: bent(receipt.checkpoint, chance) });
    const { attestation } = receipt;
    if (attestation.kind !== "node") throw new Error("not of one node");
    if (kind === 3) {
      const statement = JSON.parse(attestation.statement) as { result: string };
      const result = Buffer.from(respelled(treeOf(JSON.parse(Buffer.from(statement.result, "base64").toString("utf8"))), chance, trees));
      const changed = chance.odds(0.5)
        ? canonicalText({ ...statement, result: result.toString("base64") })
        : respelled(treeOf(statement), chance, trees);
      return formatReceipt({ ...receipt, attestation: { ...attestation, statement: changed } });
    }
    const field = chance.pick(["signature", "certificate"] as const);
    const bytes = Buffer.from(attestation[field].replace(/-----[A-Z ]+-----|\n/g, ""), "base64");
    const base64 = mutatedOften(bytes, chance).toString("base64");
    const pem = `-----BEGIN CERTIFICATE-----\n${base64.replace(/.{64}(?=.)/g, "$&\n")}\n-----END CERTIFICATE-----\n`;
    return formatReceipt({ ...receipt, attestation: { ...attestation, [field]: field === "signature" ? base64 : pem } });
  }

  function respelled(tree: Tree, chance: Chance, others: readonly Tree[]): string {
    for (let left = 1 + chance.below(3); left > 0; left--) mutate(tree, chance, others);
    return canonicalText(JSON.parse(spell(tree).toString("utf8")));
  }

  it("a trust file: it is refused, or means something", async () => {
    const file = formatTrust(ledger.trust);
    await cases("trust", many(10_000, 1000), 1, async (chance) => {
      const tree = treeOf(ledger.trust);
      const changed = chance.odds(0.5) ? mutatedOften(Buffer.from(file), chance) : respelled(tree, chance, [tree, ...trees]);
      await codeOf(async () => verifyReceipt(receipts[0]!, parseTrust(changed), NOW));
    });
  });

  it("a promise: none that was changed is taken", async () => {
    const { root, paths } = promiseGroup(ledger.leaves.map(leafHash));
    const terms = { journal: JOURNAL, from: 0, size: SIZE, root, deadline: "2025-06-02T00:00:00Z", iat: 1_748_736_000 };
    const jws = await signPromise(terms, ledger.journalKey);
    const keys = [ledger.journalKey.verifier];
    await cases("promises", many(10_000, 1000), 1, async (chance) => {
      const index = chance.below(SIZE);
      const promise = { jws, path: paths[index]! };
      const changed = chance.odds(0.5) ? { ...promise, jws: bent(jws, chance) } : { ...promise, path: bent(promise.path, chance) };
      const event = { journal: JOURNAL, index, leafHash: leafHash(ledger.leaves[index]!) };
      const code = await codeOf(() => verifyPromise(changed, event, keys));
      if (changed.jws !== jws || changed.path !== promise.path) expect(code, JSON.stringify(changed)).to.not.equal(undefined);
      else expect(code).to.equal(undefined);
    });
  });

  it("whatever is shown of a promise: it is judged, or a code says what is wrong, and nothing that was changed is taken for a kept one", async () => {
    const promised = await promiseFor(5, ledger);
    const shown = [formatLatest(latestAt(5, "2025-06-01T13:00:00.000Z", ledger)), formatReceipt(receipts[5]!)];
    const good = [canonicalText(promised), ...shown];
    await cases("shown", many(20_000, 2000), 1, async (chance) => {
      const at = chance.below(good.length);
      const changed = good.map((file, i) => (i === at ? bent(file, chance) : file));
      const [promise = "", ...evidence] = changed.map((file) => Buffer.from(file));
      const outcome = await outcomeOf(promise, ledger.trust, { shown: evidence, now: NOW });
      if (OUTCOMES.includes(outcome as PromiseOutcome))
        expect(at === 0 ? spelled(promise.toString()) : changed[at]!.trim(), "it was changed").to.equal(good[at]);
      else expect(Object.keys(errorLabels)).to.include(outcome);
    });
  });

  it("evidence of every kind, at the one entrance: what was changed is told by a code, and never verified", async () => {
    const all = (await kinds(ledger)).filter(({ beside }) => beside !== undefined);
    await cases("evidence", many(30_000, 3000), 1, async (chance) => {
      const { name, good, beside, lesser, everyByteCounts } = all[chance.below(all.length)]!;
      const changed = bent(good, chance);
      const outcome = await outcomeOf(changed, beside!.trust, beside);
      if (outcome !== "verified" && outcome !== "kept") expect([...Object.keys(errorLabels), ...OUTCOMES], name).to.include(outcome);
      else if (everyByteCounts)
        expect([good.trim(), lesser?.trim()], name).to.include(name === "promise" ? spelled(changed) : changed.trim());
    });
  });

  it("notes, checkpoints and keys: they are read as they are written, or not at all", async () => {
    const { checkpoint } = receipts[0]!;
    const key = formatVerifierKey(ledger.journalKey.verifier);
    await cases("notes", many(30_000, 3000), 1, async (chance) => {
      const text = bent(checkpoint, chance);
      const note = parseNote(text);
      if (note !== undefined) expect(text.startsWith(`${note.text}\n— `)).to.equal(true);
      await codeOf(() => readCheckpoint(text));
      const other = bent(key, chance);
      const parsed = parseVerifierKey(other);
      if (parsed !== undefined) expect(formatVerifierKey(parsed)).to.equal(other);
    });
  });

  it("JSON: as every reader takes it, or a problem; an array item by item", async () => {
    await cases("json", many(60_000, 5000), 1, (chance) => {
      const tree = treeOf(chance.pick(story).data);
      for (let left = chance.below(4); left > 0; left--) mutate(tree, chance, trees);
      const bytes = chance.odds(0.5) ? spell(tree) : mutatedOften(spell(tree), chance);
      const { value, problem } = parseStrict(bytes);
      if (problem === undefined) {
        expect(JSON.parse(bytes.toString("utf8"))).to.deep.equal(value);
        expect(parseStrict(canonical(value)).value).to.deep.equal(value);
      }
      const array = Buffer.concat([Buffer.from("[1,"), bytes, Buffer.from(",2]")]);
      const count = problem === undefined ? 3 : undefined;
      try {
        const items = readItems(array);
        if (count !== undefined && parseStrict(bytes, { maxDepth: limits.depth }).problem === undefined)
          expect(items).to.have.length(count);
      } catch (error) {
        expect(error).to.be.instanceOf(Problem);
        expect(problem).to.not.equal(undefined);
      }
    });
  });

  it("batches, tiles, proofs and names: what is not one is told, and nothing else happens", async () => {
    const lines = Buffer.concat(ledger.leaves.map((leaf, i) => encodeLine(leaf, i % 2 === 0 ? [] : [i, undefined])));
    const batch = deflateRawSync(lines);
    const bundle = Buffer.from(encodeBundle(ledger.leaves));
    const range = CompactRange.empty();
    for (const leaf of ledger.leaves) range.append(leafHash(leaf));
    const { inclusion } = receipts[5]!;
    const path = inclusion.map((hash) => Buffer.from(hash, "base64"));
    await cases("bytes", many(40_000, 5000), 1, (chance) => {
      const changed = chance.odds(0.5) ? mutatedOften(batch, chance) : deflateRawSync(mutatedOften(lines, chance));
      try {
        expect([...inflate(changed)].length).to.be.greaterThan(0);
      } catch (error) {
        expect(error).to.be.instanceOf(ContractError);
      }
      const entries = decodeBundle(mutatedOften(bundle, chance), 1 + chance.below(20));
      if (entries !== undefined) expect(decodeBundle(encodeBundle(entries), entries.length)).to.deep.equal(entries);
      const tile = bent(chance.pick(["tile/0/x001/067", "tile/entries/000.p/5", "tile/2/000"]), chance);
      const parsed = parseTilePath(tile);
      if (parsed !== undefined) expect(tilePath(parsed)).to.equal(tile);
      const holding = bent("SuyuanMSP/facts/12/3", chance);
      const name = parseHoldingName(holding);
      if (name !== undefined) expect(formatHoldingName(name)).to.equal(holding);
      const state = treeOf(
        chance.pick([range.state(), [{ slot: 1, holding, digest: "0".repeat(64) }], { count: 1, hash: "0".repeat(64) }]),
      );
      mutate(state, chance, trees);
      const value: unknown = JSON.parse(spell(state).toString("utf8"));
      for (const read of [CompactRange.from.bind(CompactRange), pageFrom, chainFrom]) read(value);
      const [index, size] = [chance.below(14), chance.below(14)];
      const other = path.map((hash) => (chance.odds(0.7) ? hash : mutatedOften(hash, chance)));
      const included = verifyInclusion(leafHash(ledger.leaves[5]!), index, size, other, ledger.root);
      const isSame = index === 5 && other.length === path.length && other.every((hash, i) => hash.equals(path[i]!));
      if (included) expect(isSame, `${index} of ${size}`).to.equal(true);
      expect(verifyConsistency(1 + index, leafHash(ledger.leaves[5]!), 1 + index + size, ledger.root, other)).to.equal(false);
    });
  });

  it("events: every one of some shape is judged, whatever it says", async () => {
    const reports = story.map(({ data }) => treeOf(data));
    const worlds = [...new Set(story.map(({ type }) => type))].map((type) => after(type));
    await cases("events", many(60_000, 5000), 1, (chance) => {
      const report = chance.pick(story);
      const tree = treeOf(report.data);
      for (let left = 1 + chance.below(3); left > 0; left--) mutate(tree, chance, reports);
      const data = JSON.parse(spell(tree).toString("utf8")) as object;
      const breaches = chance.pick(worlds).tell({ ...report, data });
      for (const { code } of breaches ?? []) expect(ruleCodes).to.include(code);
    });
  });
});
