/** What every store of tables promises, as `gateway/exit/tables/tables.ts` says it. */
import { expect } from "chai";
import { type ErasableTables, type Row, type Tables, TablesError } from "../../gateway/exit/tables/tables";

export interface StoreUnderTest {
  /** Makes a table with text columns `key` and `value`. */
  make(table: string, rows: readonly (readonly [string, string])[]): Promise<void>;
  /** Deletes one row, as the store's users do. */
  remove(table: string, key: string): Promise<void>;
  /** The name by which the adapter knows it. */
  nameOf(table: string): string;
  read(): Promise<Tables>;
  change(): Promise<ErasableTables>;
  /** Everything that stands in its files by name, where the test can see them. */
  files?(): Promise<ReadonlyMap<string, Buffer>>;
  /** What readers left behind. */
  scratch?(): Promise<readonly string[]>;
  end(): Promise<void>;
}

export async function rowsOf(tables: Tables, table: string): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for await (const row of tables.rows(table)) rows.push(row);
  return rows;
}

/** The code of the TablesError with which this fails; anything else is passed on. */
export async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof TablesError) return error.code;
    throw error;
  }
  return "no error";
}

const ROWS = 2500;
const people = Array.from(
  { length: ROWS },
  (_, i) => [`key-${String(i).padStart(5, "0")}`, `person ${i}, of whom nobody else knows`] as const,
);
const kept = Array.from({ length: 300 }, (_, i) => [`kept-${i}`, `what stays, ${i}`] as const);
const asRows = (rows: readonly (readonly [string, string])[]): readonly Row[] =>
  rows.map(
    ([key, value]) =>
      [
        ["key", key],
        ["value", value],
      ] as const,
  );
const inOrder = (rows: readonly Row[]): readonly Row[] => [...rows].sort((a, b) => ((a[0]?.[1] ?? "") < (b[0]?.[1] ?? "") ? -1 : 1));

export function tablesSuite(name: string, open: (context: Mocha.Context) => Promise<StoreUnderTest>): void {
  describe(`${name}, as any store of tables`, () => {
    let store: StoreUnderTest;

    before(async function () {
      store = await open(this);
      await store.make("people", people);
      await store.make("kept", kept);
    });
    after(async () => {
      await (store as StoreUnderTest | undefined)?.end();
    });

    const has = async (bytes: string): Promise<readonly string[]> =>
      [...((await store.files?.()) ?? [])].filter(([, content]) => content.includes(bytes)).map(([file]) => file);

    it("names its tables, and reads every row of each as text", async () => {
      const tables = await store.read();
      try {
        expect(await tables.names()).to.include.members([store.nameOf("people"), store.nameOf("kept")]);
        expect(inOrder(await rowsOf(tables, store.nameOf("people")))).to.deep.equal(asRows(people));
        expect(inOrder(await rowsOf(tables, store.nameOf("kept")))).to.have.length(300);
        expect(tables.store).to.match(/\d/);
      } finally {
        await tables.close();
      }
    });

    it("may be left in the middle of a table, and asked again", async () => {
      const tables = await store.read();
      try {
        for await (const row of tables.rows(store.nameOf("people"))) {
          expect(row).to.have.length(2);
          break;
        }
        expect(await rowsOf(tables, store.nameOf("kept"))).to.have.length(300);
      } finally {
        await tables.close();
      }
    });

    it("knows no table that is not there", async () => {
      const tables = await store.read();
      try {
        expect(await codeOf(rowsOf(tables, store.nameOf("nobody")))).to.equal("table-unknown");
      } finally {
        await tables.close();
      }
    });

    it("is not changed by who reads it, and the reader leaves nothing behind", async () => {
      const before = await store.files?.();
      const tables = await store.read();
      await rowsOf(tables, store.nameOf("kept"));
      await tables.close();
      expect(await store.files?.()).to.deep.equal(before);
      expect((await store.scratch?.()) ?? []).to.deep.equal([]);
    });

    it("leaves a table as it is where it was stopped before it was sure, and knows that", async () => {
      let mark = "";
      const stopped = await store.change();
      const erased = stopped.erase(store.nameOf("people"), (told) => {
        mark = told;
        throw new Error("stopped");
      });
      expect(
        await erased.then(
          () => "erased",
          (error: unknown) => (error as Error).message,
        ),
      ).to.equal("stopped");
      await stopped.close();
      const tables = await store.change();
      try {
        expect(await tables.names()).to.include(store.nameOf("people"));
        expect([mark, await tables.hasErased(mark)]).to.deep.equal([mark, false]);
      } finally {
        await tables.close();
      }
    });

    it("erases a table with everything that the store kept of it, and nothing else", async () => {
      await store.remove("people", "key-00007");
      const tables = await store.change();
      try {
        let mark = "";
        await tables.erase(store.nameOf("people"), (told) => {
          mark = told;
          return Promise.resolve();
        });
        expect(await tables.hasErased(mark)).to.equal(true);
        expect(await tables.names()).not.to.include(store.nameOf("people"));
        expect(inOrder(await rowsOf(tables, store.nameOf("kept")))).to.deep.equal(inOrder(asRows(kept)));
      } finally {
        await tables.close();
      }
      expect(await has("of whom nobody else knows")).to.deep.equal([]);
      expect(await has("key-0")).to.deep.equal([]);
    });

    it("erases what is not there any more, so that who was interrupted may do it again", async () => {
      const tables = await store.change();
      try {
        await tables.erase(store.nameOf("people"));
      } finally {
        await tables.close();
      }
    });
  });
}
