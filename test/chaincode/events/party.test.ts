import { expect } from "chai";
import fc from "fast-check";
import { creditCodeValid, isParty, parties } from "../../../chaincode/events/party";
import { stands } from "../../../chaincode/events/steps";
import { ROLES } from "../../../chaincode/events/definition";
import { PRICES, withOthers } from "./market";
import {
  after as told,
  AUTHORITY,
  DEVELOPER,
  example,
  FLIGHTS,
  METEOROLOGY,
  NOW,
  OPERATOR,
  STRANGER,
  TRANSPORT,
  WEATHER,
  World,
} from "./world";

describe("unified social credit code", () => {
  it("has the check character of GB 32100-2015", () => {
    for (const code of ["91350100M000100Y43", "914403001922038216", "91330100799655058B", "91110000802100433B", "91110108551385082Q"])
      expect(creditCodeValid(code), code).to.equal(true);
  });

  it("does not survive a wrong, swapped or missing character", () => {
    for (const code of ["91350100M000100Y44", "91350100M001000Y43", "91350100M000100Y4", "91350100M000100Y433", "", "91350100m000100y43"])
      expect(creditCodeValid(code), code).to.equal(false);
  });

  it("finds every single wrong character", () => {
    const alphabet = Array.from("0123456789ABCDEFGHJKLMNPQRTUWXY");
    const code = fc
      .array(fc.constantFrom(...alphabet), { minLength: 17, maxLength: 17 })
      .map((characters) => characters.join(""))
      .map((body) => body + alphabet.find((check) => creditCodeValid(body + check))!);
    fc.assert(
      fc.property(code, fc.nat(17), fc.constantFrom(...alphabet), (sound, at, other) => {
        expect(creditCodeValid(sound)).to.equal(true);
        fc.pre(sound[at] !== other);
        expect(creditCodeValid(sound.slice(0, at) + other + sound.slice(at + 1))).to.equal(false);
      }),
    );
  });
});

describe("party.registered", () => {
  it("makes a party known in its roles", () => {
    const world = new World();
    expect(world.codes(example("resource.catalogued", TRANSPORT))).to.deep.equal(["not-your-event"]);
    expect(world.codes(example("party.registered", AUTHORITY))).to.deep.equal([]);
    expect(world.codes(example("resource.catalogued", TRANSPORT))).to.deep.equal([]);
  });

  it("is refused for a wrong check character", () => {
    expect(new World().codes(example("party.registered", AUTHORITY, { code: "11990000MB1A000444" }))).to.deep.equal([
      "credit-code-invalid",
    ]);
  });

  it("is refused a second time", () => {
    const world = new World();
    world.tell(example("party.registered", AUTHORITY));
    expect(world.codes(example("party.registered", AUTHORITY, { roles: ["developer"] }))).to.deep.equal(["party-exists"]);
    expect(world.codes(example("party.registered", AUTHORITY, { code: AUTHORITY })), "the authority is known from the start").to.deep.equal(
      ["party-exists"],
    );
  });

  it("is refused where its roles are hosted by two organisations, or by none", () => {
    const world = new World({ SuyuanMSP: ROLES.filter((role) => role !== "developer" && role !== "public"), DeveloperMSP: ["developer"] });
    const register = (code: string, ...roles: string[]) => world.codes(example("party.registered", AUTHORITY, { code, roles }));
    expect(register(OPERATOR, "primary-operator", "developer")).to.deep.equal(["not-your-event"]);
    expect(register(OPERATOR, "public")).to.deep.equal(["not-your-event"]);
    expect(register(OPERATOR, "primary-operator", "public")).to.deep.equal(["not-your-event"]);
    expect(register(OPERATOR, "primary-operator", "platform")).to.deep.equal([]);
    expect(register(DEVELOPER, "developer")).to.deep.equal([]);
  });

  it("gives a party the one organisation that hosts its roles", () => {
    const world = new World({ SuyuanMSP: ROLES.filter((role) => role !== "source"), SourceMSP: ["source"] });
    world.tell(example("party.registered", AUTHORITY));
    expect(world.codes(example("resource.catalogued", TRANSPORT))).to.deep.equal(["not-your-event"]);
    expect(world.codes({ ...example("resource.catalogued", TRANSPORT), mspId: "SourceMSP" })).to.deep.equal([]);
  });
});

/** The code of a department that another becomes, or becomes part of. */
const NEW = "11990000MB1A00114M";
const UNHEARD = "91990000MA1A00083R";
const UNSOUND = "91990000MA1A00083T";

