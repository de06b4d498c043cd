import { expect } from "chai";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ExitState } from "../../../gateway/exit/state";
import { piece } from "../../../gateway/evidence/examine";
import { parseTrust } from "../../../gateway/evidence/trust";
import { type ExitVerdict, verifyExit } from "../../../gateway/evidence/verify-exit";
import { AGENCY } from "../../chaincode/events/oversight";
import { AUTHORITY, DEVELOPER, example, METEOROLOGY, OPERATOR, SCENARIO, STRANGER } from "../../chaincode/events/world";
import { creditCode } from "../../../scripts/bench/mix";
import { suyuan } from "../../scripts/suyuan";
import { asking, COLLEAGUE } from "../http/telling";
import { EXIT, Exiting } from "./leaving";

/** What ends is more by its end than it was when its inventory was frozen. */
describe("an exit to which something is added after its inventory was frozen", function () {
  this.timeout(120_000);
  let exiting: Exiting;
  beforeEach(async () => {
    exiting = await Exiting.start();
  });
  afterEach(() => exiting.stop());

  const holdingOf = async (party: string, digit: string): Promise<string> => {
    const held = { digest: digit.repeat(64), bytes: 1, rows: 1, form: "intermediate", place: "平台", platform: "on" };
    const { journal, index } = await exiting.telling.tell(example("data.processed", party, { holdings: [held] }));
    return `${journal}/${index}/0`;
  };
  const remove = (party: string, holding: string, digit: string) =>
    exiting.telling.tell(example("holding.deleted", party, { holding, digest: digit.repeat(64) }));
  const take = (exit: string, what: Parameters<typeof example>[0], party: string, change: object = {}) =>
    exiting.telling.tell(example(what, party, { exit, ...change }));
  const freeze = async (exit: string): Promise<void> => {
    const { count, root } = await exiting.inventory(exit);
    await take(exit, "exit.inventory-frozen", AGENCY, { count, root });
  };
  const certificate = async (exit: string): Promise<ExitVerdict> => {
    const { status, text } = await exiting.certificate(exit);
    expect(status, text).to.equal(200);
    return verifyExit(piece(Buffer.from(text)), undefined, parseTrust(await readFile(join(exiting.telling.data, "trust.json"))));
  };
  const certified = async (exit: string): Promise<ExitVerdict> => {
    await take(exit, "exit.reconciled", AUTHORITY);
    await take(exit, "exit.residue-scanned", AGENCY);
    await take(exit, "exit.verified", METEOROLOGY);
    return certificate(exit);
  };
  /** A colleague of the developer that leaves, with a part of its own in the same scenario. */
  const colleague = async (): Promise<void> => {
    const own = { developer: COLLEAGUE };
    await exiting.telling.tell(example("party.registered", AUTHORITY, { code: COLLEAGUE, name: "同业", roles: ["developer"] }));
    await exiting.telling.tell(example("developer.applied", COLLEAGUE, own));
    for (const step of ["verified", "selected", "authorised"] as const)
      await exiting.telling.tell(example(`developer.${step}`, OPERATOR, own));
  };
  const merge = () => exiting.telling.tell(example("party.merged", AUTHORITY, { code: COLLEAGUE, former: [DEVELOPER] }));
  const annul = ({ journal, index }: { readonly journal: string; readonly index: number }) => {
    const act = { event: `${journal}/${index}`, subjectKind: "party", subject: COLLEAGUE };
    return exiting.telling.tell(example("correction.annulled", AUTHORITY, act));
  };
  const begin = async (exit: string): Promise<void> => {
    await exiting.telling.tell(example("developer.revoked", OPERATOR, { developer: DEVELOPER }));
    await take(exit, "exit.opened", AGENCY, { leaving: "developer", developer: DEVELOPER, scenario: SCENARIO });
    await take(exit, "exit.permissions-closed", AGENCY);
  };

  it("is certified over what was frozen, where who goes on for the developer had holdings of its own", async () => {
    const exit = "yz-exit-merged";
    await colleague();
    const own = await holdingOf(DEVELOPER, "a");
    const [gone, kept] = [await holdingOf(COLLEAGUE, "b"), await holdingOf(COLLEAGUE, "c")];
    await begin(exit);
    await freeze(exit);
    const before = await exiting.inventory(exit);
    await remove(DEVELOPER, own, "a");
    await remove(COLLEAGUE, gone, "b");
    await merge();
    // What is left of both is waited for from now on.
    await take(exit, "exit.reconciled", AUTHORITY);
    await take(exit, "exit.residue-scanned", AGENCY);
    expect(await exiting.telling.attempt(example("exit.verified", METEOROLOGY, { exit }))).to.deep.equal([409, "holdings-outstanding"]);
    await remove(COLLEAGUE, kept, "c");
    const verdict = await certified(exit);
    expect(verdict.certificate.inventory).to.deep.equal({ count: 1, root: before.root });
    expect(verdict.certificate.items.count).to.equal(2);
    expect(verdict.certificate.residual).to.include("late-holdings");
    const { items } = await exiting.inventory(exit);
    expect(items.map(({ holding, state, late }) => [holding, state, late])).to.deep.equal([
      [own, "deleted", undefined],
      [kept, "deleted", true],
    ]);
  });

  it("is the same certificate when the developer is merged after it was verified", async () => {
    const exit = "yz-exit-then-merged";
    await colleague();
    const own = await holdingOf(DEVELOPER, "a");
    await holdingOf(COLLEAGUE, "b");
    await begin(exit);
    await freeze(exit);
    await remove(DEVELOPER, own, "a");
    const { digest } = await certified(exit);
    await merge();
    expect((await certificate(exit)).digest).to.equal(digest);
    // Made anew: not the one that is kept for a while.
    await exiting.inventory(exit);
    expect((await certificate(exit)).digest).to.equal(digest);
  });

  it("is frozen without what came to it by a merger that was annulled before", async () => {
    const exit = "yz-exit-unmerged";
    await colleague();
    const own = await holdingOf(DEVELOPER, "a");
    await holdingOf(COLLEAGUE, "b");
    const merger = await merge();
    await begin(exit);
    expect((await exiting.inventory(exit)).count).to.equal(2);
    await annul(merger);
    const { count, items } = await exiting.inventory(exit);
    expect([count, items.map(({ holding }) => holding)]).to.deep.equal([1, [own]]);
    await freeze(exit);
    await remove(DEVELOPER, own, "a");
    expect((await certified(exit)).certificate.counts).to.include({ outstanding: 0, deleted: 1 });
  });

  it("is certified over what was frozen, where the merger was annulled since: what is another's again is told of, and waited for no more", async () => {
    const exit = "yz-exit-unmerged-since";
    await colleague();
    const [own, others] = [await holdingOf(DEVELOPER, "a"), await holdingOf(COLLEAGUE, "b")];
    const merger = await merge();
    await begin(exit);
    await freeze(exit);
    const before = await exiting.inventory(exit);
    const { journal, index } = await annul(merger);
    await remove(DEVELOPER, own, "a");
    const verdict = await certified(exit);
    const { inventory, counts, handlings, residual } = verdict.certificate;
    expect(inventory).to.deep.equal({ count: 2, root: before.root });
    expect(counts).to.deep.include({ outstanding: 0, deleted: 1, annulled: 1 });
    expect(handlings.map(({ state, party }) => [state, party])).to.deep.include(["annulled", AUTHORITY]);
    expect(residual).to.include("succession-annulled");
    const items = (await exiting.certificate(exit, "/items")).text;
    const { notProven } = await verifyExit(
      piece(Buffer.from((await exiting.certificate(exit)).text)),
      piece(Buffer.from(items)),
      parseTrust(await readFile(join(exiting.telling.data, "trust.json"))),
    );
    expect(notProven).to.not.include("items-whole");
    const item = items.split("\n").find((line) => line.includes(others)) ?? "{}";
    expect(JSON.parse(item)).to.deep.include({ state: "annulled", by: `${journal}/${index}` });
  });

  it("says that what ends has changed, where the merger is annulled once it is verified: the certificate goes on to be read", async () => {
    const exit = "yz-exit-unmerged-late";
    await colleague();
    const [own, others] = [await holdingOf(DEVELOPER, "a"), await holdingOf(COLLEAGUE, "b")];
    await remove(COLLEAGUE, others, "b");
    const merger = await merge();
    await begin(exit);
    await freeze(exit);
    await remove(DEVELOPER, own, "a");
    const { digest, since } = await certified(exit);
    expect(since).to.equal(undefined);
    await take(exit, "exit.certified", AUTHORITY, { certificate: { digest } });
    await annul(merger);
    expect((await certificate(exit)).since).to.deep.equal({ outstanding: 0, accountedFor: 1 });
    const { steps } = await exiting.telling.json<ExitState>(`/v1/exits/${exit}`);
    for (const name of ["verified", "certified"]) {
      const step = steps.find((one) => one.step === name);
      expect(step, name).to.include({ again: true, changed: true }).and.not.have.property("outdated");
    }
    const env = { SUYUAN_URL: exiting.telling.url, SUYUAN_TOKEN: await exiting.telling.token(asking(AUTHORITY)), SUYUAN_LANG: "en" };
    const { stdout } = await suyuan(["exit", "plan", exit], { env });
    expect(stdout).to.include("what ends has changed").and.not.include("something was");
  });

  it("is certified as before where its operator, who was renamed, reports residue by its new code, which ends nothing on the ledger either", async () => {
    const [exit, code] = ["yz-exit-renamed", creditCode(9)];
    const scan = (residues: number) =>
      exiting.telling.tell(example("exit.residue-scanned", code, { exit, residues }), asking(code, "primary-operator"));
    const own = await holdingOf(DEVELOPER, "a");
    await begin(exit);
    await freeze(exit);
    await remove(DEVELOPER, own, "a");
    await exiting.telling.tell(example("party.renamed", AUTHORITY, { code, former: OPERATOR }));
    await scan(0);
    const { digest } = await certified(exit);
    await scan(1);
    const { steps } = await exiting.telling.json<ExitState>(`/v1/exits/${exit}`);
    expect(steps.find(({ step }) => step === "verified")).to.include({ state: "done" });
    const after = await certificate(exit);
    expect(after.digest).to.equal(digest);
    expect(after.notProven).to.include("no-residue-since");
  });

  it("is the same certificate when its operator becomes part of another, who had declared something that was not its own to declare", async () => {
    await exiting.telling.tell(example("data.pulled", STRANGER), asking(STRANGER, "primary-operator"));
    await exiting.open();
    await exiting.clear();
    await exiting.verify();
    const { digest } = await certificate(EXIT);
    await exiting.telling.tell(example("party.merged", AUTHORITY, { code: STRANGER, former: [OPERATOR] }));
    await exiting.inventory();
    expect((await certificate(EXIT)).digest).to.equal(digest);
  });
});
