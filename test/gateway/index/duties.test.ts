import { expect } from "chai";
import { rm } from "node:fs/promises";
import { Access } from "../../../gateway/index/access";
import { type DutyName, DUTY_NAMES, duties } from "../../../gateway/index/duties";
import { keys } from "../../../gateway/index/keys";
import { type DutyFilter, type OpenDuty, openDuties } from "../../../gateway/index/open-duties";
import { openStore, toJson } from "../../../gateway/index/store";
import { View } from "../../../gateway/index/view";
import { newDirectory, told } from "./indexed";
import type { Reader } from "../../../gateway/index/reader";
import { dayOf } from "../../../chaincode/events/time";
import { creditCode } from "../../../scripts/bench/mix";
import {
  ACTS,
  aggregated,
  AUTHORITY,
  AUTHORIZATION,
  deleted,
  DEVELOPER,
  digest,
  event,
  FACTS,
  OPERATOR,
  processed,
  pulled,
  SOURCE,
} from "./story";

/** A moment of a day in China. */
const on = (day: string): number => Date.parse(`${day}T12:00:00+08:00`);
const last = (day: string): number => Date.parse(`${day}T23:59:59.999+08:00`);

const DAY = 24 * 3600_000;
/** Of the authority's host. */
const ASSESSOR = creditCode(12);

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

