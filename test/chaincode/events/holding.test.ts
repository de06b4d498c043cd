import { expect } from "chai";
import { parties } from "../../../chaincode/events/party";
import {
  after,
  AUTHORITY,
  AUTHORIZATION,
  DEVELOPER,
  example,
  FLIGHTS,
  METEOROLOGY,
  OPERATOR,
  SCENARIO,
  STRANGER,
  TRANSPORT,
  type World,
} from "./world";

const PULLED = "SuyuanMSP/facts/2/0";
const LOG = "SuyuanMSP/facts/3/1";
const other = { digest: "0".repeat(64) };

describe("a holding", () => {
  it("is named by the journal, index and ordinal of the event that declared it", () => {
    const world = after("data.processed");
    for (const name of [PULLED, "SuyuanMSP/facts/3/0", LOG, "SuyuanMSP/facts/3/2"])
      expect(world.holding(AUTHORIZATION, name), name).to.not.equal(undefined);
    expect(world.holding(AUTHORIZATION, "SuyuanMSP/facts/3/3")).to.equal(undefined);
  });

  it("is deleted by its own name and digest, once", () => {
    const world = after("data.processed");
    expect(world.codes(example("holding.deleted", OPERATOR, other))).to.deep.equal(["holding-mismatch"]);
    expect(world.codes(example("holding.deleted", OPERATOR, { authorization: "another" }))).to.deep.equal([
      "holding-mismatch",
      "no-authorization",
    ]);
    expect(world.codes(example("holding.deleted", OPERATOR, { holding: "SuyuanMSP/facts/9/0" }))).to.deep.equal(["holding-mismatch"]);
    expect(world.holding(AUTHORIZATION, PULLED), "nothing was cleared").to.not.equal(undefined);
    expect(world.codes(example("holding.deleted", OPERATOR))).to.deep.equal([]);
    expect(world.holding(AUTHORIZATION, PULLED)).to.equal(undefined);
    expect(world.codes(example("holding.deleted", OPERATOR))).to.deep.equal(["holding-mismatch"]);
  });

  it("is neither deleted nor retained by an operator to whom the authorization gives nothing", () => {
    const world = after("data.processed");
    world.put(parties, STRANGER, { roles: ["primary-operator"], host: "SuyuanMSP", steps: {} });
    expect(world.codes(example("holding.deleted", STRANGER))).to.deep.equal(["no-authorization"]);
    expect(world.holding(AUTHORIZATION, PULLED), "nothing was cleared").to.not.equal(undefined);
    expect(world.codes(example("holding.retained", STRANGER))).to.deep.equal(["not-your-event"]);
  });

  it("is retained until a day that is still to come", () => {
    const world = after("data.processed");
    expect(world.codes(example("holding.retained", OPERATOR, { until: "2026-03-09" }))).to.deep.equal(["retention-basis-missing"]);
    expect(world.codes(example("holding.retained", OPERATOR, { until: "2026-03-10" }))).to.deep.equal([]);
  });

  it("is retained as a necessary log, or by a statute that is named", () => {
    const world = after("data.processed");
    expect(world.codes(example("holding.retained", OPERATOR, { basis: "statute" }))).to.deep.equal(["retention-basis-missing"]);
    expect(world.codes(example("holding.retained", OPERATOR, other))).to.deep.equal(["holding-mismatch"]);
    expect(world.codes(example("holding.retained", OPERATOR, { basis: "statute", statute: "某法某条" }))).to.deep.equal([]);
    expect(world.codes(example("holding.retained", OPERATOR))).to.deep.equal([]);
    expect(world.holding(AUTHORIZATION, LOG)).to.include({ until: "2027-03-01" });
  });

  it("is deleted with the evidence that its method calls for, and what is missing is listed", () => {
    const deleted = (change: object) => after("data.processed").tell(example("holding.deleted", OPERATOR, change));
    const missing = (...what: string[]) => [{ code: "deletion-evidence-missing", missing: what }];
    const record = { digest: "2".repeat(64) };
    expect(deleted({ method: "clear" })).to.deep.equal([]);
    expect(deleted({ method: "cryptographic-erase" })).to.deep.equal(missing("key"));
    expect(deleted({ method: "cryptographic-erase", key: { name: "kms:flights-1", record } })).to.deep.equal([]);
    expect(deleted({ method: "destroy" })).to.deep.equal(missing("media"));
    expect(deleted({ method: "destroy", media: { make: "某型固态硬盘", serial: "S-1" } })).to.deep.equal([]);
    expect(deleted({ backups: { state: "beyond-use" } })).to.deep.equal(missing("backups/purged"));
    expect(deleted({ backups: { state: "beyond-use", purged: "2026-06-01" } })).to.deep.equal([]);
    expect(deleted({ backups: { state: "none" } })).to.deep.equal([]);
  });

  it("is gone once its deletion is recorded, however little it was proven", () => {
    const world = after("data.processed");
    world.tell(example("holding.deleted", OPERATOR, { method: "destroy" }));
    expect(world.holding(AUTHORIZATION, PULLED)).to.equal(undefined);
  });

  it("is retained by a developer too, who holds it", () => {
    expect(after("data.processed").codes(example("holding.retained", DEVELOPER))).to.deep.equal([]);
  });

  it("is struck by the authority alone, whatever its digest", () => {
    const world = after("data.processed");
    expect(world.codes(example("holding.struck", OPERATOR))).to.deep.equal(["not-your-event"]);
    expect(world.codes(example("holding.struck", AUTHORITY, { holding: "SuyuanMSP/facts/3/9" }))).to.deep.equal(["holding-mismatch"]);
    expect(world.codes(example("holding.struck", AUTHORITY))).to.deep.equal([]);
    expect(world.codes(example("holding.struck", AUTHORITY))).to.deep.equal(["holding-mismatch"]);
  });
});

