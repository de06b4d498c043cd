import { expect } from "chai";
import { rm } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { ReadModel } from "../../../gateway/index/read-model";
import type { Trace, TraceQuery } from "../../../gateway/index/trace";
import { newDirectory, project, told } from "./indexed";
import {
  accessed,
  ACTS,
  aggregated,
  called,
  deleted,
  delivered,
  FACTS,
  held,
  processed,
  pulled,
  released,
  releasedAgain,
  SOURCE,
  Story,
} from "./story";

const product = { kind: "product", id: "prd-1" } as const;
const resource = (id: string) => ({ kind: "resource", id }) as const;
const holding = (id: string) => ({ kind: "holding", id }) as const;

/** `what happened: used -> generated`, in the order of the answer. */
const steps = ({ activities, edges, entities }: Trace): string[] =>
  activities.map(({ activity }, number) => {
    const of = (role: string) =>
      edges.filter((edge) => edge.activity === number && edge.role === role).map(({ entity }) => entities[entity]?.id);
    return `${activity}: ${of("used").join(" ")} -> ${of("generated").join(" ")}`;
  });

const actsOf = ({ activities, acts }: Trace, activity: string): string[] => {
  const it = activities.find((other) => other.activity === activity);
  return (it?.decisions ?? []).map((act) => {
    const { type, subjects } = acts[act]!;
    return `${type.slice("suyuan.".length)}${type.endsWith("consented") ? ` ${subjects[1]?.id ?? ""}` : ""}`;
  });
};

