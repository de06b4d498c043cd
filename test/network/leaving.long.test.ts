/** Leaving on a network of four organisations, whose gateways race: what concludes an exit, and what is held and deleted meanwhile. */
import { expect } from "chai";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { inflate } from "../../chaincode/batch";
import { toHex } from "../../chaincode/proof/bytes";
import { leafHash } from "../../chaincode/proof/rfc6962";
import type { Role } from "../../chaincode/events/definition";
import { parseStatement, type StatementFile, verifyStatement } from "../../gateway/evidence/exit-statement";
import { FabricGatewayLedger } from "../../gateway/ledger/fabric-gateway";
import type { Told } from "../chaincode/events/heard";
import { AGENCY, terminate, watched } from "../chaincode/events/oversight";
import { AUTHORITY, AUTHORIZATION, DEVELOPER, example, examples, METEOROLOGY, OPERATOR, type Report } from "../chaincode/events/world";
import { onFabric } from "../gateway/ledger/fabric-network";
import { isRecorded } from "../gateway/stories";
import { documents, suyuan } from "../scripts/suyuan";
import { Four } from "./four";
import { Gateways } from "./gateways";
import { SAMPLE } from "../sample";
import { beginRun, type Hosts, Retelling, stepsOf } from "./retold";

const TITLE = "leaving a network of four organisations";
/** Of each race. In the first the others come first, in the second what concludes; then as it happens. */
const ROUNDS = SAMPLE ? 2 : 6;
/** Milliseconds: by how much one comes first where it does, and within which all come otherwise: a fact waits for its batch, an act does not. */
const [AHEAD, FACTS, ACTS] = [1500, 400, 700];

/** Longer than a run. */
const RUN_MS = 300_000;

const EXIT = "yz-exit-transport";
const HOST = { authority: "AuthorityMSP", operator: "OperatorMSP", developer: "DeveloperMSP", source: "SourceMSP" } as const;
/** What the developer holds, both with the same digest; between them is a log, which is kept. */
const [MADE, CACHE] = ["SuyuanMSP/facts/4/0", "SuyuanMSP/facts/4/2"];

/** An exit as far as that it can be verified, but for what is still held. */
function upTo(left: readonly string[], ...more: readonly Report[]): Told {
  const world = watched("data.processed");
  const told = (report: Report, ...codes: string[]): void => {
    expect(world.codes(report), report.type).to.deep.equal(codes);
  };
  // Made of what was not delivered to it, and held all the same.
  told(example("data.processed", DEVELOPER), "no-authorization");
  terminate(world);
  told(example("exit.opened", AGENCY));
  told(example("exit.permissions-closed", AGENCY));
  const held = world.held(AUTHORIZATION);
  told(example("exit.inventory-frozen", AGENCY, { count: held.length }));
  for (const [holding, { digest, form }] of held)
    if (!left.includes(holding)) told(example(form === "log" ? "holding.retained" : "holding.deleted", OPERATOR, { holding, digest }));
  told(example("exit.reconciled", AUTHORITY));
  told(example("exit.residue-scanned", AGENCY));
  for (const report of more) told(report);
  return world.heard;
}

interface Runner {
  readonly host: string;
  readonly report: Report;
  /** What it does, where it is recorded. */
  readonly does: "concludes" | { readonly declares: number } | { readonly deletes: string };
}

const verifies: Runner = { host: HOST.source, report: example("exit.verified", METEOROLOGY), does: "concludes" };
const certifies: Runner = { host: HOST.authority, report: example("exit.certified", AUTHORITY), does: "concludes" };
const pulls: Runner = { host: HOST.operator, report: example("data.pulled", OPERATOR), does: { declares: 1 } };
const processes: Runner = { host: HOST.developer, report: example("data.processed", DEVELOPER), does: { declares: 3 } };
const deletes = (holding: string, host: string, party: string): Runner => ({
  host,
  report: example("holding.deleted", party, { holding, digest: examples["suyuan.data.processed"].valid.holdings[0]?.digest }),
  does: { deletes: holding },
});
const bothDelete = (holding: string): readonly Runner[] => [
  deletes(holding, HOST.operator, OPERATOR),
  deletes(holding, HOST.developer, DEVELOPER),
];

interface Race {
  readonly name: string;
  /** What is still held when it begins. */
  readonly left: readonly string[];
  /** Steps that were taken by then. */
  readonly taken?: readonly Report[];
  readonly concludes: Runner;
  readonly others: readonly Runner[];
}

