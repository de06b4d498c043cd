import { expect } from "chai";
import { rm } from "node:fs/promises";
import { toHex } from "../../../chaincode/proof/bytes";
import { CompactRange } from "../../../chaincode/proof/compact-range";
import { leafHash, verifyConsistency, verifyInclusion } from "../../../chaincode/proof/rfc6962";
import { chainOver } from "../../../chaincode/proof/subject-chain";
import { decodeBundle, tileOf } from "../../../chaincode/proof/tile";
import type { EventRecord } from "../../../gateway/index/events";
import type { HoldingFilter } from "../../../gateway/index/holdings";
import { lists } from "../../../gateway/index/lists";
import { ReadModel } from "../../../gateway/index/read-model";
import type { Reader } from "../../../gateway/index/reader";
import { creditCode, type MixEvent } from "../../../scripts/bench/mix";
import { leafOf } from "../../chaincode/on-ledger";
import { newDirectory, told } from "./indexed";
import {
  accessed,
  ACTS,
  AUTHORITY,
  AUTHORIZATION,
  called,
  deleted,
  digest,
  ELSEWHERE,
  event,
  FACTS,
  OPERATOR,
  processed,
  pulled,
  retained,
  SOURCE,
} from "./story";

/** Judged as what happens once the world is there. */
const access = (): MixEvent => ({ ...accessed("res-a"), time: new Date(Date.now() + 60_000).toISOString() });

const codes = (events: readonly EventRecord[]): string[][] => events.map(({ findings }) => findings.map(({ code }) => code));
const indexes = (events: readonly EventRecord[]): number[] => events.map(({ index }) => index);
const rootOfLeaves = (leaves: readonly Uint8Array[]): Uint8Array => {
  const range = CompactRange.empty();
  for (const leaf of leaves) range.append(leaf);
  return range.root();
};
/** Where the first entry of a bundle ends. */
const firstEntry = (bundle: Uint8Array): number => 2 + Buffer.from(bundle).readUInt16BE();
const root = async (reader: Reader, journal: string): Promise<Buffer> => Buffer.from((await reader.head(journal))!.root, "hex");

