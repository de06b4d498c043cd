/** What earlier versions of the contract wrote is read as they did: an upgrade changes no record. */
import { expect } from "chai";
import type { Stepped } from "../../../chaincode/events/steps";
import {
  AUTHORITY,
  AUTHORIZATION,
  DEVELOPER,
  example,
  FLIGHTS,
  METEOROLOGY,
  NOW,
  OPERATOR,
  SCENARIO,
  TRANSPORT,
  WEATHER,
  after,
  World,
} from "./world";

const at = Date.parse(NOW) - 1;

/** Changes a record to what version 0.4.0 would have written. */
function before(world: World, name: string, id: string, change: (row: Stepped) => object): void {
  const row = world.get<Stepped>({ name }, id) ?? { steps: {} };
  world.put<object>({ name }, id, change(row));
}

describe("a ledger of version 0.4.0", () => {
  const [first, second] = ["SuyuanMSP/acts/901", "SuyuanMSP/acts/902"];

  /** With both consents on the scenario's own record. */
  function consented(): World {
    const world = after("scenario.submitted");
    before(world, "scenario", SCENARIO, ({ steps, ...row }) => ({
      ...row,
      asked: undefined,
      consents: { [WEATHER]: { source: METEOROLOGY, act: first }, [FLIGHTS]: { source: TRANSPORT, act: second } },
      steps: {
        ...steps,
        consented: [
          { at, act: first, party: METEOROLOGY },
          { at, act: second, party: TRANSPORT },
        ],
      },
    }));
    return world;
  }
  const approve = (world: World) => world.tell(example("scenario.approved", AUTHORITY));

  it("has its consents, until they are taken back or something else is asked for", () => {
    expect(approve(consented())).to.deep.equal([]);
    const withdrawn = consented();
    const named = { event: first, subjectKind: "scenario", subject: SCENARIO };
    expect(withdrawn.tell(example("correction.withdrawn", METEOROLOGY, named))).to.deep.equal([]);
    expect(approve(withdrawn)).to.deep.equal([{ code: "consent-missing", missing: [WEATHER] }]);
    expect(withdrawn.tell(example("scenario.consented", METEOROLOGY))).to.deep.equal([]);
    expect(approve(withdrawn)).to.deep.equal([]);
    const changed = consented();
    expect(changed.tell(example("scenario.changed", OPERATOR))).to.deep.equal([]);
    expect(approve(changed)?.map(({ code }) => code)).to.deep.equal(["consent-missing"]);
  });

  it("has its inspections and plans on the authorization's own record", () => {
    const world = after("product.called");
    before(world, "authorization", AUTHORIZATION, ({ steps, ...row }) => ({
      ...row,
      steps: { ...steps, inspected: [{ at, act: first, party: AUTHORITY }], "plan-filed": [{ at, act: second, party: OPERATOR }] },
    }));
    const urge = () => world.tell(example("supervision.rectification-urged", AUTHORITY, { inspection: first }));
    expect(urge()).to.deep.equal([]);
    expect(world.tell(example("security.plan-activated", OPERATOR))).to.deep.equal([]);
    const named = { event: first, subjectKind: "authorization", subject: AUTHORIZATION };
    expect(world.tell(example("correction.annulled", AUTHORITY, named))).to.deep.equal([]);
    expect(urge()).to.deep.equal([{ code: "inspection-unknown" }]);
  });

  it("has the sources that left a journal on its record", () => {
    const world = after("product.called");
    const [from, to] = ["SuyuanMSP/facts", "SuyuanMSP/facts-2"];
    before(world, "journal", from, (row) => ({ ...row, moved: ["//test", "//other"] }));
    const call = () => world.codes(example("product.called", OPERATOR));
    expect(call()).to.deep.equal(["source-elsewhere"]);
    const move = (source: string, [one, other]: readonly [string, string]) =>
      world.tell(example("journal.source-moved", AUTHORITY, { source, from: one, to: other }));
    expect(move("//third", [from, to])).to.deep.equal([]);
    expect(call(), "one more left").to.deep.equal(["source-elsewhere"]);
    expect(move("//test", [to, from])).to.deep.equal([]);
    expect(call(), "it is back").to.deep.equal([]);
  });

  it("has settled objections on the application's record", () => {
    const world = after("party.registered");
    const publicised = [{ at, act: first, party: AUTHORITY }];
    const objections = { old: "rejected", open: "open" };
    before(world, "application", "a", () => ({ announcement: "n", applicant: OPERATOR, objections, steps: { publicised } }));
    const object = (objection: string) => world.codes(example("application.objected", AUTHORITY, { application: "a", objection }));
    expect([object("old"), object("open"), object("new")]).to.deep.equal([["objection-exists"], ["objection-exists"], []]);
    const settle = (objection: string) => world.codes(example("application.objection-settled", AUTHORITY, { application: "a", objection }));
    expect([settle("old"), settle("open"), settle("none")]).to.deep.equal([[], [], ["application-unknown"]]);
  });
});

