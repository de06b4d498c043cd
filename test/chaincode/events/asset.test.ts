import { expect } from "chai";
import { after, example, OPERATOR, STRANGER } from "./world";

const check = (party: string, time = "2026-03-10T12:00:00+08:00") => ({
  ...example("asset.checked", party),
  time,
  at: "2026-03-10T12:00:00+08:00",
});

describe("an asset", () => {
  const world = () => after("party.registered");

  it("is registered once, of the platform or of data", () => {
    const it_ = world();
    expect(it_.codes(example("asset.registered", OPERATOR))).to.deep.equal([]);
    expect(it_.codes(example("asset.registered", OPERATOR))).to.deep.equal(["asset-exists"]);
    const change = { asset: "another", kind: "platform", resource: undefined, sensitivity: undefined };
    expect(it_.codes(example("asset.registered", OPERATOR, change))).to.deep.equal([]);
  });

  it("is checked and retired by whose register it stands in, until it is retired", () => {
    const it_ = world();
    expect(it_.codes(check(OPERATOR))).to.deep.equal(["asset-unknown"]);
    expect(it_.codes(example("asset.retired", OPERATOR))).to.deep.equal(["asset-unknown"]);
    it_.tell(example("asset.registered", OPERATOR));
    expect(it_.codes(check(STRANGER))).to.deep.equal(["asset-unknown"]);
    expect(it_.codes(example("asset.retired", STRANGER))).to.deep.equal(["asset-unknown"]);
    expect(it_.codes(check(OPERATOR))).to.deep.equal([]);
    expect(it_.codes({ ...example("asset.retired", OPERATOR), at: "2026-03-10T11:00:00+08:00" })).to.deep.equal([]);
    expect(it_.codes({ ...example("asset.retired", OPERATOR), at: "2026-03-10T12:00:00+08:00" })).to.deep.equal(["asset-unknown"]);
    expect(it_.codes(check(OPERATOR, "2026-03-10T10:59:59.999+08:00"))).to.deep.equal([]);
    expect(it_.codes(check(OPERATOR, "2026-03-10T11:00:00+08:00"))).to.deep.equal(["asset-unknown"]);
  });
});
