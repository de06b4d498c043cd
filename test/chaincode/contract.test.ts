import { expect } from "chai";
import { encodeLine, MAX_BATCH_BYTES } from "../../chaincode/batch";
import { ContractError, type ContractErrorCode } from "../../chaincode/errors";
import type { Appended } from "../../chaincode/append";
import type { Genesis } from "../../chaincode/genesis";
import { toHex } from "../../chaincode/proof/bytes";
import { CompactRange } from "../../chaincode/proof/compact-range";
import { leafHash } from "../../chaincode/proof/rfc6962";
import { chainOver } from "../../chaincode/proof/subject-chain";
import { AUTHORITY, AUTHORIZATION, Mix, type MixEvent, OPERATOR } from "../../scripts/bench/mix";
import { ACTS, batchOf, FACTS, leafOf, MSP, OnLedger } from "./on-ledger";

async function refusal(promise: Promise<unknown>): Promise<ContractError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof ContractError) return error;
    throw error;
  }
  throw new Error("it was not refused");
}

const codeOf = async (promise: Promise<unknown>): Promise<ContractErrorCode> => (await refusal(promise)).code;

const codes = (appended: Appended): Record<number, string[]> =>
  Object.fromEntries(appended.findings.map(([index, breaches]) => [index, breaches.map(({ code }) => code)]));

const fact = (type: string, data: MixEvent["data"], more: Partial<MixEvent> = {}): MixEvent => ({
  specversion: "1.0",
  id: `it-${Math.random().toString(36).slice(2)}`,
  source: "https://platform.example.cn/test",
  type: `suyuan.${type}`,
  time: new Date().toISOString(),
  party: OPERATOR,
  data,
  ...more,
});

const digest = (n: number): string => n.toString(16).padStart(64, "0");
const held = (n: number) => ({ digest: digest(n), bytes: 1, rows: 1, form: "raw", place: "store", platform: "on" });