const registerAs = (code: string, ...roles: string[]) => example("party.registered", AUTHORITY, { code, roles });

describe("the register of parties", () => {
  it("is kept by the authority, and that of developers by the operator too", () => {
    const world = withOthers("party.registered");
    const code = NEW;
    expect(world.codes({ ...registerAs(code, "source"), party: OPERATOR })).to.deep.equal(["not-your-event"]);
    expect(world.codes({ ...registerAs(code, "developer"), party: DEVELOPER })).to.deep.equal(["not-your-event"]);
    expect(world.codes({ ...registerAs(code, "developer"), party: OPERATOR })).to.deep.equal([]);
    for (const type of [
      "party.updated",
      "party.suspended",
      "party.reinstated",
      "party.credit-listed",
      "party.credit-delisted",
      "party.officer-designated",
    ] as const) {
      const of = (code: string, party: string) =>
        world.tell(example(type, party, { code, ...(type === "party.updated" && { roles: undefined }) }));
      expect(of(TRANSPORT, OPERATOR), type).to.deep.equal([{ code: "not-your-event" }]);
      expect(of(code, OPERATOR), type).to.deep.equal([]);
      expect(of(TRANSPORT, AUTHORITY), type).to.deep.equal([]);
      expect(of(UNHEARD, AUTHORITY), type).to.deep.equal([{ code: "party-unknown", missing: [UNHEARD] }]);
    }
    for (const report of [
      example("party.renamed", OPERATOR, { former: TRANSPORT, code: UNHEARD }),
      example("party.merged", OPERATOR, { code, former: [TRANSPORT] }),
      example("party.split", OPERATOR, { code: TRANSPORT, into: [TRANSPORT, code] }),
    ])
      expect(world.codes(report), report.type).to.deep.equal(["not-your-event"]);
  });

  it("has developers whom an operator registered: no other operator ends, suspends or renames them, by whatever code it registered them", () => {
    const acts = (by: string, code: string) => [
      example("party.suspended", by, { code }),
      example("party.reinstated", by, { code }),
      example("party.credit-listed", by, { code }),
      example("party.merged", by, { code, former: [NEW] }),
      example("party.split", by, { code, into: [code, NEW] }),
      example("party.renamed", by, { former: code, code: UNHEARD }),
    ];
    const world = withOthers("party.registered");
    world.tell({ ...registerAs(NEW, "developer"), party: STRANGER });
    for (const report of acts(STRANGER, DEVELOPER)) expect(world.codes(report), report.type).to.deep.equal(["not-your-event"]);
    expect(world.codes(example("party.merged", OPERATOR, { code: DEVELOPER, former: [NEW] })), "the other's").to.deep.equal([
      "not-your-event",
    ]);
    expect(world.codes(example("party.suspended", OPERATOR, { code: DEVELOPER }))).to.deep.equal([]);
    expect(world.codes(example("party.reinstated", AUTHORITY, { code: DEVELOPER }))).to.deep.equal([]);
    world.tell(example("party.renamed", AUTHORITY, { former: OPERATOR, code: "91990000MA1A001200" }));
    expect(world.codes(example("party.suspended", "91990000MA1A001200", { code: DEVELOPER })), "renamed").to.deep.equal([]);
  });

  it("is looked after by the authority alone, a developer that works for another operator than the one that registered it", () => {
    const world = withOthers("developer.call-published");
    const developer = { developer: NEW };
    world.tell({ ...registerAs(NEW, "developer"), party: STRANGER });
    const suspended = (by: string) => World.from(world.state()).codes(example("party.suspended", by, { code: NEW }));
    world.tell(example("developer.applied", NEW, developer));
    for (const step of ["verified", "selected"] as const) world.tell(example(`developer.${step}`, OPERATOR, developer));
    expect(suspended(STRANGER)).to.deep.equal([]);
    expect(world.codes(example("developer.authorised", OPERATOR, developer))).to.deep.equal([]);
    for (const by of [STRANGER, OPERATOR]) expect(suspended(by), by).to.deep.equal(["not-your-event"]);
    expect(suspended(AUTHORITY)).to.deep.equal([]);
    expect(world.codes(example("party.renamed", STRANGER, { former: NEW, code: UNHEARD }))).to.deep.equal(["not-your-event"]);
  });

  it("gives nobody a host elsewhere, nor the operator other roles to give than the developer's", () => {
    const world = new World({ SuyuanMSP: ROLES.filter((role) => role !== "developer"), DeveloperMSP: ["developer"] });
    for (const report of [registerAs(OPERATOR, "primary-operator"), { ...registerAs(DEVELOPER, "developer"), party: OPERATOR }])
      world.tell(report);
    const roles = (code: string, party: string, ...given: string[]) => world.codes(example("party.updated", party, { code, roles: given }));
    expect(roles(DEVELOPER, AUTHORITY, "source")).to.deep.equal(["not-your-event"]);
    expect(roles(OPERATOR, AUTHORITY, "primary-operator", "platform")).to.deep.equal([]);
    expect(roles(DEVELOPER, OPERATOR, "platform")).to.include("not-your-event");
    expect(roles(DEVELOPER, OPERATOR, "developer")).to.deep.equal([]);
  });

  it("is not left without an authority", () => {
    const world = new World();
    const roles = (...given: string[]) => world.codes(example("party.updated", AUTHORITY, { code: AUTHORITY, roles: given }));
    expect(roles("supervisor")).to.deep.equal(["not-your-event"]);
    expect(world.codes(example("party.suspended", AUTHORITY, { code: AUTHORITY }))).to.deep.equal(["not-your-event"]);
    expect(roles("authority", "supervisor")).to.deep.equal([]);
  });

  it("tells what an update leaves out as it was", () => {
    const world = withOthers("party.registered");
    const before = world.get(parties, PRICES);
    world.tell(example("party.updated", AUTHORITY, { code: PRICES, name: "云州市发展和改革委员会", roles: undefined }));
    expect(before?.field).to.equal("development-reform");
    expect(world.get(parties, PRICES)).to.include({ field: "development-reform", host: "SuyuanMSP" });
  });
});