const agreement = { from: on("2026-01-10"), until: Date.parse("2028-01-10T00:00:00+08:00"), act: "TestMSP/acts/0" };
const signed = (steps: Parameters<typeof record>[0] = {}, more: object = {}): Records => ({
  "authorization a": record({ signed: "2026-01-10", ...steps }, { operator: OPERATOR, agreements: [agreement], ...more }),
});
const exit = (steps: Parameters<typeof record>[0]): Records => ({
  ...signed(),
  "exit x": record(steps, { authorization: "a", since: on("2026-04-20") }),
});
/** With an audit by a party of this role. */
const audited = (day: string, role: string): Records => {
  const party = `party of ${role}`.replaceAll(" ", "-");
  const steps = { signed: [{ at: on("2026-01-10"), act: "TestMSP/acts/0" }], audited: [{ at: on(day), act: "TestMSP/acts/1", party }] };
  return {
    "authorization a": { operator: OPERATOR, agreements: [agreement], steps },
    [`party ${party}`]: { roles: [role], host: "TestMSP", steps: {} },
  };
};

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
    // Six months from when its ground stood, and the days that there are for it from the first on which it is lawful.
    ...(["2026-11-19", OPERATOR] as const),
    exit({ opened: "2026-05-01", "logs-disposed": "2026-10-21" }),
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

  it("audit: by a third party, and by no supervisor", async () => {
    const due = async (records: Records) => (await open(records, on("2027-06-01"), { duty: "audit" })).map((one) => one.due);
    expect(await due(audited("2026-12-30", "supervisor"))).to.deep.equal(["2027-01-10"]);
    expect(await due(audited("2026-12-30", "assessor"))).to.deep.equal(["2027-12-30"]);
  });

  it("run from the first time that there was something to do: doing it again meanwhile gives no more time", async () => {
    const ordered = (checked: object = {}) => signed({ "rectification-ordered": ["2026-03-01", "2026-04-01"], ...checked });
    const due = async (records: Records) => (await open(records, on("2026-04-02"), { duty: "rectification" })).map((one) => one.due);
    expect(await due(ordered())).to.deep.equal(["2026-05-30"]);
    expect(await due(ordered({ "rectification-checked": "2026-03-15" }))).to.deep.equal(["2026-06-30"]);
  });

  it("rectification: by the day that the order says which stands", async () => {
    const due = async (more: object) => {
      const order = (day: string, result: string) => ({ at: on(day), act: `TestMSP/acts/${day}`, result });
      const orders = [order("2026-03-01", "2026-04-30"), { ...order("2026-03-02", "2026-09-30"), ...more }];
      const records = { "authorization a": { operator: OPERATOR, agreements: [agreement], steps: { "rectification-ordered": orders } } };
      return (await open(records, on("2026-04-02"), { duty: "rectification" })).map((one) => one.due);
    };
    expect(await due({})).to.deep.equal(["2026-09-30"]);
    expect(await due({ annulled: on("2026-03-03") })).to.deep.equal(["2026-04-30"]);
  });

  it("count nothing that was withdrawn, however long it stood, and what a later act ended", async () => {
    const reported = (more: object): Records => {
      const mark = { at: on("2026-06-01"), act: "TestMSP/acts/1", ...more };
      const steps = { signed: [{ at: on("2026-01-10"), act: "TestMSP/acts/0" }], reported: [mark], filed: [mark], disclosed: [mark] };
      return { "authorization a": { operator: OPERATOR, agreements: [agreement], steps } };
    };
    const due = async (records: Records, duty: DutyName) => (await open(records, on("2026-12-01"), { duty })).map((one) => one.due);
    expect(await due(reported({}), "security-report")).to.deep.equal(["2027-06-01"]);
    expect(await due(reported({ until: on("2026-06-01") + 1000 }), "security-report")).to.deep.equal(["2027-01-10"]);
    expect(await due(reported({ until: on("2026-07-01"), endedBy: "TestMSP/acts/2" }), "security-report")).to.deep.equal(["2027-06-01"]);
    expect(await due(reported({}), "filing")).to.deep.equal([]);
    expect(await due(reported({ until: on("2026-07-01") }), "filing")).to.deep.equal(["2026-02-09"]);
  });

  it("renewal: of the last agreement that was not annulled, as often as it can be renewed", async () => {
    const signing = (n: number, year: string, more: object = {}) => ({ at: on(`${year}-01-10`), act: `TestMSP/acts/${n}`, ...more });
    const agreed = (n: number, from: string, until: string) => ({ from: on(from), until: on(until), act: `TestMSP/acts/${n}` });
    const renewed = (...marks: readonly object[]): Records => ({
      "authorization a": {
        operator: OPERATOR,
        agreements: [agreed(0, "2020-01-10", "2023-01-10"), agreed(1, "2023-01-10", "2026-01-10"), agreed(2, "2026-01-10", "2029-01-10")],
        steps: { signed: [signing(0, "2020")], renewed: marks },
      },
    });
    const due = async (records: Records) => (await open(records, on("2028-12-01"), { duty: "renewal" })).map((one) => one.due);
    const [first, second] = [signing(1, "2023"), signing(2, "2026")];
    expect(await due(renewed(first, { ...second, annulled: 1 }))).to.deep.equal(["2025-10-10"]);
    expect(await due(renewed(first, second)), "for the third time").to.deep.equal([]);
  });

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
    const renamed = { ...signed(), "party renamed": { roles: ["primary-operator"], former: [OPERATOR], steps: {} } };
    const owed = (party: string) => open(renamed, now, { party }).then((open) => open.map(({ duty }) => duty));
    expect(await owed("renamed"), "what it owed before it was renamed")
      .to.deep.equal(await owed(OPERATOR))
      .and.to.include("audit");
  });

  it("catalogue-update: not by data that comes from nobody who is its source", async () => {
    await told(
      async (story) => {
        await story.acts(event("party.registered", { code: creditCode(101), name: "另一单位", roles: ["source"] }, { party: AUTHORITY }));
        await story.facts({ ...aggregated("res-a", "v2", 1), party: creditCode(101) });
      },
      async (_, __, reader) => {
        const [found] = (await reader.findings({ code: "second-source" }, { order: "newest", limit: 1 })).events;
        const since = async (subject: string) =>
          (await reader.duties({ duty: "catalogue-update" }, Date.now())).find((duty) => duty.subject.id === subject)?.event?.journal;
        expect([found?.journal, await since("res-a")]).to.deep.equal([FACTS, ACTS]);
      },
    );
  });

  it("catalogue-update: by the frequency that was said last, from the last time that data came", async () => {
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

  it("purge: also of what was made of it, however much was taken since, and from the first time on", async () => {
    const narrowed = (field: string) =>
      event("resource.narrowed", { resource: "res-a", fields: [field], from: dayOf(Date.now()), reason: "缩小范围" }, { party: SOURCE });
    const since = Array.from({ length: 250 }, (_, n) => pulled("res-a", 1000 + n, {}));
    const purges = async (reader: Reader) =>
      (await reader.duties({ duty: "purge" }, Date.now())).map(({ part, event }) => [part, event?.index]);
    for (const [isDeleted, isThere] of [
      [false, true],
      [true, false],
    ] as const) {
      let first = -1;
      await told(
        async (story) => {
          await story.facts(pulled("res-a", 1), pulled("res-b", 2));
          await story.facts(processed("clean", [`${FACTS}/0/0`, `${FACTS}/1/0`], [3]));
          await story.facts(processed("integrate", [`${FACTS}/2/0`], [4]));
          first = (await story.acts(narrowed("area"))).size - 1;
          await story.facts(...since);
          await story.acts(narrowed("price"));
          await story.facts(deleted(`${FACTS}/0/0`, 1), deleted(`${FACTS}/2/0`, 3));
          if (isDeleted) await story.facts(deleted(`${FACTS}/3/0`, 4), ...since.map((_, n) => deleted(`${FACTS}/${4 + n}/0`, 1000 + n)));
        },
        async (_, __, reader) => expect(await purges(reader)).to.deep.equal(isThere ? [[AUTHORIZATION, first]] : []),
      );
    }
  });

  it("purge, incident-follow-up, emergency-review: until the end of their last day, overdue after it, and none once they are met", async () => {
    const [authorization, resource] = [{ authorization: AUTHORIZATION }, "res-a"];
    const incident = {
      incident: "i-1",
      ...authorization,
      kind: "leak",
      description: "日志外泄",
      addressees: ["municipal-data-authority", "public-data-authority"],
    };
    const used = pulled(resource, 1);
    const emergency = {
      ...(used.data as object),
      basis: "应急预案",
      order: { digest: digest(7) },
      until: new Date(Date.now() + 3600_000).toISOString(),
    };
    const inspected = (party: string, emergency?: number) => {
      const report = { ...authorization, kind: "compliance", result: "sound", report: { digest: digest(8) } };
      return event(
        "supervision.inspected",
        { ...report, ...(emergency !== undefined && { emergency: `${FACTS}/${emergency}` }) },
        { party },
      );
    };
    const dueOf = (reader: Reader, duty: DutyName, now: number) =>
      reader.duties({ duty }, now).then((all) => all.map(({ party, daysLeft, code }) => [party, daysLeft, code]));
    await told(
      async (story) => {
        await story.acts(event("party.registered", { code: ASSESSOR, name: "评估机构", roles: ["assessor"] }, { party: AUTHORITY }));
        await story.facts(used, event("data.emergency-used", emergency), event("security.incident-reported", incident));
        await story.acts(event("resource.withdrawn", { resource, reason: "停止提供" }, { party: SOURCE }), inspected(ASSESSOR));
      },
      async (_, __, reader) => {
        const due = last(dayOf(Date.now() + 30 * DAY));
        for (const [duty, party] of [
          ["purge", OPERATOR],
          ["incident-follow-up", OPERATOR],
          ["emergency-review", AUTHORITY],
        ] as const) {
          expect(await dueOf(reader, duty, due), duty).to.deep.equal([[party, 0, undefined]]);
          expect(await dueOf(reader, duty, due + 1), duty).to.deep.equal([[party, -1, "duty-overdue"]]);
        }
      },
    );
    await told(
      async (story) => {
        await story.facts(event("data.emergency-used", emergency), event("security.incident-reported", incident));
        await story.facts(event("security.incident-handled", { incident: "i-1", measures: "已封堵" }));
        await story.acts(inspected(AUTHORITY, 0));
      },
      async (_, __, reader) => {
        for (const duty of ["incident-follow-up", "emergency-review"] as const)
          expect(await dueOf(reader, duty, Date.now()), duty).to.deep.equal([]);
      },
    );
    await told(
      async (story) => {
        await story.facts(event("data.emergency-used", emergency), event("data.emergency-used", emergency));
        await story.acts(inspected(AUTHORITY), inspected(AUTHORITY, 1));
        const { size } = await story.acts(inspected(AUTHORITY, 0));
        const taken = { event: `${ACTS}/${size - 1}`, subjectKind: "authorization", subject: AUTHORIZATION, reason: "误查" };
        await story.acts(event("correction.withdrawn", taken, { party: AUTHORITY }));
      },
      async (_, __, reader) => {
        const open = await reader.duties({ duty: "emergency-review" }, Date.now() + 1);
        expect(
          open.map(({ event }) => event?.index),
          "an inspection of something else is no review, nor is one that was withdrawn",
        ).to.deep.equal([0]);
      },
    );
  });

  it("backups: gone on the day that was named when the data was deleted, and said so by whoever deleted it", async () => {
    const day = (offset: number): string => dayOf(Date.now() + offset * DAY);
    const gone = (ordinal: number, n: number, backups: object, party = OPERATOR) => {
      const it = deleted(`${FACTS}/${ordinal}/0`, n);
      return { ...it, party, data: { ...it.data, backups } };
    };
    const purged = (offset: number, party = OPERATOR) =>
      event(
        "holding.backups-purged",
        { authorization: AUTHORIZATION, through: day(offset), tool: "t", executor: "e", record: { digest: digest(1) } },
        { party },
      );
    const beyond = (offset: number) => ({ state: "beyond-use", purged: day(offset) });
    const open = async (reader: Reader, now: number) =>
      (await reader.duties({ duty: "backups" }, now)).map(({ subject, party, due, code }) => [subject.id, party, due, code]);
    await told(
      async (story) => {
        await story.facts(...[1, 2, 3, 4].map((n) => pulled("res-a", n)));
        await story.facts(gone(0, 1, beyond(10)), gone(1, 2, beyond(10)), gone(2, 3, beyond(20)), gone(3, 4, { state: "none" }));
        // Not by another, not for a day before; not again, when it is gone already.
        await story.facts(purged(90, DEVELOPER), purged(9), gone(2, 3, beyond(90)));
      },
      async (_, __, reader) => {
        const [first, second] = [day(10), day(20)];
        const both = [
          [AUTHORIZATION, OPERATOR, first, undefined],
          [AUTHORIZATION, OPERATOR, second, undefined],
        ];
        expect(await open(reader, last(first))).to.deep.equal(both);
        expect((await open(reader, last(first) + 1)).map((one) => one[3])).to.deep.equal(["duty-overdue", undefined]);
      },
    );
    await told(
      async (story) => {
        await story.facts(pulled("res-a", 1), pulled("res-a", 2), pulled("res-a", 3));
        await story.facts(gone(0, 1, beyond(10)));
        await story.facts(gone(1, 2, beyond(10)), purged(10), gone(2, 3, beyond(20)));
      },
      async (_, __, reader) => expect(await open(reader, Date.now())).to.deep.equal([[AUTHORIZATION, OPERATOR, day(20), undefined]]),
    );
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
