import { expect } from "chai";
import { authorizations } from "../../../chaincode/events/authorization";
import { scenarios } from "../../../chaincode/events/demand";
import { parties } from "../../../chaincode/events/party";
import { AGENCY, terminate, watched } from "./oversight";
import {
  after,
  AUTHORITY,
  AUTHORIZATION,
  DEVELOPER,
  example,
  FLIGHTS,
  METEOROLOGY,
  OPERATOR,
  PRODUCT,
  type Report,
  SCENARIO,
  STRANGER,
  TRANSPORT,
  World,
} from "./world";

const PULLED = "SuyuanMSP/facts/2/0";
const LOG = "SuyuanMSP/facts/3/1";
const other = { digest: "0".repeat(64) };
const HELD = { digest: "1".repeat(64), bytes: 1, rows: 1, form: "log", place: "开发环境", platform: "on" };

function taken(world: World, reports: readonly Report[]): void {
  for (const report of reports) expect(world.codes(report), report.type).to.deep.equal([]);
}

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
    expect(world.codes(example("holding.deleted", OPERATOR, { authorization: "another" }))).to.deep.equal(["holding-mismatch"]);
    expect(world.codes(example("holding.deleted", OPERATOR, { holding: "SuyuanMSP/facts/9/0" }))).to.deep.equal(["holding-mismatch"]);
    expect(world.holding(AUTHORIZATION, PULLED), "nothing was cleared").to.not.equal(undefined);
    expect(world.codes(example("holding.deleted", OPERATOR))).to.deep.equal([]);
    expect(world.holding(AUTHORIZATION, PULLED)).to.equal(undefined);
    expect(world.codes(example("holding.deleted", OPERATOR))).to.deep.equal(["holding-mismatch"]);
  });

  it("says in which form it is held, who declared it and for what", () => {
    const world = after("data.processed");
    expect(world.holding(AUTHORIZATION, PULLED)).to.include({ form: "raw", party: OPERATOR, scenario: SCENARIO });
    expect(world.holding(AUTHORIZATION, LOG)).to.include({ form: "log" }).and.not.have.any.keys("off", "product");
    world.tell(example("product.listed", OPERATOR));
    const off = { digest: "1".repeat(64), bytes: 1, rows: 1, form: "raw", place: "开发机", platform: "off" };
    world.tell(example("data.processed", DEVELOPER, { product: PRODUCT, holdings: [off] }));
    expect(world.holding(AUTHORIZATION, "SuyuanMSP/facts/4/0")).to.deep.equal({
      digest: off.digest,
      form: "raw",
      party: DEVELOPER,
      scenario: SCENARIO,
      product: PRODUCT,
      off: true,
    });
  });

  describe("is cleared and retained by the word", () => {
    const MINE = "SuyuanMSP/facts/4/0";
    const OFF = "SuyuanMSP/facts/4/1";
    const PLATFORM = "11990000MB1A00062A";
    const held = HELD;

    /** A developer's holdings, one of them off the platform; and everybody who might say something of them. */
    function developed(): World {
      const world = watched("data.processed");
      world.tell(example("data.processed", DEVELOPER, { holdings: [held, { ...held, platform: "off" }] }));
      world.put(parties, PLATFORM, { roles: ["platform"], host: "SuyuanMSP", steps: {} });
      return world;
    }
    const fromPulled = (holding: string) => (holding === PULLED ? {} : { holding, digest: held.digest });
    const says = (type: "holding.deleted" | "holding.retained", party: string, holding: string) =>
      developed().codes(example(type, party, type === "holding.deleted" ? fromPulled(holding) : { holding, digest: held.digest }));

    it("of who declared it, of the operator, and of platform and agency where it lies on the platform", () => {
      for (const type of ["holding.deleted", "holding.retained"] as const)
        for (const [holding, parties] of [
          [MINE, [DEVELOPER, OPERATOR, PLATFORM, AGENCY]],
          [OFF, [DEVELOPER, OPERATOR]],
        ] as const)
          for (const party of parties) expect(says(type, party, holding), `${type} ${holding} ${party}`).to.deep.equal([]);
    });

    it("of nobody else: it is a finding, and clears nothing", () => {
      const tries: readonly (readonly [string, string])[] = [
        [DEVELOPER, PULLED],
        [STRANGER, PULLED],
        [STRANGER, MINE],
        [PLATFORM, OFF],
        [AGENCY, OFF],
      ];
      for (const [party, holding] of tries) {
        const world = developed();
        expect(world.codes(example("holding.deleted", party, fromPulled(holding))), `${party} ${holding}`).to.deep.equal([
          "not-your-event",
        ]);
        expect(world.holding(AUTHORIZATION, holding), `${party} ${holding}`).to.not.equal(undefined);
      }
      expect(says("holding.retained", STRANGER, MINE)).to.deep.equal(["not-your-event"]);
      expect(says("holding.retained", PLATFORM, OFF)).to.deep.equal(["not-your-event"]);
    });

    it("never of another operator or developer, whatever other roles it has", () => {
      for (const roles of [
        ["primary-operator", "platform"],
        ["primary-operator", "implementing-agency"],
        ["developer", "platform"],
      ] as const) {
        const world = developed();
        world.put(parties, STRANGER, { roles, host: "SuyuanMSP", steps: {} });
        for (const holding of [PULLED, MINE, OFF])
          expect(world.codes(example("holding.deleted", STRANGER, fromPulled(holding))), roles.join()).to.deep.equal(["not-your-event"]);
        expect(world.held(AUTHORIZATION)).to.have.length(6);
      }
    });

    it("of a party under its new code as under its old one", () => {
      const renamed = "91990000MA1A00110Y";
      const world = developed();
      world.put(parties, renamed, { roles: ["developer"], host: "SuyuanMSP", former: [DEVELOPER], steps: {} });
      expect(world.codes(example("holding.deleted", renamed, fromPulled(OFF)))).to.deep.equal([]);
      expect(world.holding(AUTHORIZATION, OFF)).to.equal(undefined);
    });
  });

  it("is retained until a day that is still to come", () => {
    const world = after("data.processed");
    expect(world.codes(example("holding.retained", OPERATOR, { until: "2026-03-09" }))).to.deep.equal(["retention-basis-missing"]);
    expect(world.codes(example("holding.retained", OPERATOR, { until: "2026-03-10" }))).to.deep.equal([]);
  });

  it("is retained as a necessary log only where it is a log, and for the rulebook's months at most", () => {
    const retained = (change: object, world = after("data.processed")) => world.codes(example("holding.retained", OPERATOR, change));
    expect(retained(other)).to.deep.equal(["holding-mismatch"]);
    const raw = { holding: PULLED, digest: after("data.processed").holding(AUTHORIZATION, PULLED)?.digest };
    expect(retained(raw), "a raw copy").to.deep.equal(["retention-basis-missing"]);
    expect(retained({ until: "9999-12-31" })).to.deep.equal(["retention-basis-missing"]);
    expect(retained({ until: "2029-03-11" })).to.deep.equal(["retention-basis-missing"]);
    expect(retained({ until: "2029-03-10" })).to.deep.equal([]);
    const world = after("data.processed");
    world.tell(example("rulebook.adopted", AUTHORITY, { effective: "2026-03-10", parameters: { logMonthsMost: 7 } }));
    expect(retained({ until: "2026-10-11" }, world)).to.deep.equal(["retention-basis-missing"]);
    expect(retained({ until: "2026-10-10" }, world)).to.deep.equal([]);
    expect(world.holding(AUTHORIZATION, LOG)).to.include({ until: "2026-10-10" });
    expect(retained({ until: "2026-10-09" }, world), "sooner than was recorded").to.deep.equal(["retention-basis-missing"]);
  });

  it("is retained as a necessary log for the rulebook's months from when what it is held for ended, however often that is said", () => {
    const ends: readonly ((world: World) => void)[] = [
      terminate,
      (world) => world.tell(example("scenario.closed", OPERATOR)),
      (world) => {
        taken(world, [example("product.released", OPERATOR, { made: [LOG] }), example("product.withdrawn", OPERATOR)]);
      },
    ];
    for (const [i, end] of ends.entries()) {
      const world = watched(i === 2 ? "product.registered" : "data.processed");
      end(world);
      const retained = (at: string, until: string) => world.codes({ ...example("holding.retained", OPERATOR, { until }), at });
      expect(retained("2027-01-01T00:00:00+08:00", "2028-01-01"), `${i}`).to.deep.equal([]);
      expect(retained("2027-12-31T00:00:00+08:00", "2029-03-11"), `${i}`).to.deep.equal(["retention-basis-missing"]);
      expect(retained("2027-12-31T00:00:00+08:00", "2029-03-10"), `${i}`).to.deep.equal([]);
    }
    const world = watched("data.processed");
    world.tell(example("data.processed", DEVELOPER, { holdings: [{ ...HELD, form: "log" }] }));
    taken(world, [example("developer.revoked", OPERATOR, { developer: DEVELOPER })]);
    const mine = { holding: "SuyuanMSP/facts/4/0", digest: HELD.digest };
    const retained = (change: object) =>
      world.codes({ ...example("holding.retained", OPERATOR, { until: "2029-03-11", ...change }), at: "2026-03-11T10:00:00+08:00" });
    expect(retained(mine), "a developer's").to.deep.equal(["retention-basis-missing"]);
    expect(retained({}), "others'").to.deep.equal([]);
  });

  it("is retained by statute by the authority alone, which names it, whatever its form", () => {
    const raw = { holding: PULLED, digest: after("data.processed").holding(AUTHORIZATION, PULLED)?.digest, basis: "statute" };
    const retained = (party: string, change: object) =>
      after("data.processed").codes(example("holding.retained", party, { ...raw, ...change }));
    expect(retained(OPERATOR, { statute: "某法某条" })).to.deep.equal(["retention-basis-missing"]);
    expect(retained(AUTHORITY, {})).to.deep.equal(["retention-basis-missing"]);
    expect(retained(AUTHORITY, { statute: "某法某条", until: "2040-01-01" })).to.deep.equal([]);
    expect(retained(AUTHORITY, { basis: "necessary-log" }), "logs are not the authority's").to.include("not-your-event");
  });

  it("that is retained until a day is not deleted before, which is a finding", () => {
    const world = after("data.processed");
    world.tell(example("holding.retained", OPERATOR));
    const log = { holding: LOG, digest: world.holding(AUTHORIZATION, LOG)?.digest };
    const deleted = (at: string) => World.from(world.state()).codes({ ...example("holding.deleted", OPERATOR, log), at });
    expect(deleted("2027-03-01T23:59:59.999+08:00")).to.deep.equal(["retention-not-over"]);
    expect(deleted("2027-03-02T00:00:00+08:00")).to.deep.equal([]);
  });

  it("is deleted with the evidence that its method calls for, and what is missing is listed", () => {
    const deleted = (change: object) => after("data.processed").tell(example("holding.deleted", OPERATOR, change));
    const missing = (...what: string[]) => [{ code: "deletion-evidence-missing", missing: what }];
    const record = { digest: "2".repeat(64) };
    expect(deleted({ method: "clear" })).to.deep.equal([]);
    expect(deleted({ standard: undefined, toolVersion: undefined })).to.deep.equal(missing("standard", "toolVersion"));
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

  it("whose backups are purged later is told of in the history of the exit that is named, which is one of its authorization", () => {
    const world = after("product.called");
    const purged = (exit?: string) => world.codes(example("holding.backups-purged", OPERATOR, { exit }));
    expect(purged("unheard-of")).to.deep.equal(["exit-unknown"]);
    expect(purged()).to.deep.equal([]);
  });

  it("is struck by the authority alone, whatever its digest", () => {
    const world = after("data.processed");
    expect(world.codes(example("holding.struck", OPERATOR))).to.deep.equal(["not-your-event"]);
    expect(world.codes(example("holding.struck", AUTHORITY, { holding: "SuyuanMSP/facts/3/9" }))).to.deep.equal(["holding-mismatch"]);
    expect(world.codes(example("holding.struck", AUTHORITY))).to.deep.equal([]);
    expect(world.held(AUTHORIZATION)).to.have.length(3);
  });

  it("is struck though it is cleared already: who deleted what was declared by mistake may have had to", () => {
    const world = after("data.processed");
    expect(world.codes(example("holding.deleted", OPERATOR))).to.deep.equal([]);
    expect(world.codes(example("holding.struck", AUTHORITY, { holding: PULLED }))).to.deep.equal([]);
    const elsewhere = { holding: PULLED, authorization: "another" };
    expect(world.codes(example("holding.struck", AUTHORITY, elsewhere))).to.deep.equal(["holding-mismatch"]);
  });

  it("is struck with many others at a time, of which those that were never there are listed", () => {
    const world = after("data.processed");
    const struck = (holdings: readonly string[]) => world.tell(example("holding.struck", AUTHORITY, { holding: undefined, holdings }));
    expect(struck([PULLED, "SuyuanMSP/facts/9/0", LOG])).to.deep.equal([{ code: "holding-mismatch", missing: ["SuyuanMSP/facts/9/0"] }]);
    expect(struck([])).to.deep.equal([{ code: "holding-mismatch" }]);
    expect(world.held(AUTHORIZATION), "nothing was cleared").to.have.length(4);
    expect(struck([PULLED, LOG])).to.deep.equal([]);
    expect(world.held(AUTHORIZATION)).to.have.length(2);
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

  it("goes to another party than the operator, under whatever code and authorization it goes on", () => {
    const world = succeeded();
    world.tell(example("scenario.approved", AUTHORITY, { scenario: own.scenario }));
    const itself = World.from(world.state());
    itself.put(authorizations, own.authorization, { ...itself.get(authorizations, own.authorization)!, operator: OPERATOR });
    itself.put(scenarios, own.scenario, { ...itself.get(scenarios, own.scenario)!, operator: OPERATOR });
    expect(itself.codes(transfer({ to: OPERATOR }))).to.deep.equal(["retention-basis-missing"]);
    expect(itself.holding(AUTHORIZATION, MADE)).to.not.equal(undefined);
    const renamed = World.from(world.state());
    renamed.put(parties, STRANGER, { ...renamed.get(parties, STRANGER)!, former: [OPERATOR] });
    expect(renamed.codes(transfer()), "under a new code").to.deep.equal(["retention-basis-missing"]);
    expect(world.codes(transfer())).to.deep.equal([]);
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
