import { expect } from "chai";
import { rm } from "node:fs/promises";
import { Access } from "../../../gateway/index/access";
import { type DutyName, DUTY_NAMES, duties } from "../../../gateway/index/duties";
import { keys } from "../../../gateway/index/keys";
import { type DutyFilter, type OpenDuty, openDuties } from "../../../gateway/index/open-duties";
import { openStore, toJson } from "../../../gateway/index/store";
import { View } from "../../../gateway/index/view";
import { newDirectory, told } from "./indexed";
import { aggregated, AUTHORITY, digest, event, OPERATOR, pulled, SOURCE, deleted, FACTS } from "./story";

/** A moment of a day in China. */
const on = (day: string): number => Date.parse(`${day}T12:00:00+08:00`);
const last = (day: string): number => Date.parse(`${day}T23:59:59.999+08:00`);

type Records = Readonly<Record<string, object>>;

/** A record with steps done on these days. */
const record = (steps: Readonly<Record<string, string | readonly string[]>>, more: object = {}): object => ({
  ...more,
  steps: Object.fromEntries(
    Object.entries(steps).map(([step, days]) => [step, [days].flat().map((day) => ({ at: on(day), act: "TestMSP/acts/0" }))]),
  ),
});

const authority = { roles: ["authority"], host: "TestMSP" };

/** Duties that are open when the ledger has these records, by `kind id`. */
async function open(records: Records, now: number, filter: DutyFilter = {}): Promise<readonly OpenDuty[]> {
  const directory = await newDirectory();
  const store = await openStore(directory);
  try {
    for (const [name, value] of Object.entries({ [`party ${AUTHORITY}`]: authority, ...records })) {
      const [kind = "", id = ""] = name.split(" ");
      await store.put(keys.record(kind, id), toJson(value));
    }
    return await openDuties(store, await View.latest(store), new Access(store), filter, now);
  } finally {
    await store.close();
    await rm(directory, { recursive: true });
  }
}

const agreement = { from: on("2026-01-10"), until: Date.parse("2028-01-10T00:00:00+08:00") };
const signed = (steps: Parameters<typeof record>[0] = {}, more: object = {}): Records => ({
  "authorization a": record({ signed: "2026-01-10", ...steps }, { operator: OPERATOR, agreements: [agreement], ...more }),
});
const exit = (steps: Parameters<typeof record>[0]): Records => ({ ...signed(), "exit x": record(steps, { authorization: "a" }) });

/** A duty: what there is, when it is due, who owes it; and the same once it is fulfilled. */
const CASES: readonly (readonly [DutyName, Records, due: string, party: string | undefined, fulfilled?: Records])[] = [
  ["filing", signed(), "2026-02-09", AUTHORITY, signed({ filed: "2026-01-20" })],
  [
    "trial-assessment",
    signed({}, { agreements: [{ ...agreement, trial: Date.parse("2026-07-10T00:00:00+08:00") }] }),
    ...(["2026-07-09", AUTHORITY] as const),
    signed({ "trial-assessed": "2026-06-01" }, { agreements: [{ ...agreement, trial: on("2026-07-10") }] }),
  ],
  ["renewal", signed(), "2027-10-09", OPERATOR, signed({ "renewal-applied": "2027-09-01" })],
  ["evaluation", signed({ evaluated: "2026-12-01" }), "2027-12-01", AUTHORITY],
  [
    "rectification",
    signed({ "rectification-ordered": "2026-03-01" }),
    ...(["2026-05-30", OPERATOR] as const),
    signed({ "rectification-ordered": "2026-03-01", "rectification-checked": "2026-04-01" }),
  ],
  ["audit", signed(), "2027-01-10", OPERATOR],
  ["security-report", signed({ reported: "2026-06-01" }), "2027-06-01", OPERATOR],
  ["operation-report", signed({ "operation-reported": "2026-06-30" }), "2027-06-30", OPERATOR],
  ["disclosure-of-authorizations", signed(), "2027-03-31", AUTHORITY],
  ["disclosure-of-products", signed(), "2027-03-31", OPERATOR],
  [
    "exit-reconciling",
    exit({ "inventory-frozen": "2026-05-01" }),
    ...(["2026-05-31", AUTHORITY] as const),
    exit({ "inventory-frozen": "2026-05-01", reconciled: "2026-05-02" }),
  ],
  [
    "exit-verifying",
    exit({ reconciled: "2026-05-01" }),
    ...(["2026-05-31", undefined] as const),
    exit({ reconciled: "2026-05-01", verified: "2026-05-02" }),
  ],
  [
    "exit-certifying",
    exit({ verified: "2026-05-01" }),
    ...(["2026-05-31", AUTHORITY] as const),
    exit({ verified: "2026-05-01", certified: "2026-05-02" }),
  ],
  [
    "log-retention",
    exit({ opened: "2026-05-01" }),
    ...(["2026-11-01", OPERATOR] as const),
    exit({ opened: "2026-05-01", "logs-disposed": "2026-11-01" }),
  ],
  [
    "asset-check",
    { "asset s": record({ registered: "2026-02-01" }, { operator: OPERATOR }) },
    ...(["2027-02-01", OPERATOR] as const),
    { "asset s": record({ registered: "2026-02-01", retired: "2026-03-01" }, { operator: OPERATOR }) },
  ],
];

