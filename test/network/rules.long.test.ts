/**
 * The rules on a network of four organisations, each with its own gateway: told what the tests of the vocabulary tell a ledger in memory, as far
 * as that can happen today, since the clock of a network is the real one.
 */
import { expect } from "chai";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type RuleCode, ruleClauses } from "../../chaincode/events/codes";
import type { Role } from "../../chaincode/events/definition";
import { addDays, dayOf } from "../../chaincode/events/time";
import type { EventRecord } from "../../gateway/index/events";
import { AUTHORITY, example, OPERATOR, type Report, SCENARIO, story, TRANSPORT } from "../chaincode/events/world";
import { type Answered, covering, everythingTold, isRecorded, tell } from "../gateway/stories";
import { onFabric } from "../gateway/ledger/fabric-network";
import { SAMPLE } from "../sample";
import { Four } from "./four";
import { Gateways } from "./gateways";
import { oneDay } from "./one-day";
import { beginRun, calendarsOf, type Hosts, Retelling, type Step, stepsOf } from "./retold";

const TITLE = "the rules on a network of four organisations";

/** Stories at a time: each mostly waits for a block. */
const AT_ONCE = 64;
/** Of the stories, in the sample. */
const ONE_IN = 8;
const [AUTHORITY_MSP, OPERATOR_MSP, SOURCE_MSP] = ["AuthorityMSP", "OperatorMSP", "SourceMSP"];
/** Longer than a run: one in which a day ends is told another day's dates. */
const RUN_MS = 6 * 60_000;

/** What the real clock does not let happen. */
const NEED_OTHER_DATES: Readonly<Partial<Record<RuleCode, string>>> = {
  "held-back": "a transaction ten minutes older than the block before it",
  "update-overdue": "the shortest frequency is a day",
};

