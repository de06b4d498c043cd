import { expect } from "chai";
import { lists } from "../../../gateway/index/lists";
import type { Reader } from "../../../gateway/index/reader";
import { creditCode } from "../../../scripts/bench/mix";
import {
  accessed,
  ACTS,
  aggregated,
  AUTHORITY,
  authorizationActs,
  digest,
  event,
  FACTS,
  partyActs,
  pulled,
  resourceActs,
  scenarioActs,
  SOURCE,
} from "./story";
import { told } from "./indexed";

/** Where the scenario's approval stands in the story's world. */
const before = [...partyActs(), ...resourceActs("res-a", ""), ...resourceActs("res-b", ""), ...authorizationActs()];
const approval = `${ACTS}/${before.length + scenarioActs(["res-a", "res-b"]).findIndex(({ type }) => type === "suyuan.scenario.approved")}`;

const decision = { digest: digest(0xdec) };
const ofScenario = { subjectKind: "scenario", subject: "scn-1", reason: "程序违法" };
const annulled = () => event("correction.annulled", { event: approval, ...ofScenario, decision }, { party: AUTHORITY });
const withdrawn = () => event("correction.withdrawn", { event: approval, ...ofScenario }, { party: AUTHORITY });
const countersigned = (place: string) =>
  event("correction.countersigned", { event: place, subjectKind: "scenario", subject: "scn-1", document: decision }, { party: AUTHORITY });
const voided = (place: string) =>
  event("correction.voided", { event: place, ...ofScenario, reason: "重复上报", countersigned: { party: AUTHORITY, signature: decision } });

/** Codes of a fact, and what they miss. */
const findings = async (reader: Reader, index: number): Promise<unknown> => (await reader.event({ journal: FACTS, index }))?.findings;