describe("a ledger of version 0.5.0", () => {
  const [first, second] = ["SuyuanMSP/acts/901", "SuyuanMSP/acts/902"];
  const mark = (act: string, result?: string) => ({ at, act, party: AUTHORITY, ...(result === undefined ? {} : { result }) });
  const terminate = (world: World, ground: string) =>
    world.codes(example("authorization.terminated", AUTHORITY, { ground, consent: { digest: "0".repeat(64) } }));

  it("has its credit lists on the party's record: it is listed until it is on none", () => {
    const world = after("authorization.signed");
    const lists = ["abnormal-operation", "serious-dishonesty"];
    const listed = { "credit-listed": [mark(first), mark(second)] };
    before(world, "party", OPERATOR, ({ steps, ...row }) => ({ ...row, lists, steps: { ...steps, ...listed } }));
    const delist = (list?: string) => world.codes(example("party.credit-delisted", AUTHORITY, { code: OPERATOR, list }));
    expect(delist(lists[0])).to.deep.equal([]);
    expect(terminate(World.from(world.state()), "credit-listed")).to.deep.equal([]);
    expect(delist(lists[1])).to.deep.equal([]);
    expect(terminate(world, "credit-listed")).to.deep.equal(["ground-not-met"]);
  });

  it("has the time of the last rectification on the authorization's record, and grades of no named year", () => {
    const world = after("authorization.signed");
    const due = (rectification: number) =>
      before(world, "authorization", AUTHORIZATION, ({ steps, ...row }) => ({
        ...row,
        rectification,
        steps: {
          ...steps,
          "rectification-ordered": [{ ...mark(first), at: at - 10 }],
          "rectification-checked": [mark(second, "failed")],
          evaluated: [{ ...mark(first, "unqualified"), at: Date.parse("2025-12-31T23:59:59+08:00") }, mark(second, "unqualified")],
        },
      }));
    due(at + 1);
    expect(terminate(World.from(world.state()), "rectification-failed")).to.deep.equal(["ground-not-met"]);
    expect(terminate(World.from(world.state()), "unqualified-twice")).to.deep.equal([]);
    due(at - 10);
    expect(terminate(World.from(world.state()), "rectification-failed"), "due before it was ordered").to.deep.equal(["ground-not-met"]);
    due(at);
    expect(terminate(world, "rectification-failed")).to.deep.equal([]);
  });

  it("has what is shown without the act that shows it, and what a developer was given without whose it is", () => {
    const world = after("product.released");
    before(world, "developer", `${DEVELOPER}:${SCENARIO}`, (row) => {
      const { terms } = row as Stepped & { readonly terms: readonly { readonly affiliated?: boolean }[] };
      return { ...row, affiliated: true, terms: terms.map(({ affiliated: _, ...term }) => term) };
    });
    const call = () => world.codes(example("product.called", DEVELOPER));
    expect(call()).to.deep.equal(["affiliated-developer"]);
    world.tell(example("developer.applied", DEVELOPER));
    expect(call(), "it applied again as none").to.deep.equal(["affiliated-developer"]);
    const shown = { content: "text", from: at - 30 * 86_400_000 };
    const steps = Object.fromEntries(["submitted", "qualification-checked", "scored", "publicised"].map((step) => [step, [mark(first)]]));
    before(world, "application", "a", () => ({ announcement: "n", applicant: OPERATOR, objections: {}, shown, steps }));
    world.tell(example("calendar.set", AUTHORITY));
    const decide = example("authorization.decided", AUTHORITY, { authorization: "b", application: "a", existing: undefined });
    expect(world.codes(decide)).to.deep.equal([]);
  });
});
