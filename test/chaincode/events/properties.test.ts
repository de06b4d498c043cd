/** What holds whatever is done in whatever order: no sequence of acts leads where the rules do not, and the same sequence leads to the same place. */
import { expect } from "chai";
import fc from "fast-check";
import { type Authorization, authorizations } from "../../../chaincode/events/authorization";
import { beganAt } from "../../../chaincode/events/party";
import { table } from "../../../chaincode/events/definition";
import { products } from "../../../chaincode/events/product";
import { demandsAt, isOpen, scenarios } from "../../../chaincode/events/demand";
import { type Stepped, stands } from "../../../chaincode/events/steps";
import { addYears, addDays, dayOf } from "../../../chaincode/events/time";
import { at, bodies, life } from "./authorization-life";
import {
  after,
  AUTHORITY,
  AUTHORIZATION,
  DEVELOPER,
  example,
  FLIGHTS,
  NOW,
  OPERATOR,
  PRODUCT,
  type Report,
  SCENARIO,
  STRANGER,
  story,
  TRANSPORT,
  WEATHER,
  World,
} from "./world";

/** Lawful from end to end, the refusals of the life among it. */
const whole: readonly Report[] = [
  ...[...bodies, ...story.filter(({ type }) => !type.startsWith("authorization."))].map((report) => ({
    ...report,
    at: "2026-01-01T09:00:00+08:00",
  })),
  ...life.map(([time, report]) => at(time, report)),
  ...story.map((report) => ({ ...report, at: "2026-10-01T09:00:00+08:00" })),
];
const consents = table<Stepped>("consent");
const PARTIES = [AUTHORITY, OPERATOR, STRANGER, DEVELOPER, TRANSPORT];

/** What may go wrong with a sequence: one is left out, comes twice, at another place or time, or is somebody else's. */
const change = fc.oneof(
  fc.record({ kind: fc.constant("drop" as const), where: fc.nat() }),
  fc.record({ kind: fc.constant("repeat" as const), where: fc.nat(), to: fc.nat() }),
  fc.record({ kind: fc.constant("move" as const), where: fc.nat(), to: fc.nat() }),
  fc.record({ kind: fc.constant("shift" as const), where: fc.nat(), days: fc.integer({ min: -400, max: 400 }) }),
  fc.record({ kind: fc.constant("party" as const), where: fc.nat(), party: fc.constantFrom(...PARTIES) }),
);
type Change = typeof change extends fc.Arbitrary<infer C> ? C : never;

function changed(reports: readonly Report[], by: Change): readonly Report[] {
  const where = by.where % reports.length;
  const it = reports[where]!;
  const without = reports.toSpliced(where, 1);
  switch (by.kind) {
    case "drop":
      return without;
    case "repeat":
      return reports.toSpliced(by.to % reports.length, 0, it);
    case "move":
      return without.toSpliced(by.to % reports.length, 0, it);
    case "shift":
      return reports.toSpliced(where, 1, { ...it, at: moved(it.at ?? "", by.days) });
    case "party":
      return reports.toSpliced(where, 1, { ...it, party: by.party });
  }
}
const moved = (time: string, days: number): string => `${addDays(time.slice(0, 10), days)}${time.slice(10)}`;

const sequences = fc.array(change, { maxLength: 25 }).map((changes) => changes.reduce(changed, whole));

/** The ledger's clock never goes back. */
function told(reports: readonly Report[], world = new World()): World {
  let now = "";
  for (const report of reports) {
    const time = new Date(report.at ?? "").toISOString();
    if (time > now) now = time;
    world.tell({ ...report, at: now });
  }
  return world;
}

/** @throws AssertionError */
function expectLawful(world: World): void {
  const latest = Date.parse("2050-01-01T00:00:00Z");
  const record: Authorization | undefined = world.get(authorizations, AUTHORIZATION);
  const agreements = record?.agreements ?? [];
  expect(agreements.length, "the agreement and its renewals").to.be.at.most(3);
  for (const { from, until, trial } of agreements) {
    const [first, last] = [dayOf(from), addDays(dayOf(until), -1)];
    expect(last <= addYears(first, 5), `${first} to ${last}`).to.equal(true);
    if (trial !== undefined) expect(trial <= until, "a trial within its agreement").to.equal(true);
  }
  if (agreements.length > 0) expect(marks(record, "decided"), "decided before it is signed").to.be.above(0);
  for (const step of ["renewal-applied", "renewal-reviewed", "renewal-deliberated"])
    expect(marks(record, step), `${step} for each renewal`).to.be.at.least(agreements.length - 1);
  expect(marks(record, "terminated"), "terminated once").to.be.at.most(1);
  const began = beganAt(world);
  if (record?.existing !== undefined && began !== undefined)
    expect(record.existing < dayOf(began), "without an application only what is older than the ledger").to.equal(true);
  const scenario = world.get(scenarios, SCENARIO);
  if (stands(scenario, "registered", latest)) expect(marks(scenario, "approved"), "registered once approved").to.be.above(0);
  const product = world.get(products, PRODUCT);
  if (stands(product, "released", latest))
    for (const step of ["list-approved", "compliance-reviewed", "outbound-approved", "registered"])
      expect(marks(product, step), `${step} before release`).to.be.above(0);
}
const marks = (record: Stepped | undefined, step: string): number => record?.steps[step]?.length ?? 0;

