import { expect } from "chai";
import { rm } from "node:fs/promises";
import type { Role, Subject } from "../../../chaincode/events/definition";
import { Access } from "../../../gateway/index/access";
import { keys } from "../../../gateway/index/keys";
import { openStore, type Store, toJson } from "../../../gateway/index/store";
import { newDirectory } from "./indexed";

const [OPERATOR, OTHER, FIRST, SECOND, THIRD, SOURCE] = ["operator", "other", "first", "second", "third", "source"];
const [RENAMED, RENAMED_DEVELOPER] = ["renamed", "renamed-developer"];
const authorised = { authorised: [{ at: 1, act: "M/acts/0" }] };
const terms = [{ from: 1, until: Date.now() + 86_400_000 }];
const developing = (developer: string, steps: object, more: object = {}): object => ({
  ...{ developer, scenario: "s", authorization: "a", terms, steps },
  ...more,
});

const RECORDS: Readonly<Record<string, object>> = {
  [`party ${RENAMED}`]: { roles: ["primary-operator"], former: [OPERATOR], steps: {} },
  [`party ${RENAMED_DEVELOPER}`]: { roles: ["developer"], former: [FIRST], steps: {} },
  "authorization a": { operator: OPERATOR, steps: {} },
  "scenario s": { authorization: "a", operator: OPERATOR, demands: [{ resource: "r", fields: ["x"] }], steps: {} },
  "resource r": { source: SOURCE, fields: ["x"], steps: {} },
  "product p": { authorization: "a", scenario: "s", operator: OPERATOR, level: "1", steps: {} },
  "product of-second": { authorization: "a", scenario: "s", operator: SECOND, level: "2", steps: {} },
  "environment of-second": { user: SECOND, scenario: "s", steps: {} },
  [`developer ${FIRST}:s`]: developing(FIRST, authorised),
  [`developer ${SECOND}:s`]: developing(SECOND, { applied: authorised.authorised }),
  [`developer ${THIRD}:s`]: developing(THIRD, { authorised: [{ at: 1, act: "M/acts/0", until: 2 }] }),
  [`developer ${OTHER}:s`]: developing(OTHER, authorised, { terms: [{ from: 1, until: Date.now() - 86_400_000 }] }),
};

const [authorization, scenario, resource, product] = [
  ...[{ kind: "authorization", id: "a" } as const, { kind: "scenario", id: "s" } as const],
  ...[{ kind: "resource", id: "r" } as const, { kind: "product", id: "p" } as const],
];
/** What one developer has under the scenario, as an event about it says. */
const development = (code = ""): readonly Subject[] => [
  { kind: "developer", id: `${code}:s` } as unknown as Subject,
  ...[{ kind: "party", id: code } as const, scenario as Subject],
];

