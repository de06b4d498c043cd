import { expect } from "chai";
import { products } from "../../../chaincode/events/offer";
import { trained } from "../../../chaincode/events/training";
import { vocabulary } from "../../../chaincode/events/vocabulary";
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
  releasedAgain,
  SCENARIO,
  story,
  STRANGER,
  TRANSPORT,
  type World,
} from "./world";

const LATER = "2026-03-10T12:00:00+08:00";
const kept = { digest: "6".repeat(64), bytes: 1, rows: 1, form: "intermediate", place: "平台存储区", platform: "on" };
const off = { ...kept, place: "开发机", platform: "off" };

describe("what a step keeps", () => {
  it("is declared, as many outputs as were kept", () => {
    const processed = (change: object) => after("data.pulled").codes(example("data.processed", OPERATOR, change));
    expect(processed({ holdings: [kept], kept: 2 })).to.deep.equal(["retained-without-record"]);
    expect(processed({ holdings: [kept], kept: 1 })).to.deep.equal([]);
    expect(processed({ holdings: [], kept: 0 })).to.deep.equal([]);
    expect(processed({ holdings: [] }), "nothing is said of it").to.deep.equal([]);
    const pulled = (change: object) => after("data.supplied").codes(example("data.pulled", OPERATOR, { holding: undefined, ...change }));
    expect(pulled({ kept: 1 })).to.deep.equal(["retained-without-record"]);
    expect(pulled({ kept: 1, holding: kept })).to.deep.equal([]);
  });

  it("is a copy, after an export", () => {
    const accessed = (change: object) => after("data.processed").codes(example("data.accessed", OPERATOR, change));
    const fields = ["date"];
    expect(accessed({ operation: "export", fields })).to.deep.equal(["retained-without-record"]);
    expect(accessed({ operation: "export", fields, holding: kept })).to.deep.equal([]);
    expect(accessed({ operation: "view" })).to.deep.equal([]);
  });

  it("is no log where it is the data that was taken or brought in: it counts as raw, and is retained as none", () => {
    const log = { ...kept, form: "log" };
    for (const [type, party, holding] of [
      ["data.pulled", OPERATOR, { holding: log }],
      ["data.accessed", OPERATOR, { operation: "export", fields: ["date"], holding: log }],
      ["data.contributed", DEVELOPER, { holding: log }],
      ["data.emergency-used", OPERATOR, { holding: log }],
    ] as const)
      for (const form of ["log", "cache"]) {
        const world = after("data.processed");
        const codes = world.codes(example(type, party, { ...holding, holding: { ...log, form } }));
        expect(codes, type).to.deep.equal(form === "log" ? ["retention-basis-missing"] : []);
        const [name = "", one] = world.held(AUTHORIZATION).at(-1) ?? [];
        expect(one?.form, type).to.equal(form === "log" ? "raw" : form);
        const retained = example("holding.retained", party, { holding: name, digest: log.digest, basis: "necessary-log" });
        expect(world.codes(retained), type).to.deep.equal(["retention-basis-missing"]);
      }
    const made = (digest: string) => {
      const world = after("data.pulled");
      const codes = world.codes(example("data.processed", OPERATOR, { holdings: [{ ...log, digest }] }));
      return [codes, world.held(AUTHORIZATION).at(-1)?.[1].form];
    };
    expect(made(log.digest)).to.deep.equal([[], "log"]);
    const raw = after("data.pulled").holding(AUTHORIZATION, "SuyuanMSP/facts/2/0")!;
    expect(made(raw.digest), "the very data that the step was given").to.deep.equal([["retention-basis-missing"], "raw"]);
  });

  it("is held under the authorization from then on", () => {
    const world = after("data.processed");
    world.tell(example("data.copied", OPERATOR));
    expect(world.holding(AUTHORIZATION, "SuyuanMSP/facts/4/0")).to.not.equal(undefined);
    world.tell(example("data.accessed", OPERATOR, { operation: "export", holding: kept }));
    expect(world.holding(AUTHORIZATION, "SuyuanMSP/facts/5/0")).to.not.equal(undefined);
    world.tell(example("data.contributed", DEVELOPER));
    expect(world.holding(AUTHORIZATION, "SuyuanMSP/facts/6/0")).to.not.equal(undefined);
  });
});