onFabric(TITLE, () => {
  describe(TITLE, function () {
    this.timeout(RUN_MS);
    const four = new Four();
    let gateways: Gateways;
    let stop = (): Promise<void> => Promise.resolve();
    let hosts: Hosts = {};
    /** When all of it is told. */
    let now = 0;
    let stories: readonly (readonly Step[])[] = [];
    /** By code, the types of which it was said; and the types of which nothing was. */
    const broken = new Map<string, Set<string>>();
    const kept = new Set<string>();

    const note = (type: string, codes: readonly string[]): void => {
      if (isRecorded({ codes })) kept.add(type);
      for (const code of codes) broken.set(code, (broken.get(code) ?? new Set()).add(type));
    };
    const say = async (host: string, report: Report, source?: string): Promise<Answered> => {
      const answered = await gateways.tell(host, report, source);
      note(report.type, answered.codes);
      return answered;
    };
    const retell = async (steps: readonly Step[], number: number): Promise<Retelling> => {
      const retelling = new Retelling(
        steps.map(({ told }) => told),
        number,
        now,
      );
      await gateways.retell(steps, retelling);
      for (const { told, codes } of steps) note(told.type, codes);
      return retelling;
    };

    before(async function () {
      this.timeout(2 * RUN_MS);
      const directory = mkdtempSync(join(tmpdir(), "suyuan-rules-"));
      await four.make();
      await four.init();
      hosts = Object.fromEntries(four.network.topology.organisations.map(({ mspId, roles }) => [mspId, roles as readonly Role[]]));
      now = await beginRun(RUN_MS);
      try {
        const all = [...oneDay, ...everythingTold(directory)].flatMap((told) => [stepsOf(told, hosts, now) ?? []]);
        stories = covering(all, ({ told: { type }, codes }) => ({ type, codes }));
      } finally {
        rmSync(directory, { recursive: true });
      }
      await four.up();
      gateways = await Gateways.start(four);
      stop = () => gateways.stop();
    });
    after(async () => {
      await stop();
      await four.remove();
    });

    it("are what each story of a day is told by the table that tells it", () => {
      for (const told of oneDay) expect(stepsOf(told, hosts, now)?.map(({ codes }) => codes)).to.deep.equal(told.map(({ codes }) => codes));
    });

    it("demand a year's working days before it begins, once, and of that year", async () => {
      const [thisYear, nextYear] = calendarsOf(now) as [Report, Report];
      const overdue = async (): Promise<number> => {
        const { overdue } = (await gateways.get(AUTHORITY_MSP, "/v1/findings?code=duty-overdue")) as { overdue: unknown[] };
        return overdue.length;
      };
      expect(await overdue()).to.equal(1);
      note("calendar.set", ["duty-overdue"]);
      const attempts: readonly (readonly [Report, ...string[]])[] = [
        [{ ...thisYear, type: "calendar.amended" }, "calendar-missing"],
        [{ ...thisYear, data: { ...thisYear.data, holidays: ["1949-10-01"] } }, "calendar-inconsistent"],
        [thisYear],
        [thisYear, "calendar-exists"],
        [{ ...thisYear, type: "calendar.amended" }],
        [nextYear],
      ];
      for (const [report, ...codes] of attempts)
        expect((await say(AUTHORITY_MSP, report)).codes, JSON.stringify(report)).to.deep.equal(codes);
      expect(await overdue()).to.equal(0);
    });

    it(`are kept and broken over HTTP as in memory${SAMPLE ? `: in the sample every ${ONE_IN}th story` : ""}`, async () => {
      const chosen = stories.map((steps, i) => [steps, i + 1] as const).filter((_, i) => !SAMPLE || i % ONE_IN === 0);
      const left = chosen.values();
      const failed: string[] = [];
      const teller = async (): Promise<void> => {
        for (const [steps, number] of left) await retell(steps, number).catch((error: unknown) => failed.push(String(error)));
      };
      await Promise.all(Array.from({ length: AT_ONCE }, teller));
      expect(failed).to.deep.equal([]);
    });

    it("find what comparing shows: at once where reports differ, and a missing side once it is late", async () => {
      const ready = story.slice(0, story.findIndex(({ type }) => type === "scenario.registered") + 1);
      const steps =
        stepsOf(
          ready.map((report) => ({ report, codes: [] })),
          hosts,
          now,
        ) ?? [];
      const retelling = await retell(steps, 0);
      const report = (type: "data.supplied" | "data.pulled", transfer: string, rows: number): Promise<Answered> => {
        const [host, party] = type === "data.supplied" ? [SOURCE_MSP, TRANSPORT] : [OPERATOR_MSP, OPERATOR];
        return say(host, retelling.report(example(type, party, { transfer, rows }), host, Date.now()), retelling.source);
      };
      /** Of an event, as everybody's supervisor sees it, once it is as it is to be. */
      const shows = async ({ leafHash = "" }: Answered, type: string, ...codes: string[]): Promise<void> => {
        await gateways.reached(AUTHORITY_MSP, leafHash);
        const found = async (): Promise<string[]> => {
          const { findings } = (await gateways.get(AUTHORITY_MSP, `/v1/events/${leafHash}`)) as EventRecord;
          return findings.map(({ code }) => code);
        };
        const end = Date.now() + 20_000;
        while (JSON.stringify(await found()) !== JSON.stringify(codes) && Date.now() < end) await sleep(100);
        expect(await found(), type).to.deep.equal(codes);
        note(type, codes);
      };
      await report("data.supplied", "both", 5);
      await shows(await report("data.pulled", "both", 5), "data.pulled");
      await report("data.supplied", "differing", 5);
      await shows(await report("data.pulled", "differing", 6), "data.pulled", "amounts-differ");
      const supplied = await report("data.supplied", "supplied", 5);
      const pulled = await report("data.pulled", "pulled", 5);
      await shows(supplied, "data.supplied");
      await shows(pulled, "data.pulled");

      const twice = { id: "the-same", source: retelling.source, type: "suyuan.data.accessed", time: new Date().toISOString() };
      const operator = await gateways.client(OPERATOR_MSP, retelling.report(example("data.accessed", OPERATOR), OPERATOR_MSP, now).party);
      const { data } = retelling.report(example("data.accessed", OPERATOR), OPERATOR_MSP, now);
      await shows(await tell(operator, { ...twice, data }), "data.accessed");
      await shows(await tell(operator, { ...twice, data: { ...data, purpose: "另有所图" } }), "data.accessed", "conflicting-report");

      // From now on everything is late at once: nothing is told of other rules after this.
      const rulebook = (effective: string): Report => example("rulebook.adopted", AUTHORITY, { effective, parameters: { lateHours: 0 } });
      expect((await say(AUTHORITY_MSP, rulebook(addDays(dayOf(now), -1)))).codes).to.deep.equal(["effective-too-early"]);
      expect((await say(AUTHORITY_MSP, rulebook(dayOf(now)))).codes).to.deep.equal([]);
      const late = [await report("data.supplied", "late", 5), await report("data.pulled", "later", 5)] as const;
      await shows(late[0], "data.supplied", "recorded-late", "supplied-not-pulled");
      await say(OPERATOR_MSP, retelling.report(example("data.accessed", OPERATOR), OPERATOR_MSP, Date.now()), retelling.source);
      await shows(late[1], "data.pulled", "recorded-late", "pulled-not-supplied");

      const approval = steps.find(({ told: { type } }) => type === "scenario.approved")?.place;
      const annulled = example("correction.annulled", AUTHORITY, { event: approval, subjectKind: "scenario", subject: SCENARIO });
      await say(AUTHORITY_MSP, retelling.report(annulled, AUTHORITY_MSP, Date.now()), retelling.source);
      await shows(supplied, "data.supplied", "basis-annulled");
    });

    const WHOLE = "leave no code out that the real clock can provoke, and let through an event of a type of which it was said";
    if (SAMPLE) it.skip(`${WHOLE}: is no part of the sample`);
    else
      it(WHOLE, () => {
        const others = Object.keys(NEED_OTHER_DATES);
        expect([...broken.keys(), ...others].sort()).to.deep.equal([...ruleClauses.keys()].sort());
        const neverKept = [...broken].filter(([, types]) => ![...types].some((type) => kept.has(type))).map(([code]) => code);
        expect(neverKept).to.deep.equal([]);
      });
  });
});