describe("a holding's transfer", () => {
  const MADE = "SuyuanMSP/facts/3/0";
  const own = { authorization: "yz-authorization-successor", scenario: "yz-scenario-successor" };

  /** The successor's authorization and scenario, up to its approval. */
  function succeeded(): World {
    const world = after("data.processed");
    world.tell(example("authorization.decided", AUTHORITY, { authorization: own.authorization, operator: STRANGER }));
    world.tell(example("authorization.signed", AUTHORITY, { authorization: own.authorization }));
    world.tell(example("scenario.submitted", STRANGER, own));
    world.tell(example("scenario.consented", METEOROLOGY, { scenario: own.scenario }));
    world.tell(example("scenario.consented", TRANSPORT, { scenario: own.scenario, resource: FLIGHTS }));
    return world;
  }
  const transfer = (change: object = {}) => example("holding.transferred", AUTHORITY, change);

  it("waits for the successor's own scenario to be approved, and ends with it", () => {
    const world = succeeded();
    expect(world.codes(transfer())).to.deep.equal(["retention-basis-missing"]);
    world.tell(example("scenario.approved", AUTHORITY, { scenario: own.scenario }));
    world.tell(example("scenario.closed", STRANGER, { scenario: own.scenario }));
    expect(world.codes(transfer())).to.deep.equal(["retention-basis-missing"]);
    expect(world.holding(AUTHORIZATION, MADE), "nothing was cleared").to.not.equal(undefined);
  });

  it("is decided by the authority, of the very data, and clears the holding", () => {
    const world = succeeded();
    world.tell(example("scenario.approved", AUTHORITY, { scenario: own.scenario }));
    expect(world.codes({ ...transfer(), party: OPERATOR })).to.deep.equal(["not-your-event"]);
    expect(world.codes(transfer(other))).to.deep.equal(["holding-mismatch"]);
    expect(world.codes(transfer())).to.deep.equal([]);
    expect(world.holding(AUTHORIZATION, MADE)).to.equal(undefined);
    expect(world.codes(transfer())).to.deep.equal(["holding-mismatch"]);
  });

  it("goes to whose scenario it is, and is none to the same authorization", () => {
    const world = succeeded();
    world.tell(example("scenario.approved", AUTHORITY, { scenario: own.scenario }));
    expect(world.codes(transfer({ to: DEVELOPER }))).to.deep.equal(["retention-basis-missing"]);
    expect(world.codes(transfer({ to: OPERATOR, scenario: SCENARIO }))).to.deep.equal(["retention-basis-missing"]);
    expect(world.codes(transfer({ scenario: "unheard-of" }))).to.deep.equal(["retention-basis-missing"]);
  });

  it("needs the successor's agreement to be in force, through its last day", () => {
    const world = succeeded();
    world.tell(example("scenario.approved", AUTHORITY, { scenario: own.scenario }));
    expect(world.codes({ ...transfer(), at: "2031-03-02T16:00:00.000Z" })).to.deep.equal(["retention-basis-missing"]);
    expect(world.codes({ ...transfer(), at: "2031-03-02T15:59:59.999Z" })).to.deep.equal([]);
  });
});

describe("data that is held", () => {
  const off = { digest: "1".repeat(64), bytes: 1, rows: 1, form: "raw", place: "开发机", platform: "off" };

  it("stays on the platform, from a pull and from a step", () => {
    const world = after("data.pulled");
    expect(world.codes(example("data.pulled", OPERATOR, { holding: off }))).to.deep.equal(["retained-off-platform", "raw-data-outbound"]);
    expect(world.codes(example("data.pulled", OPERATOR, { holding: { ...off, platform: "on" } }))).to.deep.equal([]);
    expect(world.codes(example("data.processed", OPERATOR, { holdings: [{ ...off, platform: "on" }, off] }))).to.deep.equal([
      "retained-off-platform",
      "raw-data-outbound",
    ]);
    expect(world.codes(example("data.pulled", OPERATOR, { holding: undefined })), "nothing was kept").to.deep.equal([]);
  });

  it("has an origin: a step names what is outstanding, and the holes are listed", () => {
    const world = after("data.pulled");
    expect(world.tell(example("data.processed", OPERATOR, { inputs: [PULLED, "OtherMSP/facts/2/0", "SuyuanMSP/acts/2/0"] }))).to.deep.equal(
      [{ code: "input-unknown", missing: ["OtherMSP/facts/2/0", "SuyuanMSP/acts/2/0"] }],
    );
    world.tell(example("holding.deleted", OPERATOR));
    expect(world.tell(example("data.processed", OPERATOR))).to.deep.equal([{ code: "input-unknown", missing: [PULLED] }]);
  });
});
