import type { ChaincodeStub } from "fabric-shim-api";
import { expect } from "chai";
import fc from "fast-check";
import type { HoldingsCount, HoldingsPart, Whose } from "../../chaincode/events/definition";
import { Holdings } from "../../chaincode/holdings";
import { FORMS, type Holding } from "../../chaincode/proof/holdings-page";
import { NotLoaded, State } from "../../chaincode/state";

const AUTHORIZATION = "a-1";
const JOURNALS = ["OneMSP/facts", "TwoMSP/facts"];

/** What the peer keeps: each transaction has a state of its own. */
class Peer {
  readonly #kept = new Map<string, Uint8Array>();
  readonly #stub = {
    getState: (key: string) => Promise.resolve(this.#kept.get(key) ?? new Uint8Array()),
    putState: (key: string, value: Uint8Array) => Promise.resolve(void this.#kept.set(key, value)),
    deleteState: (key: string) => Promise.resolve(void this.#kept.delete(key)),
    getStateByPartialCompositeKey: (type: string, parts: readonly string[]) => {
      const prefix = `\0${[type, ...parts].join("\0")}\0`;
      return [...this.#kept].filter(([key]) => key.startsWith(prefix)).map(([key, value]) => ({ key, value }));
    },
  } as unknown as ChaincodeStub;

  get keys(): readonly string[] {
    return [...this.#kept.keys()];
  }

  /** Writes the counts of parts as versions before 0.5.0 kept them: one key for all parties. */
  asBefore(): void {
    for (const [key, value] of [...this.#kept]) {
      const [, kind, authorization, part, id, journal, party = ""] = key.split("\0");
      if (kind !== "part") continue;
      const { party: _, ...count } = JSON.parse(Buffer.from(value).toString("utf8")) as { party: string };
      const before = ["", kind, authorization, part, id, journal, ""].join("\0");
      const others = JSON.parse(Buffer.from(this.#kept.get(before) ?? "{}").toString("utf8")) as object;
      this.#kept.delete(key);
      this.#kept.set(before, Buffer.from(JSON.stringify({ ...others, [party]: count })));
    }
  }

  /** @param slots what the senders know, across transactions */
  async transaction<T>(slots: ReadonlyMap<string, number>, now: number, work: (holdings: Holdings) => T): Promise<T> {
    const state = new State(this.#stub);
    for (;;) {
      const holdings = new Holdings(state, now);
      for (const [name, slot] of slots) holdings.locate(name, slot);
      try {
        const result = work(holdings);
        state.keep();
        await state.write();
        return result;
      } catch (error) {
        state.drop();
        if (!(error instanceof NotLoaded)) throw error;
        await (error.isRange ? state.loadUnder(error.key) : state.load(error.key));
      }
    }
  }
}

interface Model extends Holding {
  readonly name: string;
}

/** As it was until it was accounted for. */
interface Settled extends Model {
  readonly at: number;
  readonly whose: Whose;
}

const settledOf = (all: readonly Settled[]) => ({ count: all.length, last: Math.max(0, ...all.map(({ at }) => at)) });

const isOthers = ({ whose }: Settled): boolean => whose === "others";

const count = (all: readonly Model[]): HoldingsCount => ({
  outstanding: all.filter(({ until }) => until === undefined).length,
  retained: all.filter(({ until }) => until !== undefined).length,
  logs: all.filter(({ until, form }) => until !== undefined && form === "log").length,
});

const some = <T>(field: string, ...values: T[]) => fc.constantFrom({}, ...values.map((value) => ({ [field]: value })));
const held = fc
  .tuple(
    fc.constantFrom(...FORMS),
    fc.constantFrom("p-1", "p-2"),
    some("scenario", "s-1", "s-2"),
    some("product", "x-1", "s-1"),
    some("off", true),
  )
  .map(([form, party, ...more]): Holding => Object.assign({ digest: "d".repeat(64), form, party }, ...more) as Holding);
const whose = fc.constantFrom<Whose>("developers", "others");
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ declare: held, journal: fc.constantFrom(...JOURNALS) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      does: fc.constantFrom("clear", "retain", "strike", "attribute", "freeze"),
      which: fc.nat(),
      right: fc.boolean(),
      whose,
    }),
  },
);

const PARTS: readonly HoldingsPart[] = ["s-1", "s-2", "x-1"].flatMap((id) =>
  [undefined, ["p-1"], ["p-2"], ["p-1", "p-2"], []].flatMap((parties) => [
    { scenario: id, parties },
    { product: id, parties },
  ]),
);

const isOf = (held: Model, part: HoldingsPart): boolean =>
  ("scenario" in part ? held.scenario === part.scenario : held.product === part.product) && part.parties?.includes(held.party) !== false;

describe("the counts of holdings", () => {
  it("are those of what stands in the pages, of the whole and of every part, whatever was done to them", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(step, { maxLength: 9 }), { maxLength: 9 }), fc.nat(18), async (transactions, upgraded) => {
        const peer = new Peer();
        const slots = new Map<string, number>();
        let left: readonly Model[] = [];
        let settled: readonly Settled[] = [];
        let declared = 0;
        /** By journal: the first slot that is late. */
        let lines: Readonly<Record<string, number>> = {};
        for (const [number, steps] of transactions.entries()) {
          if (number === upgraded) peer.asBefore();
          // Named by what was there before: the work is repeated whenever something has to be read.
          const [before, beforeThat, first, linesBefore] = [left, settled, declared, lines];
          const now = 1000 + number;
          await peer.transaction(new Map(slots), now, (holdings) => {
            [left, settled, declared, lines] = [before, beforeThat, first, linesBefore];
            for (const it of steps) {
              if ("declare" in it) {
                const name = `${it.journal}/${declared++}/0`;
                slots.set(name, holdings.declare(AUTHORIZATION, it.journal, name, it.declare));
                left = [...left, { ...it.declare, name }];
                continue;
              }
              if (it.does === "freeze") {
                holdings.freeze(AUTHORIZATION);
                // Of those that this run has declared, not of those of one that was repeated.
                const own = [...slots].filter(([name]) => Number(name.split("/")[2]) < declared);
                const next = (journal: string) => Math.max(0, ...own.map(([name, slot]) => (name.startsWith(journal) ? slot + 1 : 0)));
                lines = Object.fromEntries(JOURNALS.map((journal) => [journal, next(journal)]));
                continue;
              }
              const one = left[it.which % Math.max(left.length, 1)];
              if (one === undefined) continue;
              const digest = it.right ? one.digest : "e".repeat(64);
              if (it.does === "attribute") {
                // Declared for none, it is of this one from now on; else it stays what it was.
                holdings.attribute(AUTHORIZATION, one.name, "x-1");
                left = left.map((other) => (other === one ? { ...one, product: one.product ?? "x-1" } : other));
                continue;
              }
              if (it.does === "strike") holdings.strike(AUTHORIZATION, one.name);
              else if (it.does === "clear") holdings.clear(AUTHORIZATION, one.name, digest, it.whose);
              else holdings.retain(AUTHORIZATION, one.name, digest, "2030-01-01", it.whose);
              if (!it.right && it.does !== "strike") continue;
              const isLate = (slots.get(one.name) ?? 0) >= (lines[one.name.split("/").slice(0, 2).join("/")] ?? 0);
              const whose = isLate ? it.whose : "others";
              if (it.does !== "strike" && one.until === undefined) settled = [...settled, { ...one, at: now, whose }];
              left = left.flatMap((other) => (other !== one ? [other] : it.does === "retain" ? [{ ...one, until: "2030-01-01" }] : []));
            }
          });
        }
        await peer.transaction(slots, 0, (holdings) => {
          expect(holdings.total(AUTHORIZATION)).to.deep.equal(count(left));
          for (const late of [true, false])
            expect(holdings.settled(AUTHORIZATION, undefined, late)).to.deep.equal(
              settledOf(settled.filter((one) => late || isOthers(one))),
            );
          for (let i = 0; i < declared; i++)
            for (const journal of JOURNALS) {
              const name = `${journal}/${i}/0`;
              const isThere = left.some((one) => one.name === name);
              expect(holdings.isCleared(AUTHORIZATION, name), name).to.equal(slots.has(name) && !isThere);
            }
          expect(holdings.total("a-2")).to.deep.equal(count([]));
          for (const part of PARTS) {
            expect(holdings.total(AUTHORIZATION, part), JSON.stringify(part)).to.deep.equal(count(left.filter((one) => isOf(one, part))));
            for (const late of [true, false]) {
              const ofPart = settledOf(settled.filter((one) => isOf(one, part) && (late || isOthers(one))));
              expect(holdings.settled(AUTHORIZATION, part, late), JSON.stringify(part)).to.deep.equal(ofPart);
            }
          }
          for (const { name, ...what } of left) expect(holdings.find(AUTHORIZATION, name)).to.deep.include(what);
        });
        if (upgraded < transactions.length) return;
        const parts = new Set(
          [...left, ...settled].flatMap(({ scenario, product, name, party }) => {
            const journal = name.split("/").slice(0, 2).join("/");
            return [scenario && `scenario ${scenario} ${journal} ${party}`, product && `product ${product} ${journal} ${party}`].filter(
              Boolean,
            );
          }),
        );
        expect(
          peer.keys.filter((key) => key.startsWith("\0part\0")),
          "of what nothing is left nothing is kept, but how much was accounted for",
        ).to.have.length(parts.size);
      }),
      { numRuns: 200 },
    );
  });
});
