import { expect } from "chai";
import { parties } from "../../../chaincode/events/party";
import { table } from "../../../chaincode/events/definition";
import { RULEBOOK, rulebooks, STANDARD } from "../../../chaincode/events/rulebook";
import { marked, type Stepped } from "../../../chaincode/events/steps";
import { AGENCY, ASSESSOR, terminate, watched } from "./oversight";
import {
  AUTHORITY,
  AUTHORIZATION,
  DEVELOPER,
  example,
  METEOROLOGY,
  NOW,
  OPERATOR,
  PRODUCT,
  type Report,
  SCENARIO,
  STRANGER,
  TRANSPORT,
  type World,
} from "./world";

const PULLED = "SuyuanMSP/facts/2/0";
const MADE = "SuyuanMSP/facts/3/0";
const LOG = "SuyuanMSP/facts/3/1";
const CACHE = "SuyuanMSP/facts/3/2";
const HELD = [PULLED, MADE, LOG, CACHE];

/** The story's authorization terminated, at `NOW`. */
function terminated(): World {
  const world = watched("product.called");
  terminate(world);
  return world;
}

type Step =
  | "opened"
  | "permissions-closed"
  | "announced"
  | "inventory-frozen"
  | "transfer-explained"
  | "reconciled"
  | "handed-over"
  | "residue-scanned"
  | "verified"
  | "certified"
  | "completion-announced"
  | "logs-disposed";

const BY: Readonly<Record<Step, string>> = {
  opened: AGENCY,
  "permissions-closed": AGENCY,
  announced: AGENCY,
  "inventory-frozen": AGENCY,
  "transfer-explained": AUTHORITY,
  reconciled: AUTHORITY,
  "handed-over": OPERATOR,
  "residue-scanned": AGENCY,
  verified: METEOROLOGY,
  certified: AUTHORITY,
  "completion-announced": AGENCY,
  "logs-disposed": AGENCY,
};
const STEPS = Object.keys(BY) as Step[];

const step = (name: Step, change: object = {}, party = BY[name]): Report => example(`exit.${name}`, party, change);

/** A world in which these steps were taken, each lawfully. */
function taken(world: World, ...steps: readonly (Step | Report)[]): World {
  for (const it of steps) {
    const report = typeof it === "string" ? step(it) : it;
    expect(world.codes(report), report.type).to.deep.equal([]);
  }
  return world;
}

/** All that is held, deleted or, where it is a log, retained. */
function clear(world: World, held = HELD): void {
  for (const holding of held) {
    const digest = world.holding(AUTHORIZATION, holding)?.digest;
    const cleared = holding === LOG ? example("holding.retained", OPERATOR) : example("holding.deleted", OPERATOR, { holding, digest });
    expect(world.codes(cleared), holding).to.deep.equal([]);
  }
}

/** The operator's exit up to its verification: frozen, cleared, scanned, reconciled. */
function ready(): World {
  const world = taken(terminated(), "opened", "permissions-closed", "inventory-frozen");
  clear(world);
  return taken(world, "reconciled", "residue-scanned");
}

