import { expect } from "chai";
import { join } from "node:path";
import type { StatementVerdict } from "../../../gateway/evidence/exit-statement";
import type { ExitVerdict } from "../../../gateway/evidence/verify-exit";
import { AGENCY } from "../../chaincode/events/oversight";
import {
  AUTHORITY,
  AUTHORIZATION,
  DEVELOPER,
  example,
  METEOROLOGY,
  OPERATOR,
  PRODUCT,
  type Report,
  SCENARIO,
  TRANSPORT,
} from "../../chaincode/events/world";
import { documents, inDirectory, type Ran, suyuan } from "../../scripts/suyuan";
import { asking, COLLEAGUE } from "../http/telling";
import { Exiting } from "./leaving";

/** The developer's code from now on. */
const RENAMED = COLLEAGUE;

const made = (party: string, digit: string, change: object = {}): Report =>
  example("data.processed", party, {
    holdings: [{ digest: digit.repeat(64), bytes: 1, rows: 1, form: "intermediate", place: "平台", platform: "on" }],
    ...change,
  });

interface Part {
  readonly name: string;
  readonly leaving: Readonly<Record<string, string>>;
  readonly end: Report;
  /** How many holdings are of it; those that ended before are gone. */
  readonly own: number;
}

/** One after the other, on one authorization that goes on. */
const PARTS: readonly Part[] = [
  { name: "product", leaving: { product: PRODUCT }, end: example("product.withdrawn", OPERATOR), own: 2 },
  {
    name: "developer",
    leaving: { developer: DEVELOPER, scenario: SCENARIO },
    end: example("developer.revoked", OPERATOR, { developer: DEVELOPER }),
    own: 2,
  },
  { name: "scenario", leaving: { scenario: SCENARIO }, end: example("scenario.closed", OPERATOR), own: 3 },
];

describe("the exit of a part, end to end", function () {
  this.timeout(180_000);
  let exiting: Exiting;
  before(async () => {
    exiting = await Exiting.start();
    const { telling } = exiting;
    await telling.tell(made(OPERATOR, "a", { product: PRODUCT }));
    await telling.tell(made(DEVELOPER, "b"));
    await telling.tell(example("party.renamed", AUTHORITY, { code: RENAMED, name: "更名后的开发主体", former: DEVELOPER }));
    await telling.tell(made(RENAMED, "c"));
  });
  after(() => exiting.stop());

  const run = async (...args: readonly string[]): Promise<Ran> =>
    suyuan([...args, "--json"], {
      env: {
        SUYUAN_URL: exiting.telling.url,
        SUYUAN_TOKEN: await exiting.telling.token(asking(AUTHORITY)),
        SUYUAN_TRUST: join(exiting.telling.data, "trust.json"),
      },
    });
  const said = (ran: Ran): unknown => documents(ran)[0];

  for (const { name, leaving, end, own } of PARTS)
    it(`is planned, stated, certified, checked and shown to a source: ${name}`, () =>
      inDirectory(async (directory) => {
        const { telling } = exiting;
        const exit = `yz-exit-${name}`;
        const step = (what: Parameters<typeof example>[0], party: string, change: object = {}): Promise<unknown> =>
          telling.tell(example(what, party, { exit, ...change }));
        await telling.tell(end);
        await step("exit.opened", AGENCY, { leaving: name, ...leaving });
        await step("exit.permissions-closed", AGENCY);
        expect(said(await run("exit", "plan", exit))).to.include({ leaving: name, outstanding: own, retained: 0 });

        const { count, root, items } = await telling.json<{
          count: number;
          root: string;
          items: readonly { holding: string; digest: string; party: string }[];
        }>(`/v1/exits/${exit}/inventory`);
        expect(count).to.equal(own);
        await step("exit.inventory-frozen", AGENCY, { count, root });

        // While the authority takes its time, anybody can have the ledger's word on what is held.
        const statement = join(directory, "statement.json");
        const held = await run("exit", "certify", exit, "--statement", "--out", statement);
        expect([held.code, (said(held) as StatementVerdict).outstanding], held.stdout).to.deep.equal([4, own]);
        for (const { holding, digest, party } of items)
          await telling.tell(example("holding.deleted", party === DEVELOPER ? RENAMED : party, { holding, digest }));
        const clear = await run("exit", "certify", exit, "--statement", "--out", statement);
        expect(clear.code, clear.stdout).to.equal(0);
        const stated = said(await run("verify", statement)) as StatementVerdict;
        expect(stated).to.include({ outstanding: 0, retained: 0, exit });
        expect(stated.others).to.deep.equal(name === "developer" ? [OPERATOR] : undefined);

        await step("exit.reconciled", AUTHORITY);
        await step("exit.residue-scanned", AGENCY);
        await step("exit.verified", METEOROLOGY);
        const out = join(directory, "certificate.ndjson");
        const certified = await run("exit", "certify", exit, "--out", out);
        expect(certified.code, certified.stdout).to.equal(0);
        await step("exit.certified", AUTHORITY, { certificate: { digest: (said(certified) as ExitVerdict).digest } });
        expect((await run("exit", "certify", exit, "--out", out)).code).to.equal(0);
        const verdict = said(await run("verify", out)) as ExitVerdict;
        expect(verdict.certificate).to.deep.include({ leaving: name, ...leaving });
        expect([verdict.certificate.counts.deleted, verdict.items]).to.deep.equal([own, own]);
        expect(verdict.countersigned).to.match(/\/acts\/\d+$/);
        expect(verdict.certificate.trigger?.rests?.type).to.equal(`suyuan.${end.type}`);
        const told = (await suyuan(["verify", out], { env: { SUYUAN_TRUST: join(telling.data, "trust.json") } })).stdout;
        for (const id of Object.values(leaving)) expect(told, id).to.match(new RegExp(`what ends .*${id}`));

        const part = join(directory, "part.ndjson");
        const shown = await run("exit", "certify", exit, "--source", TRANSPORT, "--out", part);
        expect(shown.code, shown.stdout).to.equal(0);
        const its = said(await run("verify", part)) as ExitVerdict;
        expect(its.proven).to.include("items-of-source");
        expect([its.source, its.items]).to.deep.equal([TRANSPORT, own]);
      }));

  it("ends nothing of the authorization itself: its operator is told as before", async () => {
    expect((await exiting.telling.get(`/v1/trace/product/${PRODUCT}`, asking(OPERATOR))).status).to.equal(200);
    expect((await exiting.telling.get(`/v1/subjects/authorization/${AUTHORIZATION}`, asking(OPERATOR))).status).to.equal(200);
  });
});