const RACES: readonly Race[] = [
  { name: "verified, while the operator reports a late pull", left: [], concludes: verifies, others: [pulls] },
  {
    name: "certified, while a developer reports what it made",
    left: [],
    taken: [verifies.report],
    concludes: certifies,
    others: [processes],
  },
  { name: "verified, while two delete the last holding", left: [CACHE], concludes: verifies, others: bothDelete(CACHE) },
  { name: "verified, while two delete the same of two holdings", left: [MADE, CACHE], concludes: verifies, others: bothDelete(MADE) },
];

/** Milliseconds until a runner starts. */
const delayOf = (concludes: boolean, round: number): number =>
  round > 1 ? Math.random() * (concludes ? ACTS : FACTS) : concludes === (round === 0) ? AHEAD : 0;

/** Where something stands: block, transaction, and line. */
type Position = readonly [block: number, transaction: number, line: number];
const inOrder = (one: Position, other: Position): number => one[0] - other[0] || one[1] - other[1] || one[2] - other[2];

/** Who concluded or changed what in a round, by the leaf that was recorded of it. */
interface Round {
  readonly race: string;
  readonly exit: string;
  readonly authorization: string;
  readonly left: readonly string[];
  /** How many holdings in the end. */
  held?: number;
  readonly recorded: readonly { readonly leafHash: string; readonly does: Runner["does"] }[];
}