describe("an exit", () => {
  it("goes from its ground to the certificate, and no step before those that it needs", () => {
    const needs: Readonly<Record<Step, readonly Step[]>> = {
      opened: [],
      "permissions-closed": [],
      announced: ["permissions-closed"],
      "inventory-frozen": ["permissions-closed"],
      "transfer-explained": ["inventory-frozen"],
      reconciled: ["inventory-frozen"],
      "handed-over": ["permissions-closed"],
      "residue-scanned": ["inventory-frozen"],
      verified: ["permissions-closed", "inventory-frozen", "residue-scanned"],
      certified: ["verified"],
      "completion-announced": ["certified"],
      "logs-disposed": ["permissions-closed"],
    };
    const world = terminated();
    const [first, ...rest] = STEPS;
    for (const name of rest) expect(world.codes(step(name)), name).to.include("exit-unknown");
    taken(world, first!);
    const later = { at: "2027-03-02T00:00:00+08:00" };
    const done = new Set<Step>();
    const outOfOrder = (name: Step) =>
      world.tell({ ...step(name), ...later, time: later.at })?.find(({ code }) => code === "step-out-of-order")?.missing;
    for (const next of rest) {
      for (const name of rest) {
        const missing = needs[name].filter((each) => !done.has(each));
        if (missing.length > 0) expect(outOfOrder(name), `${name} before ${next}`).to.deep.equal(missing);
      }
      if (next === "residue-scanned") clear(world);
      taken(world, next === "logs-disposed" ? { ...step(next), ...later } : next);
      done.add(next);
    }
  });

  it("is opened once, and named with its authorization", () => {
    const world = taken(terminated(), "opened");
    expect(world.codes(step("opened"))).to.deep.equal(["exit-exists"]);
    expect(world.codes(step("opened", { exit: "another" }))).to.deep.equal([]);
    expect(world.codes(step("permissions-closed", { authorization: "another" }))).to.deep.equal(["exit-unknown"]);
    expect(world.codes(step("residue-scanned", { exit: "unheard-of" }))).to.deep.equal(["exit-unknown"]);
  });

  it("of another operator is not its to open, to hand over or to end", () => {
    const world = terminated();
    expect(world.codes(step("opened", {}, STRANGER))).to.deep.equal(["not-your-event"]);
    expect(world.codes(step("opened", {}, OPERATOR))).to.deep.equal([]);
    taken(world, "permissions-closed");
    for (const party of [STRANGER, DEVELOPER])
      for (const name of ["handed-over", "logs-disposed"] as const)
        expect(world.codes(step(name, {}, party)), `${name} ${party}`).to.include("not-your-event");
    expect(world.codes(step("handed-over", {}, OPERATOR))).to.deep.equal([]);
    expect(world.codes(step("handed-over", {}, AGENCY))).to.deep.equal([]);
  });

  it("is handed over to a party that is registered", () => {
    const world = taken(terminated(), "opened", "permissions-closed");
    expect(world.codes(step("handed-over", { successor: "91990000MA1A00110Y" }))).to.deep.equal(["party-unknown"]);
  });
});

describe("the ground of an exit", () => {
  const developments = table<Stepped & { readonly authorization: string }>("developer");
  const act = { recorded: Date.parse(NOW), place: "SuyuanMSP/acts/99", party: OPERATOR };
  const opened = (world: World, change: object) => world.codes(step("opened", change));

  it("is termination, of an operator", () => {
    expect(opened(watched("product.called"), {})).to.deep.equal(["ground-not-met"]);
    expect(opened(terminated(), { authorization: "another" })).to.deep.equal(["ground-not-met"]);
    expect(opened(terminated(), {})).to.deep.equal([]);
  });

  it("is that a developer was revoked, or lapsed, under a scenario and has no other term there", () => {
    const leaving = { leaving: "developer", developer: DEVELOPER, scenario: SCENARIO };
    for (const step of ["revoked", "lapsed"]) {
      const world = watched("product.called");
      const has = { authorization: AUTHORIZATION, steps: {} };
      world.put(developments, `${DEVELOPER}:${SCENARIO}`, has);
      expect(opened(world, leaving), step).to.deep.equal(["ground-not-met"]);
      const ended = marked(has, step, act);
      world.put(developments, `${DEVELOPER}:${SCENARIO}`, ended);
      for (const change of [{ scenario: undefined }, { developer: undefined }, { developer: TRANSPORT }, { authorization: "another" }])
        expect(opened(world, { ...leaving, ...change }), JSON.stringify(change)).to.deep.equal(["ground-not-met"]);
      world.put(developments, `${DEVELOPER}:${SCENARIO}`, marked(ended, "authorised", act));
      expect(opened(world, leaving), "authorised again").to.deep.equal(["ground-not-met"]);
      world.put(developments, `${DEVELOPER}:${SCENARIO}`, ended);
      expect(opened(world, leaving), step).to.deep.equal([]);
    }
  });

  it("is that a scenario was closed or a product withdrawn, while the authorization goes on", () => {
    for (const [leaving, change, end] of [
      ["scenario", { scenario: SCENARIO }, example("scenario.closed", OPERATOR)],
      ["product", { product: PRODUCT }, example("product.withdrawn", OPERATOR)],
    ] as const) {
      const world = watched("product.called");
      expect(opened(world, { leaving, ...change }), leaving).to.deep.equal(["ground-not-met"]);
      world.tell(end);
      expect(opened(world, { leaving }), "not named").to.deep.equal(["ground-not-met"]);
      expect(opened(world, { leaving, [leaving]: "another" })).to.deep.equal(["ground-not-met"]);
      expect(opened(world, { leaving, ...change, authorization: "another" })).to.deep.equal(["ground-not-met"]);
      expect(opened(world, { leaving, ...change }), leaving).to.deep.equal([]);
    }
  });

  it("is gone where the product was released again", () => {
    const world = watched("product.called");
    world.tell(example("product.withdrawn", OPERATOR));
    world.tell(example("product.released", OPERATOR));
    expect(opened(world, { leaving: "product", product: PRODUCT })).to.deep.equal(["ground-not-met"]);
  });
});