describe("a trace", () => {
  let directory: string;
  let story: Story;
  let readModel: ReadModel;
  /** Names of the holdings of the story. */
  let rawA: string, rawB: string, clean: string, spare: string, joined: string;
  let beforeSecondVersion: number;

  const trace = async (query: Partial<TraceQuery> & Pick<TraceQuery, "start">, asOf?: number): Promise<Trace | undefined> =>
    (await readModel.reader(asOf)).trace({ direction: "sources", depth: 100, limit: 500, ...query });
  const traced = async (query: Partial<TraceQuery> & Pick<TraceQuery, "start">, asOf?: number): Promise<Trace> =>
    (await trace(query, asOf))!;

  before(async function () {
    this.timeout(30_000);
    story = await Story.world();
    await story.facts(aggregated("res-a", "2026-01", 11), aggregated("res-b", "2026-01", 12));
    [rawA = "", rawB = ""] = await story.holdings(pulled("res-a", 1), pulled("res-b", 2));
    await story.facts(aggregated("res-a", "2026-02", 13));
    [clean = "", spare = ""] = await story.holdings(processed("clean", [rawA], [3, 4]));
    [joined = ""] = await story.holdings(processed("integrate", [clean, rawB], [5]));
    await story.acts(released("prd-1", "v1", [joined]));
    await story.facts(called("prd-1"), called("prd-1"), delivered("prd-1"), accessed("res-a"), processed("compute", [joined], []));
    await story.facts(deleted(spare, 4));
    await sleep(5);
    beforeSecondVersion = Date.now();
    await sleep(5);
    await story.facts(called("prd-1"));
    await story.acts(...releasedAgain("prd-1", "v2", [joined]));
    directory = await newDirectory();
    await project(directory, await story.blocks());
    readModel = await ReadModel.open(directory);
  });
  after(async () => {
    await readModel.close();
    await story.close();
    await rm(directory, { recursive: true });
  });

  it("leads from a product through every step back to the versions of the resources that were current when they were pulled", async () => {
    const found = await traced({ start: product });
    expect(steps(found)).to.deep.equal([
      `release: ${joined} -> prd-1`,
      `release: ${joined} -> prd-1`,
      `integrate: ${clean} ${rawB} -> ${joined}`,
      `clean: ${rawA} -> ${clean}`,
      `pull: res-b -> ${rawB}`,
      `pull: res-a -> ${rawA}`,
      "aggregate:  -> res-b",
      "aggregate:  -> res-a",
    ]);
    expect(
      found.edges.filter(({ entity }) => found.entities[entity]?.kind === "resource").map(({ as }) => as?.["version"]),
    ).to.have.members([undefined, undefined, "2026-01", "2026-01"]);
    expect(found.edges.filter(({ entity }) => entity === 0).map(({ as }) => as?.["version"])).to.deep.equal(["v2", "v1"]);
    expect(found).to.include({ truncated: false, height: await story.on.ledger.height() });
  });

  it("says of each thing what it is", async () => {
    const { entities } = await traced({ start: product });
    const find = (id: string) => entities.find((entity) => entity.id === id);
    expect(find("prd-1")).to.deep.include({ kind: "product", name: "房价指数" }).and.to.have.nested.property("state.operator");
    expect(find("res-a")).to.deep.include({ kind: "resource", name: "房屋登记" }).and.to.have.nested.property("state.source", SOURCE);
    expect(find(rawA)).to.deep.include({ kind: "holding", state: "outstanding", declared: held(1, "raw") });
  });

  it("says of each step when, by whom, and what allowed it, down to the consent for the very resource", async () => {
    const found = await traced({ start: product });
    const pull = found.activities.find(({ activity }) => activity === "pull")!;
    expect(pull).to.deep.include({ journal: FACTS, type: "suyuan.data.pulled", findings: [] });
    expect(await readModel.position(pull.leafHash)).to.deep.equal({ journal: FACTS, index: pull.index });
    expect(actsOf(found, "pull")).to.deep.equal([
      "resource.catalogued",
      "resource.approved",
      "resource.published",
      "resource.registered",
      "authorization.decided",
      "authorization.signed",
      "scenario.submitted",
      "scenario.consented res-b",
      "scenario.approved",
      "scenario.registered",
    ]);
    expect(actsOf(found, "clean")).to.include.members(["scenario.consented res-a", "scenario.consented res-b", "scenario.approved"]);
    expect(actsOf(found, "aggregate")).to.deep.equal([
      "resource.catalogued",
      "resource.approved",
      "resource.published",
      "resource.registered",
    ]);
    expect(found.acts.every(({ journal }) => journal === ACTS)).to.equal(true);
  });

  it("shows the decision that was in force, not one that came later", async () => {
    const found = await traced({ start: product });
    const [second, first] = found.activities.filter(({ activity }) => activity === "release");
    const releases = (it: typeof first) =>
      it!.decisions.map((act) => found.acts[act]!).filter(({ type }) => type === "suyuan.product.released");
    expect(releases(first)).to.deep.equal([]);
    expect(releases(second).map(({ index }) => index)).to.deep.equal([first!.index]);
  });

  it("leads from a leaked raw copy forward to every copy made of it and to the product", async () => {
    const found = await traced({ start: holding(rawA), direction: "products" });
    expect(steps(found)).to.deep.equal([
      `clean: ${rawA} -> ${clean} ${spare}`,
      `integrate: ${clean} -> ${joined}`,
      `release: ${joined} -> prd-1`,
      `release: ${joined} -> prd-1`,
    ]);
    expect(found.entities.find(({ id }) => id === spare)).to.include({ state: "deleted" });
    const fromResource = await traced({ start: resource("res-b"), direction: "products" });
    expect(steps(fromResource)[0]).to.equal(`pull: res-b -> ${rawB}`);
    expect(fromResource.entities.map(({ id }) => id)).to.include("prd-1");
  });

  it("counts what made nothing, and does not follow it", async () => {
    const { entities } = await traced({ start: product });
    const uses = (id: string) => entities.find((entity) => entity.id === id)?.uses;
    expect(uses("prd-1")).to.deep.equal({ "suyuan.product.called": [3, 0], "suyuan.product.delivered": [1, 0] });
    expect(uses("res-a")).to.deep.equal({ "suyuan.data.accessed": [1, 0] });
    expect(uses(joined)).to.deep.equal({ "suyuan.data.processed": [1, 0] });
    expect(uses(rawB)).to.equal(undefined);
  });

  it("shows the past as it was", async () => {
    const found = await traced({ start: product }, beforeSecondVersion);
    expect(found.entities[0]?.uses).to.deep.equal({ "suyuan.product.called": [2, 0], "suyuan.product.delivered": [1, 0] });
    expect(steps(found).filter((step) => step.startsWith("release"))).to.have.length(1);
    expect(found.height).to.equal((await story.on.ledger.height()) - 2);
    expect(found.entities.map(({ hole }) => hole)).to.not.include("product-unknown");
    expect(found.entities[0], "which is what it is today").to.not.have.property("state");
    expect(await trace({ start: product }, Date.parse("2020-01-01T00:00:00Z"))).to.equal(undefined);
    expect(await trace({ start: holding(rawA) }, Date.parse("2020-01-01T00:00:00Z"))).to.equal(undefined);
  });

  it("stops at the depth asked for, and says what is left open", async () => {
    const found = await traced({ start: product, depth: 2 });
    expect(steps(found).map((step) => step.split(":")[0])).to.deep.equal(["release", "release", "integrate"]);
    expect(found.truncated).to.equal(true);
    expect(found.entities.filter(({ open }) => open).map(({ id }) => id)).to.have.members([clean, rawB]);
  });

  it("knows nothing of what nobody has named", async () => {
    expect(await trace({ start: resource("nothing") })).to.equal(undefined);
    expect(await trace({ start: holding(`${FACTS}/0/7`) })).to.equal(undefined);
    expect(await trace({ start: holding(`${FACTS}/999999/0`) })).to.equal(undefined);
  });
});

