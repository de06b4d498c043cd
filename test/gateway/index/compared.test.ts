import { expect } from "chai";
import { cursorAt } from "../../../gateway/index/places";
import type { FindingFilter } from "../../../gateway/index/event-pages";
import type { Reader } from "../../../gateway/index/reader";
import type { MixEvent } from "../../../scripts/bench/mix";
import { told } from "./indexed";
import { batchesOf, recordingsOf } from "../../../gateway/index/recording";
import { accessed, ACTS, AUTHORITY, AUTHORIZATION, digest, event, FACTS, OPERATOR, processed, pulled, SOURCE, type Story } from "./story";

const DAY = 24 * 3600_000;
/** Past the hours within which a fact is to be recorded, and the moments that telling takes. */
const LATE = DAY + 30_000;
const PAGE = { order: "oldest", limit: 100 } as const;

/** Codes of what is found, each with the index of its event. */
const found = async (reader: Reader, filter: FindingFilter = {}): Promise<string[]> =>
  (await reader.findings(filter, PAGE)).events
    .flatMap(({ index, findings }) => findings.map(({ code }) => `${index} ${code}`))
    // What the world that these tests begin with says of its authorization.
    .filter((one) => !one.endsWith("steps-before-ledger"));

const numbered = (transfer: string, rows: number): MixEvent => {
  const { data, ...it } = pulled("res-a", rows);
  return { ...it, data: { ...data, transfer } };
};
const supplied = (transfer: string, rows: number): MixEvent =>
  event(
    "data.supplied",
    { authorization: AUTHORIZATION, scenario: "scn-1", resource: "res-a", transfer, to: OPERATOR, digest: digest(rows), bytes: 1, rows },
    { party: SOURCE },
  );

/** Where the acts of a type stand in their journal. */
async function actsOfType(story: Story, type: string): Promise<readonly number[]> {
  const found: number[] = [];
  for (const batch of (await story.blocks()).flatMap(batchesOf).filter(({ journal }) => journal === ACTS))
    for (const { place, known } of recordingsOf(batch, 0)) if (known?.type.type === type) found.push(place.index);
  return found;
}