describe("what a party says it holds", () => {
  const declared = (world: World, party: string, change: object = {}) => {
    const before = world.held(AUTHORIZATION).length;
    const codes = world.codes(example("data.processed", party, { holdings: [kept], ...change }));
    return { codes, slots: world.held(AUTHORIZATION).length - before };
  };

  it("is nothing that another's authorization has to account for, whatever other roles the party has", () => {
    const world = after("data.pulled");
    const codes = ["no-authorization", "declared-by-stranger"];
    expect(declared(world, STRANGER)).to.deep.equal({ codes, slots: 0 });
    expect(declared(world, STRANGER, { holdings: [] }), "it says of nothing that it holds it").to.deep.equal({
      codes: codes.slice(0, 1),
      slots: 0,
    });
    expect(declared(world, OPERATOR)).to.deep.equal({ codes: [], slots: 1 });
  });

  it("is asked of every event that declares holdings", () => {
    const told = [...vocabulary.values()].map(({ type, declares }) => ({
      report: example(type.replace(/^suyuan\./, "") as Parameters<typeof example>[0], STRANGER),
      declares,
    }));
    const declaring = told.filter(({ report, declares }) => declares(report.data) !== undefined);
    expect(declaring).to.have.length.above(5);
    for (const { report, declares } of declaring) {
      const data = { ...report.data, ...("holdings" in report.data ? { holdings: [kept] } : { holding: kept }) };
      expect(declares(data)?.holdings, report.type).to.deep.equal([kept]);
      expect(after("data.processed").codes({ ...report, data }), report.type).to.include("declared-by-stranger");
    }
  });

  it("is a developer's once it was ever authorised under that authorization, and not for having applied", () => {
    const applied = after("data.pulled", "developer.authorised");
    expect(declared(applied, DEVELOPER)).to.deep.equal({ codes: ["declared-by-stranger", "no-authorization"], slots: 0 });
    const world = after("data.pulled");
    world.tell(example("data.contributed", DEVELOPER));
    const inputs = [`${world.place}/0`];
    expect(declared(world, DEVELOPER, { inputs })).to.deep.equal({ codes: [], slots: 1 });
    const contributed = world.codes(example("data.contributed", DEVELOPER, { scenario: "another" }));
    expect(contributed, "under a scenario that is not its own").to.deep.equal([
      "declared-by-stranger",
      "no-authorization",
      "scenario-not-approved",
    ]);
    world.tell(example("developer.revoked", OPERATOR, { developer: DEVELOPER }));
    const late = declared(world, DEVELOPER);
    expect(late, "it still has to say what it holds").to.deep.equal({ codes: ["no-authorization"], slots: 1 });
  });
});

describe("what a developer says it holds of a product", () => {
  const MINE = "yz-product-mine";
  const declared = (world: World, product: string) => {
    const codes = world.codes(example("data.processed", DEVELOPER, { inputs: ["SuyuanMSP/facts/3/0"], holdings: [kept], product }));
    return [codes, world.holdings(AUTHORIZATION, { product }).outstanding];
  };
  const listed = (world: World, product: string, party: string) =>
    world.codes(example("product.listed", party, { product, level: "2", resources: [], madeFrom: [PRODUCT] }));

  it("is of its own or of its operator's: it fills the exit of no other's", () => {
    const world = after("product.released");
    const before = world.holdings(AUTHORIZATION, { product: PRODUCT }).outstanding;
    expect(declared(world, PRODUCT)).to.deep.equal([[], before + 1]);
    expect(listed(world, MINE, DEVELOPER)).to.deep.equal([]);
    expect(declared(world, MINE)).to.deep.equal([[], 1]);
    world.put(products, MINE, { ...world.get(products, MINE)!, operator: "91990000MA1A00110Y" });
    expect(declared(world, MINE), "another developer's").to.deep.equal([["declared-by-stranger"], 1]);
    expect(declared(world, "unlisted"), "anybody's").to.deep.equal([["declared-by-stranger"], 0]);
    world.put(products, PRODUCT, { ...world.get(products, PRODUCT)!, authorization: "another" });
    expect(declared(world, PRODUCT), "of another authorization").to.deep.equal([["declared-by-stranger"], before + 1]);
  });
});

