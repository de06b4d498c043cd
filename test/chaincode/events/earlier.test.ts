/** What earlier versions of the contract wrote is read as they did: an upgrade changes no record. */
import { expect } from "chai";
import type { Stepped } from "../../../chaincode/events/steps";
import {
  AUTHORITY,
  AUTHORIZATION,
  example,
  FLIGHTS,
  METEOROLOGY,
  NOW,
  OPERATOR,
  SCENARIO,
  TRANSPORT,
  WEATHER,
  after,
  type World,
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