describe("the decisions of long ago", () => {
  it("are found behind all later ones", () =>
    told(
      async (story) => {
        const [raw = ""] = await story.holdings(pulled("res-a", 1));
        for (let version = 0; version < 150; version++) await story.acts(...releasedAgain("prd-1", `v${version}`, [raw]));
        return raw;
      },
      async (raw, _, reader) => {
        const { activities, acts } = (await reader.trace({ start: holding(raw), direction: "products", depth: 9, limit: 5000 }))!;
        expect(activities).to.have.length(150);
        const decided = (number: number): string[] =>
          activities[number]!.decisions.map((act) => acts[act]!.type).filter((type) => type.startsWith("suyuan.product."));
        const decisions = (...released: string[]): readonly string[] =>
          ["listed", "list-approved", "registered", ...released, "compliance-reviewed", "outbound-approved"].map(
            (step) => `suyuan.product.${step}`,
          );
        expect(decided(0)).to.deep.equal(decisions());
        for (const number of [1, 75, 149]) {
          expect(decided(number)).to.deep.equal(decisions("released"));
          const before = activities[number]!.decisions.map((act) => acts[act]!).find(({ type }) => type === "suyuan.product.released");
          expect(before?.index).to.equal(activities[number - 1]?.index);
        }
      },
    ));
});

describe("a trace with holes", () => {
  it("marks inputs that the ledger never saw, and resources that nobody catalogued", () => {
    const unknown = `${FACTS}/4000/0`;
    return told(
      (story) => story.holdings(processed("clean", [unknown], [1]), pulled("res-zzz", 2)),
      async ([out = "", wild = ""], _, reader) => {
        const query = { direction: "sources", depth: 9, limit: 99 } as const;
        const found = (await reader.trace({ start: holding(out), ...query }))!;
        expect(found.entities.find(({ id }) => id === unknown)).to.include({ hole: "input-unknown" });
        expect(found.edges.find(({ role }) => role === "used")).to.include({ finding: "input-unknown" });
        expect(found.activities[0]?.findings.map(({ code }) => code)).to.deep.equal(["input-unknown"]);
        const pull = (await reader.trace({ start: holding(wild), ...query }))!;
        expect(pull.entities.find(({ id }) => id === "res-zzz")).to.include({ hole: "resource-unknown" });
        expect(pull.activities[0]?.findings.map(({ code }) => code)).to.include("resource-not-in-scenario");
      },
    );
  });

  it("does not go round in circles where a step claims its own output as input", () =>
    told(
      (story) => story.holdings(processed("clean", [`${FACTS}/0/0`], [1])),
      async ([first = ""], _, reader) => {
        for (const direction of ["sources", "products"] as const) {
          const found = await reader.trace({ start: holding(first), direction, depth: 100, limit: 100 });
          expect(steps(found!)).to.deep.equal([`clean: ${first} -> ${first}`]);
        }
      },
    ));
});

describe("a trace of much", () => {
  it("is cut at the limit, and its parts together are the whole", () => {
    const copies = 130;
    return told(
      async (story) => {
        const [raw = ""] = await story.holdings(pulled("res-a", 1));
        for (const size of [100, 25, 5]) await story.facts(...Array.from({ length: size }, (_, i) => processed("clean", [raw], [i])));
        return raw;
      },
      async (raw, _, reader) => {
        const seen: string[] = [];
        const query = { start: holding(raw), direction: "products", depth: 9, limit: 41 } as const;
        let cursor: string | undefined;
        let pages = 0;
        do {
          const found: Trace = (await reader.trace({ ...query, ...(cursor === undefined ? {} : { cursor }) }))!;
          expect(found.entities.length + found.activities.length).to.be.at.most(41);
          seen.push(...found.entities.slice(1).map(({ id }) => id));
          cursor = found.entities[0]?.next;
          expect(found.truncated).to.equal(cursor !== undefined);
          pages++;
        } while (cursor !== undefined);
        expect(pages).to.equal(Math.ceil(copies / 20));
        expect(seen).to.have.length(copies);
        expect(new Set(seen)).to.have.property("size", copies);
      },
    );
  });
});
