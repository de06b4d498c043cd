import { expect } from "chai";
import { ReadModel } from "../../../gateway/index/read-model";
import type { Reader } from "../../../gateway/index/reader";
import type { TransferFilter } from "../../../gateway/index/transfers";
import type { MixEvent } from "../../../scripts/bench/mix";
import { told } from "./indexed";
import { AUTHORIZATION, digest, event, OPERATOR, pulled, SOURCE } from "./story";

const STRANGER = "91990000MA1A00075Y";

const supplied = (transfer: string, rows: number, resource = "res-a"): MixEvent =>
  event(
    "data.supplied",
    { authorization: AUTHORIZATION, scenario: "scn-1", resource, transfer, to: OPERATOR, digest: digest(rows), bytes: 10 * rows, rows },
    { party: SOURCE },
  );
const taken = (transfer: string, rows: number, resource = "res-a"): MixEvent => {
  const { data, ...it } = pulled(resource, rows);
  return { ...it, data: { ...data, transfer } };
};

/** Transfers with their code, and what differs. */
const codes = async (reader: Reader, filter: TransferFilter = {}): Promise<unknown[]> =>
  (await reader.transfers(filter, 100)).transfers.map(({ transfer, finding }) =>
    [transfer, finding?.code, ...(finding?.missing ?? [])].filter((it) => it !== undefined).join(" "),
  );

describe("the reconciliation of transfers", () => {
  it("tells where a side is missing, and where the two tell different amounts", async () => {
    await told(
      (story) =>
        story.facts(
          ...[supplied("agreed", 5), taken("agreed", 5), supplied("only-supplied", 5), taken("only-pulled", 5)],
          ...[supplied("more", 5), taken("more", 6)],
        ),
      async (_, __, reader) => {
        expect(await codes(reader)).to.deep.equal([
          "agreed",
          "more amounts-differ rows",
          "only-pulled pulled-not-supplied",
          "only-supplied supplied-not-pulled",
        ]);
        expect(await codes(reader, { code: "amounts-differ" })).to.deep.equal(["more amounts-differ rows"]);
        const { transfers } = await reader.transfers({ code: "supplied-not-pulled" }, 9);
        expect(transfers[0]?.finding).to.include({ clause: "七(五)7", state: "open", party: SOURCE });
        expect(transfers[0]?.supplied).to.include({ party: SOURCE, rows: 5, bytes: 50, index: 2 });
      },
    );
  });

  it("settles a transfer once the other side speaks, blocks later, and not by a report that comes again", async () => {
    const again = supplied("t-1", 5);
    await told(
      async (story) => {
        await story.facts(again);
        await story.facts({ ...again, data: { ...again.data, rows: 7 } });
        await story.facts(taken("t-1", 5));
      },
      async (_, __, reader) => {
        expect(await codes(reader)).to.deep.equal(["t-1"]);
        expect(await codes(reader, { code: "supplied-not-pulled" })).to.deep.equal([]);
      },
    );
  });

  it("goes by authorization, resource and source, page by page", async () => {
    await told(
      (story) => story.facts(...["a", "b", "c"].map((transfer) => supplied(transfer, 1)), supplied("d", 1, "res-b")),
      async (_, __, reader) => {
        expect(await codes(reader, { resource: "res-b" })).to.deep.equal(["d supplied-not-pulled"]);
        expect(await codes(reader, { authorization: AUTHORIZATION, resource: "res-a" })).to.have.length(3);
        expect(await codes(reader, { authorization: "other" })).to.deep.equal([]);
        expect(await codes(reader, { source: SOURCE })).to.have.length(4);
        expect(await codes(reader, { source: OPERATOR })).to.deep.equal([]);
        for (const filter of [{}, { code: "supplied-not-pulled" }] as const) {
          const found: string[] = [];
          let cursor: string | undefined;
          do {
            const page = await reader.transfers(filter, 1, cursor);
            found.push(...page.transfers.map(({ transfer }) => transfer));
            cursor = page.next;
          } while (cursor !== undefined);
          expect(found).to.deep.equal(["a", "b", "c", "d"]);
        }
      },
    );
  });

  it("adds up what each source supplied: a transfer once, as it was told last", async () => {
    await told(
      async (story) => {
        await story.facts(supplied("a", 5), supplied("b", 7), taken("c", 100));
        await story.facts(supplied("a", 6));
      },
      async (_, __, reader) =>
        expect(await reader.contributions()).to.deep.equal([{ source: SOURCE, "to-operator": { transfers: 2, rows: 13, bytes: 130 } }]),
    );
  });

  it("is for those whose transfers they are", async () => {
    await told(
      (story) => story.facts(supplied("a", 5)),
      async (_, readModel: ReadModel) => {
        const seenBy = async (party: string, role: "source" | "primary-operator"): Promise<number> =>
          (await (await readModel.reader(undefined, { party, roles: [role] })).transfers({}, 9)).transfers.length;
        expect(await seenBy(SOURCE, "source")).to.equal(1);
        expect(await seenBy(OPERATOR, "primary-operator")).to.equal(1);
        expect(await seenBy(STRANGER, "primary-operator")).to.equal(0);
      },
    );
  });
});
