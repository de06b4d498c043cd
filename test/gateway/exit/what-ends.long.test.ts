/** What the gateway lists to be frozen against what the contract freezes, whatever parties became of one another meanwhile. */
import { expect } from "chai";
import fc from "fast-check";
import { rm } from "node:fs/promises";
import type { Exit } from "../../../chaincode/events/exit-record";
import { ContractError } from "../../../chaincode/errors";
import { itemsOf, rootOf } from "../../../gateway/exit/inventory";
import { actAt, inventoryOf } from "../../../gateway/exit/inventory-reading";
import { partOfExit, partsOf } from "../../../gateway/exit/what-ends";
import { Access } from "../../../gateway/index/access";
import { under } from "../../../gateway/index/keys";
import { Reader } from "../../../gateway/index/reader";
import { ReadModel } from "../../../gateway/index/read-model";
import { openStore } from "../../../gateway/index/store";
import { View } from "../../../gateway/index/view";
import { creditCode, type MixEvent } from "../../../scripts/bench/mix";
import { newDirectory, project } from "../index/indexed";
import { ACTS, AUTHORITY, AUTHORIZATION, deleted, DEVELOPER, digest, event, OPERATOR, processed, pulled, Story } from "../index/story";
import { SAMPLE } from "../../sample";

const AGENCY = creditCode(50);
const PARTIES = [DEVELOPER, creditCode(51), creditCode(52)] as const;
const SCENARIO = "scn-1";
const named = (exit: string) => ({ exit, authorization: AUTHORIZATION });
const document = { digest: digest(0xd0c) };

/** Which of those that there are, whoever they are. */
const which = fc.nat(1000);
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ does: fc.constant("declare" as const), one: which, other: which }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constantFrom("delete" as const, "rename" as const), one: which, other: which }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constantFrom("merge" as const, "split" as const), one: which, other: which }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant("annul" as const), one: which, other: which }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const picked = <T>(all: readonly T[], which: number): T | undefined => all[which % Math.max(all.length, 1)];

/** Developers of one scenario, of which the first two leave. */
class Leaving {
  readonly #codes: string[] = [...PARTIES];
  readonly #held: { readonly name: string; readonly by: string; readonly n: number }[] = [];
  readonly #successions: { readonly act: string; readonly code: string }[] = [];
  #n = 0;

  private constructor(
    readonly story: Story,
    /** What all is made of. */
    private readonly raw: string,
  ) {}

  static async begin(exits: readonly string[]): Promise<Leaving> {
    const story = await Story.world();
    const acts: MixEvent[] = [
      event("party.registered", { code: AGENCY, name: "实施机构", roles: ["implementing-agency"] }, { party: AUTHORITY }),
    ];
    for (const developer of PARTIES.slice(1)) {
      const given = { developer, scenario: SCENARIO };
      acts.push(
        event("party.registered", { code: developer, name: "同业", roles: ["developer"] }, { party: AUTHORITY }),
        event("developer.applied", { ...given, affiliation: "none", qualification: document }, { party: developer }),
        event("developer.verified", { ...given, opinion: document }),
        event("developer.selected", { ...given, opinion: document }),
        event("developer.authorised", { ...given, from: "2026-01-01", until: "2031-01-01", agreement: document }),
      );
    }
    exits.forEach((exit, i) => {
      const developer = PARTIES[i];
      acts.push(
        event("developer.revoked", { developer, scenario: SCENARIO, reason: "退出" }),
        event("exit.opened", { ...named(exit), leaving: "developer", developer, scenario: SCENARIO }, { party: AGENCY }),
        event("exit.permissions-closed", { ...named(exit), record: document }, { party: AGENCY }),
      );
    });
    await story.acts(...acts);
    const [raw = ""] = await story.holdings(pulled("res-a", 0));
    return new Leaving(story, raw);
  }

