import { expect } from "chai";
import { rm } from "node:fs/promises";
import type { Role, Subject } from "../../../chaincode/events/definition";
import { Access } from "../../../gateway/index/access";
import { keys } from "../../../gateway/index/keys";
import { openStore, type Store, toJson } from "../../../gateway/index/store";
import { newDirectory } from "./indexed";

const [OPERATOR, OTHER, FIRST, SECOND, SOURCE] = ["operator", "other", "first", "second", "source"];
const authorised = { authorised: [{ at: 1, act: "M/acts/0" }] };

const RECORDS: Readonly<Record<string, object>> = {
  "authorization a": { operator: OPERATOR, steps: {} },
  "scenario s": { authorization: "a", operator: OPERATOR, demands: [{ resource: "r", fields: ["x"] }], steps: {} },
  "resource r": { source: SOURCE, fields: ["x"], steps: {} },
  "product p": { authorization: "a", scenario: "s", operator: OPERATOR, steps: {} },
  [`developer ${FIRST}:s`]: { developer: FIRST, scenario: "s", authorization: "a", steps: authorised },
  [`developer ${SECOND}:s`]: { developer: SECOND, scenario: "s", authorization: "a", steps: { applied: authorised.authorised } },
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

  it("gives a source nothing of what a scenario does with others' resources", async () => {
    const source = by(SOURCE, "source");
    expect(await source.about([authorization!, scenario!, resource!])).to.equal(true);
    expect(await source.about([authorization!, scenario!, { kind: "resource", id: "q" }])).to.equal(false);
    expect(await source.about([authorization!, scenario!])).to.equal(false);
  });

  it("gives a developer the scenario under which it is authorised, and not before", async () => {
    expect(await by(FIRST, "developer").about([authorization!, scenario!])).to.equal(true);
    expect(await by(FIRST, "developer").subject(product!)).to.equal(true);
    expect(await by(SECOND, "developer").about([authorization!, scenario!])).to.equal(false);
    expect(await by(FIRST, "developer").subject(authorization!)).to.equal(false);
  });

  it("keeps from a developer what another has under the same scenario, and nothing of it from the operator", async () => {
    expect(await by(FIRST, "developer").about(development(FIRST))).to.equal(true);
    expect(await by(SECOND, "developer").about(development(SECOND))).to.equal(true);
    expect(await by(FIRST, "developer").about(development(SECOND))).to.equal(false);
    expect(await by(OPERATOR, "primary-operator").about(development(SECOND))).to.equal(true);
  });

  it("says to all members what is said to all, and the more where roles are several", async () => {
    expect(await by(OTHER, "province-platform").about([{ kind: "rulebook", id: "current" }])).to.equal(true);
    expect(await by(OTHER, "province-platform").about([])).to.equal(false);
    expect(await by(OTHER, "developer", "assessor").about([authorization!])).to.equal(true);
    expect(new Access(store).all, "the gateway itself").to.equal(true);
  });
});