describe("the inventory", () => {
  it("is the ledger's: as many holdings as there are, retained ones included", () => {
    const world = taken(terminated(), "opened", "permissions-closed");
    for (const count of [0, 3, 5]) expect(world.codes(step("inventory-frozen", { count })), `${count}`).to.deep.equal(["holding-mismatch"]);
    world.tell(example("holding.retained", OPERATOR));
    expect(world.codes(step("inventory-frozen"))).to.deep.equal([]);
  });

  it("frozen anew, asks for everything that followed the old one again", () => {
    const world = taken(ready(), "verified", "certified", step("inventory-frozen", { count: 1 }));
    const tell = (name: Step) => world.tell(step(name));
    expect(tell("completion-announced")).to.deep.equal([{ code: "step-out-of-order", missing: ["certified"] }]);
    expect(tell("certified")).to.deep.equal([{ code: "step-out-of-order", missing: ["verified"] }]);
    expect(tell("verified")).to.deep.equal([
      { code: "step-out-of-order", missing: ["residue-scanned"] },
      { code: "transfers-unreconciled" },
    ]);
    taken(world, "reconciled", "residue-scanned", "verified", "certified", "completion-announced");
  });
});

describe("verification", () => {
  it("waits until everything is deleted, transferred or lawfully retained; so does the certificate", () => {
    const world = taken(terminated(), "opened", "permissions-closed", "inventory-frozen", "reconciled", "residue-scanned");
    clear(world, [PULLED, MADE, LOG]);
    expect(world.codes(step("verified"))).to.deep.equal(["holdings-outstanding"]);
    clear(world, [CACHE]);
    taken(world, "verified");
    world.tell(example("data.pulled", OPERATOR));
    expect(world.codes(step("certified")), "a pull after that").to.deep.equal(["holdings-outstanding"]);
  });

  it("waits for the authority to reconcile the transfers after the freeze", () => {
    const world = taken(terminated(), "opened", "permissions-closed", "inventory-frozen");
    clear(world);
    taken(world, "residue-scanned", "transfer-explained");
    expect(world.codes(step("verified"))).to.deep.equal(["transfers-unreconciled"]);
    taken(world, "reconciled", "verified");
  });

  it("waits for a scan of what is frozen, which found nothing", () => {
    const world = ready();
    expect(world.codes(step("residue-scanned", { residues: 1 }))).to.deep.equal([]);
    const unscanned = [{ code: "step-out-of-order", missing: ["residue-scanned"] }];
    expect(world.tell(step("verified")), "residue was found").to.deep.equal(unscanned);
    taken(world, "residue-scanned", "verified");

    const at = "2026-03-10T11:00:00+08:00";
    const [before, after] = ["2026-03-10T10:59:59.999+08:00", at];
    taken(world, { ...step("inventory-frozen", { count: 1 }), at }, { ...step("reconciled"), at });
    expect(world.codes({ ...step("residue-scanned"), time: before, at }), "of the old inventory").to.deep.equal([]);
    expect(world.tell({ ...step("verified"), at })).to.deep.equal(unscanned);
    taken(world, { ...step("residue-scanned"), time: after, at }, { ...step("verified"), at });
  });

  it("does not count a scan before the freeze, which is a finding", () => {
    const world = taken(terminated(), "opened", "permissions-closed");
    expect(world.tell(step("residue-scanned"))).to.deep.equal([{ code: "step-out-of-order", missing: ["inventory-frozen"] }]);
    taken(world, "inventory-frozen", "reconciled");
    clear(world);
    expect(world.tell(step("verified"))).to.deep.equal([{ code: "step-out-of-order", missing: ["residue-scanned"] }]);
  });

  it("is by other hands than deleted, whatever their roles", () => {
    for (const hands of [OPERATOR, AGENCY]) {
      const world = ready();
      world.put(parties, hands, { ...world.get(parties, hands)!, roles: ["primary-operator", "implementing-agency", "source"] });
      expect(world.codes(step("verified", { executors: [TRANSPORT] }, hands)), hands).to.deep.equal(["same-hands"]);
    }
    const world = ready();
    expect(world.codes(step("verified", { executors: [OPERATOR, TRANSPORT] }, TRANSPORT))).to.deep.equal(["same-hands"]);
    expect(world.codes(step("verified", { executors: [OPERATOR] }, TRANSPORT))).to.deep.equal([]);
    expect(world.codes(step("verified", {}, ASSESSOR))).to.deep.equal([]);
  });
});