describe("duties", () => {
  it("have words each, and no words are of none", () => {
    expect(duties.map(({ name }) => name).sort()).to.deep.equal([...DUTY_NAMES].sort());
  });

  for (const [duty, records, due, party, fulfilled] of CASES) {
    it(`${duty}: until the end of its last day, overdue after it`, async () => {
      const year = due.slice(0, 4);
      const now = last(due);
      const [one, ...others] = await open(records, now, { duty });
      expect(others, year).to.deep.equal([]);
      expect(one).to.include({ duty, due, daysLeft: 0 }).and.not.to.have.property("code");
      expect(one?.party).to.equal(party);
      expect((await open(records, now + 1, { duty }))[0]).to.include({ due, daysLeft: -1, code: "duty-overdue" });
      if (fulfilled !== undefined) expect(await open(fulfilled, now + 1, { duty })).to.deep.equal([]);
    });
  }

  it("calendar: before the year begins, this one's and the next one's", async () => {
    const now = on("2026-11-20");
    const set = { "calendar 2026": { holidays: [], workdays: [] } };
    expect((await open({}, now, { duty: "calendar" })).map(({ due, code }) => [due, code])).to.deep.equal([
      ["2025-12-31", "duty-overdue"],
      ["2026-12-31", undefined],
    ]);
    expect((await open(set, now, { duty: "calendar" })).map(({ due, daysLeft }) => [due, daysLeft])).to.deep.equal([["2026-12-31", 41]]);
    expect(await open({ ...set, "calendar 2027": {} }, now, { duty: "calendar" })).to.deep.equal([]);
  });

  it("go by the rulebook that was in force when they began", async () => {
    const rulebook = { versions: [{ number: "1", from: on("2026-01-01"), filingDays: 10 }] };
    const [filing] = await open({ ...signed(), "rulebook current": rulebook }, on("2026-01-12"), { duty: "filing" });
    expect(filing?.due).to.equal("2026-01-20");
  });

  it("end with the authorization, count nothing that was annulled or failed, and begin when they are to", async () => {
    expect(await open(signed({ terminated: "2026-02-01" }), on("2026-06-01"), { duty: "audit" })).to.deep.equal([]);
    const mark = { at: on("2026-01-20"), act: "TestMSP/acts/0" };
    const filed = (more: object): Records => ({
      "authorization a": { operator: OPERATOR, steps: { signed: [{ ...mark, at: on("2026-01-10") }], filed: [{ ...mark, ...more }] } },
    });
    expect(await open(filed({}), on("2026-02-01"), { duty: "filing" })).to.have.length(0);
    expect(await open(filed({ annulled: 1 }), on("2026-02-01"), { duty: "filing" })).to.have.length(1);
    expect(await open(filed({ result: "failed" }), on("2026-02-01"), { duty: "filing" })).to.have.length(1);
    expect(await open(signed(), on("2026-01-09"), { duty: "filing" })).to.deep.equal([]);
  });

  it("are found by who owes them, by whether they are overdue and by when they are due, the soonest first", async () => {
    const now = on("2026-03-01");
    const all = await open(signed(), now);
    expect(all.map(({ due }) => due)).to.deep.equal(all.map(({ due }) => due).sort());
    const names = async (filter: DutyFilter): Promise<string[]> => (await open(signed(), now, filter)).map(({ duty }) => duty);
    expect(await names({ overdue: true })).to.deep.equal(["calendar", "filing"]);
    expect(await names({ overdue: false })).not.to.include("filing");
    expect(await names({ dueBefore: "2026-02-10", party: AUTHORITY })).to.deep.equal(["calendar", "filing"]);
    expect(await names({ dueBefore: "2026-02-09", duty: "filing" })).to.deep.equal([]);
    expect(await names({ party: OPERATOR }))
      .to.include("audit")
      .and.not.to.include("filing");
  });

  it("catalogue-update: by the frequency that was said last, from the last time that data came", async () => {
    const DAY = 24 * 3600_000;
    await told(
      (story) => story.facts(aggregated("res-a", "v2", 1)),
      async (_, __, reader) => {
        const now = Date.now();
        const overdue = async (at: number) =>
          (await reader.duties({ duty: "catalogue-update", party: SOURCE }, at)).map(({ code }) => code);
        expect(await overdue(now)).to.deep.equal([undefined, undefined]);
        expect(await overdue(now + 2 * DAY)).to.deep.equal(["update-overdue", "update-overdue"]);
      },
    );
  });

  it("purge: by whoever still holds data that was taken before it was withdrawn", async () => {
    const withdrawn = event("resource.withdrawn", { resource: "res-a", reason: "停止提供" }, { party: SOURCE });
    for (const isDeleted of [false, true]) {
      await told(
        async (story) => {
          await story.facts(pulled("res-a", 1), pulled("res-b", 2));
          await story.acts(withdrawn);
          if (isDeleted) await story.facts(deleted(`${FACTS}/0/0`, 1));
        },
        async (_, __, reader) => {
          const purges = await reader.duties({ duty: "purge" }, Date.now());
          expect(purges.map(({ subject, party, daysLeft }) => [subject.id, party, daysLeft])).to.deep.equal(
            isDeleted ? [] : [["res-a", OPERATOR, 30]],
          );
        },
      );
    }
  });

  it("disclosures: each kind by itself, for each year", async () => {
    const said = (disclosure: string, year: string) =>
      event(
        "supervision.disclosed",
        { authorization: "auth-1", disclosure, year, publication: { digest: digest(1) } },
        { party: disclosure === "authorizations" ? AUTHORITY : OPERATOR },
      );
    const year = new Date(Date.now() + 8 * 3600_000).getUTCFullYear();
    await told(
      (story) => story.acts(said("authorizations", String(year))),
      async (_, __, reader) => {
        const due = async (duty: DutyName) => (await reader.duties({ duty }, on(`${year + 2}-02-01`))).map((one) => one.due);
        expect(await due("disclosure-of-authorizations")).to.deep.equal([`${year + 2}-03-31`]);
        expect(await due("disclosure-of-products")).to.deep.equal([`${year + 1}-03-31`, `${year + 2}-03-31`]);
      },
    );
  });
});