describe("the contract", () => {
  let on: OnLedger;
  beforeEach(async () => (on = await OnLedger.open()));
  afterEach(() => on.close());

  describe("before it is initialised", () => {
    it("has fixed nothing", async () => expect(await on.read("genesis")).to.deep.equal({}));

    it("appends nothing", async () => expect(await codeOf(on.append(FACTS, [fact("x.y", {})]))).to.equal("not-initialised"));

    it("takes only a genesis in which each role has one host and the authority a sound code", async () => {
      const init = (genesis: unknown) => codeOf(on.submit("init", JSON.stringify(genesis)));
      const authority = { code: AUTHORITY, name: "局" };
      expect(await init({ hosts: { [MSP]: ["developer"] }, authority })).to.equal("arguments-malformed");
      expect(await init({ hosts: { [MSP]: ["authority"], B: ["authority"] }, authority })).to.equal("arguments-malformed");
      for (const msp of ["a/b", "", "_a", "甲"])
        expect(await init({ hosts: { [msp]: ["authority"] }, authority })).to.equal("arguments-malformed");
      expect(await init({ hosts: { [MSP]: ["authority"] }, authority: { ...authority, code: `${AUTHORITY.slice(0, 17)}0` } })).to.equal(
        "arguments-malformed",
      );
      expect(await codeOf(on.submit("init", "{"))).to.equal("arguments-malformed");
    });
  });

  describe("once initialised", () => {
    beforeEach(() => on.init());

    it("tells what was fixed then, so that the others see whether it is what was agreed on", async () => {
      const { hosts, authority } = (await on.read("genesis")) as Genesis;
      expect(hosts).to.have.property(MSP).that.includes("authority");
      expect(authority).to.have.property("code", AUTHORITY);
    });

    it("cannot be initialised again", async () => expect(await codeOf(on.init())).to.equal("already-initialised"));

    it("computes the root of the journal itself and keeps it for every batch", async () => {
      const events = Array.from({ length: 13 }, (_, i) => fact("data.aggregated", { resource: `r${i}`, version: "1", ...amount(i) }));
      const leaves = events.map(leafOf);
      const range = CompactRange.empty();
      for (const size of [5, 13]) {
        const from = range.size;
        const lines = leaves.slice(from, size).map((leaf) => encodeLine(leaf, []));
        const appended = (await on.submit("append", FACTS, String(range.size), batchOf(lines))) as Appended;
        for (const leaf of leaves.slice(range.size, size)) range.append(leafHash(leaf));
        expect(appended).to.include({ size, root: toHex(range.root()) });
        expect(await on.read("root", FACTS, String(size))).to.include({ root: toHex(range.root()), from });
      }
      expect(await on.read("head", FACTS)).to.include({ journal: FACTS, size: 13 });
      expect(await codeOf(on.read("root", FACTS, "7"))).to.equal("root-unknown");
    });

    it("refuses a batch that does not continue the journal, and says where it stands", async () => {
      await on.append(FACTS, [fact("data.aggregated", { resource: "r", version: "1", ...amount(1) })]);
      for (const from of ["0", "2"]) {
        const error = await refusal(on.submit("append", FACTS, from, batchOf([encodeLine(new Uint8Array([0x7b, 0x7d]), [])])));
        expect(error).to.deep.include({ code: "not-next", details: { size: 1 } });
      }
    });

    it("appends to the journals of the caller's organisation and to no other", async () => {
      for (const journal of ["OtherMSP/facts", "facts", `${MSP}/`, `${MSP}/../x`]) {
        expect(await codeOf(on.submit("append", journal, "0", batchOf([encodeLine(leafOf(fact("a.b", {})), [])])))).to.equal(
          "not-your-journal",
        );
      }
    });

    it("goes on with a journal that somebody has closed: what its gateway promised comes to the ledger", async () => {
      const facts = () => [fact("data.aggregated", { resource: "r", version: "1", ...amount(1) })];
      await on.append(FACTS, facts());
      await on.append(ACTS, [fact("journal.closed", { journal: FACTS, reason: "磁盘损坏" }, { party: AUTHORITY })]);
      await on.append(ACTS, [fact("journal.closed", { journal: ACTS, reason: "磁盘损坏" }, { party: AUTHORITY })]);
      expect(await on.append(FACTS, facts())).to.include({ size: 2 });
    });

    it("refuses batches that are malformed or beyond the bounds", async () => {
      const append = (batch: Uint8Array, from = "0") => codeOf(on.submit("append", FACTS, from, batch));
      expect(await append(Buffer.from("not compressed"))).to.equal("batch-malformed");
      expect(await append(batchOf([]))).to.equal("batch-malformed");
      expect(await append(batchOf([Buffer.from("{}")]))).to.equal("batch-malformed");
      expect(await append(batchOf([Buffer.from([0xff, 0x0a])]))).to.equal("batch-malformed");
      expect(await append(batchOf([Buffer.from("{}\t01\n")]))).to.equal("batch-malformed");
      expect(await append(Buffer.alloc(MAX_BATCH_BYTES + 1))).to.equal("batch-too-large");
      expect(await append(batchOf([Buffer.alloc(9 * 1024 * 1024, 0x20)]))).to.equal("batch-too-large");
      expect(await append(batchOf([Buffer.alloc(66_000, 0x20), Buffer.from("\n")]))).to.equal("batch-too-large");
      expect(await append(batchOf(Array.from({ length: 16_385 }, () => Buffer.from("{}\n"))))).to.equal("batch-too-large");
      expect(await append(batchOf([Buffer.from("{}\n")]), "00")).to.equal("arguments-malformed");
      expect(await on.read("head", FACTS)).to.deep.equal({ journal: FACTS, size: 0 });
    });

    it("records what it cannot judge at its index, without effect", async () => {
      const lines = [
        "no json",
        '{"a":1,"a":1}',
        JSON.stringify(fact("no.such", {})),
        JSON.stringify({ ...fact("data.aggregated", { resource: 5 }), recordedtime: new Date().toISOString() }),
      ].map((text) => encodeLine(Buffer.from(text), []));
      const appended = (await on.submit("append", FACTS, "0", batchOf(lines))) as Appended;
      expect(codes(appended)).to.deep.equal({ 0: ["quarantined"], 1: ["quarantined"], 2: ["quarantined"], 3: ["quarantined"] });
      expect(appended.size).to.equal(4);
    });

    it("quarantines a fact, and refuses an act, of a party that nobody registered", async () => {
      const stranger = { party: OPERATOR };
      expect(
        codes(await on.append(FACTS, [fact("product.called", { product: "p", caller: OPERATOR, call: "c", rows: 1 }, stranger)])),
      ).to.deep.equal({
        0: ["quarantined"],
      });
      const error = await refusal(on.append(ACTS, [fact("product.withdrawn", { product: "p", reason: "r" }, stranger)]));
      expect(error.details.lines).to.deep.equal([[0, [{ code: "not-your-event" }]]]);
    });

    it("refuses a transaction with a refused act whole, names the line, and takes the rest when it is sent again", async () => {
      const register = (code: string) => fact("party.registered", { code, name: "单位", roles: ["source"] }, { party: AUTHORITY });
      const good = register(OPERATOR);
      const bad = register(`${OPERATOR.slice(0, 17)}${OPERATOR.endsWith("0") ? "1" : "0"}`);
      const error = await refusal(on.append(ACTS, [good, bad, register(OPERATOR)]));
      expect(error.details.lines).to.deep.equal([
        [1, [{ code: "credit-code-invalid" }]],
        [2, [{ code: "party-exists" }]],
      ]);
      expect(await on.read("head", ACTS)).to.include({ size: 0 });
      expect(await on.append(ACTS, [good])).to.include({ size: 1 });
    });
  });

  describe("with the world of the realistic mix", () => {
    let mix: Mix;
    let holding: string;
    beforeEach(async () => {
      await on.init();
      mix = new Mix("it");
      for (const stage of mix.acts()) for (let i = 0; i < stage.length; i += 400) await on.append(ACTS, stage.slice(i, i + 400));
      const { findings, declared } = await on.append(FACTS, mix.basePulls());
      expect(findings).to.deep.equal([]);
      expect(declared[0]).to.deep.equal([0, [0]]);
      holding = `${FACTS}/0/0`;
    });

    it("records the mix without a finding, whatever the batches", async () => {
      const holdings = [holding];
      const released = mix.releases(Array.from({ length: 120 }, (_, p) => `${FACTS}/${p}/0`));
      const slots = Object.fromEntries(released.map((event, p) => [event.id, [p]]));
      await on.append(ACTS, released, slots);
      const events = Array.from({ length: 300 }, () => mix.fact(holdings));
      const named = Object.fromEntries(events.filter(({ type }) => type === "suyuan.data.processed").map(({ id }) => [id, [0]]));
      expect((await on.append(FACTS, events.slice(0, 100), named)).findings).to.deep.equal([]);
      expect((await on.append(FACTS, events.slice(100), named)).findings).to.deep.equal([]);
    });

    it("finds the pull that goes beyond its scenario, field by field", async () => {
      const data = { ...mix.basePulls()[0]?.data, fields: ["region", "name", "telephone"], purpose: "另用" };
      expect((await on.append(FACTS, [fact("data.pulled", data)])).findings).to.deep.equal([
        [120, [{ code: "fields-beyond-scenario", missing: ["name", "telephone"] }]],
      ]);
    });

    it("keeps a chain for each subject, which the leaves rebuild", async () => {
      const events = Array.from({ length: 7 }, () => fact("product.called", { product: "prd-001", caller: OPERATOR, call: "c", rows: 1 }));
      const leaves = events.map(leafOf);
      const size = 120;
      await on.submit("append", FACTS, String(size), batchOf(leaves.map((leaf) => encodeLine(leaf, []))));
      const chains = (await on.read("subject", "product", "prd-001")) as { journal: string; count: number; chain: string }[];
      const chain = chainOver(leaves.map(leafHash));
      expect(chains.find(({ journal }) => journal === FACTS)).to.deep.equal({ journal: FACTS, count: 7, chain: toHex(chain.hash) });
    });

    describe("holdings", () => {
      const deleted = (name: string, n: number | string) =>
        fact("holding.deleted", {
          authorization: AUTHORIZATION,
          holding: name,
          digest: typeof n === "string" ? n : digest(n),
          method: "purge",
          standard: "NIST SP 800-88",
          tool: "shred",
          toolVersion: "9",
          executor: "运维",
        });
      const pulled = (n: number) => fact("data.pulled", { ...mix.basePulls()[0]?.data, holding: held(n) });
      const outstanding = async () => {
        const [counts] = (await on.read("outstanding", AUTHORIZATION, "")) as { declared: number; outstanding: number; retained: number }[];
        return counts && [counts.declared, counts.outstanding, counts.retained];
      };

      it("are cleared by their own name, slot and digest, once", async () => {
        const pull = pulled(7);
        const { declared } = await on.append(FACTS, [pull]);
        expect(declared).to.deep.equal([[120, [120]]]);
        expect(await outstanding()).to.deep.equal([121, 121, 0]);
        const name = `${FACTS}/120/0`;
        const tries: [MixEvent, number | undefined][] = [
          [deleted(name, 8), 120],
          [deleted(name, 7), 5],
          [deleted(name, 7), undefined],
          [deleted(`${FACTS}/119/1`, 7), 120],
          [deleted(name, 7), 120],
          [deleted(name, 7), 120],
        ];
        const found: string[][] = [];
        for (const [event, slot] of tries) found.push(...Object.values(codes(await on.append(FACTS, [event], { [event.id]: [slot] }))));
        expect(found).to.deep.equal(Array.from({ length: 5 }, () => ["holding-mismatch"]));
        expect(await outstanding()).to.deep.equal([121, 120, 0]);
      });

      it("declared and deleted in one batch need no slot beside the leaf", async () => {
        expect((await on.append(FACTS, [pulled(9), deleted(`${FACTS}/120/0`, 9)])).findings).to.deep.equal([]);
        expect(await outstanding()).to.deep.equal([121, 120, 0]);
      });

      it("can be retained on a lawful basis, and struck by the authority", async () => {
        const { scenario } = mix.basePulls()[0]?.data as { scenario: string };
        const logged = { scenario, step: "compute", tool: "t", inputs: [`${FACTS}/0/0`], holdings: [{ ...held(3), form: "log" }] };
        await on.append(FACTS, [fact("data.processed", { authorization: AUTHORIZATION, ...logged }), pulled(4)]);
        const retained = (more: object) =>
          fact("holding.retained", {
            authorization: AUTHORIZATION,
            holding: `${FACTS}/120/0`,
            digest: digest(3),
            until: "2027-12-31",
            ...more,
          });
        const groundless = retained({ basis: "statute" });
        const error = await refusal(on.append(ACTS, [groundless], { [groundless.id]: [120] }));
        expect(error.details.lines).to.deep.equal([[0, [{ code: "retention-basis-missing" }]]]);
        const lawful = retained({ basis: "necessary-log" });
        await on.append(ACTS, [lawful], { [lawful.id]: [120] });
        const struck = fact(
          "holding.struck",
          { authorization: AUTHORIZATION, holding: `${FACTS}/121/0`, reason: "误报", evidence: { digest: digest(1) } },
          { party: AUTHORITY },
        );
        await on.append(ACTS, [struck], { [struck.id]: [121] });
        expect(await outstanding()).to.deep.equal([122, 120, 1]);
      });

      it("fill one page after another, and emptied pages leave the state", async () => {
        const pulls = Array.from({ length: 70 }, (_, i) => pulled(1000 + i));
        await on.append(FACTS, pulls);
        const deletions = pulls.map((_, i) => deleted(`${FACTS}/${120 + i}/0`, 1000 + i));
        const slots = Object.fromEntries(deletions.map(({ id }, i) => [id, [120 + i]]));
        expect((await on.append(FACTS, deletions, slots)).findings).to.deep.equal([]);
        expect(await outstanding()).to.deep.equal([190, 120, 0]);
        let deletedPages = 0;
        for await (const { number, transactions } of on.ledger.blocks(0)) {
          for (const { writes } of transactions)
            deletedPages += writes.filter(({ key, value }) => key.startsWith("\0page\0") && value === undefined).length;
          if (number + 1 === (await on.ledger.height())) break;
        }
        expect(deletedPages).to.equal(1);
      });
    });
  });
});

function amount(n: number): { digest: string; bytes: number; rows: number } {
  return { digest: digest(n), bytes: n, rows: n };
}