describe("access", () => {
  let directory: string;
  let store: Store;

  before(async () => {
    directory = await newDirectory();
    store = await openStore(directory);
    for (const [name, record] of Object.entries(RECORDS)) {
      const [kind = "", id = ""] = name.split(" ");
      await store.put(keys.record(kind, id), toJson(record));
    }
  });
  after(async () => {
    await store.close();
    await rm(directory, { recursive: true });
  });

  const by = (party = "", ...roles: Role[]): Access => new Access(store, { party, roles });

  it("follows what belongs to what, from the product to the authorization", async () => {
    for (const subject of [authorization, scenario, product]) {
      expect(await by(OPERATOR, "primary-operator").subject(subject!), subject!.kind).to.equal(true);
      expect(await by(OTHER, "primary-operator").subject(subject!), subject!.kind).to.equal(false);
    }
    expect(await by(OPERATOR, "primary-operator").subject(resource!)).to.equal(false);
    expect(await by(SOURCE, "source").subject(resource!)).to.equal(true);
    expect(await by(SOURCE, "source").subject(scenario!), "it demands its resource").to.equal(true);
  });

  it("gives a party what was its own before it was renamed, and who bears another name nothing of it", async () => {
    const renamed = by(RENAMED, "primary-operator");
    for (const subject of [authorization, scenario, product]) expect(await renamed.subject(subject!), subject!.kind).to.equal(true);
    expect(await renamed.subject({ kind: "party", id: OPERATOR })).to.equal(true);
    expect(await by(OPERATOR, "primary-operator").subject({ kind: "party", id: RENAMED }), "the other way round").to.equal(false);
    const called = { type: "suyuan.product.called", party: OPERATOR, data: { product: "other", caller: OTHER } };
    expect(await renamed.event(called), "what it reported then").to.equal(true);
    expect(await renamed.event({ ...called, party: SECOND })).to.equal(false);
    const developer = by(RENAMED_DEVELOPER, "developer");
    expect(await developer.about([authorization!, scenario!], "act"), "where it was authorised to develop").to.equal(true);
    expect(await by(SECOND, "developer").about([authorization!, scenario!], "act")).to.equal(false);
  });

  it("gives a source nothing of what a scenario does with others' resources", async () => {
    const source = by(SOURCE, "source");
    expect(await source.about([authorization!, scenario!, resource!], "fact")).to.equal(true);
    expect(await source.about([authorization!, scenario!, { kind: "resource", id: "q" }], "fact")).to.equal(false);
    expect(await source.about([authorization!, scenario!], "act")).to.equal(false);
  });

  it("gives a developer what is decided about the scenario under which it is authorised: not before, not after, and nothing of what others do", async () => {
    const first = by(FIRST, "developer");
    expect(await first.about([authorization!, scenario!], "act")).to.equal(true);
    expect(await first.about([authorization!, scenario!], "fact")).to.equal(false);
    expect(await first.subject(product!)).to.equal(true);
    expect(await first.about([product!], "fact")).to.equal(false);
    expect(await first.subject(authorization!)).to.equal(false);
    for (const party of [SECOND, THIRD, OTHER]) {
      expect(await by(party, "developer").subject(scenario!), party).to.equal(false);
      expect(await by(party, "developer").about([authorization!, scenario!], "act"), party).to.equal(false);
    }
  });

  it("keeps from a developer what another has under the same scenario, and nothing of it from the operator", async () => {
    expect(await by(FIRST, "developer").about(development(FIRST), "act")).to.equal(true);
    expect(await by(SECOND, "developer").about(development(SECOND), "act")).to.equal(true);
    expect(await by(FIRST, "developer").about(development(SECOND), "act")).to.equal(false);
    expect(await by(OPERATOR, "primary-operator").about(development(SECOND), "act")).to.equal(true);
    for (const kind of ["product", "environment"] as const) {
      const its: readonly Subject[] = [{ kind, id: "of-second" }, scenario!];
      expect(await by(FIRST, "developer").about(its, "act"), kind).to.equal(false);
      expect(await by(FIRST, "developer").subject(its[0]!), kind).to.equal(false);
      expect(await by(SECOND, "developer").about(its, "fact"), kind).to.equal(true);
      expect(await by(OPERATOR, "primary-operator").about(its, "fact"), kind).to.equal(true);
    }
  });

  it("shows whoever reported an event, or is named in it, that event", async () => {
    const event = (data: object) => ({ type: "suyuan.product.called", party: SECOND, data: { product: "p", caller: FIRST, ...data } });
    expect(await by(FIRST, "developer").event(event({}))).to.equal(true);
    expect(await by(SECOND, "developer").event(event({}))).to.equal(true);
    expect(await by(FIRST, "developer").event(event({ caller: THIRD }))).to.equal(false);
    expect(await by(FIRST, "developer").event(event({}), true), "it could say anything").to.equal(false);
  });

  it("says to all members what is said to all, and the more where roles are several", async () => {
    expect(await by(OTHER, "province-platform").about([{ kind: "rulebook", id: "current" }], "act")).to.equal(true);
    expect(await by(OTHER, "province-platform").about([], "act")).to.equal(false);
    expect(await by(OTHER, "developer", "assessor").about([authorization!], "fact")).to.equal(true);
    expect(new Access(store).all, "the gateway itself").to.equal(true);
  });
});