describe("what a scenario works with", () => {
  const OTHER = "yz-scenario-other";
  const RAW = "SuyuanMSP/facts/2/0";
  const uses = ["data.processed", "data.copied", "data.returned"] as const;

  /** With another approved scenario that demands the same, and the product's copy on the platform. */
  function world(last: string): World {
    const it = after(last);
    for (const { type, party, data } of story)
      if (type.startsWith("scenario.")) expect(it.codes({ type, party, data: { ...data, scenario: OTHER } }), type).to.deep.equal([]);
    expect(it.codes(example("data.copied", OPERATOR, { product: PRODUCT, holdings: [{ ...kept, form: "product" }] }))).to.deep.equal([]);
    return it;
  }
  const used = (it: World, type: (typeof uses)[number], inputs: readonly string[], scenario: string) =>
    it.tell(example(type, OPERATOR, { inputs, scenario }));

  it("is raw as it is taken, whatever it is called then: no copy of it leaves the platform, or serves another scenario", () => {
    for (const form of ["product", "intermediate", "model", "key"]) {
      const it = after("product.released");
      const { holding } = example("data.pulled", OPERATOR).data as { readonly holding: object };
      expect(it.codes(example("data.pulled", OPERATOR, { holding: { ...holding, form } })), form).to.deep.equal([]);
      const taken = `${it.place}/0`;
      const copied = { inputs: [taken], product: PRODUCT, holdings: [{ ...holding, form: "product", platform: "off" }] };
      expect(it.codes(example("data.copied", OPERATOR, copied)), form).to.include("raw-data-outbound");
    }
  });

  it("was taken or made for it: nothing goes over to another that was reviewed for other uses", () => {
    for (const type of uses) {
      const it = world("product.released");
      expect(used(it, type, [RAW], OTHER), type).to.deep.equal([{ code: "purpose-changed", missing: [RAW] }]);
      expect(used(it, type, [RAW], SCENARIO), type).to.deep.equal([]);
    }
  });

  it("may be a product that is offered, which is for every scenario that was reviewed", () => {
    const copy = (it: World) => it.held(AUTHORIZATION).findLast(([, { form, product }]) => form === "product" && product === PRODUCT)![0];
    const [before, since] = [world("product.registered"), world("product.released")];
    expect(used(before, "data.processed", [copy(before)], OTHER)).to.deep.equal([{ code: "purpose-changed", missing: [copy(before)] }]);
    expect(used(since, "data.copied", [copy(since)], OTHER)).to.deep.equal([]);
  });

  it("is for the operator no product of level 1 that is offered, but for that one's own next version", () => {
    const it = world("product.released");
    const copy = it.held(AUTHORIZATION).findLast(([, { form }]) => form === "product")![0];
    const processed = (change: object, inputs = [copy], party = OPERATOR) =>
      it.tell(example("data.processed", party, { inputs, holdings: [kept], ...change }));
    const redevelops = [{ code: "operator-redevelops", missing: [copy] }];
    expect(processed({})).to.deep.equal(redevelops);
    expect(processed({ scenario: OTHER, product: "yz-product-other" })).to.deep.equal(redevelops);
    expect(processed({ product: PRODUCT })).to.deep.equal([]);
    const copied = (product?: string) => it.tell(example("data.copied", OPERATOR, { inputs: [copy], holdings: [kept], product }));
    expect(copied("yz-product-other")).to.deep.equal(redevelops);
    for (const product of [PRODUCT, undefined]) expect(copied(product), product).to.deep.equal([]);
    expect(processed({}, ["SuyuanMSP/facts/3/0"]), "what it was made of").to.deep.equal([]);
    expect(processed({}, [copy], DEVELOPER)).to.deep.equal([]);
    it.tell(example("product.withdrawn", OPERATOR));
    expect(processed({}), "offered no longer").to.deep.equal([]);
  });

  it("is for a developer what is delivered and what is its own: neither raw data nor what the operator makes on the way", () => {
    const [MADE, CACHE] = ["SuyuanMSP/facts/3/0", "SuyuanMSP/facts/3/2"];
    for (const type of ["data.processed", "data.copied"] as const) {
      const it = world("product.released");
      const told = (inputs: readonly string[], party = DEVELOPER) => it.tell(example(type, party, { inputs, holdings: [kept] }));
      expect(told([RAW, MADE, CACHE]), type).to.deep.equal([{ code: "no-authorization", missing: [RAW, CACHE] }]);
      expect(told([RAW, MADE, CACHE], OPERATOR), type).to.deep.equal([]);
      expect(told([MADE]), type).to.deep.equal([]);
      expect(told([`${it.place}/0`]), "its own").to.deep.equal([]);
      const before = world("product.registered");
      const copy = before.held(AUTHORIZATION).findLast(([, { form }]) => form === "product")![0];
      expect(before.tell(example(type, DEVELOPER, { inputs: [copy], holdings: [kept] })), "of what is not released").to.deep.equal([
        { code: "no-authorization", missing: [copy] },
      ]);
      for (const report of releasedAgain({ made: [RAW] })) expect(it.codes(report)).to.deep.equal([]);
      expect(told([RAW]), "raw, whatever was released of it").to.deep.equal([{ code: "no-authorization", missing: [RAW] }]);
    }
  });
});