describe("what only comparing shows", () => {
  it("transfers: found with the same standing as anything else, as long as they do not agree", async () => {
    await told(
      async (story) => {
        await story.facts(supplied("a", 1), supplied("b", 1), numbered("c", 1), numbered("b", 2));
        await story.facts(numbered("a", 1), accessed("res-a"));
      },
      async (_, __, reader) => {
        const [missing, differing] = ["2 pulled-not-supplied", "3 amounts-differ"];
        expect(await found(reader)).to.deep.equal([missing, differing]);
        expect(await found(reader, { code: "amounts-differ" })).to.deep.equal([differing]);
        expect(await found(reader, { code: "supplied-not-pulled" }), "it was pulled since").to.deep.equal([]);
        expect(await found(reader, { party: OPERATOR, clause: "七(五)7", state: "open" })).to.deep.equal([missing, differing]);
        expect(await found(reader, { party: SOURCE })).to.deep.equal([]);
        expect(await found(reader, { subject: { kind: "resource", id: "res-a" } })).to.deep.equal([missing, differing]);
        const [one] = (await reader.findings({ code: "amounts-differ" }, PAGE)).events;
        expect(one?.findings).to.have.length(1);
        expect(one?.findings[0]).to.deep.include({ missing: ["rows"], party: OPERATOR, state: "open", clause: "七(五)7" });
        const watched = await reader.following({ code: "amounts-differ" }, 9, cursorAt(0));
        expect(watched.events.map((it) => it.event.index)).to.deep.equal([3]);
        const { compared, states } = await reader.counts(Date.now());
        expect(compared).to.deep.include({ "pulled-not-supplied": 1, "amounts-differ": 1, "supplied-not-pulled": 0 });
        // A world without a calendar: that of this year is overdue. And its authorization is older than the ledger.
        expect([states?.["open"], compared?.["duty-overdue"]]).to.deep.equal([4, 1]);
        expect((await reader.event({ journal: FACTS, index: 2 }))?.findings).to.deep.equal([{ code: "pulled-not-supplied" }]);
      },
      LATE,
    );
  });

  it("a missing side is found once it is late, by the rulebook's hours; that amounts differ, at once", async () => {
    for (const [later, codes] of [
      [LATE - 60_000, ["1 amounts-differ"]],
      [LATE, ["1 amounts-differ", "2 supplied-not-pulled"]],
    ] as const)
      await told(
        async (story) => {
          await story.facts(supplied("a", 1), numbered("a", 2), supplied("b", 1));
          await story.facts(accessed("res-a"));
        },
        async (_, __, reader) => expect(await found(reader), String(later)).to.deep.equal(codes),
        later,
      );
  });

  it("an event that has findings already is listed once", async () => {
    await told(
      (story) => story.facts({ ...numbered("c", 1), data: { ...numbered("c", 1).data, fields: ["owner"] } }),
      async (_, __, reader) => {
        expect((await found(reader)).sort()).to.deep.equal(["0 fields-beyond-scenario", "0 pulled-not-supplied"]);
        expect(await found(reader, { code: "pulled-not-supplied" })).to.have.length(2);
      },
      LATE,
    );
  });

  it("what rested on an annulled act is found by its code, its subject and in what is watched, from the annulment on", async () => {
    await told(
      async (story) => {
        const [holding = ""] = await story.holdings(numbered("a", 1), supplied("a", 1));
        await story.facts(processed("clean", [holding], [2]));
        const [approval] = await actsOfType(story, "suyuan.scenario.approved");
        const about = { subjectKind: "scenario", subject: "scn-1", reason: "程序违法", decision: { digest: digest(1) } };
        await story.acts(event("correction.annulled", { event: `${ACTS}/${approval}`, ...about }, { party: AUTHORITY }));
        await story.facts(accessed("res-b"));
        return { height: (await story.blocks()).length - 2 };
      },
      async ({ height }, __, reader) => {
        const facts = (await reader.findings({ code: "basis-annulled" }, PAGE)).events.filter(({ journal }) => journal === FACTS);
        expect(facts.map(({ index, event }) => [index, event?.type])).to.deep.equal([
          [0, "suyuan.data.pulled"],
          [1, "suyuan.data.supplied"],
          [2, "suyuan.data.processed"],
        ]);
        expect(
          (await found(reader, { subject: { kind: "scenario", id: "scn-1" } })).filter((one) => one === "2 basis-annulled"),
        ).to.have.length(1);
        const watched = await reader.following({ onlyFindings: true }, 99, cursorAt(height));
        expect(watched.events.flatMap(({ event }) => event.findings.map(({ code }) => `${event.index} ${code}`))).to.include(
          "2 basis-annulled",
        );
        expect(await found(reader, { code: "basis-annulled", party: SOURCE })).to.include("1 basis-annulled");
      },
    );
  });

  it("overdue duties are found by code, party, subject, clause and state, named by the event that began them", async () => {
    const inAYear = Date.now() + 380 * DAY;
    await told(
      async (story) => {
        const signed = await actsOfType(story, "suyuan.authorization.signed");
        const overdue = { event: `${ACTS}/${signed[0]}`, code: "duty-overdue", to: OPERATOR };
        await story.acts(event("finding.assigned", { ...overdue, duty: "audit" }, { party: AUTHORITY }));
        return signed[0];
      },
      async (signed, readModel, reader) => {
        const duties = async (filter: FindingFilter): Promise<string[]> => (await reader.overdue(filter, inAYear)).map(({ duty }) => duty);
        const all = await reader.overdue({}, inAYear);
        expect(all.map(({ duty }) => duty)).to.include.members(["filing", "audit", "catalogue-update", "calendar"]);
        const audit = all.find(({ duty }) => duty === "audit");
        expect(audit?.event).to.deep.equal({ journal: ACTS, index: signed });
        expect(audit?.finding).to.deep.include({
          code: "duty-overdue",
          clause: "六(五)4",
          state: "assigned",
          party: OPERATOR,
          missing: ["audit"],
          duty: "audit",
        });
        const others = all.filter(({ event, duty }) => event?.index === signed && duty !== "audit");
        expect(others, "of the same event").to.have.length.above(2);
        for (const { finding } of others) expect(finding.state, finding.duty).to.equal("open");
        const names = all.map(({ event, finding }) => `${event?.journal}/${event?.index}/${finding.code}/${finding.duty}`);
        expect(new Set(names), "each has its own").to.have.property("size", names.length);
        expect(new Set(await duties({ code: "update-overdue" }))).to.deep.equal(new Set(["catalogue-update"]));
        expect(await duties({ party: OPERATOR }))
          .to.include("audit")
          .and.not.to.include("catalogue-update");
        expect(await duties({ subject: { kind: "authorization", id: AUTHORIZATION }, clause: "六(五)4" })).to.deep.equal(["audit"]);
        expect(await duties({ state: "assigned" }))
          .to.include("audit")
          .and.not.to.include("calendar");
        expect(await duties({ code: "amounts-differ" })).to.deep.equal([]);
        expect(await reader.overdue({}, Date.now() - 40 * DAY)).to.have.length.lessThan(all.length);
        const { compared = {} } = await reader.counts(inAYear);
        expect(compared["update-overdue"]).to.equal(2);
        const source = await readModel.reader(undefined, { party: SOURCE, roles: ["source"] });
        expect(new Set((await source.overdue({}, inAYear)).map(({ duty }) => duty))).to.deep.equal(
          new Set(["catalogue-update", "calendar"]),
        );
      },
    );
  });

  it("findings of emergency uses are kept, marked, and found apart", async () => {
    const until = new Date(Date.now() + DAY).toISOString();
    const used = (more: object) =>
      event("data.emergency-used", { ...(pulled("res-a", 1).data as object), basis: "应急预案", until, ...more });
    await told(
      (story) => story.facts(used({ fields: ["owner"] }), used({ order: { digest: digest(7) } }), { ...numbered("c", 1) }),
      async (_, __, reader) => {
        const { events } = await reader.findings({ emergency: true }, PAGE);
        expect(events.map(({ index, emergency }) => [index, emergency])).to.deep.equal([[0, true]]);
        expect(events[0]?.findings.map(({ code }) => code)).to.include.members(["emergency-basis-missing", "fields-beyond-scenario"]);
        expect(await found(reader, { emergency: true, code: "fields-beyond-scenario", party: OPERATOR })).to.have.length(2);
        expect((await reader.findings({ party: OPERATOR }, PAGE)).events.map(({ emergency }) => emergency)).to.deep.equal([
          true,
          undefined,
        ]);
        expect(await reader.overdue({ emergency: true }, Date.now() + 380 * DAY)).to.deep.equal([]);
      },
      LATE,
    );
  });
});