describe("a part that ends before the rest", () => {
  const held = [PULLED, CACHE];
  const part = (name: Step, change: object = {}) => step(name, { exit: "yz-exit-scenario", ...change });

  /** The scenario's exit, up to its freeze. */
  function opened(): World {
    const world = watched("product.called");
    world.tell(example("scenario.closed", OPERATOR));
    return taken(world, part("opened", { leaving: "scenario", scenario: SCENARIO }), part("permissions-closed"));
  }

  it("names its inventory, each holding of the authorization and all of them counted", () => {
    const frozen = (count: number, holdings?: readonly string[]) => opened().tell(part("inventory-frozen", { count, holdings }));
    expect(frozen(2, held)).to.deep.equal([]);
    expect(frozen(0)).to.deep.equal([]);
    for (const [count, holdings] of [
      [1, held],
      [4, undefined],
      [0, held],
    ] as const)
      expect(frozen(count, holdings), `${count}`).to.deep.equal([{ code: "holding-mismatch" }]);
    expect(frozen(2, [PULLED, "SuyuanMSP/facts/9/0"])).to.deep.equal([{ code: "holding-mismatch", missing: ["SuyuanMSP/facts/9/0"] }]);
  });

  it("is verified once its own holdings are gone, whatever else the authorization has", () => {
    const world = taken(opened(), part("inventory-frozen", { count: 2, holdings: held }), part("reconciled"), part("residue-scanned"));
    const verified = (holdings?: readonly string[]) => world.tell(part("verified", { holdings }));
    expect(verified(held)).to.deep.equal([{ code: "holdings-outstanding", missing: held }]);
    clear(world, [PULLED]);
    expect(verified(held)).to.deep.equal([{ code: "holdings-outstanding", missing: [CACHE] }]);
    clear(world, [CACHE]);
    expect(verified(), "named by nobody").to.deep.equal([{ code: "holdings-outstanding", missing: held }]);
    expect(verified(held)).to.deep.equal([]);
    expect(world.holdings(AUTHORIZATION).outstanding, "of other scenarios").to.equal(2);
    taken(world, part("certified", { holdings: held }), part("completion-announced"));
  });

  it("may keep what is lawfully retained", () => {
    const world = taken(opened(), part("inventory-frozen", { count: 1, holdings: [LOG] }), part("reconciled"), part("residue-scanned"));
    expect(world.codes(part("verified", { holdings: [LOG] }))).to.deep.equal(["holdings-outstanding"]);
    clear(world, [LOG]);
    expect(world.codes(part("verified", { holdings: [LOG] }))).to.deep.equal([]);
  });

  it("has logs of its own, kept from when it ended", () => {
    const world = opened();
    const disposed = (at: string) => world.codes({ ...part("logs-disposed", { holdings: [] }), at });
    expect(disposed("2026-09-10T23:59:59.999+08:00")).to.deep.equal(["retention-not-over"]);
    expect(disposed("2026-09-11T00:00:00+08:00")).to.deep.equal([]);
  });
});

describe("the logs of an exit", () => {
  const disposed = (world: World, at: string, holdings?: readonly string[]) =>
    world.codes({ ...step("logs-disposed", { holdings }), at: `${at}+08:00` });

  it("are kept through the corresponding day six months after termination", () => {
    const world = taken(terminated(), "opened", "permissions-closed");
    expect(disposed(world, "2026-09-10T23:59:59.999")).to.deep.equal(["retention-not-over"]);
    expect(disposed(world, "2026-09-11T00:00:00")).to.deep.equal([]);
  });

  it("are kept longer where it was recorded that they are", () => {
    const world = taken(terminated(), "opened", "permissions-closed");
    clear(world);
    const kept = { ...step("logs-disposed"), at: "2027-03-01T23:59:59.999+08:00" };
    expect(world.tell(kept)).to.deep.equal([{ code: "retention-not-over", missing: [LOG] }]);
    expect(disposed(world, "2027-03-02T00:00:00", [LOG])).to.deep.equal([]);
  });

  it("are kept as long as the rulebook in force says", () => {
    const world = taken(terminated(), "opened", "permissions-closed");
    world.put(rulebooks, RULEBOOK, { versions: [{ ...STANDARD, number: "2", from: 0, logMonths: 12 }] });
    expect(disposed(world, "2027-03-10T23:59:59.999")).to.deep.equal(["retention-not-over"]);
    expect(disposed(world, "2027-03-11T00:00:00")).to.deep.equal([]);
  });
});