describe("a copy", () => {
  it("is of what is outstanding", () => {
    const world = after("data.processed");
    expect(world.codes(example("data.copied", OPERATOR))).to.deep.equal([]);
    expect(world.tell(example("data.copied", OPERATOR, { inputs: ["SuyuanMSP/facts/9/0"] }))).to.deep.equal([
      { code: "input-unknown", missing: ["SuyuanMSP/facts/9/0"] },
    ]);
  });

  it("does not leave the platform, but for logs and keys that nobody mistakes for data", () => {
    const copied = (holding: object) => after("data.processed").codes(example("data.copied", OPERATOR, { holdings: [holding] }));
    for (const form of ["raw", "intermediate", "product", "backup", "cache", "index", "model"])
      expect(copied({ ...off, form }), form).to.deep.equal(["retained-off-platform", "raw-data-outbound"]);
    expect(copied({ ...kept, form: "raw" })).to.deep.equal([]);
    for (const form of ["log", "key"]) {
      const world = after("data.processed");
      world.tell(example("data.processed", OPERATOR, { holdings: [{ ...kept, form }] }));
      const inputs = [world.held(AUTHORIZATION).at(-1)![0]];
      const codes = world.codes(example("data.copied", OPERATOR, { inputs, holdings: [{ ...off, form }] }));
      expect(codes, form).to.deep.equal(["retained-off-platform"]);
    }
  });

  it("is what it is a copy of, by whatever name: raw data is neither kept as a log, nor leaves as a product, nor serves another scenario", () => {
    const RAW = "SuyuanMSP/facts/2/0";
    const { digest } = after("data.pulled").holding(AUTHORIZATION, RAW)!;
    const copied = (form: string, platform: string) => {
      const world = after("product.released");
      const holdings = [{ ...kept, digest, form, platform }];
      const codes = world.codes(example("data.copied", OPERATOR, { inputs: [RAW], product: PRODUCT, holdings }));
      return { world, codes, held: world.held(AUTHORIZATION).at(-1)! };
    };
    for (const form of ["log", "product", "key", "intermediate", "model"]) {
      expect(copied(form, "on").held[1].form, form).to.equal("raw");
      expect(copied(form, "off").codes, form).to.include.members(["retained-off-platform", "raw-data-outbound"]);
    }
    for (const form of ["raw", "backup", "cache", "index"]) expect(copied(form, "on").held[1].form, form).to.equal(form);
    const { world, codes, held } = copied("log", "on");
    expect(codes).to.deep.equal(["retention-basis-missing"]);
    const [holding] = held;
    expect(world.codes(example("holding.retained", OPERATOR, { holding, digest }))).to.deep.equal(["retention-basis-missing"]);
  });

  it("leaves it as the product that was reviewed, and as nothing else", () => {
    const copied = (last: string, form: string, product: string) =>
      after(last).codes(example("data.copied", OPERATOR, { product, holdings: [{ ...off, form }] }));
    const unlawful = ["retained-off-platform", "raw-data-outbound"];
    expect(copied("product.compliance-reviewed", "product", PRODUCT)).to.deep.equal(unlawful);
    expect(copied("product.outbound-approved", "product", PRODUCT)).to.deep.equal([]);
    expect(copied("product.outbound-approved", "intermediate", PRODUCT)).to.deep.equal(unlawful);
    expect(copied("product.outbound-approved", "product", "unheard-of")).to.deep.equal(unlawful);
    for (const product of ["none", PRODUCT])
      expect(copied("product.outbound-approved", "log", product), product).to.deep.equal([...unlawful, "retention-basis-missing"]);
  });
});

