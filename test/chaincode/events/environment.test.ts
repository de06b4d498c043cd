import { expect } from "chai";
import { environments } from "../../../chaincode/events/environment";
import { after, AUTHORITY, DEVELOPER, example, OPERATOR, STRANGER, TRANSPORT } from "./world";

const ENVIRONMENT = "yz-environment-0001";
const open = (change: object = {}) => example("environment.opened", OPERATOR, change);

describe("a development environment", () => {
  it("is opened once", () => {
    const world = after("developer.authorised");
    expect(world.codes(open())).to.deep.equal([]);
    expect(world.codes(open())).to.deep.equal(["environment-exists"]);
    world.tell(example("environment.closed", OPERATOR));
    expect(world.codes(open()), "closed").to.deep.equal(["environment-exists"]);
  });

  it("is for the operator of the scenario's authorization, and for developers authorised under it", () => {
    const world = after("developer.authorised");
    expect(world.tell(open({ user: "91990000MA1A00083R" }))).to.deep.equal([{ code: "party-unknown", missing: ["91990000MA1A00083R"] }]);
    for (const user of [STRANGER, TRANSPORT]) expect(world.codes(open({ user })), user).to.deep.equal(["authorization-inactive"]);
    expect(after("developer.selected", "developer.authorised").codes(open())).to.deep.equal(["authorization-inactive"]);
    expect(world.codes(open({ environment: "another", user: OPERATOR }))).to.deep.equal([]);
    expect(world.codes({ ...open(), at: "2031-03-02T16:00:00.000Z" })).to.deep.equal(["authorization-inactive"]);
    expect(world.codes({ ...open(), at: "2031-03-02T15:59:59.999Z" })).to.deep.equal([]);
  });

  it("is for nobody while the authorization is not in force", () => {
    const world = after("developer.authorised");
    const codes = (user: string) => world.codes(open({ environment: `of-${user}`, user }));
    world.tell(example("authorization.suspended", AUTHORITY));
    for (const user of [OPERATOR, DEVELOPER]) expect(codes(user), user).to.deep.equal(["authorization-inactive"]);
    world.tell(example("authorization.resumed", AUTHORITY));
    for (const user of [OPERATOR, DEVELOPER]) expect(codes(user), user).to.deep.equal([]);
  });

  it("is its own operator's, or of a platform that is no operator: no other operator opens, changes or closes it", () => {
    const world = after("developer.authorised");
    expect(world.codes(example("environment.opened", STRANGER))).to.deep.equal(["not-your-event"]);
    world.tell(open());
    for (const type of ["environment.changed", "environment.closed"] as const)
      expect(world.codes(example(type, STRANGER)), type).to.deep.equal(["not-your-event"]);
    world.tell(example("party.updated", AUTHORITY, { code: STRANGER, roles: ["platform"] }));
    for (const type of ["environment.changed", "environment.closed"] as const)
      expect(world.codes(example(type, STRANGER)), type).to.deep.equal([]);
  });

  it("is for an approved scenario", () => {
    const world = after("developer.authorised");
    expect(world.codes(open({ scenario: "unheard-of" }))).to.deep.equal(["scenario-not-approved"]);
    world.tell(example("scenario.closed", OPERATOR));
    expect(world.codes(open())).to.deep.equal(["scenario-not-approved"]);
  });

  it("is changed and closed while it is open", () => {
    const world = after("developer.authorised");
    for (const type of ["environment.changed", "environment.closed"] as const)
      expect(world.codes(example(type, OPERATOR)), type).to.deep.equal(["environment-unknown"]);
    world.tell(open());
    for (const type of ["environment.changed", "environment.closed"] as const) {
      expect(world.codes(example(type, DEVELOPER)), type).to.deep.equal(["not-your-event"]);
      expect(world.codes(example(type, OPERATOR)), type).to.deep.equal([]);
    }
    for (const type of ["environment.changed", "environment.closed"] as const)
      expect(world.codes(example(type, OPERATOR)), type).to.deep.equal(["environment-unknown"]);
  });

  it("tells up to which sensitivity data may lie in it", () => {
    const world = after("developer.authorised");
    world.tell(open());
    expect(world.get(environments, ENVIRONMENT)?.sensitivity).to.equal("internal");
    world.tell(example("environment.changed", OPERATOR, { sensitivity: undefined }));
    expect(world.get(environments, ENVIRONMENT)?.sensitivity).to.equal("internal");
    world.tell(example("environment.changed", OPERATOR));
    expect(world.get(environments, ENVIRONMENT)?.sensitivity).to.equal("open");
    expect(world.get(environments, ENVIRONMENT)).to.include({ user: DEVELOPER, scenario: "yz-scenario-punctuality" });
  });
});
