/** JSON as its spelling: mutations that keep it JSON, and spoilings that no reader may take. */
import type { JsonProblem } from "../../chaincode/proof/canonical";
import type { Chance } from "./chance";

/** A scalar's spelling (its bytes, as Latin-1), an array's items, an object's members. */
export type Tree = { text: string } | { items: Tree[] } | { members: [key: string, value: Tree][] };

export function treeOf(value: unknown): Tree {
  if (Array.isArray(value)) return { items: value.map(treeOf) };
  if (typeof value !== "object" || value === null) return { text: spelling(value) };
  return { members: Object.entries(value).flatMap(([key, inner]) => (inner === undefined ? [] : [[key, treeOf(inner)]])) };
}

export const spell = (tree: Tree): Buffer => Buffer.from(spelled(tree), "latin1");

function spelled(tree: Tree): string {
  if ("text" in tree) return tree.text;
  if ("items" in tree) return `[${tree.items.map(spelled).join(",")}]`;
  return `{${tree.members.map(([key, value]) => `${spelling(key)}:${spelled(value)}`).join(",")}}`;
}

const spelling = (scalar: unknown): string => Buffer.from(JSON.stringify(scalar)).toString("latin1");

/** Scalars that are well spelled and seldom what is asked for. */
const ODD = [
  ...[null, true, false, 0, 1, -1, 0.5, 1e-7, 5e-324, 9007199254740991, -9007199254740991],
  ...["", " ", "0", "null", "\u0000", "\n", "\u001f", "\u007f", "\u0085", "\u2028", "\ufeff", "\uffff", "😀", "e\u0301", "\u202e", "溯源"],
  ...["__proto__", "constructor", "toString", "../../etc/passwd", "%00", "%E0%A4%A", "' or 1=1 --", "${7*7}", "<script>", "\\", '"', "\t"],
  ...["SuyuanMSP/facts/0/0", "SuyuanMSP/facts/9007199254740993/0", "SuyuanMSP/acts/1/1", "OtherMSP/facts/0/0", "//", "a://b", "://"],
  ...["13812345678", "１３８１２３４５６７８", "1\u200b3812345678", "11010519491231002X", "6222021234567890128", "91990000MA1A00024N"],
  ...["0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999+23:59", "2026-02-30T00:00:00Z", "2016-12-31T23:59:60Z", "2026-01-01"],
  ...["9999-12-31", "0000-00-00", "2026-13-01", "f".repeat(64), "F".repeat(64), "x".repeat(300), "目".repeat(5000), "x".repeat(70_000)],
].map(spelling);

/** Every place where a value stands: how to read it and how to put another there. */
interface Place {
  readonly holder: Tree;
  readonly at: number;
}

function* places(tree: Tree): Generator<Place> {
  const inner = childrenOf(tree);
  for (const [at, child] of inner.entries()) {
    yield { holder: tree, at };
    yield* places(child);
  }
}

const childrenOf = (tree: Tree): readonly Tree[] =>
  "items" in tree ? tree.items : "members" in tree ? tree.members.map(([, value]) => value) : [];

function put({ holder, at }: Place, value: Tree): void {
  if ("items" in holder) holder.items[at] = value;
  else if ("members" in holder) holder.members[at] = [holder.members[at]![0], value];
}

const valueAt = ({ holder, at }: Place): Tree => childrenOf(holder)[at]!;

/** Changes a tree in one place. It stays JSON that every reader understands alike. @param others trees to take parts from */
export function mutate(tree: Tree, chance: Chance, others: readonly Tree[]): void {
  const all = [...places(tree)];
  if (all.length === 0) return;
  const place = chance.pick(all);
  const { holder, at } = place;
  const value = valueAt(place);
  switch (chance.below(8)) {
    case 0: // gone
      if ("items" in holder) holder.items.splice(at, 1);
      else if ("members" in holder) holder.members.splice(at, 1);
      return;
    case 1: // part of another
      put(place, structuredClone(chance.pick([...places(chance.pick(others))].map(valueAt))));
      return;
    case 2: // of another kind
      put(place, chance.odds(0.5) ? { items: [value] } : { members: [["value", value]] });
      return;
    case 3: // one too many
      if ("items" in holder) holder.items.splice(at, 0, structuredClone(value));
      else if ("members" in holder) add(holder.members, chance.pick(NAMES), structuredClone(value));
      return;
    case 4: // under another name
      if ("members" in holder) {
        const [[key] = [""]] = holder.members.splice(at, 1);
        add(holder.members, chance.pick([key.toUpperCase(), `${key} `, key.replace(/^./u, ""), ...NAMES]), value);
      }
      return;
    case 5: // very many
      if ("items" in value && value.items.length > 0)
        value.items = Array.from({ length: 300 }, (_, i) => value.items[i % value.items.length]!);
      return;
    default:
      put(place, { text: chance.pick(ODD) });
  }
}

const NAMES = ["", "extra", "a/b~c", "数据", "id", "data", "party", "holding", "toString", "hasOwnProperty", "\u0000", "😀"];

function add(members: [string, Tree][], key: string, value: Tree): void {
  if (members.every(([other]) => other !== key)) members.push([key, value]);
}

export type Spoiling = Exclude<JsonProblem, "malformed-json">;

const SPOILINGS: Readonly<Record<Spoiling, readonly string[]>> = {
  "invalid-utf8": ['"\xc3\x28"', '"\xc0\xaf"', '"\xed\xa0\x80"', '"\xff"', '"\xf4\x90\x80\x80"'],
  "lone-surrogate": ['"\\ud800"', '"\\udc00x"', '"a\\uD83D"', '{"\\udfff":1}'],
  "duplicate-key": ['{"a":1,"a":1}', '{"a":1,"\\u0061":2}', '[{"x":{"":0,"":1}}]'],
  "prototype-key": ['{"__proto__":null}', '{"constructor":{}}', '[{"prototype":1}]', '{"\\u005f_proto__":{}}'],
  "inexact-number": ["1.0", "1e3", "-0", "9007199254740992", "1E400", "0.10", "0.1000000000000000055"],
  "too-deep": ["[".repeat(40) + "]".repeat(40), '{"a":'.repeat(40) + "1" + "}".repeat(40), "[".repeat(9999) + "]".repeat(9999)],
};

/** Puts into a tree what no reader may take. @returns what it must be refused for */
export function spoil(tree: Tree, chance: Chance): Spoiling {
  const spoiling = chance.pick(Object.keys(SPOILINGS) as Spoiling[]);
  put(chance.pick([...places(tree)]), { text: chance.pick(SPOILINGS[spoiling]) });
  return spoiling;
}