describe("an access by staff", () => {
  const staff = "7".repeat(64);
  const time = (hour: string) => Date.parse(`2026-03-10T${hour}+08:00`);

  it("is by somebody who had been trained, and whose training had not run out", () => {
    const world = after("data.processed");
    const accessed = (hour: string) =>
      world.codes({ ...example("data.accessed", OPERATOR, { staff }), time: `2026-03-10T${hour}+08:00`, at: LATER });
    expect(accessed("10:30:00")).to.deep.equal(["untrained-access"]);
    world.put(trained, staff, { from: time("10:30:00"), until: time("11:00:00") });
    expect(accessed("10:29:59")).to.deep.equal(["untrained-access"]);
    expect(accessed("10:30:00")).to.deep.equal([]);
    expect(accessed("10:59:59")).to.deep.equal([]);
    expect(accessed("11:00:00")).to.deep.equal(["untrained-access"]);
    world.put(trained, staff, { from: time("10:30:00") });
    expect(accessed("11:00:00")).to.deep.equal([]);
  });

  it("is not asked of programs", () => {
    expect(after("data.processed").codes(example("data.accessed", OPERATOR))).to.deep.equal([]);
  });
});

describe("data that is brought in", () => {
  it("comes with the proof that it may be, where it is a third party's", () => {
    const contributed = (change: object) => after("data.processed").codes(example("data.contributed", DEVELOPER, change));
    expect(contributed({ licence: undefined })).to.deep.equal(["legal-basis-missing"]);
    expect(contributed({})).to.deep.equal([]);
    expect(contributed({ origin: "own", licence: undefined })).to.deep.equal([]);
  });

  it("is for a scenario that is approved, under an authorization in force", () => {
    const world = after("data.processed");
    expect(world.codes(example("data.contributed", DEVELOPER, { scenario: "unheard-of" }))).to.deep.equal([
      "declared-by-stranger",
      "no-authorization",
      "scenario-not-approved",
    ]);
    expect(world.codes(example("data.contributed", OPERATOR, { scenario: "unheard-of" }))).to.deep.equal(["scenario-not-approved"]);
    expect(world.codes(example("data.contributed", OPERATOR, { authorization: "another" }))).to.include("no-authorization");
  });

  it("stays on the platform", () => {
    const contributed = (holding: object) => after("data.processed").codes(example("data.contributed", DEVELOPER, { holding }));
    expect(contributed({ ...off, form: "raw" })).to.deep.equal(["retained-off-platform"]);
    expect(contributed({ ...kept, form: "raw" })).to.deep.equal([]);
  });

  it("from the province is of a resource that is catalogued", () => {
    const world = after("data.processed");
    expect(world.codes(example("data.backflowed", OPERATOR, { resource: "yz-transport-ferries" }))).to.deep.equal(["resource-unknown"]);
    expect(world.codes(example("data.backflowed", OPERATOR))).to.deep.equal([]);
    expect(world.codes({ ...example("data.backflowed", OPERATOR, { terms: undefined }) }), "on their terms").to.equal(undefined);
  });
});

