import { expect } from "chai";
import type { FindingFilter } from "../../../gateway/index/event-pages";
import type { Reader } from "../../../gateway/index/reader";
import { told } from "./indexed";
import { AUTHORITY, digest, event, FACTS, OPERATOR, pulled } from "./story";

/** A pull of what the scenario does not name: `resource-not-in-scenario`, and more. */
const wrong = () => pulled("res-c", 1);
const CODE = "resource-not-in-scenario";
const document = { digest: digest(1) };
const page = { order: "newest", limit: 9 } as const;

const find = async (reader: Reader, filter: FindingFilter): Promise<number> => (await reader.findings(filter, page)).events.length;

/** What is done about the finding of the fact at an index. */
const about = (index: number) => {
  const named = { event: `${FACTS}/${index}`, code: CODE };
  const by = { party: AUTHORITY };
  return {
    assigned: event("finding.assigned", { ...named, to: OPERATOR }, by),
    explained: event("finding.explained", { ...named, explanation: "系统误报" }),
    confirmed: event("finding.confirmed", { ...named, reason: "属实" }, by),
    dismissed: event("finding.dismissed", { ...named, reason: "误报" }, by),
    closed: event("finding.closed", { ...named, outcome: "已整改" }, by),
    referred: event("finding.referred", { ...named, to: AUTHORITY, reason: "涉嫌违法", letter: document }, by),
  };
};

describe("findings", () => {
  it("say what they are, by which clause, and whose they are", async () => {
    await told(
      (story) => story.facts(wrong()),
      async (_, __, reader) => {
        const [one] = (await reader.findings({ code: CODE }, page)).events;
        const finding = one?.findings.find(({ code }) => code === CODE);
        expect(finding).to.include({ clause: "六(五)3", state: "open", party: OPERATOR });
        expect([finding?.zh, finding?.en].every((words) => words !== undefined && words !== CODE)).to.equal(true);
      },
    );
  });

  it("are found by clause and by when they were recorded", async () => {
    await told(
      (story) => story.facts(wrong()),
      async (_, __, reader) => {
        const at = Date.parse((await reader.findings({ code: CODE }, page)).events[0]!.recorded);
        expect(await find(reader, { clause: "六(五)3" })).to.equal(1);
        expect(await find(reader, { clause: "六(五)6" })).to.equal(0);
        expect(await find(reader, { code: CODE, clause: "五(一)" }), "another finding of the same event").to.equal(0);
        expect(await find(reader, { from: at })).to.equal(1);
        expect(await find(reader, { from: at + 1 })).to.equal(0);
        expect(await find(reader, { code: CODE, until: at })).to.equal(0);
        expect(await find(reader, { code: CODE, until: at + 1 })).to.equal(1);
        const oldest = { order: "oldest", limit: 9 } as const;
        expect((await reader.findings({ from: at }, oldest)).events).to.have.length(1);
        expect((await reader.findings({ from: at + 1 }, oldest)).events).to.have.length(0);
      },
    );
  });

  it("are open until something is done about them, and then as it was done last", async () => {
    const handled: readonly (readonly (keyof ReturnType<typeof about>)[])[] = [
      [],
      ["assigned"],
      ["assigned", "explained"],
      ["confirmed"],
      ["confirmed", "dismissed"],
      ["confirmed", "dismissed", "closed"],
      ["referred"],
    ];
    await told(
      async (story) => {
        await story.facts(...handled.map(wrong));
        for (const [index, steps] of handled.entries())
          for (const step of steps) {
            if (step === "explained") await story.facts(about(index)[step]);
            else await story.acts(about(index)[step]);
          }
        // Of an event that there is not: it is counted nowhere.
        const nothing = { event: `${FACTS}/99999`, code: "amounts-differ", reason: "并无此事" };
        await story.acts(event("finding.confirmed", nothing, { party: AUTHORITY }));
      },
      async (_, __, reader) => {
        const { events } = await reader.findings({ code: CODE }, { order: "oldest", limit: 9 });
        const findings = events.map((event) => event.findings.find(({ code }) => code === CODE));
        expect(findings.map((finding) => finding?.state)).to.deep.equal(handled.map((steps) => steps.at(-1) ?? "open"));
        expect(new Set(findings.map((finding) => finding?.party))).to.deep.equal(new Set([OPERATOR]));
        for (const state of ["open", "assigned", "explained", "confirmed", "dismissed", "closed", "referred"] as const)
          expect(await find(reader, { code: CODE, state }), state).to.equal(1);
        const counts = await reader.counts(Date.now());
        const compared = Object.values(counts.compared ?? {}).reduce((sum, count) => sum + count, 0);
        const all = Object.values(counts.findings).reduce((sum, [count]) => sum + count, compared);
        const one = { assigned: 1, explained: 1, confirmed: 1, dismissed: 1, closed: 1, referred: 1 };
        expect(counts.states).to.deep.equal({ ...one, open: all - Object.keys(one).length });
      },
    );
  });
});