describe("the read model", () => {
  it("finds a leaf by its hash, its place and its source and id", async () => {
    const one = called("prd-1");
    const leaf = leafOf(one);
    await told(
      (story) => story.append(FACTS, [leafOf(called("prd-1")), leaf], []),
      async (_, readModel) => {
        const position = { journal: FACTS, index: 1 };
        expect(await readModel.position(toHex(leafHash(leaf)))).to.deep.equal(position);
        expect(await readModel.positions([one, { source: one.source, id: "other" }])).to.deep.equal([[position], []]);
        expect(Buffer.from((await readModel.leaf(FACTS, 1))!)).to.deep.equal(Buffer.from(leaf));
        expect((await readModel.leafHashes(FACTS, 0, 9)).map(toHex)[1]).to.equal(toHex(leafHash(leaf)));
        expect(await readModel.leafHashes(FACTS, 1, 2)).to.have.length(1);
        expect(await readModel.position(digest(1))).to.equal(undefined);
        expect(await readModel.position("no hash")).to.equal(undefined);
        expect(await readModel.leaf(FACTS, 2)).to.equal(undefined);
        expect(await readModel.leaf("Other/facts", 0)).to.equal(undefined);
        const reader = await readModel.reader();
        expect([(await reader.head(FACTS))?.size, await reader.head("Other/facts")]).to.deep.equal([2, undefined]);
      },
    );
  });

  it("is empty before there is anything", async () => {
    const directory = await newDirectory();
    const readModel = await ReadModel.open(directory);
    const reader = await readModel.reader();
    expect(await readModel.height()).to.equal(0);
    expect(await readModel.positions([{ source: "a", id: "b" }])).to.deep.equal([[]]);
    expect(await reader.heads()).to.deep.equal([]);
    expect(await reader.findings({}, { order: "newest", limit: 9 })).to.deep.equal({ events: [] });
    expect(await reader.counts(Date.now())).to.deep.equal({
      ...{ types: {}, families: {}, findings: {} },
      // This year's calendar.
      ...{ compared: { "duty-overdue": 1 }, states: { open: 1 } },
    });
    expect(await reader.search("x", 9)).to.deep.equal({ subjects: [], holdings: [], events: [] });
    await readModel.close();
    await rm(directory, { recursive: true });
  });

  it("knows the slot of each holding", () =>
    told(
      async (story) => {
        const raw = await story.holdings(pulled("res-a", 1));
        await story.facts(processed("clean", raw, [2, 3]), pulled("res-b", 4));
      },
      async (_, readModel) => {
        const names = ["0/0", "1/0", "1/1", "2/0", "2/1", "9/0"].map((name) => `${FACTS}/${name}`);
        expect(await Promise.all(names.map((name) => readModel.slot(name)))).to.deep.equal([0, 1, 2, 3, undefined, undefined]);
      },
    ));

  describe("of reports that come again", () => {
    it("counts the first, and reports other content", async () => {
      const first = access();
      const again = leafOf(first);
      const other: MixEvent = { ...first, data: { ...first.data, rows: 4711 } };
      await told(
        async (story) => {
          await story.append(FACTS, [leafOf(first), again, leafOf(other)], []);
          await story.append(ELSEWHERE, [leafOf(other), leafOf(first), leafOf(access())], []);
        },
        async (_, readModel, reader) => {
          const places = [0, 1, 2].map((index) => ({ journal: FACTS, index }));
          const elsewhere = [0, 1, 2].map((index) => ({ journal: ELSEWHERE, index }));
          expect(await readModel.positions([first])).to.deep.equal([[...places, ...elsewhere.slice(0, 2)]]);
          const events = await Promise.all([...places, ...elsewhere].map((position) => reader.event(position)));
          expect(events.map((it) => it?.findings.map(({ code }) => code).join())).to.deep.equal([
            "",
            "",
            "conflicting-report",
            "conflicting-report",
            "",
            "",
          ]);
          expect(events.map((it) => it?.repeated)).to.deep.equal([undefined, true, true, true, true, undefined]);
          expect((await reader.counts(Date.now())).types["suyuan.data.accessed"]).to.deep.equal([2, 0]);
          expect((await reader.subject({ kind: "resource", id: "res-a" }))?.uses).to.deep.equal({ "suyuan.data.accessed": [2, 0] });
          expect(
            (await reader.listed(lists.history.of({ kind: "resource", id: "res-a" }), { order: "newest", limit: 6 })).events.filter(
              ({ journal }) => journal !== ACTS,
            ),
          ).to.have.length(6);
          expect(codes((await reader.findings({ code: "conflicting-report" }, { order: "oldest", limit: 9 })).events)).to.have.length(2);
        },
      );
    });

    it("finds the very leaf where it stood first", async () => {
      const leaf = leafOf(called("prd-1"));
      await told(
        async (story) => {
          await story.append(FACTS, [leaf, leaf], []);
          await story.append(ELSEWHERE, [leaf], []);
        },
        async (_, readModel) => expect(await readModel.position(toHex(leafHash(leaf)))).to.deep.equal({ journal: FACTS, index: 0 }),
      );
    });

    it("lets what could not be judged take a name from nobody", async () => {
      const good = access();
      const foreign = { ...good, party: AUTHORITY };
      await told(
        async (story) => {
          await story.append(ELSEWHERE, [leafOf({ ...good, type: "suyuan.no.such" }), leafOf(foreign)], []);
          await story.facts(good);
        },
        async (_, readModel, reader) => {
          expect(codes([(await reader.event({ journal: FACTS, index: 0 }))!])).to.deep.equal([[]]);
          expect((await reader.counts(Date.now())).types["suyuan.data.accessed"]).to.deep.equal([1, 0]);
          expect((await readModel.positions([good]))[0]).to.have.length(3);
        },
      );
    });
  });

  it("keeps what could not be judged out of everything but its own place", () =>
    told(
      (story) => story.append(FACTS, [Buffer.from("no json"), Buffer.from("{}"), leafOf(event("no.such", { product: "prd-1" }))], []),
      async (_, __, reader) => {
        const { events } = await reader.findings({ code: "quarantined" }, { order: "newest", limit: 9 });
        expect(indexes(events)).to.deep.equal([2, 1, 0]);
        expect(events[2]).to.include({ quarantined: true, leaf: "no json", journal: FACTS });
        expect((await reader.event({ journal: FACTS, index: 0 }))?.findings).to.deep.equal([{ code: "quarantined" }]);
        expect((await reader.findings({ party: OPERATOR }, { order: "newest", limit: 9 })).events).to.deep.equal([]);
        expect(await reader.counts(Date.now()))
          .to.have.nested.property("findings.quarantined")
          .deep.equal([3, 3]);
        expect((await reader.counts(Date.now())).types).not.to.have.property("suyuan.no.such");
      },
    ));

  describe("the history of a subject", () => {
    it("is complete: it makes the ledger's own count and chain of every journal", () =>
      told(
        async (story) => {
          await story.facts(pulled("res-a", 1), called("prd-1"), pulled("res-b", 2));
          await story.facts(...Array.from({ length: 40 }, (_, i) => pulled("res-a", i)));
          await story.append(ELSEWHERE, [leafOf(pulled("res-a", 3))], []);
        },
        async (_, __, reader, story) => {
          for (const [kind, id] of [
            ["resource", "res-a"],
            ["scenario", "scn-1"],
            ["product", "prd-1"],
            ["party", OPERATOR],
          ] as const) {
            const all: EventRecord[] = [];
            let cursor: string | undefined;
            do {
              const page = await reader.listed(lists.history.of({ kind, id }), {
                order: "oldest",
                limit: 7,
                ...(cursor === undefined ? {} : { cursor }),
              });
              all.push(...page.events);
              cursor = page.next;
            } while (cursor !== undefined);
            const chains = (await story.on.read("subject", kind, id)) as { journal: string; count: number; chain: string }[];
            expect(chains.length).to.be.greaterThan(0);
            for (const { journal, count, chain } of chains) {
              const leaves = all.filter((it) => it.journal === journal).map((it) => Buffer.from(it.leafHash, "hex"));
              expect(leaves).to.have.length(count);
              expect(toHex(chainOver(leaves).hash)).to.equal(chain);
            }
          }
        },
      ));

    it("is read from either end, page by page", () =>
      told(
        async (story) => {
          for (let block = 0; block < 5; block++) await story.facts(called("prd-1"), called("prd-1"), called("prd-1"));
        },
        async (_, __, reader) => {
          const pages: number[][] = [];
          let cursor: string | undefined;
          do {
            const page = await reader.listed(lists.history.of({ kind: "product", id: "prd-1" }), {
              order: "newest",
              limit: 4,
              ...(cursor === undefined ? {} : { cursor }),
            });
            pages.push(indexes(page.events.filter(({ journal }) => journal === FACTS)));
            cursor = page.next;
          } while (cursor !== undefined);
          expect(pages.flat()).to.deep.equal(Array.from({ length: 15 }, (_, i) => 14 - i));
          expect(pages[0]).to.have.length(4);
        },
      ));
  });

  it("lists findings by code, party and subject, the newest first", () =>
    told(
      async (story) => {
        await story.facts(pulled("res-x", 1), accessed("res-a"), called("prd-2"));
        await story.facts(pulled("res-x", 2), processed("clean", [`${FACTS}/900/0`], []));
      },
      async (_, __, reader) => {
        const page = { order: "newest", limit: 9 } as const;
        expect(indexes((await reader.findings({ party: OPERATOR }, page)).events)).to.deep.equal([4, 3, 2, 0]);
        expect(indexes((await reader.findings({ code: "input-unknown" }, page)).events)).to.deep.equal([4]);
        expect(indexes((await reader.findings({ party: OPERATOR, code: "product-not-released" }, page)).events)).to.deep.equal([2]);
        expect(indexes((await reader.findings({ subject: { kind: "resource", id: "res-x" } }, page)).events)).to.deep.equal([3, 0]);
        expect(indexes((await reader.findings({ subject: { kind: "product", id: "prd-1" } }, page)).events)).to.deep.equal([]);
        const first = await reader.findings({ party: OPERATOR }, { ...page, limit: 3 });
        const second = await reader.findings({ party: OPERATOR }, { ...page, limit: 3, cursor: first.next! });
        expect([indexes(first.events), indexes(second.events), second.next]).to.deep.equal([[4, 3, 2], [0], undefined]);
      },
    ));

  describe("the holdings of an authorization", () => {
    it("are what the ledger's pages say, and what became of the others", () =>
      told(
        async (story) => {
          const names = await story.holdings(...Array.from({ length: 70 }, (_, i) => pulled("res-a", i)));
          await story.facts(deleted(names[3] ?? "", 3), deleted(names[65] ?? "", 65), deleted(names[5] ?? "", 9999));
          await story.acts(retained(names[4] ?? "", 4));
        },
        async (_, __, reader) => {
          const list = async (state: string): Promise<number[]> => {
            const all: number[] = [];
            let cursor: string | undefined;
            do {
              const page = await reader.holdings(AUTHORIZATION, state, {}, 20, cursor);
              all.push(...page.holdings.map(({ declared }) => Number(declared["rows"])));
              cursor = page.next;
            } while (cursor !== undefined);
            return all;
          };
          const gone = [3, 4, 65];
          expect(await list("outstanding")).to.deep.equal(Array.from({ length: 70 }, (_, i) => i).filter((i) => !gone.includes(i)));
          expect((await list("deleted")).sort((a, b) => a - b)).to.deep.equal([3, 65]);
          expect(await list("retained")).to.deep.equal([4]);
          expect(await list("struck")).to.deep.equal([]);
          const { holdings } = await reader.holdings(AUTHORIZATION, "retained", {}, 9);
          expect(holdings[0]).to.deep.include({ by: { journal: ACTS, index: (await reader.head(ACTS))!.size - 1 } });
          expect((await reader.holdings("another", "outstanding", {}, 9)).holdings).to.deep.equal([]);
        },
      ));
  });

  it("shows what a stranger says it holds as what it reported, and as no holding of the authorization", () =>
    told(
      async (story) => {
        const stranger = creditCode(101);
        const registered = { code: stranger, name: "别家运营公司", roles: ["primary-operator"] };
        await story.acts(event("party.registered", registered, { party: AUTHORITY }));
        await story.facts({ ...pulled("res-a", 7), party: stranger }, pulled("res-a", 8));
      },
      async (_, __, reader) => {
        const names = [0, 1].map((index) => `${FACTS}/${index}/0`);
        const { holdings } = await reader.holdings(AUTHORIZATION, "outstanding", {}, 9);
        expect(holdings.map(({ holding }) => holding)).to.deep.equal([names[1]]);
        for (const [i, name] of names.entries()) expect((await reader.search(name, 9)).holdings, name).to.have.length(i);
        const found = await reader.search(digest(7), 9);
        expect([found.events.length, found.holdings.length], "the digest that it reported").to.deep.equal([1, 0]);
        expect(found.events[0]?.findings).to.deep.include({ code: "declared-by-stranger" });
        const traced = (id: string) => reader.trace({ start: { kind: "holding", id }, direction: "sources", depth: 3, limit: 9 });
        const holes = await Promise.all(names.map(async (name) => (await traced(name))?.entities[0]?.hole));
        expect(holes, "what it did is seen, and what it says came of it is a hole").to.deep.equal(["input-unknown", undefined]);
      },
    ));

  it("finds holdings by their form, by who declared them, and by the scenario and product for which they are", () =>
    told(
      async (story) => {
        const [raw = ""] = await story.holdings(pulled("res-a", 1), pulled("res-a", 2));
        const made = processed("clean", [raw], [3]);
        await story.holdings(made, {
          ...processed("clean", [raw], [4]),
          data: { ...processed("clean", [raw], [4]).data, product: "prd-1" },
        });
        await story.facts(deleted(raw, 1));
      },
      async (_, __, reader) => {
        const rows = async (filter: HoldingFilter, state = "outstanding") =>
          (await reader.holdings(AUTHORIZATION, state, filter, 9)).holdings.map(({ declared }) => declared["rows"]);
        expect(await rows({})).to.deep.equal([2, 3, 4]);
        expect(await rows({ form: "raw" })).to.deep.equal([2]);
        expect(await rows({ form: "raw" }, "deleted")).to.deep.equal([1]);
        expect(await rows({ form: "intermediate" }, "deleted")).to.deep.equal([]);
        expect(await rows({ party: OPERATOR })).to.deep.equal([2, 3, 4]);
        expect(await rows({ party: SOURCE })).to.deep.equal([]);
        expect(await rows({ scenario: "scn-1", product: "prd-1" })).to.deep.equal([4]);
        expect(await rows({ scenario: "scn-2" })).to.deep.equal([]);
        const { holdings } = await reader.holdings(AUTHORIZATION, "outstanding", { product: "prd-1" }, 9);
        expect(holdings[0]).to.include({ party: OPERATOR, scenario: "scn-1", product: "prd-1" });
      },
    ));

  it("searches by part of a name, credit code, number, digest, hash and holding", async () => {
    const leaf = leafOf(called("prd-1"));
    await told(
      async (story) => {
        await story.facts(pulled("res-a", 0xabcdef));
        await story.append(FACTS, [leaf], []);
      },
      async (_, __, reader) => {
        const subjects = async (text: string): Promise<string[]> =>
          (await reader.search(text, 9)).subjects.map(({ kind, id }) => `${kind} ${id}`);
        expect(await subjects("登记中心")).to.deep.equal([`party ${SOURCE}`]);
        expect(await subjects(SOURCE)).to.deep.equal([`party ${SOURCE}`]);
        expect(await subjects("市数据主管部门"), "of the genesis").to.deep.equal([`party ${AUTHORITY}`]);
        expect(await subjects(" cp-2026-77 ")).to.deep.equal(["product prd-1"]);
        expect(await subjects("ＣＰ－２０２６")).to.deep.equal(["product prd-1"]);
        expect(await subjects("res-"), "the catalogue before what mentions it").to.deep.equal([
          "resource res-a",
          "resource res-b",
          "scenario scn-1",
        ]);
        expect(await subjects("AUTH-1")).to.have.members(["authorization auth-1", "scenario scn-1", "product prd-1"]);
        expect((await subjects("auth-1"))[0]).to.equal("authorization auth-1");
        expect(await subjects("没有的")).to.deep.equal([]);

        const byDigest = await reader.search(digest(0xabcdef), 9);
        expect(byDigest.holdings.map(({ holding }) => holding)).to.deep.equal([`${FACTS}/0/0`]);
        expect(indexes(byDigest.events)).to.deep.equal([0]);
        const agreement = await reader.search(digest(0xa9e), 9);
        expect(agreement.events.map((it) => it.event?.type)).to.deep.equal(["suyuan.authorization.signed"]);
        expect(indexes((await reader.search(toHex(leafHash(leaf)), 9)).events)).to.deep.equal([1]);
        expect((await reader.search(`${FACTS}/0/0`, 9)).holdings[0]).to.include({ state: "outstanding" });
        expect(await reader.search(`${FACTS}/0/1`, 9)).to.deep.equal({ subjects: [], holdings: [], events: [] });
      },
    );
  });

  it("lists subjects with name and state, page by page", () =>
    told(
      (story) => story.facts(called("prd-1")),
      async (_, __, reader) => {
        const first = await reader.subjects("resource", 1);
        expect(first.subjects.map(({ id, name }) => [id, name])).to.deep.equal([["res-a", "房屋登记"]]);
        const second = await reader.subjects("resource", 1, first.next);
        expect([second.subjects.map(({ id }) => id), second.next]).to.deep.equal([["res-b"], undefined]);
        expect((await reader.subjects("party", 99)).subjects).to.have.length(4);
        expect(await reader.subject({ kind: "scenario", id: "scn-1" }))
          .to.deep.include({ name: "住房信贷" })
          .and.to.have.nested.property("state.consents.res-b")
          .that.includes({ source: SOURCE });
        expect(await reader.subject({ kind: "scenario", id: "none" })).to.equal(undefined);
      },
    ));

  it("serves tiles and proofs that make the ledger's roots", () =>
    told(
      async (story) => {
        for (const size of [1, 200, 55, 1, 300]) await story.facts(...Array.from({ length: size }, () => called("prd-1")));
      },
      async (_, readModel, reader) => {
        const head = (await reader.head(FACTS))!;
        expect(head.size).to.equal(557);
        for (const index of [0, 255, 256, 300, 556]) {
          const hash = leafHash((await readModel.leaf(FACTS, index))!);
          const path = reader.inclusion({ journal: FACTS, index }, head.size)!;
          expect(verifyInclusion(hash, index, head.size, path, await root(reader, FACTS))).to.equal(true);
        }
        expect(reader.inclusion({ journal: FACTS, index: 5 }, 5)).to.equal(undefined);
        expect(reader.inclusion({ journal: FACTS, index: 5 }, 558)).to.equal(undefined);

        const leaves = await readModel.leafHashes(FACTS, 0, 557);
        const older = rootOfLeaves(leaves.slice(0, 201));
        expect(verifyConsistency(201, older, 557, await root(reader, FACTS), reader.consistency(FACTS, 201, 557)!)).to.equal(true);
        expect(reader.consistency(FACTS, 201, 558)).to.equal(undefined);

        for (const level of [0, 1, "entries"] as const) {
          const tile = tileOf(head.size, level, level === 1 ? 0 : 2)!;
          const bytes = (await reader.tile(FACTS, tile))!;
          if (level === "entries") expect(decodeBundle(bytes, 45)?.map(leafHash)).to.deep.equal(leaves.slice(512));
          else expect(bytes).to.have.length(tile.width * 32);
          expect(await reader.tile(FACTS, { ...tile, width: tile.width + 1 })).to.equal(undefined);
          expect(await reader.tile(FACTS, { ...tile, width: 1 })).to.deep.equal(
            bytes.subarray(0, level === "entries" ? firstEntry(bytes) : 32),
          );
        }
        expect(await reader.tile("Other/facts", { level: 0, index: 0, width: 1 })).to.equal(undefined);
      },
    ));
});