describe("data that is returned", () => {
  it("goes to its source, who it was then, and to nobody else", () => {
    const world = after("data.processed");
    const returned = (to: string, time: string) => world.codes({ ...example("data.returned", OPERATOR, { to }), time, at: LATER });
    expect(returned(TRANSPORT, LATER)).to.deep.equal([]);
    expect(returned(METEOROLOGY, LATER)).to.deep.equal(["raw-data-outbound"]);
    expect(returned(DEVELOPER, LATER)).to.deep.equal(["raw-data-outbound"]);
    world.tell({ ...example("resource.source-reassigned", AUTHORITY), at: "2026-03-10T11:00:00+08:00" });
    expect(returned(TRANSPORT, "2026-03-10T10:59:59+08:00")).to.deep.equal([]);
    expect(returned(TRANSPORT, "2026-03-10T11:00:00+08:00")).to.deep.equal(["raw-data-outbound"]);
    expect(returned(METEOROLOGY, "2026-03-10T11:00:00+08:00")).to.deep.equal([]);
  });

  it("is of what is outstanding", () => {
    expect(after("data.pulled").codes(example("data.returned", OPERATOR))).to.deep.equal(["input-unknown"]);
  });
});

describe("an emergency use", () => {
  const used = (change: object = {}, time = "2026-03-10T10:00:00+08:00") =>
    after("data.processed").codes({ ...example("data.emergency-used", OPERATOR, change), time, at: time });

  it("has an order, and is over at its end", () => {
    expect(used()).to.deep.equal([]);
    expect(used({ order: undefined })).to.deep.equal(["emergency-basis-missing"]);
    expect(used({}, "2026-03-11T23:59:59.999+08:00")).to.deep.equal([]);
    expect(used({}, "2026-03-12T00:00:00+08:00")).to.deep.equal(["emergency-basis-missing"]);
  });

  it("keeps the findings of any other use", () => {
    expect(used({ fields: ["date", "destination"] })).to.deep.equal(["fields-beyond-scenario"]);
    expect(used({ scenario: "unheard-of" })).to.include.members(["scenario-not-approved", "scenario-not-registered"]);
    expect(used({ authorization: "another" })).to.include("no-authorization");
    expect(used({ resource: FLIGHTS, holding: off })).to.deep.equal(["retained-off-platform", "raw-data-outbound"]);
  });
});

describe("data that is supplied", () => {
  it("goes to the operator of the authorization, within its scenario", () => {
    const supplied = (change: object) => after("data.aggregated").codes(example("data.supplied", TRANSPORT, change));
    expect(supplied({})).to.deep.equal([]);
    expect(supplied({ to: STRANGER })).to.deep.equal(["no-authorization"]);
    expect(supplied({ resource: "yz-transport-ferries" })).to.deep.equal(["resource-not-in-scenario", "resource-not-registered"]);
  });

  it("and data that is looked at, is what the catalogue offers, as data that is pulled is", () => {
    const flights = { resource: FLIGHTS };
    const taken = (world: World, change: object = {}) => [
      world.codes(example("data.supplied", TRANSPORT, { ...flights, transfer: "tr-9" })),
      world.codes(example("data.accessed", OPERATOR, { ...flights, ...change })),
    ];
    expect(taken(after("data.processed"))).to.deep.equal([[], []]);
    const withdrawn = after("data.processed");
    withdrawn.tell(example("resource.withdrawn", AUTHORITY, { resource: FLIGHTS }));
    for (const codes of taken(withdrawn)) expect(codes).to.deep.equal(["source-withdrawn"]);
    for (const codes of taken(after("data.processed", "resource.registered"))) expect(codes).to.deep.equal(["resource-not-registered"]);
    for (const codes of taken(after("data.processed", "scenario.registered"))) expect(codes).to.deep.equal(["scenario-not-registered"]);
    const revoked = after("data.processed");
    revoked.tell(example("resource.consent-withdrawn", TRANSPORT, { resource: FLIGHTS }));
    for (const codes of taken(revoked)) expect(codes).to.deep.equal(["consent-withdrawn"]);
  });

  it("is looked at by the fields that were approved; an export that names none is of all there are", () => {
    const exported = (change: object) =>
      after("data.processed").codes(example("data.accessed", OPERATOR, { operation: "export", holding: kept, ...change }));
    expect(exported({ fields: ["date"] })).to.deep.equal([]);
    expect(exported({})).to.deep.equal(["fields-beyond-scenario"]);
  });
});
