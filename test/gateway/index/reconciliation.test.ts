import { expect } from "chai";
import { ReadModel } from "../../../gateway/index/read-model";
import type { Reader } from "../../../gateway/index/reader";
import type { TransferFilter } from "../../../gateway/index/transfers";
import { creditCode, type MixEvent } from "../../../scripts/bench/mix";
import { told } from "./indexed";
import { aggregated, AUTHORITY, AUTHORIZATION, digest, event, FACTS, OPERATOR, pulled, SOURCE } from "./story";

const STRANGER = "91990000MA1A00075Y";
/** Another source, and a city base that is nothing else. */
const [ANOTHER, BASE] = [creditCode(101), creditCode(9)];
const ROLES: Readonly<Record<string, string>> = { [ANOTHER]: "source", [BASE]: "platform", [STRANGER]: "primary-operator" };
const registered = (code: string): MixEvent =>
  event("party.registered", { code, name: "主体", roles: [ROLES[code]] }, { party: AUTHORITY });

const supplied = (transfer: string, rows: number, resource = "res-a"): MixEvent =>
  event(
    "data.supplied",
    { authorization: AUTHORIZATION, scenario: "scn-1", resource, transfer, to: OPERATOR, digest: digest(rows), bytes: 10 * rows, rows },
    { party: SOURCE },
  );
const taken = (transfer: string, rows: number, resource = "res-a"): MixEvent => {
  const { data, ...it } = pulled(resource, rows);
  return { ...it, data: { ...data, transfer } };
};

/** Transfers with their code, and what differs. */
const codes = async (reader: Reader, filter: TransferFilter = {}): Promise<unknown[]> =>
  (await reader.transfers(filter, 100)).transfers.map(({ transfer, finding }) =>
    [transfer, finding?.code, ...(finding?.missing ?? [])].filter((it) => it !== undefined).join(" "),
  );

