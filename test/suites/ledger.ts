/** What every ledger promises, as `gateway/ledger/port.ts` says it. An adapter's test calls this with a way to open one on which {@link ProbeContract} runs. */
import { expect } from "chai";
import { createHash, randomBytes, randomUUID, X509Certificate } from "node:crypto";
import {
  type Attestation,
  type Block,
  type BlockTransaction,
  type Call,
  type Committed,
  type Ledger,
  LedgerError,
  type NetworkName,
} from "../../gateway/ledger/port";

export interface LedgerUnderTest {
  readonly ledger: Ledger;
  /** Stops the ledger and opens it again, where an adapter can. */
  readonly restart?: () => Promise<Ledger>;
  readonly close: () => Promise<void>;
  /** Ends what the ledger runs on, where that is more than the ledger. */
  readonly end?: () => Promise<void>;
  /** Fails unless this is evidence of that read. */
  readonly checkAttestation: (attestation: Attestation, read: Read) => void | Promise<void>;
}

export interface Read extends Call {
  readonly ledger: NetworkName;
  /** Blocks that were committed when it was made. */
  readonly height: number;
  readonly result: Uint8Array;
}

const bytes = (text: string): Uint8Array => Buffer.from(text, "utf8");
const text = (value: Uint8Array | undefined): string | undefined => (value === undefined ? undefined : Buffer.from(value).toString("utf8"));

/** The code of the LedgerError with which this fails; anything else is passed on. */
export async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof LedgerError) return error.code;
    throw error;
  }
  return "no error";
}