onFabric(TITLE, () => {
  describe(TITLE, function () {
    this.timeout(RUN_MS);
    const four = new Four();
    let gateways: Gateways;
    let stop = (): Promise<void> => Promise.resolve();
    let hosts: Hosts = {};
    const rounds: Round[] = [];
    /** How often what concludes was refused. */
    let refused = 0;

    /** Each race in each of its rounds: an exit of its own, as far as the runners take it up. */
    const ready = new Map<Race, readonly Retelling[]>();

    async function readied({ left, taken = [] }: Race, number: number): Promise<Retelling> {
      const told = upTo(left, ...taken);
      const reports = told.map(({ report }) => report);
      const retelling = new Retelling(reports, number, Date.now());
      await gateways.retell(stepsOf(told, hosts, Date.now()) ?? [], retelling);
      return retelling;
    }

    async function run({ name, left, concludes, others }: Race, retelling: Retelling, round: number): Promise<void> {
      const attempt = async ({ host, report, does }: Runner): Promise<Round["recorded"]> => {
        await sleep(delayOf(does === "concludes", round));
        const { codes, leafHash } = await gateways.tell(host, retelling.report(report, host, Date.now()), retelling.source);
        if (leafHash !== undefined && (does !== "concludes" || isRecorded({ codes }))) return [{ leafHash, does }];
        // A scan from before the last deletion counts no longer: another would come first.
        expect(does, name).to.equal("concludes");
        expect(["holdings-outstanding", "step-out-of-order"], name).to.include.members([...codes]);
        refused++;
        return [];
      };
      const recorded = (await Promise.all([concludes, ...others].map(attempt))).flat();
      rounds.push({ race: name, exit: retelling.own(EXIT), authorization: retelling.own(AUTHORIZATION), left, recorded });
    }

    /** Of all that was recorded, as an organisation's own peer has it, by leaf hash. */
    async function positions(organisation: string): Promise<ReadonlyMap<string, Position>> {
      const ledger = new FabricGatewayLedger(four.connectionOf(organisation));
      const found = new Map<string, Position>();
      try {
        const height = await ledger.height();
        for await (const { number, transactions } of ledger.blocks(0)) {
          for (const [i, { valid, transaction, args }] of transactions.entries())
            if (valid && transaction === "append")
              for (const [line, { leaf }] of [...inflate(args[2] as Uint8Array)].entries())
                found.set(toHex(leafHash(leaf)), [number, i, line]);
          if (number === height - 1) break;
        }
      } finally {
        await ledger.close();
      }
      return found;
    }

    /** Whether what concludes stands within a block of what it raced with. */
    const isClose = ({ recorded }: Round, at: ReadonlyMap<string, Position>): boolean => {
      const blocks = recorded.map((it) => at.get(it.leafHash)?.[0] ?? 0);
      return recorded.some(({ does }) => does === "concludes") && Math.max(...blocks) - Math.min(...blocks) <= 1;
    };

    /** What is held in the end; fails where something was when it was concluded. */
    function heldAfter({ race, left, recorded }: Round, at: ReadonlyMap<string, Position>): number {
      const held = new Set(left);
      const placed = recorded.map((it) => ({ ...it, position: at.get(it.leafHash) as Position }));
      for (const { does } of placed.sort((a, b) => inOrder(a.position, b.position))) {
        if (does === "concludes") expect([...held], race).to.deep.equal([]);
        else if ("declares" in does) for (let i = 0; i < does.declares; i++) held.add(`declared ${i}`);
        else held.delete(does.deletes);
      }
      return held.size;
    }

    before(async function () {
      this.timeout(2 * RUN_MS);
      await beginRun(RUN_MS);
      await four.make();
      await four.init();
      hosts = Object.fromEntries(four.network.topology.organisations.map(({ mspId, roles }) => [mspId, roles as readonly Role[]]));
      await four.up();
      gateways = await Gateways.start(four);
      stop = () => gateways.stop();
      const all = RACES.map(async (race, i) => {
        const numbers = Array.from({ length: ROUNDS }, (_, round) => 100 * i + round);
        ready.set(race, await Promise.all(numbers.map((number) => readied(race, number))));
      });
      await Promise.all(all);
    });
    after(async () => {
      await stop();
      await four.remove();
    });

    for (const race of RACES)
      it(`is ${race.name}, never beside what is held: ${ROUNDS} rounds${SAMPLE ? " in the sample" : ""}`, () =>
        Promise.all((ready.get(race) ?? []).map((retelling, round) => run(race, retelling, round))));

    it("was concluded at no block at which something was held, as every organisation's ledger has it", async () => {
      let close = 0;
      for (const { name } of four.network.topology.organisations) {
        const at = await positions(name);
        for (const round of rounds) round.held = heldAfter(round, at);
        close = rounds.filter((round) => isClose(round, at)).length;
      }
      process.stdout.write(`      of ${rounds.length} rounds ${refused} were refused, ${close} concluded within a block of the other\n`);
      expect(refused, "came too late to be concluded").to.be.above(0);
      expect(rounds.filter(({ recorded }) => recorded.some(({ does }) => does === "concludes"))).to.have.length.above(0);
    });

    it("says itself how much is still held, whichever organisation is asked; and nothing is certified beside it", async () => {
      const asked = Object.values(HOST);
      const check = async ({ exit, authorization, held = 0, race }: Round, i: number): Promise<void> => {
        const host = asked[i % asked.length] ?? HOST.authority;
        const statement = Buffer.from(await gateways.text(host, `/v1/exits/${exit}/statement`));
        expect((await verifyStatement(parseStatement(statement), await gateways.trust(host))).outstanding, race).to.equal(held);
        const certified = example("exit.certified", AUTHORITY, { exit, authorization });
        if (held > 0) expect((await gateways.tell(HOST.authority, certified)).codes, race).to.include("holdings-outstanding");
      };
      await Promise.all(rounds.map(check));
    });

    it("gives its word on it to a file, which is verified when nothing of the network runs any more", async () => {
      const env = await gateways.environment(HOST.authority);
      const clear = rounds.find(({ held }) => held === 0)?.exit ?? "";
      const open = rounds.find(({ held }) => held === 1)?.exit ?? "";
      const file = (exit: string): string => join(four.network.directory, "..", `${exit}.json`);
      const states = async (exit: string): Promise<number | null> =>
        (await suyuan(["exit", "certify", exit, "--statement", "--out", file(exit), "--json"], { env })).code;
      expect([await states(clear), await states(open)]).to.deep.equal([0, 4]);
      await stop();
      stop = () => Promise.resolve();
      await four.network.down();

      const verify = (exit: string) => suyuan(["verify", file(exit), "--json"], { env: { SUYUAN_TRUST: env["SUYUAN_TRUST"] ?? "" } });
      for (const [exit, outstanding] of [
        [clear, 0],
        [open, 1],
      ] as const) {
        const verified = await verify(exit);
        expect(verified.code, verified.stdout).to.equal(0);
        expect(documents(verified)[0]).to.include({ exit, outstanding });
      }
      const altered = JSON.parse(await readFile(file(open), "utf8")) as StatementFile;
      await writeFile(file(open), JSON.stringify({ ...altered, exit: clear }));
      expect((await verify(open)).code).to.equal(4);
    });
  });
});
