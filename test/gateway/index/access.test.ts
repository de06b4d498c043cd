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
  "scenario s": {
    ...{ authorization: "a", operator: OPERATOR, steps: {} },
    versions: [{ from: 1, acts: ["M/acts/0"], demands: [{ resource: "r", fields: ["x"] }] }],
  },
  "resource r": { source: SOURCE, earlier: [{ source: THIRD, until: Date.parse("2026-03-01T00:00:00Z") }], versions: [], steps: {} },
  "product p": { authorization: "a", scenario: "s", operator: OPERATOR, level: "1", steps: {} },
  "product of-second": { authorization: "a", scenario: "s", operator: SECOND, level: "2", steps: {} },
  "environment of-second": { user: SECOND, scenario: "s", steps: {} },
  [`developer ${FIRST}:s`]: developing(FIRST, authorised),
  [`developer ${SECOND}:s`]: developing(SECOND, { applied: authorised.authorised }),
  [`developer ${THIRD}:s`]: developing(THIRD, { authorised: [{ at: 1, act: "M/acts/0", until: 2 }] }),
  [`developer ${OTHER}:s`]: developing(OTHER, authorised, { terms: [{ from: 1, until: Date.now() - 86_400_000 }] }),
};

/** Things of the operator, with a stranger's code wherever it can bring it by what it says itself. */
const NAMED: Readonly<Record<string, object>> = {
  "application named": {
    applicant: OPERATOR,
    announcement: "n",
    objections: { one: OTHER, scenario: OTHER, authorization: OTHER },
    steps: {},
  },
  "incident named": { authorization: "a", party: OTHER },
  "exit named": { authorization: "a", leaving: "operator", hands: [OPERATOR], residue: { by: [OTHER], at: 1 }, steps: {} },
  "resource named": { source: OPERATOR, versions: [], steps: { updated: [{ at: 1, act: "M/acts/0", party: OTHER }] } },
  // By number what is its own by name.
  [`scenario ${OTHER}`]: { authorization: "other", operator: OTHER, versions: [], steps: {} },
  "authorization other": { operator: OTHER, steps: {} },
};

const proposal = (more: object): object => ({ authorization: "a", operator: OPERATOR, versions: [], steps: more });
const markBy = (party: string): readonly object[] => [{ at: 1, act: "M/acts/0", party }];
const ANSWERED: Readonly<Record<string, object>> = {
  "complaint c": { party: THIRD, steps: {} },
  "complaint of-nobody": { steps: {} },
  "scenario proposed": proposal({ proposed: markBy(THIRD) }),
  "scenario taken-up": proposal({ proposed: markBy(THIRD), submitted: markBy(OPERATOR) }),
  "scenario proposed-again": proposal({ proposed: [...markBy(THIRD), ...markBy(SECOND)] }),
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
    for (const [name, record] of Object.entries({ ...RECORDS, ...NAMED, ...ANSWERED })) {
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

  it("gives who comes into the record of another's thing by its own word no sight of it, whose it is all of it", async () => {
    const roles = ["primary-operator", "platform", "developer", "source"] as const;
    for (const name of Object.keys(NAMED).filter((name) => name.endsWith(" named"))) {
      const subject = { kind: name.split(" ")[0], id: "named" } as Subject;
      expect(await by(OTHER, ...roles).subject(subject), name).to.equal(false);
      expect(await by(OTHER, ...roles).about([subject], "act"), name).to.equal(false);
      expect(await by(OPERATOR, ...roles).subject(subject), name).to.equal(true);
    }
  });

  it("gives what is said under the number of an incident to whose authorization it names, and to nobody for whose number it is", async () => {
    const said = (id: string): readonly Subject[] => [
      { kind: "incident", id: "named" },
      { kind: "authorization", id },
    ];
    const [own, others] = [by(OPERATOR, "primary-operator"), by(OTHER, "primary-operator")];
    for (const what of ["act", "fact"] as const) {
      expect([await own.about(said("a"), what), await others.about(said("a"), what)], what).to.deep.equal([true, false]);
      expect([await own.about(said("other"), what), await others.about(said("other"), what)], what).to.deep.equal([false, true]);
      expect(await own.about(said("a").slice(0, 1), what), "no authorization").to.equal(false);
    }
  });

  it("shows what happened while something was its own, and nothing of what came after", async () => {
    const pulled = (time: string, party = OPERATOR): object => ({
      ...{ type: "suyuan.data.pulled", party, time },
      data: { authorization: "b", scenario: "t", resource: "r", fields: ["x"], rows: 1 },
    });
    const [before, after] = [pulled("2026-02-28T23:59:59Z"), pulled("2026-03-01T00:00:00Z")];
    const [former, now] = [by(THIRD, "source"), by(SOURCE, "source")];
    expect([await former.event(before), await former.event(after)]).to.deep.equal([true, false]);
    expect([await now.event(before), await now.event(after)]).to.deep.equal([true, true]);
    expect(await former.subject(resource!)).to.equal(false);
    expect(await former.subject(scenario!), "that demands it now").to.equal(false);
  });

  it("tells who complains or proposes what is decided, as long as it is about that and nobody else's", async () => {
    const told = async (party: string, kind: "complaint" | "scenario", id: string): Promise<unknown> => {
      const it = by(party, "developer");
      return [await it.about([{ kind, id }], "act"), await it.about([{ kind, id }], "fact")];
    };
    expect(await told(THIRD, "complaint", "c")).to.deep.equal([true, false]);
    expect(await told(OTHER, "complaint", "c")).to.deep.equal([false, false]);
    expect(await told(THIRD, "complaint", "of-nobody")).to.deep.equal([false, false]);
    expect(await told(THIRD, "scenario", "proposed")).to.deep.equal([true, false]);
    expect(await told(THIRD, "scenario", "taken-up")).to.deep.equal([false, false]);
    expect(await told(THIRD, "scenario", "proposed-again")).to.deep.equal([false, false]);
    expect(await told(SECOND, "scenario", "proposed-again")).to.deep.equal([true, false]);
    const complaint: readonly Subject[] = [{ kind: "complaint", id: "c" }, authorization!];
    for (const what of ["act", "fact"] as const)
      expect(await by(OPERATOR, "primary-operator").about(complaint, what), "whom it is about").to.equal(false);
  });

  it("says to all members what is said to all, and the more where roles are several", async () => {
    expect(await by(OTHER, "province-platform").about([{ kind: "rulebook", id: "current" }], "act")).to.equal(true);
    expect(await by(OTHER, "province-platform").about([], "act")).to.equal(false);
    expect(await by(OTHER, "developer", "assessor").about([authorization!], "fact")).to.equal(true);
    expect(new Access(store).all, "the gateway itself").to.equal(true);
  });
});