describe("a suspended party", () => {
  const world = () => withOthers("product.released");
  const suspend = { ...example("party.suspended", OPERATOR), at: "2026-03-10T11:00:00+08:00" };
  const reinstate = { ...example("party.reinstated", OPERATOR), at: "2026-03-10T12:00:00+08:00" };
  const applied = (at: string) => ({ ...example("developer.applied", DEVELOPER), at });
  const called = (at: string) => ({ ...example("product.called", DEVELOPER), at });

  it("has its acts refused, until it is reinstated", () => {
    const it_ = world();
    it_.tell(suspend);
    expect(it_.codes(applied("2026-03-10T10:59:59.999+08:00"))).to.deep.equal([]);
    expect(it_.codes(applied("2026-03-10T11:00:00+08:00"))).to.deep.equal(["not-your-event"]);
    it_.tell(reinstate);
    expect(it_.codes(applied("2026-03-10T11:59:59.999+08:00"))).to.deep.equal(["not-your-event"]);
    expect(it_.codes(applied("2026-03-10T12:00:00+08:00"))).to.deep.equal([]);
  });

  it("has what it did recorded", () => {
    const it_ = world();
    it_.tell(suspend);
    expect(it_.codes(called("2026-03-10T11:30:00+08:00"))).to.deep.equal([]);
  });
});

describe("a party on a credit list", () => {
  const listed = (world: World) => stands(world.get(parties, DEVELOPER), "credit-listed", Date.parse(NOW));

  it("stands there until it is on neither list", () => {
    const world = withOthers("party.registered");
    expect(listed(world)).to.equal(false);
    world.tell(example("party.credit-listed", AUTHORITY));
    world.tell(example("party.credit-listed", AUTHORITY, { list: "serious-dishonesty" }));
    expect(listed(world)).to.equal(true);
    world.tell(example("party.credit-delisted", AUTHORITY));
    expect(listed(world), "on the other list").to.equal(true);
    world.tell(example("party.credit-delisted", AUTHORITY, { list: "serious-dishonesty" }));
    expect(listed(world)).to.equal(false);
  });
});