describe("any sequence of reports", function () {
  this.timeout(60_000);
  const runs = { numRuns: 25 };

  it("leads nowhere that the rules forbid", () => {
    fc.assert(
      fc.property(sequences, (reports) => {
        expectLawful(told(reports));
      }),
      runs,
    );
  });

  it("leads to the same state again, byte for byte", () => {
    fc.assert(
      fc.property(sequences, (reports) => {
        expect(told(reports).state()).to.equal(told(reports).state());
      }),
      runs,
    );
  });

  it("goes on from the state of any prefix as from the beginning", () => {
    fc.assert(
      fc.property(sequences, fc.nat(), (reports, cut) => {
        const at = cut % reports.length;
        const [first, rest] = [reports.slice(0, at), reports.slice(at)];
        const latest = first.reduce((time, report) => (new Date(report.at!) > new Date(time) ? report.at! : time), reports[0]!.at!);
        const again = World.from(told(first).state());
        const going = rest.map((report) => (new Date(report.at!) > new Date(latest) ? report : { ...report, at: latest }));
        expect(told(going, again).state()).to.equal(told(reports).state());
      }),
      runs,
    );
  });

  it("holds an authorization to account for what its operator and its developers say they hold, and for nothing else", () => {
    const declaring = ["data.pulled", "data.processed", "data.copied", "data.contributed"] as const;
    const report = fc.record({
      type: fc.constantFrom(...declaring),
      party: fc.constantFrom(...PARTIES),
      scenario: fc.constantFrom(SCENARIO, "another"),
    });
    const since = fc.constantFrom("authorization.signed", "developer.selected", "developer.authorised");
    fc.assert(
      fc.property(since, fc.array(report, { minLength: 1, maxLength: 20 }), (last, reports) => {
        const world = after(last);
        for (const { type, party, scenario } of reports) expect(world.codes(example(type, party, { scenario })), type).to.be.an("array");
        const entitled = last === "developer.authorised" ? [OPERATOR, DEVELOPER] : [OPERATOR];
        const heard = reports.filter(({ party }) => entitled.includes(party));
        const holders = world.held(AUTHORIZATION).map(([, { party }]) => party);
        expect(entitled).to.include.members(holders);
        const counts = ({ type, party, scenario }: (typeof reports)[number]) =>
          party === OPERATOR || (type !== "data.pulled" && scenario === SCENARIO);
        expect(new Set(holders)).to.deep.equal(new Set(heard.filter(counts).map(({ party }) => party)));
      }),
      runs,
    );
  });

  it("changes what a scenario may use by approvals alone, whatever is withdrawn and submitted again", () => {
    const steps = ["submitted", "approved", "registered", "consented"] as const;
    const wider = example("scenario.submitted", OPERATOR, { demands: [{ resource: WEATHER, fields: ["location"] }] });
    const again = story.filter(({ type }) => type.startsWith("scenario."));
    const move = fc.oneof(
      fc.record({ withdraw: fc.constantFrom(...steps), by: fc.constantFrom(OPERATOR, AUTHORITY, TRANSPORT) }),
      fc.constantFrom(wider, ...again).map((tell) => ({ tell })),
    );
    const inForce = (world: World) => {
      const it = world.get(scenarios, SCENARIO);
      return isOpen(it, AUTHORIZATION, Date.parse(NOW)) ? JSON.stringify(demandsAt(it, Date.parse(NOW))) : undefined;
    };
    fc.assert(
      fc.property(fc.array(move, { maxLength: 20 }), (moves) => {
        const world = after("scenario.registered");
        for (const one of moves) {
          const before = inForce(world);
          const marked = [world.get(scenarios, SCENARIO), world.get(consents, `${SCENARIO} ${FLIGHTS}`)];
          const marks = marked.flatMap((record) => ("withdraw" in one ? (record?.steps[one.withdraw] ?? []) : []));
          const event = marks.at(-1)?.act;
          const subject = { event, subjectKind: "scenario", subject: SCENARIO };
          const report = "tell" in one ? one.tell : example("correction.withdrawn", one.by, subject);
          world.tell(report);
          if (report.type !== "scenario.approved") expect([before, undefined]).to.include(inForce(world));
        }
      }),
      runs,
    );
  });

  it("leads somewhere: the unchanged one to a released product and a terminated authorization", () => {
    const world = told(whole);
    expectLawful(world);
    expect(world.get(authorizations, AUTHORIZATION)?.agreements).to.have.length(3);
    expect(marks(world.get(authorizations, AUTHORIZATION), "terminated")).to.equal(1);
  });
});