describe("the reconciliation of transfers", () => {
  it("tells where a side is missing, and where the two tell different amounts", async () => {
    await told(
      (story) =>
        story.facts(
          ...[supplied("agreed", 5), taken("agreed", 5), supplied("only-supplied", 5), taken("only-pulled", 5)],
          ...[supplied("more", 5), taken("more", 6)],
        ),
      async (_, __, reader) => {
        expect(await codes(reader)).to.deep.equal([
          "agreed",
          "more amounts-differ rows",
          "only-pulled pulled-not-supplied",
          "only-supplied supplied-not-pulled",
        ]);
        expect(await codes(reader, { code: "amounts-differ" })).to.deep.equal(["more amounts-differ rows"]);
        const { transfers } = await reader.transfers({ code: "supplied-not-pulled" }, 9);
        expect(transfers[0]?.finding).to.include({ clause: "七(五)7", state: "open", party: SOURCE });
        expect(transfers[0]?.supplied).to.include({ party: SOURCE, rows: 5, bytes: 50, index: 2 });
      },
    );
  });

  it("settles a transfer once the other side speaks, blocks later, and not by a report that comes again", async () => {
    const again = supplied("t-1", 5);
    await told(
      async (story) => {
        await story.facts(again);
        await story.facts({ ...again, data: { ...again.data, rows: 7 } });
        await story.facts(taken("t-1", 5));
      },
      async (_, __, reader) => {
        expect(await codes(reader)).to.deep.equal(["t-1"]);
        expect(await codes(reader, { code: "supplied-not-pulled" })).to.deep.equal([]);
      },
    );
  });

  it("hears of each side only who has a say in it, and shows what others said beside it", async () => {
    const as = (party: string, it: MixEvent, data: object = {}): MixEvent => ({ ...it, party, data: { ...it.data, ...data } });
    await told(
      async (story) => {
        await story.acts(...[ANOTHER, BASE, STRANGER].map(registered));
        await story.facts(
          // After those whose transfers they are, and before them.
          ...[supplied("t-1", 5), as(ANOTHER, supplied("t-1", 9)), taken("t-1", 5), as(STRANGER, taken("t-1", 9))],
          ...[as(ANOTHER, supplied("t-2", 9)), as(STRANGER, taken("t-2", 9)), supplied("t-2", 5), taken("t-2", 5)],
          // Nobody who has a say; the operator, that it was supplied.
          ...[as(ANOTHER, supplied("t-3", 5)), as(OPERATOR, supplied("t-4", 5)), taken("t-4", 5)],
        );
      },
      async (_, __, reader) => {
        expect(await codes(reader)).to.deep.equal(["t-1", "t-2", "t-3", "t-4 pulled-not-supplied"]);
        const { transfers } = await reader.transfers({}, 9);
        for (const { transfer, supplied, pulled, others } of transfers.slice(0, 2)) {
          expect([supplied?.party, supplied?.as, supplied?.rows, pulled?.party, pulled?.as, pulled?.rows], transfer).to.deep.equal([
            SOURCE,
            "source",
            5,
            OPERATOR,
            "operator",
            5,
          ]);
          expect(others?.map(({ side, party, rows }) => [side, party, rows])).to.deep.equal([
            ["supplied", ANOTHER, 9],
            ["pulled", STRANGER, 9],
          ]);
        }
        expect(await reader.contributions()).to.deep.equal([{ source: SOURCE, "to-operator": { transfers: 2, rows: 10, bytes: 100 } }]);
      },
    );
  });

  it("lets the city base speak for a side that says nothing itself, and never for both", async () => {
    const base = (it: MixEvent): MixEvent => ({ ...it, party: BASE });
    await told(
      async (story) => {
        await story.acts(...[BASE].map(registered));
        await story.facts(base(supplied("a", 5)), taken("a", 5), base(supplied("b", 9)), supplied("b", 5), taken("b", 5));
        await story.facts(base(supplied("b", 9)), base(supplied("c", 5)), base(taken("c", 5)));
      },
      async (_, __, reader) => {
        expect(await codes(reader)).to.deep.equal(["a", "b", "c supplied-not-pulled"]);
        const { transfers } = await reader.transfers({}, 9);
        expect(transfers.map(({ supplied, others }) => [supplied?.as, others?.map(({ rows }) => rows)])).to.deep.equal([
          ["platform", undefined],
          ["source", [9]],
          ["platform", [5]],
        ]);
      },
    );
  });

  it("compares what the source and the city base say of what goes from one to the other", async () => {
    const given = (transfer: string, rows: number, party = SOURCE): MixEvent => {
      const it = aggregated("res-a", "v1", rows);
      return { ...it, party, data: { ...it.data, transfer } };
    };
    await told(
      async (story) => {
        await story.acts(...[ANOTHER, BASE].map(registered));
        await story.facts(
          given("a", 5),
          given("a", 5, BASE),
          given("b", 5),
          given("b", 6, BASE),
          given("c", 5),
          given("d", 5, BASE),
          given("c", 5, ANOTHER),
        );
      },
      async (_, __, reader) =>
        expect(await codes(reader)).to.deep.equal(["a", "b amounts-differ rows digest", "c supplied-not-pulled", "d pulled-not-supplied"]),
    );
  });

  it("matches no supply with a pull that has no number", async () => {
    await told(
      (story) => story.facts(pulled("res-a", 5), supplied("a", 5)),
      async (_, __, reader) => {
        expect(await codes(reader)).to.deep.equal([`${FACTS}/0 pulled-not-supplied`, "a supplied-not-pulled"]);
        expect(await codes(reader, { code: "pulled-not-supplied" })).to.have.length(1);
      },
    );
  });

  it("hears a report although somebody else has used its source and id, and it once, however often it comes", async () => {
    const own = supplied("a", 5);
    await told(
      async (story) => {
        await story.acts(registered(ANOTHER));
        await story.facts({ ...own, party: ANOTHER, data: { ...own.data, transfer: "elsewhere" } }, taken("a", 5));
        await story.facts(own, own);
      },
      async (_, __, reader) => {
        expect(await codes(reader)).to.deep.equal(["a", "elsewhere"]);
        expect(await reader.contributions()).to.deep.equal([{ source: SOURCE, "to-operator": { transfers: 1, rows: 5, bytes: 50 } }]);
      },
    );
  });

  it("goes by authorization, resource and source, page by page", async () => {
    await told(
      (story) => story.facts(...["a", "b", "c"].map((transfer) => supplied(transfer, 1)), supplied("d", 1, "res-b")),
      async (_, __, reader) => {
        expect(await codes(reader, { resource: "res-b" })).to.deep.equal(["d supplied-not-pulled"]);
        expect(await codes(reader, { authorization: AUTHORIZATION, resource: "res-a" })).to.have.length(3);
        expect(await codes(reader, { authorization: "other" })).to.deep.equal([]);
        expect(await codes(reader, { source: SOURCE })).to.have.length(4);
        expect(await codes(reader, { source: OPERATOR })).to.deep.equal([]);
        for (const filter of [{}, { code: "supplied-not-pulled" }] as const) {
          const found: string[] = [];
          let cursor: string | undefined;
          do {
            const page = await reader.transfers(filter, 1, cursor);
            found.push(...page.transfers.map(({ transfer }) => transfer));
            cursor = page.next;
          } while (cursor !== undefined);
          expect(found).to.deep.equal(["a", "b", "c", "d"]);
        }
      },
    );
  });

  it("agrees with nothing that was said again under the number, until that is corrected or voided", async () => {
    const about = { subjectKind: "resource", subject: "res-a", reason: "重复上报" };
    const corrected = (index: number, replacement: number): MixEvent =>
      event("correction.corrected", { ...about, event: `${FACTS}/${index}`, replacement: `${FACTS}/${replacement}` });
    const voided = (index: number): MixEvent => event("correction.voided", { ...about, event: `${FACTS}/${index}` }, { party: SOURCE });
    const both = (transfer: string): MixEvent[] => [supplied(transfer, 5), taken(transfer, 5)];
    const facts = [
      ...[...both("agreed"), ...both("twice"), taken("twice", 5), ...both("more"), taken("more", 9), taken("more", 5)],
      ...[...both("again"), supplied("again", 6), ...both("voided"), supplied("voided", 6)],
      ...[...both("half"), taken("half", 9), taken("half", 5), ...both("mended"), taken("mended", 9), taken("mended", 5)],
      ...[taken("late", 5), supplied("late", 5)],
    ];
    const at = (transfer: string): number => facts.findIndex(({ data }) => (data as { transfer?: string }).transfer === transfer);
    await told(
      async (story) => {
        await story.facts(...facts);
        // Each that says something else is replaced by the last.
        const [half, mended] = [at("half"), at("mended")];
        await story.acts(voided(at("voided") + 2), corrected(half + 2, half + 3), corrected(mended + 2, mended + 3));
        await story.acts(corrected(mended + 1, mended + 3), voided(at("late") + 1));
      },
      async (_, __, reader) => {
        const twice = "amounts-differ reports";
        const differ = [
          "again amounts-differ rows bytes digest reports",
          `half ${twice}`,
          "more amounts-differ rows reports",
          `twice ${twice}`,
        ];
        expect(await codes(reader)).to.deep.equal(
          ["agreed", ...differ, "late pulled-not-supplied", "mended", "voided"].sort((a, b) =>
            (a.split(" ")[0] ?? "") < (b.split(" ")[0] ?? "") ? -1 : 1,
          ),
        );
        const found = (await reader.findings({ code: "amounts-differ" }, { order: "newest", limit: 99 })).events;
        expect(new Set(found.map(({ index }) => index))).to.deep.equal(
          new Set([at("again") + 1, at("half") + 3, at("more") + 3, at("twice") + 2]),
        );
        expect((await reader.counts(Date.now())).compared?.["amounts-differ"]).to.equal(4);
        // Seven times five, one of them as it was told last.
        expect(await reader.contributions()).to.deep.equal([{ source: SOURCE, "to-operator": { transfers: 7, rows: 36, bytes: 360 } }]);
      },
    );
  });

  it("hears an operator that is a platform too of nobody else's authorization", async () => {
    const platform = creditCode(33);
    const registered = event(
      "party.registered",
      { code: platform, name: "主体", roles: ["primary-operator", "platform"] },
      { party: AUTHORITY },
    );
    await told(
      async (story) => {
        await story.acts(registered);
        await story.facts(taken("a", 5), { ...supplied("a", 5), party: platform }, { ...taken("b", 5), party: platform });
      },
      async (_, __, reader) => {
        expect(await codes(reader)).to.deep.equal(["a pulled-not-supplied", "b"]);
        expect(await reader.contributions()).to.deep.equal([]);
      },
    );
  });

  it("compares by the version what comes to the city base without a number", async () => {
    const given = (version: string, rows: number, party = SOURCE): MixEvent => ({ ...aggregated("res-a", version, rows), party });
    await told(
      async (story) => {
        await story.acts(registered(BASE));
        await story.facts(given("v1", 5), given("v1", 5, BASE), given("v2", 5), given("v2", 6, BASE), given("v3", 5));
      },
      async (_, __, reader) => expect(await codes(reader)).to.deep.equal(["v1", "v2 amounts-differ rows digest", "v3 supplied-not-pulled"]),
    );
  });

  it("adds up what each source supplied: a transfer once, as it was told last", async () => {
    await told(
      async (story) => {
        await story.facts(supplied("a", 5), supplied("b", 7), taken("c", 100));
        await story.facts(supplied("a", 6));
      },
      async (_, __, reader) =>
        expect(await reader.contributions()).to.deep.equal([{ source: SOURCE, "to-operator": { transfers: 2, rows: 13, bytes: 130 } }]),
    );
  });

  it("is for those whose transfers they are", async () => {
    await told(
      (story) => story.facts(supplied("a", 5)),
      async (_, readModel: ReadModel) => {
        const seenBy = async (party: string, role: "source" | "primary-operator"): Promise<number> =>
          (await (await readModel.reader(undefined, { party, roles: [role] })).transfers({}, 9)).transfers.length;
        expect(await seenBy(SOURCE, "source")).to.equal(1);
        expect(await seenBy(OPERATOR, "primary-operator")).to.equal(1);
        expect(await seenBy(STRANGER, "primary-operator")).to.equal(0);
      },
    );
  });
});
