import { expect } from "chai";
import { authorizations } from "../../../chaincode/events/authorization";
import { exits } from "../../../chaincode/events/exit-record";
import { developments } from "../../../chaincode/events/developer";
import { products } from "../../../chaincode/events/offer";
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
  releasedAgain,
  type Report,
  SCENARIO,
  story,
  STRANGER,
  TRANSPORT,
  World,
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
function clear(world: World, held: readonly string[] = HELD): void {
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
      certified: ["permissions-closed", "inventory-frozen", "residue-scanned", "verified"],
      "completion-announced": ["permissions-closed", "inventory-frozen", "residue-scanned", "verified", "certified"],
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
    expect(world.codes(step("opened", { exit: "another", authorization: "another" }))).to.deep.equal(["ground-not-met"]);
    expect(world.codes(step("permissions-closed", { authorization: "another" }))).to.deep.equal(["exit-unknown"]);
    expect(world.codes(step("residue-scanned", { exit: "unheard-of" }))).to.deep.equal(["exit-unknown"]);
  });

  it("is one for all that was found in it: no other is opened of the same thing beside it, by whatever number", () => {
    const found = taken(ready(), step("residue-scanned", { residues: 3 }, ASSESSOR));
    const again = { exit: "yz-exit-again", scenario: SCENARIO, product: PRODUCT };
    const exists = [{ code: "exit-exists", missing: ["yz-exit-transport"] }];
    for (const party of [OPERATOR, AGENCY]) expect(found.tell(step("opened", again, party)), party).to.deep.equal(exists);
    expect(taken(ready(), "verified", "certified").tell(step("opened", again)), "certified, on the same ground").to.deep.equal(exists);

    const event = found.get(exits, "yz-exit-transport")?.steps["opened"]?.[0]?.act;
    taken(found, example("correction.annulled", AUTHORITY, { event, subjectKind: "exit", subject: "yz-exit-transport" }));
    const its = (["permissions-closed", "inventory-frozen", "reconciled", "residue-scanned"] as const).map((name) =>
      step(name, { exit: again.exit, ...(name === "inventory-frozen" ? { count: 1 } : {}) }),
    );
    expect(
      taken(found, step("opened", again), ...its).tell(step("verified", { exit: again.exit })),
      "which opens with what was found",
    ).to.deep.equal([{ code: "step-out-of-order", missing: ["residue-scanned"] }]);
  });

  it("of a part is another than that of the rest, or of another part; one on a new ground waits for the certificate of the old one", () => {
    const product = { leaving: "product", product: PRODUCT };
    const world = watched("product.called");
    taken(world, example("product.withdrawn", OPERATOR), step("opened", { exit: "yz-exit-product", ...product }));
    taken(
      world,
      example("scenario.closed", OPERATOR),
      step("opened", { exit: "yz-exit-scenario", leaving: "scenario", scenario: SCENARIO }),
    );
    terminate(world);
    taken(world, "opened");

    const of = (name: Step, change: object = {}, at = NOW) => ({ ...step(name, { exit: "yz-exit-product", ...change }), at });
    const later = "2026-03-10T12:00:00+08:00";
    const certified = watched("product.called");
    taken(certified, example("product.withdrawn", OPERATOR), of("opened", product), of("permissions-closed"));
    taken(certified, of("inventory-frozen", { count: 1 }), of("reconciled"), of("residue-scanned"));
    clear(certified, [MADE]);
    const another = { ...of("opened", { exit: "yz-exit-second", ...product }), at: "2026-03-10T13:00:00+08:00" };
    for (const steps of [[], ["verified", "certified"]] as const) {
      const again = taken(World.from(certified.state()), ...steps.map((name) => of(name)));
      const began = [...releasedAgain(), example("product.withdrawn", OPERATOR)];
      for (const report of began) again.tell({ ...report, at: later });
      const codes = steps.length === 0 ? [{ code: "exit-exists", missing: ["yz-exit-product"] }] : [];
      expect(again.tell(another), steps.join()).to.deep.equal(codes);
    }
  });

  it("of a developer is one under all of its codes", () => {
    const world = watched("product.called");
    world.tell(example("developer.revoked", OPERATOR, { developer: DEVELOPER }));
    const leaving = { leaving: "developer", scenario: SCENARIO };
    taken(world, step("opened", { ...leaving, developer: DEVELOPER }));
    const code = "91990000MA1A00110Y";
    world.put(parties, code, { roles: ["developer"], host: "SuyuanMSP", former: [DEVELOPER], steps: {} });
    expect(world.codes(step("opened", { exit: "another", ...leaving, developer: code }))).to.deep.equal(["exit-exists"]);
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

  it("is that the authorization is over under which a developer was still authorised: nobody is left to revoke it", () => {
    const leaving = { leaving: "developer", developer: DEVELOPER, scenario: SCENARIO };
    const world = watched("product.called");
    expect(opened(world, leaving)).to.deep.equal(["ground-not-met"]);
    terminate(world);
    taken(world, step("opened", leaving), "permissions-closed");
    expect(opened(terminated(), { ...leaving, developer: TRANSPORT })).to.deep.equal(["ground-not-met"]);
  });

  it("that is missing is listed: what to name, or what ends it", () => {
    const missing = (change: object) => watched("product.called").tell(step("opened", change))?.[0]?.missing;
    expect(missing({})).to.deep.equal(["suyuan.authorization.terminated"]);
    expect(missing({ leaving: "developer", developer: DEVELOPER })).to.deep.equal(["scenario"]);
    expect(missing({ leaving: "developer", developer: DEVELOPER, scenario: SCENARIO })).to.deep.equal(["suyuan.developer.revoked"]);
    expect(missing({ leaving: "scenario", scenario: SCENARIO })).to.deep.equal(["suyuan.scenario.closed"]);
    expect(missing({ leaving: "product", product: PRODUCT })).to.deep.equal(["suyuan.product.withdrawn"]);
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
    taken(world, ...releasedAgain());
    expect(opened(world, { leaving: "product", product: PRODUCT })).to.deep.equal(["ground-not-met"]);
  });
});