  /** What the ledger refuses is not done. */
  async take({ does, one, other }: Step): Promise<void> {
    const [code = "", second = ""] = [picked(this.#codes, one), picked(this.#codes, other)];
    if (does === "declare") {
      const n = ++this.#n;
      for (const name of await this.story.holdings({ ...processed("clean", [this.raw], [n]), party: code }))
        this.#held.push({ name, by: code, n });
    } else if (does === "delete") {
      const it = picked(this.#held, one);
      if (it !== undefined) await this.story.facts({ ...deleted(it.name, it.n), party: OPERATOR });
    } else if (does === "annul") {
      const it = picked(this.#successions, one);
      if (it === undefined) return;
      const said = { event: it.act, subjectKind: "party", subject: it.code, reason: "误办", decision: document };
      await this.#attempt(event("correction.annulled", said, { party: AUTHORITY }));
    } else if (does === "rename") {
      const now = creditCode(60 + this.#codes.length);
      if (await this.#succeed(now, event("party.renamed", { code: now, name: "新名", former: code }, { party: AUTHORITY })))
        this.#codes.push(now);
    } else if (does === "merge") await this.#succeed(code, event("party.merged", { code, former: [second] }, { party: AUTHORITY }));
    else await this.#succeed(code, event("party.split", { code, into: [code, second] }, { party: AUTHORITY }));
  }

  async #succeed(code: string, succession: MixEvent): Promise<boolean> {
    const index = await this.#attempt(succession);
    if (index !== undefined) this.#successions.push({ act: `${ACTS}/${index}`, code });
    return index !== undefined;
  }

  /** @returns where it stands */
  async #attempt(act: MixEvent): Promise<number | undefined> {
    try {
      return (await this.story.acts(act)).from;
    } catch (error) {
      if (!(error instanceof ContractError)) throw error;
      return undefined;
    }
  }
}

const RUNS = SAMPLE ? 4 : 60;

describe("what is listed of a developer's exit", function () {
  this.timeout(600_000);

  it("is what the contract freezes, and stays what it froze, through any mergers, splits, renamings and annulments of these", async () => {
    let frozenAnew = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 6, maxLength: 14 }), async (steps) => {
        const exits = ["exit-0", "exit-1"];
        const leaving = await Leaving.begin(exits);
        const directory = await newDirectory();
        const frozen: { readonly exit: string; readonly act: string; readonly root: string; readonly count: number }[] = [];
        let projected = 0;
        try {
          for (const one of steps) {
            await leaving.take(one);
            const blocks = await leaving.story.blocks();
            await project(directory, blocks.slice(projected));
            projected = blocks.length;
            const listed: { readonly exit: string; readonly root: string; readonly count: number }[] = [];
            const readModel = await ReadModel.open(directory);
            try {
              const all = await readModel.reader();
              for (const exit of exits) {
                const record = (await all.subject({ kind: "exit", id: exit }))?.state as Exit;
                const { root, count } = await inventoryOf(all, exit, record, Date.now());
                listed.push({ exit, root, count });
                const [ever, parts] = [await all.everHeld(AUTHORIZATION), await partsOf(all, record)];
                for (const before of frozen.filter((it) => it.exit === exit)) {
                  const items = itemsOf(ever, parts, await actAt(all, before.act));
                  expect(rootOf(items), "as it was frozen").to.deep.equal({ root: before.root, count: before.count });
                }
              }
            } finally {
              await readModel.close();
            }
            for (const { exit, root, count } of listed) {
              // The contract refuses any other root.
              const act = event("exit.inventory-frozen", { ...named(exit), root, count }, { party: AGENCY });
              const { from } = await leaving.story.acts(act);
              frozen.push({ exit, act: `${ACTS}/${from}`, root, count });
              frozenAnew++;
            }
          }
        } finally {
          await leaving.story.close();
          await rm(directory, { recursive: true });
        }
      }),
      { numRuns: RUNS },
    );
    expect(frozenAnew).to.be.greaterThan(RUNS);
  });

  it("is what it was by a merger of before 0.6.0, of which the ledger kept nothing that an annulment could take back", async () => {
    const leaving = await Leaving.begin(["exit-0"]);
    const directory = await newDirectory();
    try {
      await leaving.take({ does: "merge", one: 1, other: 0 });
      await leaving.take({ does: "annul", one: 0, other: 0 });
      await project(directory, await leaving.story.blocks());
      const store = await openStore(directory);
      const rows = await store.keys(under("r", "succession")).all();
      const parties = async () => {
        const all = new Reader(store, await View.latest(store), new Access(store, undefined));
        return (await partOfExit(all, (await all.subject({ kind: "exit", id: "exit-0" }))?.state as Exit))?.parties;
      };
      expect(await parties()).to.deep.equal([PARTIES[0]]);
      expect(rows).to.have.length(1);
      await store.del(rows[0] ?? "");
      expect(await parties()).to.deep.equal([PARTIES[0], PARTIES[1]]);
      await store.close();
    } finally {
      await leaving.story.close();
      await rm(directory, { recursive: true });
    }
  });
});