/** @param open given the hook that calls it, to which it may give more time */
export function ledgerSuite(name: string, open: (context: Mocha.Context) => Promise<LedgerUnderTest>): void {
  describe(`${name}, as any ledger`, () => {
    let under: LedgerUnderTest;
    let ledger: Ledger;

    before(async function () {
      under = await open(this);
      ledger = under.ledger;
    });
    after(async function () {
      this.timeout(60_000);
      const opened = under as LedgerUnderTest | undefined;
      await opened?.close();
      await opened?.end?.();
    });

    const submit = (transaction: string, ...args: string[]): Promise<Committed> => ledger.submit({ transaction, args: args.map(bytes) });
    const evaluate = async (transaction: string, ...args: string[]): Promise<string> =>
      text(await ledger.evaluate({ transaction, args: args.map(bytes) })) ?? "";
    const json = async (transaction: string, ...args: string[]): Promise<unknown> => JSON.parse(await evaluate(transaction, ...args));

    /** Every block committed so far, from a number on. */
    async function blocksFrom(from: number): Promise<Block[]> {
      const height = await ledger.height();
      const found: Block[] = [];
      if (height === from) return found;
      for await (const block of ledger.blocks(from)) {
        found.push(block);
        if (block.number === height - 1) break;
      }
      return found;
    }
    const find = async ({ block, transactionId }: Committed): Promise<BlockTransaction> => {
      const [found] = await blocksFrom(block);
      return found!.transactions.find((transaction) => transaction.transactionId === transactionId)!;
    };

    describe("submit and evaluate", () => {
      it("stores what a transaction writes and answers what it returns", async () => {
        const key = randomUUID();
        const { result } = await submit("increment", key);
        expect(text(result)).to.equal("1");
        expect(await evaluate("get", key)).to.equal("1");
      });

      it("stores nothing when it evaluates", async () => {
        const key = randomUUID();
        const height = await ledger.height();
        expect(await evaluate("increment", key)).to.equal("1");
        expect(await evaluate("get", key)).to.equal("");
        expect(await ledger.height()).to.equal(height);
      });

      it("commits one caller's transactions in the order in which it awaited them", async () => {
        const key = randomUUID();
        const first = await submit("put", key, "first");
        const second = await submit("put", key, "second");
        expect(second.block).to.be.greaterThan(first.block);
        expect(await evaluate("get", key)).to.equal("second");
      });

      it("carries binary arguments unchanged, large ones and none", async () => {
        for (const argument of [randomBytes(1_500_000), randomBytes(10), Buffer.alloc(0), Buffer.from([0, 0xff, 0xfe, 0xc0, 0x80])]) {
          const answer = await ledger.evaluate({ transaction: "digest", args: [argument] });
          expect(text(answer)).to.equal(createHash("sha256").update(argument).digest("hex"));
        }
      });

      it("leaves the caller's arguments with the caller", async () => {
        const key = Buffer.from(randomUUID());
        const value = randomBytes(100_000);
        const copy = Buffer.from(value);
        await ledger.submit({ transaction: "put", args: [key, bytes("x")] });
        await ledger.submit({ transaction: "digest", args: [value] });
        expect(value.equals(copy)).to.be.true;
        expect(await evaluate("get", key.toString())).to.equal("x");
      });

      it("gives a transaction its id and the submitter's time, the same ones that the block holds", async () => {
        const committed = await submit("stamp", randomUUID());
        const stored = await find(committed);
        expect(JSON.parse(text(committed.result)!)).to.deep.equal({ id: committed.transactionId, time: stored.time });
        expect(committed.transactionId).to.match(/^[0-9a-f]{64}$/);
        expect(stored.time).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      });

      it("tells the chaincode who submitted: MSP, certificate, attributes", async () => {
        const identity = (await json("whoami")) as Record<string, string | null>;
        const { subject, issuer } = new X509Certificate(identity["certificate"]!);
        const name = (lines: string): string => `/${lines.split("\n").join("/")}`;
        expect(identity["id"]).to.equal(`x509::${name(subject)}::${name(issuer)}`);
        expect(identity["creatorMspId"]).to.equal(identity["mspId"]);
        expect(identity["role"]).to.equal("gateway");
        expect(identity["none"]).to.be.null;
        expect((await find(await submit("put", randomUUID(), "x"))).mspId).to.equal(identity["mspId"]);
      });

      it("says in the block which version of the chaincode judged", async () => {
        // A network adds to it which code that is.
        expect((await find(await submit("put", randomUUID(), "x"))).version).to.match(/^1(\+[0-9a-f]{16})?$/);
      });

      it("tells the chaincode by which name it was called", async () => {
        expect(await evaluate("invoked")).to.equal(ledger.network.chaincode);
      });
    });

    describe("refusals", () => {
      it("carry the chaincode's message and nothing else, and store nothing", async () => {
        const key = randomUUID();
        const message = `{"code":"outside-window","text":"超出 \\"公告\\" 时间"}`;
        const height = await ledger.height();
        for (const fail of [submit, evaluate]) {
          const error: unknown = await fail("fail", key, message).then(
            () => undefined,
            (thrown: unknown) => thrown,
          );
          expect(error).to.be.instanceOf(LedgerError);
          expect((error as LedgerError).code).to.equal("refused");
          expect((error as LedgerError).message).to.equal(message);
        }
        expect(await evaluate("get", key)).to.equal("");
        expect(await ledger.height()).to.equal(height);
      });

      it("meet transactions that the contract does not declare", async () => {
        for (const transaction of ["nothing", "_hidden", "constructor", "beforeTransaction", "createContext", "toString", "__proto__", ""])
          expect(await codeOf(ledger.evaluate({ transaction, args: [] })), transaction).to.equal("refused");
      });

      it("meet a wrong number of arguments", async () => {
        expect(await codeOf(evaluate("get"))).to.equal("refused");
        expect(await codeOf(evaluate("get", "one", "two"))).to.equal("refused");
      });
    });

    describe("state", () => {
      it("reads a missing key as an empty value", async () => {
        expect(await evaluate("size", randomUUID())).to.equal("0");
      });

      it("does not show a transaction its own writes", async () => {
        const [written, deleted] = [randomUUID(), randomUUID()];
        await submit("put", deleted, "old");
        const { result } = await submit("readOwnWrites", written, deleted);
        expect(JSON.parse(text(result)!)).to.deep.equal(["", "old", 0]);
        expect([await evaluate("get", written), await evaluate("get", deleted)]).to.deep.equal(["new", ""]);
      });

      it("takes an empty value for a deletion", async () => {
        const key = randomUUID();
        await submit("put", key, "value");
        const stored = await find(await submit("put", key, ""));
        expect(stored.writes).to.deep.equal([{ key }]);
        expect(await json("range", key, `${key}~`)).to.deep.equal([]);
      });

      it("orders keys by their UTF-8 bytes, also outside the basic plane", async () => {
        const prefix = randomUUID();
        // U+FF5E comes before U+1F600 in UTF-8; in UTF-16 the surrogates of the latter come first.
        const ordered = ["", "A", "Z", "a", "~", "é", "溯源", "\uff5e", "\u{1f600}", "\u{10fffe}"].map((end) => prefix + end);
        for (const key of [...ordered].reverse()) await submit("put", key, "x");
        expect(await json("range", prefix, `${prefix}\u{10ffff}`)).to.deep.equal(ordered);
        expect(await json("range", `${prefix}\uff5e`, `${prefix}\u{1f600}`)).to.deep.equal([`${prefix}\uff5e`]);
        expect(await json("range", `${prefix}a`, `${prefix}A`)).to.deep.equal([]);
      });

      it("keeps composite keys apart from simple ones", async () => {
        const type = randomUUID();
        const all = [["a"], ["a", "1"], ["a", "2"], ["ab"], ["溯", "\u{1f600}"]];
        for (const attributes of all) await submit("putComposite", type, JSON.stringify(attributes), "x");
        expect(await json("scanComposite", type, "[]")).to.deep.equal(all);
        expect(await json("scanComposite", type, '["a"]')).to.deep.equal([["a"], ["a", "1"], ["a", "2"]]);
        await submit("put", type, "simple");
        expect(await json("range", "", "")).to.include(type);
        expect(((await json("range", "", "")) as string[]).filter((key) => key.startsWith("\u0000"))).to.deep.equal([]);
        expect(await codeOf(evaluate("range", "\u0000", "z"))).to.equal("refused");
        expect(await codeOf(submit("putComposite", type, '["a",""]', "x"))).to.equal("refused");
      });

      it("reads a range page by page", async () => {
        const prefix = randomUUID();
        for (const end of ["1", "2", "3"]) await submit("put", prefix + end, "x");
        const first = await json("page", prefix, `${prefix}~`, "2", "");
        expect(first).to.deep.equal({ keys: [`${prefix}1`, `${prefix}2`], count: 2, bookmark: `${prefix}3` });
        const second = await json("page", prefix, `${prefix}~`, "2", `${prefix}3`);
        expect(second).to.deep.equal({ keys: [`${prefix}3`], count: 1, bookmark: "" });
      });
    });

    describe("conflicts", () => {
      /**
       * Sends all at once. @returns results of those that were committed, the codes of those that were not, and how many are neither:
       * a network may lose an answer, and these transactions may have been committed
       */
      async function race(calls: readonly string[][]): Promise<{ won: string[]; lost: string[]; unknown: number }> {
        const settled = await Promise.allSettled(calls.map(([transaction = "", ...args]) => submit(transaction, ...args)));
        const won = settled.flatMap((one) => (one.status === "fulfilled" ? [text(one.value.result)!] : []));
        const codes = settled.flatMap((one) => (one.status === "rejected" ? [(one.reason as LedgerError).code] : []));
        const lost = codes.filter((code) => code !== "outcome-unknown");
        return { won, lost, unknown: codes.length - lost.length };
      }

      /** What was committed counts from `first` on without a gap or a repetition; only an answer that was lost is missing. */
      function expectCounted(won: readonly string[], unknown: number, first: number, committed: number): void {
        expect(committed - won.length).to.be.within(0, unknown);
        const possible = Array.from({ length: committed }, (_, i) => first + i);
        expect(new Set(won)).to.have.property("size", won.length);
        expect(possible).to.include.members(won.map(Number));
      }

      it("meet a transaction that read what another has changed; where it lies in a block, it is invalid and changed nothing", async () => {
        const key = randomUUID();
        const from = await ledger.height();
        const { won, lost, unknown } = await race(Array.from({ length: 20 }, () => ["increment", key]));
        expect(lost).to.not.be.empty;
        expect(new Set(lost)).to.deep.equal(new Set(["conflict"]));
        expectCounted(won, unknown, 1, Number(await evaluate("get", key)));
        const stored = (await blocksFrom(from)).flatMap((block) => block.transactions);
        expect(stored.filter(({ valid }) => valid).length).to.be.within(won.length, won.length + unknown);
        const invalid = stored.filter(({ valid }) => !valid);
        // Where several organisations run a transaction, one whose answers differ is in conflict before it comes to a block.
        expect(invalid.length).to.be.at.most(lost.length + unknown);
        for (const { transaction, args, writes } of invalid) {
          expect([transaction, ...args.map(text)]).to.deep.equal(["increment", key]);
          expect(writes).to.deep.equal([]);
        }
      });

      it("meet a transaction that searched a range into which another wrote", async () => {
        const prefix = randomUUID();
        const { won, lost, unknown } = await race(Array.from({ length: 20 }, (_, i) => ["enrol", prefix, String(i)]));
        expect(lost).to.not.be.empty;
        expect(new Set(lost)).to.deep.equal(new Set(["conflict"]));
        expectCounted(won, unknown, 0, ((await json("range", prefix, `${prefix}~`)) as string[]).length);
      });

      it("do not arise between transactions that touch different keys", async () => {
        const { lost } = await race(Array.from({ length: 20 }, () => ["increment", randomUUID()]));
        expect(lost).to.deep.equal([]);
      });

      it("are safe to send again", async () => {
        const key = randomUUID();
        const persist = async (): Promise<void> => {
          while ((await codeOf(submit("increment", key))) === "conflict");
        };
        await Promise.all(Array.from({ length: 8 }, persist));
        expect(await evaluate("get", key)).to.equal("8");
      });
    });

    describe("blocks", () => {
      it("hold each transaction as it was: arguments, result, writes in the order of keys", async () => {
        const key = randomUUID();
        const stored = await find(await submit("increment", key));
        expect([stored.valid, stored.transaction, stored.args.map(text), text(stored.result)]).to.deep.equal([
          true,
          "increment",
          [key],
          "1",
        ]);
        expect(stored.writes.map((write) => [write.key, text(write.value)])).to.deep.equal([[key, "1"]]);
        expect(stored.event).to.be.undefined;
        const [written, deleted] = [`\u{1f600}${randomUUID()}`, `\uff5e${randomUUID()}`];
        const { writes } = await find(await submit("readOwnWrites", written, deleted));
        expect(writes.map((write) => [write.key, text(write.value)])).to.deep.equal([
          [deleted, undefined],
          [written, "new"],
        ]);
      });

      it("hold one event of a transaction, the last", async () => {
        const { event } = await find(await submit("announce", "first", "second", "溯源"));
        expect([event?.name, text(event?.payload)]).to.deep.equal(["溯源", "payload of 溯源"]);
        expect(await codeOf(submit("announce", ""))).to.equal("refused");
      });

      it("come in order from the one asked for, without a gap, as many as the height says", async () => {
        await submit("put", randomUUID(), "x");
        await submit("put", randomUUID(), "y");
        const height = await ledger.height();
        const all = await blocksFrom(0);
        expect(all.map(({ number }) => number)).to.deep.equal(Array.from({ length: height }, (_, i) => i));
        expect(await blocksFrom(height - 2)).to.deep.equal(all.slice(-2));
      });

      it("come as they are committed, to several followers at once", async () => {
        const from = await ledger.height();
        const follow = async (): Promise<string[]> => {
          const ids: string[] = [];
          for await (const block of ledger.blocks(from)) {
            ids.push(...block.transactions.map(({ transactionId }) => transactionId));
            if (ids.length === 5) break;
          }
          return ids;
        };
        const following = [follow(), follow(), follow()];
        const sent: string[] = [];
        for (let i = 0; i < 5; i++) sent.push((await submit("put", randomUUID(), "x")).transactionId);
        expect(await Promise.all(following)).to.deep.equal([sent, sent, sent]);
      });

      it("end without an error when the follower aborts, waiting or not", async () => {
        const now = AbortSignal.abort();
        for await (const block of ledger.blocks(0, now)) expect.fail(`block ${block.number} after the abort`);
        const later = new AbortController();
        const from = await ledger.height();
        const following = (async () => {
          const numbers: number[] = [];
          for await (const { number } of ledger.blocks(from, later.signal)) numbers.push(number);
          return numbers;
        })();
        const { block } = await submit("put", randomUUID(), "x");
        setTimeout(() => later.abort(), 50);
        expect(await following).to.include(block);
      });
    });

    describe("attest", () => {
      it("answers as evaluate, with what anyone can check, and stores nothing", async () => {
        const key = randomUUID();
        await submit("put", key, "值");
        const height = await ledger.height();
        await under.checkAttestation(await ledger.attest({ transaction: "get", args: [bytes(key)] }), {
          ledger: ledger.network,
          height,
          transaction: "get",
          args: [bytes(key)],
          result: bytes("值"),
        });
        expect(await ledger.height()).to.equal(height);
      });

      it("is refused as evaluate is", async () => {
        expect(await codeOf(ledger.attest({ transaction: "fail", args: ["k", "no"].map(bytes) }))).to.equal("refused");
      });
    });

    describe("at its end", () => {
      it("keeps everything over a restart", async function () {
        if (under.restart === undefined) return;
        const key = randomUUID();
        await submit("increment", key);
        const before = await blocksFrom(0);
        ledger = await under.restart();
        expect(await blocksFrom(0)).to.deep.equal(before);
        expect(text((await submit("increment", key)).result)).to.equal("2");
      });

      it("when closed, answers that it is unavailable and ends its followers so", async () => {
        const following = codeOf(
          (async () => {
            for await (const block of ledger.blocks(await ledger.height())) expect.fail(`block ${block.number} of a closed ledger`);
          })(),
        );
        await ledger.height();
        await under.close();
        expect(await following).to.equal("unavailable");
        expect(await codeOf(submit("put", "k", "v"))).to.equal("unavailable");
        expect(await codeOf(evaluate("get", "k"))).to.equal("unavailable");
        expect(await codeOf(ledger.height())).to.equal("unavailable");
      });
    });
  });
}