describe("the inventory", () => {
  it("is the ledger's: as many holdings as there are, retained ones included", () => {
    const world = taken(terminated(), "opened", "permissions-closed");
    for (const count of [0, 3, 5]) expect(world.codes(step("inventory-frozen", { count })), `${count}`).to.deep.equal(["holding-mismatch"]);
    world.tell(example("holding.retained", OPERATOR));
    expect(world.codes(step("inventory-frozen", { root: "0".repeat(64) }))).to.deep.equal(["holding-mismatch"]);
    expect(world.codes(step("inventory-frozen"))).to.deep.equal([]);
  });

  it("frozen anew, asks for everything that followed the old one again", () => {
    const world = taken(ready(), "verified", "certified", step("inventory-frozen", { count: 1 }));
    const tell = (name: Step) => world.tell(step(name));
    const unreconciled = { code: "transfers-unreconciled" };
    const missing = ["residue-scanned", "verified"];
    expect(tell("completion-announced")).to.deep.equal([{ code: "step-out-of-order", missing: [...missing, "certified"] }, unreconciled]);
    expect(tell("certified")).to.deep.equal([{ code: "step-out-of-order", missing }, unreconciled]);
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
    const world = taken(ready(), "verified");
    const unscanned = [{ code: "step-out-of-order", missing: ["residue-scanned"] }];

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

  it("is by other hands than those that leave and close, whatever their roles", () => {
    for (const hands of [OPERATOR, AGENCY]) {
      const world = ready();
      world.put(parties, hands, { ...world.get(parties, hands)!, roles: ["primary-operator", "implementing-agency", "source"] });
      expect(world.codes(step("verified", {}, hands)), hands).to.deep.equal(["same-hands"]);
    }
    expect(ready().codes(step("verified", {}, ASSESSOR))).to.deep.equal([]);
  });

  it("is not by an operator or a developer, whatever other roles it has", () => {
    for (const roles of [["developer", "assessor"], ["primary-operator", "source"], ["assessor"]] as const) {
      const world = ready();
      world.put(parties, STRANGER, { roles, host: "SuyuanMSP", steps: {} });
      expect(world.codes(step("verified", {}, STRANGER)), roles.join()).to.deep.equal(roles.length === 1 ? [] : ["same-hands"]);
    }
  });

  it("is by other hands than those that deleted, by the ledger's own record", () => {
    const pull = "SuyuanMSP/facts/9/0";
    const deletedBy = (executorParty: string, change: object = {}) => {
      const world = watched("product.called");
      world.tell(example("data.pulled", OPERATOR));
      expect(world.held(AUTHORIZATION).at(-1)?.[0]).to.not.equal(PULLED);
      const holding = world.held(AUTHORIZATION).at(-1)?.[0] ?? pull;
      world.tell(example("holding.deleted", OPERATOR, { holding, executorParty, ...change }));
      terminate(world);
      taken(world, "opened", "permissions-closed", step("inventory-frozen", { count: world.held(AUTHORIZATION).length }));
      for (const [name, { digest }] of world.held(AUTHORIZATION))
        world.tell(example("holding.deleted", OPERATOR, { holding: name, digest }));
      return taken(world, "reconciled", "residue-scanned");
    };
    expect(deletedBy(TRANSPORT).codes(step("verified", {}, TRANSPORT))).to.deep.equal(["same-hands"]);
    expect(deletedBy(TRANSPORT).codes(step("verified", {}, ASSESSOR))).to.deep.equal([]);
    expect(deletedBy(TRANSPORT, { digest: "0".repeat(64) }).codes(step("verified", {}, TRANSPORT)), "nothing was deleted").to.deep.equal(
      [],
    );
    const world = deletedBy(TRANSPORT);
    world.put(parties, "91990000MA1A00110Y", { roles: ["source"], host: "SuyuanMSP", former: [TRANSPORT], steps: {} });
    expect(world.codes(step("verified", {}, "91990000MA1A00110Y")), "under another code").to.deep.equal(["same-hands"]);
  });

  it("is not taken from a party by others who name it: in writing it disowns what it did not report itself, and nothing else", () => {
    const disowning = { notExecutor: { digest: "5".repeat(64) } };
    const deleted = (...reports: readonly (readonly [party: string, executorParty?: string])[]): World => {
      const world = watched("product.called");
      world.put(parties, TRANSPORT, { ...world.get(parties, TRANSPORT)!, roles: ["source", "platform"] });
      for (const [party, executorParty] of reports) {
        world.tell(example("data.pulled", OPERATOR));
        const [holding] = world.held(AUTHORIZATION).at(-1)!;
        const evidence = { holding, ...(executorParty === undefined ? {} : { executorParty }) };
        expect(world.codes(example("holding.deleted", party, evidence))).to.deep.equal([]);
      }
      terminate(world);
      taken(world, "opened", "permissions-closed", step("inventory-frozen", { count: world.held(AUTHORIZATION).length }));
      clear(
        world,
        world.held(AUTHORIZATION).map(([name]) => name),
      );
      return taken(world, "reconciled", "residue-scanned");
    };
    const verified = (world: World, change: object): readonly string[] | undefined => world.codes(step("verified", change, TRANSPORT));
    const named = [OPERATOR, TRANSPORT] as const;
    expect(verified(deleted(named), {})).to.deep.equal(["same-hands"]);
    expect(verified(deleted(named), disowning)).to.deep.equal([]);
    for (const reports of [[[TRANSPORT]], [[TRANSPORT], named], [named, [TRANSPORT]]] as const)
      expect(verified(deleted(...reports), disowning), JSON.stringify(reports)).to.deep.equal(["same-hands"]);
    expect(deleted(named).codes(step("verified", disowning, OPERATOR))).to.include("not-your-event");
  });

  it("is taken back until something rests on it, and so is what it rests on", () => {
    const rests: readonly (readonly [Step, Step])[] = [
      ["reconciled", "verified"],
      ["verified", "certified"],
      ["announced", "certified"],
      ["certified", "completion-announced"],
    ];
    const order: readonly Step[] = ["reconciled", "announced", "verified", "certified", "completion-announced"];
    for (const [name, later] of rests) {
      const until = taken(ready(), ...order.slice(1, order.indexOf(later)));
      const subject = "yz-exit-transport";
      const event = until.get(exits, subject)?.steps[name]?.at(-1)?.act;
      const withdrawal = example("correction.withdrawn", AUTHORITY, { event, subjectKind: "exit", subject });
      const further = taken(World.from(until.state()), later);
      expect(until.tell(withdrawal), `${name}, before ${later}`).to.deep.equal([]);
      expect(further.tell(withdrawal), `${name}, after ${later}`).to.deep.equal([{ code: "act-relied-on", missing: [later] }]);
    }
  });

  it("rests on a scan, which whoever made it does not withdraw; annulled or void it is none, and so for each other step", () => {
    const correct = (how: "withdrawn" | "voided" | "annulled", event: string, party: string): Report =>
      example(`correction.${how}`, party, { event, subjectKind: "exit", subject: "yz-exit-transport" });
    for (const steps of [[], ["verified"], ["verified", "certified"]] as const) {
      const world = ready();
      const scan = world.place;
      taken(world, ...steps);
      for (const party of [AGENCY, AUTHORITY]) expect(world.codes(correct("withdrawn", scan, party))).to.deep.equal(["event-unknown"]);
      const next = (["verified", "certified", "completion-announced"] as const)[steps.length];
      for (const [how, party] of [
        ["voided", AGENCY],
        ["annulled", AUTHORITY],
      ] as const) {
        const other = World.from(world.state());
        expect(other.codes(correct(how, scan, party)), how).to.deep.equal([]);
        expect(other.tell(step(next)), `${how}, ${next}`).to.deep.equal([{ code: "step-out-of-order", missing: ["residue-scanned"] }]);
        taken(other, "residue-scanned", next);
      }
    }
    for (const name of ["permissions-closed", "reconciled"] as const) {
      const world = taken(terminated(), "opened");
      const places = new Map<string, string>();
      for (const it of ["permissions-closed", "inventory-frozen"] as const) places.set(it, taken(world, it).place);
      clear(world);
      for (const it of ["reconciled", "residue-scanned", "verified"] as const) places.set(it, taken(world, it).place);
      expect(world.codes(correct("annulled", places.get(name)!, AUTHORITY))).to.deep.equal([]);
      expect(world.codes(step("certified")), name).to.deep.equal([name === "reconciled" ? "transfers-unreconciled" : "step-out-of-order"]);
    }
  });

  it("and the certificate need the ground still to stand", () => {
    const world = taken(ready(), "verified");
    const record = world.get(authorizations, AUTHORIZATION)!;
    const { terminated: _, ...steps } = record.steps;
    world.put(authorizations, AUTHORIZATION, { ...record, steps });
    expect(world.codes(step("verified"))).to.deep.equal(["ground-not-met"]);
    expect(world.codes(step("certified"))).to.deep.equal(["ground-not-met"]);
    world.put(authorizations, AUTHORIZATION, record);
    taken(world, "certified");
  });

  it("that is annulled takes the announcement of completion with it; so does an opening that is", () => {
    const world = taken(ready(), "verified");
    const verification = world.place;
    taken(world, "certified");
    const annul = (event: string) =>
      example("correction.annulled", AUTHORITY, { event, subjectKind: "exit", subject: "yz-exit-transport" });
    expect(world.codes(annul(verification))).to.deep.equal([]);
    expect(world.tell(step("completion-announced"))).to.deep.equal([{ code: "step-out-of-order", missing: ["verified"] }]);
    taken(world, "verified", "completion-announced");

    const other = taken(terminated(), "opened");
    expect(other.codes(annul(other.place))).to.deep.equal([]);
    expect(other.tell(step("permissions-closed"))).to.deep.equal([{ code: "step-out-of-order", missing: ["opened"] }]);
  });
});

describe("what is declared late", () => {
  const hour = (n: number) => `2026-03-10T${10 + n}:00:00+08:00`;
  const at = (report: Report, n: number): Report => ({ ...report, at: hour(n) });
  const again = (...missing: Step[]) => [{ code: "step-out-of-order", missing }];

  /** Pulled at one hour, and gone at another. */
  function pulled(world: World, from: number): string {
    world.tell(at(example("data.pulled", OPERATOR, { transfer: undefined }), from));
    return world.held(AUTHORIZATION).at(-1)?.[0] ?? "";
  }
  const deleted = (world: World, holding: string, n: number) =>
    taken(world, at(example("holding.deleted", OPERATOR, { holding, digest: world.holding(AUTHORIZATION, holding)?.digest }), n));

  it("after the scan is scanned for before anything is verified, by one that began once it was gone", () => {
    const world = ready();
    deleted(world, pulled(world, 1), 2);
    const scanned = (started: number, n: number) => taken(world, at(step("residue-scanned", { started: hour(started) }), n));
    const verified = () => world.tell(at(step("verified"), 5));
    expect(verified()).to.deep.equal(again("residue-scanned"));
    scanned(1, 3);
    expect(verified(), "began before").to.deep.equal(again("residue-scanned"));
    scanned(2, 4);
    scanned(1, 4);
    expect(verified(), "another that began earlier takes nothing away").to.deep.equal([]);
  });

  it("after the verification is scanned for and verified before anything is certified; after the certificate, before that is announced", () => {
    const world = taken(ready(), "verified");
    const holding = pulled(world, 1);
    expect(world.codes(at(step("certified"), 1))).to.deep.equal(["holdings-outstanding"]);
    deleted(world, holding, 2);
    expect(world.tell(at(step("certified"), 3))).to.deep.equal(again("residue-scanned", "verified"));
    expect(world.tell(at(step("verified"), 3))).to.deep.equal(again("residue-scanned"));
    taken(world, ...(["residue-scanned", "verified", "certified"] as const).map((name) => at(step(name), 3)));
    deleted(world, pulled(world, 4), 4);
    expect(world.tell(at(step("completion-announced"), 5))).to.deep.equal(again("residue-scanned", "verified", "certified"));
    const anew = ["residue-scanned", "verified", "certified", "completion-announced"] as const;
    taken(world, ...anew.map((name) => at(step(name), 5)));
  });

  it("and is retained or transferred asks for the same; what was retained before and is deleted in the end does not", () => {
    const world = taken(ready(), "verified");
    const log = { digest: "1".repeat(64), bytes: 1, rows: 1, form: "log", place: "平台", platform: "on" };
    world.tell(at(example("data.processed", OPERATOR, { holdings: [log] }), 1));
    const [holding = ""] = world.held(AUTHORIZATION).at(-1) ?? [];
    taken(world, at(example("holding.retained", OPERATOR, { holding, digest: log.digest }), 1));
    expect(world.tell(at(step("certified"), 2))).to.deep.equal(again("residue-scanned", "verified"));
    const old = taken(ready(), "verified");
    const end = "2027-03-02T00:00:00+08:00";
    const gone = example("holding.deleted", OPERATOR, { holding: LOG, digest: old.holding(AUTHORIZATION, LOG)?.digest });
    taken(old, { ...gone, at: end }, { ...step("certified"), at: end });
  });

  it("by mistake, and is struck, asks for nothing anew", () => {
    for (const steps of [[], ["verified"], ["verified", "certified"]] as const) {
      const world = taken(ready(), ...steps);
      const holding = pulled(world, 1);
      taken(world, at(example("holding.struck", AUTHORITY, { holding }), 2));
      const rest = (["verified", "certified", "completion-announced"] as const).slice(steps.length);
      taken(world, ...rest.map((name) => at(step(name), 3)));
    }
  });

  it("is not what a developer had when the inventory was frozen: whoever deletes that after the scan, it is scanned for", () => {
    const junk = { holdings: [{ digest: "1".repeat(64), bytes: 1, rows: 1, form: "cache", place: "平台", platform: "on" }] };
    const world = terminated();
    world.tell(example("data.processed", DEVELOPER, junk));
    const [holding = ""] = world.held(AUTHORIZATION).at(-1) ?? [];
    taken(world, "opened", "permissions-closed", step("inventory-frozen", { count: HELD.length + 1 }));
    clear(world);
    taken(world, "reconciled", "residue-scanned");
    deleted(world, holding, 1);
    expect(world.tell(at(step("verified"), 2))).to.deep.equal(again("residue-scanned"));
    taken(world, at(step("residue-scanned"), 2), at(step("verified"), 2));
    // Frozen anew, what it declared late is in the inventory as all else is.
    world.tell(at(example("data.processed", DEVELOPER, junk), 3));
    const [late = ""] = world.held(AUTHORIZATION).at(-1) ?? [];
    taken(world, at(step("inventory-frozen", { count: 2 }), 3));
    taken(world, at(step("reconciled"), 3), at(step("residue-scanned"), 3));
    deleted(world, late, 4);
    expect(world.tell(at(step("verified"), 5))).to.deep.equal(again("residue-scanned"));
  });

  it("by a developer has to be deleted, but ends neither verification nor certificate of the operator under whom it developed", () => {
    const world = taken(ready(), "verified");
    const junk = { holdings: [{ digest: "1".repeat(64), bytes: 1, rows: 1, form: "cache", place: "平台", platform: "on" }] };
    for (const [n, by] of [DEVELOPER, OPERATOR, AGENCY].entries()) {
      world.tell(at(example("data.processed", DEVELOPER, junk), n));
      const [holding = "", { digest } = { digest: "" }] = world.held(AUTHORIZATION).at(-1) ?? [];
      expect(world.codes(at(step("certified"), n)), by).to.deep.equal(["holdings-outstanding"]);
      taken(world, at(example("holding.deleted", by, { holding, digest }), n));
    }
    taken(world, at(step("certified"), 4), at(step("completion-announced"), 4));
  });

  it("is not made good by annulling the freeze that had ended the verification", () => {
    const world = taken(ready(), "verified", step("inventory-frozen", { count: 1 }));
    const event = world.place;
    deleted(world, pulled(world, 1), 1);
    const annulled = example("correction.annulled", AUTHORITY, { event, subjectKind: "exit", subject: "yz-exit-transport" });
    expect(world.codes(at(annulled, 2))).to.deep.equal([]);
    expect(world.tell(at(step("certified"), 3))).to.deep.equal(again("residue-scanned", "verified"));
  });

  it("keeps no other exit from being opened once the first was certified", () => {
    const product = { leaving: "product", product: PRODUCT };
    const world = taken(watched("product.called"), example("product.withdrawn", OPERATOR), step("opened", product));
    taken(world, "permissions-closed", step("inventory-frozen", { count: 1 }));
    clear(world, [MADE]);
    taken(world, "reconciled", "residue-scanned", "verified", "certified", ...releasedAgain({ made: [CACHE] }));
    const { digest } = world.holding(AUTHORIZATION, CACHE)!;
    taken(world, at(example("holding.deleted", OPERATOR, { holding: CACHE, digest }), 1), at(example("product.withdrawn", OPERATOR), 2));
    taken(world, at(step("opened", { exit: "yz-exit-second", ...product }), 3));
  });

  it("counts as it did where an earlier version recorded the steps", () => {
    const world = taken(ready(), "verified");
    const it_ = world.get(exits, "yz-exit-transport")!;
    const before = Object.entries(it_.steps).map(([name, marks]) => [name, marks.map(({ result: _, ...mark }) => mark)]);
    world.put(exits, "yz-exit-transport", { ...it_, steps: Object.fromEntries(before) as Stepped["steps"] });
    deleted(world, pulled(world, 1), 1);
    taken(world, at(step("certified"), 2));
  });
});

describe("a scan", () => {
  it("of nothing is a finding, and shows nothing", () => {
    const world = taken(terminated(), "opened", "permissions-closed", "inventory-frozen");
    clear(world);
    taken(world, "reconciled");
    expect(world.codes(step("residue-scanned", { scanned: 0 }))).to.deep.equal(["nothing-scanned"]);
    expect(world.tell(step("verified"))).to.deep.equal([{ code: "step-out-of-order", missing: ["residue-scanned"] }]);
    taken(world, step("residue-scanned", { scanned: 1 }), "verified");
  });

  it("leaves its mark where none stands that is of all: others, however many, change nothing that a certificate tells", () => {
    const world = ready();
    const marks = () => world.get(exits, "yz-exit-transport")?.steps["residue-scanned"];
    const before = marks();
    for (let n = 10; n < 40; n++) taken(world, { ...step("residue-scanned"), at: `2026-03-10T10:00:${n}+08:00` });
    expect(marks()).to.deep.equal(before).and.have.length(1);
  });

  it("that an operator reports of its developer's exit counts where it finds nothing; what it finds is for others to find too", () => {
    const leaving = { leaving: "developer", developer: DEVELOPER, scenario: SCENARIO };
    const world = taken(watched("product.called"), example("developer.revoked", OPERATOR, { developer: DEVELOPER }));
    taken(world, step("opened", leaving), "permissions-closed", step("inventory-frozen", { count: 0 }), "reconciled");
    const found = (party: string) => taken(world, step("residue-scanned", { residues: 1 }, party));
    found(OPERATOR);
    taken(world, step("residue-scanned", {}, OPERATOR));
    found(OPERATOR);
    taken(world, "verified");
    found(OPERATOR);
    taken(world, "certified");
    found(OPERATOR);
    const certified = world.state();
    taken(world, "completion-announced");
    for (const party of [DEVELOPER, AGENCY, ASSESSOR]) {
      const other = World.from(certified);
      taken(other, step("residue-scanned", { residues: 1 }, party));
      const missing = ["residue-scanned", "verified", "certified"];
      expect(other.tell(step("completion-announced")), party).to.deep.equal([{ code: "step-out-of-order", missing }]);
    }
  });
});

describe("residue that a scan found", () => {
  const PLATFORM = "11990000MB1A00062A";
  const OTHER = "91990000MA1A00101N";
  const hour = (n: number) => `2026-03-10T${10 + n}:00:00+08:00`;
  const scan = (party: string, residues: number, n: number) => ({ ...step("residue-scanned", { residues }, party), at: hour(n) });

  /** Scanned clean, and then not. */
  function found(...finders: readonly string[]): World {
    const world = ready();
    world.put(parties, PLATFORM, { roles: ["platform"], host: "SuyuanMSP", steps: {} });
    world.put(parties, OTHER, { roles: ["assessor"], host: "SuyuanMSP", steps: {} });
    for (const finder of finders) expect(world.codes(scan(finder, 1, 1)), finder).to.deep.equal([]);
    return world;
  }
  const verified = (world: World) => world.tell({ ...step("verified"), at: hour(9) });
  const unscanned = [{ code: "step-out-of-order", missing: ["residue-scanned"] }];

  it("stands, whoever of those that leave and close finds none", () => {
    const world = found(ASSESSOR);
    for (const hand of [OPERATOR, AGENCY]) expect(world.codes(scan(hand, 0, 2)), hand).to.deep.equal([]);
    expect(verified(world)).to.deep.equal(unscanned);
  });

  it("is gone once who found it, or an examiner with no hand in the exit, finds none later", () => {
    for (const party of [ASSESSOR, PLATFORM, OTHER]) {
      const world = found(ASSESSOR);
      world.tell(scan(party, 0, 1));
      expect(verified(world), `${party}: not later`).to.deep.equal(unscanned);
      world.tell(scan(party, 0, 2));
      expect(verified(world), party).to.deep.equal([]);
    }
    const world = found(OPERATOR);
    world.tell(scan(OPERATOR, 0, 2));
    expect(verified(world), "its own").to.deep.equal([]);
  });

  it("stands as long as one that found some has not looked again", () => {
    const world = found(OPERATOR, AGENCY);
    world.tell(scan(OPERATOR, 0, 2));
    expect(verified(world)).to.deep.equal(unscanned);
    world.tell(scan(AGENCY, 0, 2));
    expect(verified(world)).to.deep.equal([]);
  });

  it("is not gone by the word of an examiner that deleted under the authorization", () => {
    const world = found(ASSESSOR);
    world.tell(example("data.pulled", OPERATOR));
    const [holding = ""] = world.held(AUTHORIZATION).at(-1) ?? [];
    world.tell(example("holding.deleted", PLATFORM, { holding }));
    world.tell(scan(PLATFORM, 0, 2));
    expect(verified(world)).to.deep.equal(unscanned);
  });

  it("is gone by the word of an examiner whom only others name as who deleted", () => {
    const world = found(OPERATOR);
    for (const executorParty of [ASSESSOR, PLATFORM, OTHER]) {
      world.tell(example("data.pulled", OPERATOR));
      const [holding = ""] = world.held(AUTHORIZATION).at(-1) ?? [];
      expect(world.codes(example("holding.deleted", OPERATOR, { holding, executorParty })), executorParty).to.deep.equal([]);
    }
    world.tell(scan(ASSESSOR, 0, 2));
    expect(verified(world)).to.deep.equal([]);
  });

  it("is neither found nor gone by a stranger's word, which is a finding", () => {
    for (const roles of [["primary-operator"], ["primary-operator", "platform"], ["developer", "assessor"]] as const) {
      const world = found();
      world.put(parties, STRANGER, { roles, host: "SuyuanMSP", steps: {} });
      expect(world.codes(scan(STRANGER, 1, 1)), roles.join()).to.deep.equal(["not-your-event"]);
      expect(verified(world), roles.join()).to.deep.equal([]);
      world.tell(scan(ASSESSOR, 1, 1));
      expect(world.codes(scan(STRANGER, 0, 2)), roles.join()).to.deep.equal(["not-your-event"]);
      expect(verified(world), roles.join()).to.deep.equal(unscanned);
    }
  });

  it("dated ahead cannot be put out of reach", () => {
    const world = found();
    world.tell({ ...step("residue-scanned", { residues: 1 }, AGENCY), at: hour(1), time: "2026-03-11T00:00:00+08:00" });
    world.tell(scan(ASSESSOR, 0, 2));
    expect(verified(world)).to.deep.equal([]);
  });

  it("ends the verification and the certificate that there were before it, until all of it is gone and verified anew", () => {
    for (const before of [["verified"], ["verified", "certified"]] as const) {
      const world = taken(found(), ...before);
      world.tell(scan(ASSESSOR, 3, 1));
      const tell = (name: Step) => world.tell({ ...step(name), at: hour(2) });
      const missing = ["residue-scanned", "verified"];
      expect(tell("certified")).to.deep.equal([{ code: "step-out-of-order", missing }]);
      expect(tell("completion-announced")).to.deep.equal([{ code: "step-out-of-order", missing: [...missing, "certified"] }]);
      world.tell(scan(ASSESSOR, 0, 3));
      expect(world.tell({ ...step("certified"), at: hour(3) }), "gone, and not verified since").to.deep.equal([
        { code: "step-out-of-order", missing: ["verified"] },
      ]);
      const later = (name: Step) => ({ ...step(name), at: hour(4) });
      taken(world, later("verified"), later("certified"), later("completion-announced"));
    }
    const clean = taken(found(), "verified");
    expect(clean.codes(scan(ASSESSOR, 0, 1))).to.deep.equal([]);
    taken(clean, { ...step("certified"), at: hour(2) });
  });

  it("is not made undone by annulling the freeze that had ended the verification", () => {
    const world = taken(ready(), "verified", "certified", step("inventory-frozen", { count: 1 }));
    const event = world.place;
    world.tell(scan(ASSESSOR, 3, 1));
    const annulled = example("correction.annulled", AUTHORITY, { event, subjectKind: "exit", subject: "yz-exit-transport" });
    expect(world.codes({ ...annulled, at: hour(2) })).to.deep.equal([]);
    expect(world.tell({ ...step("completion-announced"), at: hour(3) })).to.deep.equal([
      { code: "step-out-of-order", missing: ["residue-scanned", "verified", "certified"] },
    ]);
  });

  it("before the inventory was frozen anew, or at all, counts once it is recorded", () => {
    const refreeze = (world: World) =>
      taken(world, { ...step("inventory-frozen", { count: 1 }), at: hour(2) }, { ...step("reconciled"), at: hour(2) });
    const late = (residues: number) => ({ ...scan(ASSESSOR, residues, 3), time: hour(1) });
    for (const [residues, codes] of [
      [5, unscanned],
      [0, []],
    ] as const) {
      const world = refreeze(found());
      expect(world.codes(late(residues))).to.deep.equal([]);
      expect(world.codes(scan(AGENCY, 0, 4))).to.deep.equal([]);
      expect(verified(world), `${residues}`).to.deep.equal(codes);
    }
    const world = taken(terminated(), "opened", "permissions-closed");
    world.tell(step("residue-scanned", { residues: 1 }, ASSESSOR));
    taken(world, "inventory-frozen", "reconciled");
    clear(world);
    expect(world.codes(scan(AGENCY, 0, 1))).to.deep.equal([]);
    expect(verified(world)).to.deep.equal(unscanned);
    expect(world.codes(scan(ASSESSOR, 0, 2))).to.deep.equal([]);
    expect(verified(world)).to.deep.equal([]);
  });

  it("stands when the inventory is frozen anew", () => {
    const world = found(ASSESSOR);
    taken(world, { ...step("inventory-frozen", { count: 1 }), at: hour(2) }, { ...step("reconciled"), at: hour(2) }, scan(AGENCY, 0, 3));
    expect(verified(world)).to.deep.equal(unscanned);
  });
});

describe("a part that ends before the rest", () => {
  const OTHER_SCENARIO = "yz-scenario-another";
  const held = { digest: "1".repeat(64), bytes: 1, rows: 1, form: "intermediate", place: "平台", platform: "on" };
  const part = (name: Step, change: object = {}) => step(name, { exit: "yz-exit-part", ...change });

  interface Ending {
    readonly leaving: object;
    /** What brings the ground about. */
    readonly end: Report;
    /** Of the holdings declared by {@link opened}, which are of the part. */
    readonly own: readonly string[];
  }
  const [OPERATORS, DEVELOPERS, PRODUCTS, ELSEWHERE, DEVELOPERS_ELSEWHERE] = [0, 1, 2, 3, 4].map((n) => `SuyuanMSP/facts/${7 + n}/0`) as [
    string,
    string,
    string,
    string,
    string,
  ];
  const ENDINGS: Readonly<Record<string, Ending>> = {
    scenario: {
      leaving: { leaving: "scenario", scenario: SCENARIO },
      end: example("scenario.closed", OPERATOR),
      own: [...HELD, OPERATORS, DEVELOPERS, PRODUCTS],
    },
    developer: {
      leaving: { leaving: "developer", developer: DEVELOPER, scenario: SCENARIO },
      end: example("developer.revoked", OPERATOR, { developer: DEVELOPER }),
      own: [DEVELOPERS],
    },
    product: { leaving: { leaving: "product", product: PRODUCT }, end: example("product.withdrawn", OPERATOR), own: [MADE, PRODUCTS] },
  };

  function opened({ leaving, end }: Ending): World {
    const world = watched("product.called");
    for (const { type, party, data } of story)
      if (/^(scenario|developer)\./.test(type))
        expect(world.codes({ type, party, data: { ...data, scenario: OTHER_SCENARIO } })).to.deep.equal([]);
    const made = (party: string, change: object) => world.tell(example("data.processed", party, { holdings: [held], ...change }));
    made(OPERATOR, {});
    made(DEVELOPER, {});
    made(OPERATOR, { product: PRODUCT });
    made(OPERATOR, { scenario: OTHER_SCENARIO });
    made(DEVELOPER, { scenario: OTHER_SCENARIO });
    expect(world.held(AUTHORIZATION).map(([name]) => name)).to.include.members([
      OPERATORS,
      DEVELOPERS,
      PRODUCTS,
      ELSEWHERE,
      DEVELOPERS_ELSEWHERE,
    ]);
    expect(world.codes(end)).to.deep.equal([]);
    return taken(world, part("opened", leaving), part("permissions-closed"));
  }

  for (const [name, ending] of Object.entries(ENDINGS)) {
    it(`has as its inventory what the ledger counts of it: ${name}`, () => {
      const world = opened(ending);
      const count = ending.own.length;
      for (const other of [0, count - 1, count + 1, world.held(AUTHORIZATION).length])
        if (other !== count)
          expect(world.codes(part("inventory-frozen", { count: other })), `${other}`).to.deep.equal(["holding-mismatch"]);
      expect(world.codes(part("inventory-frozen", { count }))).to.deep.equal([]);
    });

    it(`is verified once all of its own is gone, whatever else the authorization has: ${name}`, () => {
      const world = taken(
        opened(ending),
        part("inventory-frozen", { count: ending.own.length }),
        part("reconciled"),
        part("residue-scanned"),
      );
      for (const each of ending.own) {
        expect(world.codes(part("verified")), `before ${each}`).to.deep.equal(["holdings-outstanding"]);
        clear(world, [each]);
      }
      taken(world, part("verified"));
      expect(world.holdings(AUTHORIZATION).outstanding, "of others").to.be.greaterThan(1);
      taken(world, part("certified"), part("completion-announced"));
    });

    it(`is not verified where something of it was declared after the freeze: ${name}`, () => {
      const world = taken(
        opened(ending),
        part("inventory-frozen", { count: ending.own.length }),
        part("reconciled"),
        part("residue-scanned"),
      );
      clear(world, ending.own);
      const late = name === "developer" ? DEVELOPER : OPERATOR;
      world.tell(example("data.processed", late, { holdings: [held], ...(name === "product" ? { product: PRODUCT } : {}) }));
      expect(world.codes(part("verified"))).to.deep.equal(["holdings-outstanding"]);
    });
  }

  it("is verified anew for what a developer declared late where it is the developer's exit, and no other's", () => {
    for (const [name, ending] of Object.entries(ENDINGS)) {
      const world = taken(opened(ending), part("inventory-frozen", { count: ending.own.length }), part("reconciled"));
      clear(world, ending.own);
      taken(world, part("residue-scanned"), part("verified"));
      world.tell(example("data.processed", DEVELOPER, { holdings: [held], ...(name === "product" ? { product: PRODUCT } : {}) }));
      const [holding = ""] = world.held(AUTHORIZATION).at(-1) ?? [];
      expect(world.codes(part("certified")), name).to.deep.equal(["holdings-outstanding"]);
      clear(world, [holding]);
      expect(world.codes(part("certified")), name).to.deep.equal(name === "developer" ? ["step-out-of-order"] : []);
    }
  });

  it("that a developer made is scanned for and verified anew for what it declares late, and its operator's word that residue is left ends nothing", () => {
    const world = opened(ENDINGS["product"]!);
    const product = world.get(products, PRODUCT)!;
    const makers = { exit: "yz-exit-makers" };
    world.put(products, PRODUCT, { ...product, operator: DEVELOPER });
    world.put(exits, "yz-exit-part", { ...world.get(exits, "yz-exit-part")!, steps: {} });
    taken(world, part("opened", { ...ENDINGS["product"]!.leaving, ...makers }), part("permissions-closed", makers));
    taken(world, part("inventory-frozen", { ...makers, count: 2 }), part("reconciled", makers));
    clear(world, ENDINGS["product"]!.own);
    taken(world, part("residue-scanned", makers), part("verified", makers));
    world.tell(example("data.processed", DEVELOPER, { holdings: [held], product: PRODUCT }));
    const [late = ""] = world.held(AUTHORIZATION).at(-1) ?? [];
    clear(world, [late]);
    const later = (name: Step, change: object = {}, party = BY[name]) => ({
      ...step(name, { ...makers, ...change }, party),
      at: "2026-03-11T00:00:00+08:00",
    });
    expect(world.tell(later("certified"))).to.deep.equal([{ code: "step-out-of-order", missing: ["verified"] }]);
    taken(world, later("residue-scanned"), later("verified"));
    taken(world, later("residue-scanned", { residues: 1 }, OPERATOR), later("certified"));
  });

  it("of a developer counts what it declared under its former code", () => {
    const world = opened(ENDINGS["developer"]!);
    const former = "91990000MA1A00110Y";
    world.put(parties, DEVELOPER, { ...world.get(parties, DEVELOPER)!, former: [former] });
    world.put(parties, former, { roles: ["developer"], host: "SuyuanMSP", steps: {} });
    world.put(developments, `${former}:${SCENARIO}`, world.get(developments, `${DEVELOPER}:${SCENARIO}`)!);
    world.tell(example("data.processed", former, { holdings: [held] }));
    expect(world.codes(part("inventory-frozen", { count: 1 }))).to.deep.equal(["holding-mismatch"]);
    expect(world.codes(part("inventory-frozen", { count: 2 }))).to.deep.equal([]);
  });

  it("is not certified where it began again", () => {
    const ending = ENDINGS["product"]!;
    const world = taken(opened(ending), part("inventory-frozen", { count: 2 }), part("reconciled"), part("residue-scanned"));
    clear(world, ending.own);
    taken(world, part("verified"));
    taken(world, ...releasedAgain({ made: [PULLED] }));
    expect(world.codes(part("certified"))).to.deep.equal(["holdings-outstanding", "ground-not-met"]);
  });

  it("takes with a product what it was made of, declared for it or not, and what another product has not taken before", () => {
    const world = watched("product.called");
    const of = () => Object.fromEntries(world.held(AUTHORIZATION).map(([name, { product }]) => [name, product]));
    expect(of()).to.deep.equal({ [PULLED]: undefined, [MADE]: PRODUCT, [LOG]: undefined, [CACHE]: undefined });
    world.put(table<object>("product"), "yz-product-other", { ...world.get(table<object>("product"), PRODUCT)! });
    taken(world, ...releasedAgain({ product: "yz-product-other", made: [MADE, CACHE] }));
    expect(of()).to.deep.include({ [MADE]: PRODUCT, [CACHE]: "yz-product-other" });
  });

  it("has logs of its own, kept from when it ended", () => {
    const world = opened(ENDINGS["product"]!);
    const disposed = (at: string, holdings: readonly string[] = []) => world.codes({ ...part("logs-disposed", { holdings }), at });
    expect(disposed("2026-09-10T23:59:59.999+08:00")).to.deep.equal(["retention-not-over"]);
    expect(disposed("2026-09-11T00:00:00+08:00")).to.deep.equal([]);
    clear(world, [LOG]);
    expect(disposed("2027-03-02T00:00:00+08:00", [LOG]), "another's").to.deep.equal(["holding-mismatch"]);
    expect(disposed("2027-03-02T00:00:00+08:00"), "it has none").to.deep.equal([]);
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

  it("are kept longer where it was recorded that they are, whether they are named or not", () => {
    const world = taken(terminated(), "opened", "permissions-closed");
    clear(world);
    const kept = { ...step("logs-disposed"), at: "2027-03-01T23:59:59.999+08:00" };
    expect(world.tell(kept)).to.deep.equal([{ code: "retention-not-over", missing: [LOG] }]);
    expect(disposed(world, "2027-03-01T23:59:59.999")).to.deep.equal(["retention-not-over"]);
    expect(disposed(world, "2027-03-02T00:00:00"), "naming none of those that are left").to.deep.equal(["retention-not-over"]);
    expect(disposed(world, "2027-03-02T00:00:00", [LOG])).to.deep.equal([]);
    expect(world.holdings(AUTHORIZATION)).to.deep.equal({ outstanding: 0, retained: 0, logs: 0 });
    expect(disposed(world, "2027-03-02T00:00:00", [LOG]), "once").to.deep.equal(["holding-mismatch"]);
    expect(disposed(world, "2027-03-02T00:00:00"), "none is left").to.deep.equal([]);
  });

  it("are what was retained as logs, and nothing else is disposed of with them", () => {
    const world = taken(terminated(), "opened", "permissions-closed");
    const tell = (...holdings: string[]) => world.tell({ ...step("logs-disposed", { holdings }), at: "2027-03-02T00:00:00+08:00" });
    expect(tell(LOG, PULLED), "not retained; no log").to.deep.equal([{ code: "holding-mismatch", missing: [LOG, PULLED] }]);
    expect(world.holdings(AUTHORIZATION).outstanding).to.equal(4);
  });

  it("leave their mark: whether all are disposed of, or some", () => {
    const world = taken(terminated(), "opened", "permissions-closed");
    const log = { digest: "1".repeat(64), bytes: 1, rows: 1, form: "log", place: "平台", platform: "on" };
    world.tell(example("data.processed", OPERATOR, { holdings: [log] }));
    const [another = ""] = world.held(AUTHORIZATION).at(-1) ?? [];
    clear(world, [LOG]);
    expect(world.codes(example("holding.retained", OPERATOR, { holding: another, digest: log.digest }))).to.deep.equal([]);
    const results = () => world.get(exits, "yz-exit-transport")?.steps["logs-disposed"]?.map(({ result }) => result);
    expect(disposed(world, "2027-03-02T00:00:00", [LOG])).to.deep.equal([]);
    expect(results()).to.deep.equal(["some"]);
    expect(disposed(world, "2027-03-02T00:00:00", [another])).to.deep.equal([]);
    expect(results()).to.deep.equal(["some", "all"]);
  });

  it("of a developer are kept from when it ended last", () => {
    const world = watched("product.called");
    const acts = [
      example("developer.revoked", OPERATOR, { developer: DEVELOPER }),
      example("developer.authorised", OPERATOR, { developer: DEVELOPER, until: "2026-05-09" }),
    ];
    for (const act of acts) expect(world.codes(act)).to.deep.equal([]);
    expect(
      world.codes({ ...example("developer.lapsed", OPERATOR, { developer: DEVELOPER }), at: "2026-05-10T10:00:00+08:00" }),
    ).to.deep.equal([]);
    const leaving = { leaving: "developer", developer: DEVELOPER, scenario: SCENARIO };
    taken(
      world,
      { ...step("opened", leaving), at: "2026-05-11T10:00:00+08:00" },
      { ...step("permissions-closed"), at: "2026-05-11T10:00:00+08:00" },
    );
    expect(disposed(world, "2026-11-10T23:59:59.999")).to.deep.equal(["retention-not-over"]);
    expect(disposed(world, "2026-11-11T00:00:00")).to.deep.equal([]);
  });

  it("are kept as long as the rulebook in force says", () => {
    const world = taken(terminated(), "opened", "permissions-closed");
    world.put(rulebooks, RULEBOOK, { versions: [{ ...STANDARD, number: "2", from: 0, logMonths: 12 }] });
    expect(disposed(world, "2027-03-10T23:59:59.999")).to.deep.equal(["retention-not-over"]);
    expect(disposed(world, "2027-03-11T00:00:00")).to.deep.equal([]);
  });
});