describe("a party with a successor", () => {
  const registered = (world: World, party: string) => world.codes(example("resource.registered", party));
  const supplied = (world: World) => world.codes(example("data.supplied", TRANSPORT));
  const renamed = example("party.renamed", AUTHORITY);

  it("acts no more under its old code, though what it did is recorded", () => {
    const world = withOthers("scenario.registered");
    expect(registered(world, TRANSPORT)).to.deep.equal([]);
    world.tell(renamed);
    expect(registered(world, TRANSPORT)).to.deep.equal(["not-your-event"]);
    expect(supplied(world)).to.deep.equal([]);
  });

  it("is named by the new code, which has its roles and looks after what was its own", () => {
    const world = withOthers("scenario.registered");
    const withdraw = example("resource.withdrawn", NEW, { resource: FLIGHTS });
    expect(world.codes(withdraw)).to.deep.equal(["not-your-event"]);
    world.tell(renamed);
    expect(world.get(parties, NEW)).to.deep.include({ roles: ["source"], host: "SuyuanMSP", former: [TRANSPORT] });
    expect(world.codes(withdraw)).to.deep.equal([]);
  });

  it("keeps its code where only the name changed", () => {
    const world = withOthers("scenario.registered");
    expect(world.codes(example("party.renamed", AUTHORITY, { code: TRANSPORT, former: undefined }))).to.deep.equal([]);
    expect(registered(world, TRANSPORT)).to.deep.equal([]);
  });

  it("takes its suspension to its new code", () => {
    const world = withOthers("scenario.registered");
    world.tell(example("party.suspended", AUTHORITY, { code: TRANSPORT }));
    world.tell(renamed);
    expect(registered(world, NEW)).to.deep.equal(["not-your-event"]);
    world.tell(example("party.reinstated", AUTHORITY, { code: NEW }));
    expect(world.codes(example("resource.withdrawn", NEW, { resource: FLIGHTS }))).to.deep.equal([]);
  });

  it("is renamed to a sound code that is nobody else's", () => {
    const world = withOthers("scenario.registered");
    expect(world.codes({ ...renamed, data: { ...renamed.data, code: METEOROLOGY } })).to.deep.equal(["party-exists"]);
    expect(world.codes({ ...renamed, data: { ...renamed.data, code: UNSOUND } })).to.deep.equal(["credit-code-invalid"]);
    expect(world.codes({ ...renamed, data: { ...renamed.data, former: UNHEARD } })).to.deep.equal(["party-unknown"]);
  });

  it("may be merged into a new one, or into one that goes on", () => {
    const world = withOthers("scenario.registered");
    world.tell(registerAs(NEW, "source"));
    expect(world.codes(example("party.merged", AUTHORITY, { code: NEW, former: [TRANSPORT, UNHEARD] }))).to.deep.equal(["party-unknown"]);
    expect(world.codes(example("party.merged", AUTHORITY, { code: METEOROLOGY, former: [METEOROLOGY, TRANSPORT] }))).to.deep.equal([]);
    expect(registered(world, TRANSPORT)).to.deep.equal(["not-your-event"]);
    expect(world.get(parties, METEOROLOGY)?.former).to.deep.equal([TRANSPORT]);
    expect(world.codes(example("resource.withdrawn", METEOROLOGY, { resource: FLIGHTS })), "goes on").to.deep.equal([]);
    world.tell(example("party.merged", AUTHORITY, { code: NEW, former: [METEOROLOGY] }));
    expect(world.get(parties, NEW)?.former, "and what it was before").to.deep.equal([METEOROLOGY, TRANSPORT]);
  });

  it("keeps whom it has as successors when another goes on for it too: none of them leaves its exit", () => {
    const world = withOthers("scenario.registered");
    world.tell(registerAs(NEW, "source"));
    for (const code of [NEW, METEOROLOGY]) world.tell(example("party.merged", AUTHORITY, { code, former: [TRANSPORT] }));
    expect(world.get(parties, TRANSPORT)?.successors).to.deep.equal([NEW, METEOROLOGY]);
  });

  it("is merged and split by the authority, and not by the operator that registered it: its exit would wait for what others have", () => {
    const told = (by: string) => {
      const world = withOthers("party.registered");
      expect(world.codes({ ...registerAs(NEW, "developer"), party: OPERATOR })).to.deep.equal([]);
      return [
        world.codes(example("party.split", by, { code: DEVELOPER, into: [DEVELOPER, NEW] })),
        world.codes(example("party.merged", by, { code: NEW, former: [DEVELOPER] })),
      ];
    };
    expect(told(OPERATOR)).to.deep.equal([["not-your-event"], ["not-your-event"]]);
    expect(told(AUTHORITY)).to.deep.equal([[], []]);
  });

  it("keeps what it was a source of, and what was consented to, under its new code", () => {
    const world = told("scenario.submitted");
    world.tell(example("scenario.consented", METEOROLOGY));
    world.tell(example("party.renamed", AUTHORITY, { code: NEW, former: METEOROLOGY }));
    world.tell(example("scenario.consented", TRANSPORT, { resource: FLIGHTS }));
    expect(world.codes(example("resource.updated", NEW, { resource: WEATHER }))).to.deep.equal([]);
    expect(world.codes(example("data.aggregated", NEW, { resource: WEATHER }))).to.deep.equal([]);
    expect(world.codes(example("scenario.consented", NEW))).to.deep.equal([]);
    expect(world.codes(example("scenario.approved", AUTHORITY))).to.deep.equal([]);
    world.tell(example("party.renamed", AUTHORITY, { code: "91990000MA1A00083R", former: OPERATOR }));
    expect(world.codes(example("data.supplied", TRANSPORT, { to: "91990000MA1A00083R" }))).to.not.include("no-authorization");
  });

  it("may be split into new ones, or go on as one of them", () => {
    const world = withOthers("scenario.registered");
    world.tell(registerAs(NEW, "source"));
    expect(world.codes(example("party.split", AUTHORITY, { code: TRANSPORT, into: [TRANSPORT, NEW] }))).to.deep.equal([]);
    expect(registered(world, TRANSPORT), "goes on").to.deep.equal([]);
    expect(world.get(parties, NEW)?.former).to.deep.equal([TRANSPORT]);
    expect(world.codes(example("party.split", AUTHORITY, { code: TRANSPORT, into: [NEW, METEOROLOGY] }))).to.deep.equal([]);
    expect(registered(world, TRANSPORT)).to.deep.equal(["not-your-event"]);
  });

  it("is what it was before, where its end is annulled, and so is who went on for it", () => {
    const before = withOthers("scenario.registered");
    before.tell(registerAs(NEW, "source"));
    const known = (world: World, code: string) => {
      const { former = [], successors = [] } = world.get(parties, code)!;
      return { former, successors };
    };
    const annul = (world: World, event: string, subject: string) =>
      world.codes(example("correction.annulled", AUTHORITY, { event, subjectKind: "party", subject }));
    const ends = [
      example("party.merged", AUTHORITY, { code: NEW, former: [TRANSPORT] }),
      example("party.split", AUTHORITY, { code: TRANSPORT, into: [NEW, METEOROLOGY] }),
      example("party.renamed", AUTHORITY, { code: UNHEARD, former: TRANSPORT }),
    ];
    for (const end of ends) {
      const world = World.from(before.state());
      expect(world.codes(end), end.type).to.deep.equal([]);
      const act = world.place;
      expect(registered(world, TRANSPORT), end.type).to.deep.equal(["not-your-event"]);
      expect(annul(world, act, TRANSPORT), end.type).to.deep.equal([]);
      expect(registered(world, TRANSPORT), end.type).to.deep.equal([]);
      for (const code of [TRANSPORT, NEW, METEOROLOGY])
        expect(known(world, code), `${end.type} ${code}`).to.deep.equal(known(before, code));
      if (end.type === "party.renamed") expect(known(world, UNHEARD)).to.deep.equal({ former: [], successors: [] });
    }
  });

  it("leaves nothing of an end that is annulled with who came later, and what came by other ends", () => {
    const world = withOthers("scenario.registered");
    world.tell(registerAs(NEW, "source"));
    world.tell(example("party.merged", AUTHORITY, { code: METEOROLOGY, former: [METEOROLOGY, TRANSPORT] }));
    const first = world.place;
    world.tell(example("party.merged", AUTHORITY, { code: NEW, former: [METEOROLOGY] }));
    world.tell(example("correction.annulled", AUTHORITY, { event: first, subjectKind: "party", subject: METEOROLOGY }));
    expect(world.get(parties, NEW)?.former).to.deep.equal([METEOROLOGY]);
    expect(isParty(world, NEW, TRANSPORT)).to.equal(false);
    expect(isParty(world, NEW, METEOROLOGY)).to.equal(true);
    expect(registered(world, METEOROLOGY)).to.deep.equal(["not-your-event"]);
  });

  it("is said to be at its end by nobody less than its successor", () => {
    const world = withOthers("scenario.registered");
    world.tell(registerAs(NEW, "authority"));
    expect(world.codes(example("party.merged", AUTHORITY, { code: NEW, former: [AUTHORITY] }))).to.deep.equal(["not-your-event"]);
    expect(world.codes(example("party.split", AUTHORITY, { code: AUTHORITY, into: [NEW] }))).to.deep.equal(["not-your-event"]);
    expect(world.codes(example("party.split", AUTHORITY, { code: AUTHORITY, into: [NEW, AUTHORITY] }))).to.deep.equal([]);
    expect(world.codes(example("party.merged", NEW, { code: NEW, former: [AUTHORITY] }))).to.deep.equal([]);
    expect(world.codes(example("party.reinstated", AUTHORITY))).to.deep.equal(["not-your-event"]);
  });
});