describe("corrections", () => {
  it("are listed on the event that they are about, wherever it is shown, and hide nothing", async () => {
    await told(
      async (story) => {
        await story.facts(accessed("res-a"));
        await story.acts(countersigned(`${FACTS}/0`), voided(`${FACTS}/0`));
      },
      async (_, __, reader) => {
        const one = await reader.event({ journal: FACTS, index: 0 });
        expect(one?.corrections?.map(({ type }) => type)).to.deep.equal(["suyuan.correction.voided"]);
        expect(one?.event).to.include({ type: "suyuan.data.accessed" });
        const history = await reader.listed(lists.history.of({ kind: "resource", id: "res-a" }), { order: "newest", limit: 1 });
        expect(history.events[0]?.corrections).to.deep.equal(one?.corrections);
      },
    );
  });

  it("are not those of somebody else, who has no say in it, however the ledger recorded them", async () => {
    const later = creditCode(102);
    await told(
      async (story) => {
        await story.facts({ ...aggregated("res-a", "v1", 1), party: SOURCE }, accessed("res-a"));
        const others = { event: `${FACTS}/0`, ...ofScenario, reason: "误报" };
        await story.acts(
          countersigned(`${FACTS}/0`),
          voided(`${FACTS}/0`),
          event("correction.corrected", { ...others, replacement: `${FACTS}/1` }),
        );
        await story.acts(event("correction.voided", { ...others, event: `${FACTS}/1` }, { party: SOURCE }));
        await story.acts(event("correction.voided", others, { party: SOURCE }));
        await story.acts(event("party.renamed", { code: later, former: SOURCE, name: "更名" }, { party: AUTHORITY }));
        await story.acts(event("correction.voided", others, { party: later }));
      },
      async (_, __, reader) => {
        const of = async (index: number) => (await reader.event({ journal: FACTS, index }))?.corrections?.map(({ party }) => party);
        expect(await of(0), "its own, and of who came after it").to.deep.equal([SOURCE, later]);
        expect(await of(1)).to.equal(undefined);
      },
    );
  });

  it("end the basis of what was recorded before an act was annulled", async () => {
    await told(
      async (story) => {
        await story.facts(pulled("res-a", 1));
        await story.acts(annulled());
      },
      async (_, __, reader) => {
        expect(await findings(reader, 0)).to.deep.include({ code: "basis-annulled", missing: [approval] });
        const trace = await reader.trace({
          start: { kind: "holding", id: `${FACTS}/0/0` },
          ...{ direction: "sources", depth: 9, limit: 9 },
        });
        expect(trace?.activities[0]?.findings.map(({ code }) => code)).to.include("basis-annulled");
        const act = trace?.acts.find(({ index }) => `${ACTS}/${index}` === approval);
        expect(act?.corrections?.map(({ type }) => type)).to.deep.equal(["suyuan.correction.annulled"]);
        const [journal, index] = [ACTS, Number(approval.split("/").at(-1))];
        const registered = await reader.event({ journal, index: index + 1 });
        expect(registered?.event?.type).to.equal("suyuan.scenario.registered");
        expect(
          registered?.findings.map(({ code }) => code),
          "an act that rested on it",
        ).to.include("basis-annulled");
      },
    );
  });

  it("show what was corrected and what replaces it, each with the way to the other", async () => {
    const [wrong, right] = [`${FACTS}/0`, `${FACTS}/1`];
    await told(
      async (story) => {
        await story.facts(pulled("res-a", 1), pulled("res-a", 2));
        const about = { subjectKind: "resource", subject: "res-a", reason: "行数有误" };
        await story.acts(event("correction.corrected", { event: wrong, replacement: right, ...about }));
      },
      async (_, __, reader) => {
        for (const index of [0, 1]) {
          const [correction] = (await reader.event({ journal: FACTS, index }))?.corrections ?? [];
          expect(correction, String(index)).to.include({ type: "suyuan.correction.corrected", event: wrong, replacement: right });
        }
        const { activities = [] } =
          (await reader.trace({ start: { kind: "resource", id: "res-a" }, direction: "products", depth: 9, limit: 99 })) ?? {};
        expect(activities.map(({ index, corrections }) => [index, corrections?.[0]?.replacement])).to.deep.equal([
          [0, right],
          [1, right],
        ]);
      },
    );
  });

  it("never hide an annulment behind others, and tell how many there are in all", async () => {
    await told(
      async (story) => {
        await story.facts(accessed("res-a"), pulled("res-a", 1));
        await story.acts(...Array.from({ length: 120 }, withdrawn), annulled());
        await story.acts(countersigned(`${FACTS}/0`), ...Array.from({ length: 120 }, () => voided(`${FACTS}/0`)));
      },
      async (_, __, reader) => {
        const act = await reader.event({ journal: ACTS, index: Number(approval.split("/").at(-1)) });
        expect(act?.corrections?.map(({ type }) => type).at(-1)).to.equal("suyuan.correction.annulled");
        expect(act?.correctionsInAll).to.deep.equal({ "suyuan.correction.withdrawn": [120, 0], "suyuan.correction.annulled": [1, 0] });
        expect(await findings(reader, 1)).to.deep.include({ code: "basis-annulled", missing: [approval] });
        const fact = await reader.event({ journal: FACTS, index: 0 });
        expect([fact?.corrections?.length, fact?.correctionsInAll]).to.deep.equal([100, { "suyuan.correction.voided": [120, 0] }]);
        expect(fact?.corrections?.at(-1)?.index, "the newest").to.be.greaterThan(fact?.corrections?.[0]?.index ?? Infinity);
      },
    );
  });

  it("take no basis from what came before a withdrawal, which is from now on", async () => {
    await told(
      async (story) => {
        await story.facts(pulled("res-a", 1));
        await story.acts(withdrawn());
      },
      async (_, __, reader) => expect(JSON.stringify(await findings(reader, 0))).not.to.include("basis-annulled"),
    );
  });

  it("say nothing of the past before they were recorded", async () => {
    let earlier = 0;
    await told(
      async (story) => {
        await story.facts(pulled("res-a", 1));
        await new Promise((resolve) => setTimeout(resolve, 20));
        earlier = Date.now();
        await new Promise((resolve) => setTimeout(resolve, 20));
        await story.acts(annulled());
      },
      async (_, readModel) => {
        expect(JSON.stringify(await findings(await readModel.reader(earlier), 0))).not.to.include("basis-annulled");
      },
    );
  });
});
