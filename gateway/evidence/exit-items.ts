/**
 * The items of an exit (逐件明细), a line for each holding, in the order of the leaves of two trees: of the inventory as it was frozen on the ledger, and
 * of the lines themselves. For one source alone, a first line names it, and what is not its own is cut out: each whole subtree stands as its two roots,
 * so that a part proves as much as the whole, and is never longer.
 */
import { fromBase64, toHex } from "../../chaincode/proof/bytes";
import { canonicalText } from "../../chaincode/proof/canonical";
import { CompactRange } from "../../chaincode/proof/compact-range";
import { FORMS, type HoldingSlot } from "../../chaincode/proof/holdings-page";
import { leafHash } from "../../chaincode/proof/rfc6962";
import { HASH_BYTES, type Hash } from "../../chaincode/proof/sha256";
import { demand, EvidenceError, given } from "./errors";
import { linesOf } from "./event-stream";
import { type Counts, type ExitCertificate, ITEM_STATES, type ItemState } from "./exit-certificate";
import { Summed } from "./exit-particulars";
import { either, hex, integer, list, literal, record, text, time } from "./shape";
import { utf8 } from "./utf8";

/** Where the items lie, beside their certificate. */
export const itemsBeside = (file: string): string => `${file.replace(/\.(nd)?json$/, "")}.items.ndjson`;

export const PART_FORMAT = "suyuan-exit-part/1";
/** Whether a line is to be an item's, from its beginning: members stand in the order of their names. */
export const isItemLine = (line: string): boolean => /^\{("at":"[^"]*","by":"[^"]*",)?"held":\{/.test(line);

/** One holding. Its line is canonical JSON. */
export interface ExitItem {
  /** The slot as it stood in the frozen inventory. */
  readonly held: HoldingSlot;
  readonly place: string;
  readonly resources: readonly string[];
  readonly sources: readonly string[];
  readonly state: ItemState;
  /** The event that says so: `MSPID/journal/index`. */
  readonly by?: string;
  readonly at?: string;
  /** Number among the certificate's `handlings`. */
  readonly how?: number;
  /** Name of the key that was destroyed, and digest of the key store's record of it; make and serial number of the medium. */
  readonly key?: string;
  readonly record?: string;
  readonly media?: string;
  /** Who reported what became of it voided (作废) that report, before the verification. */
  readonly voided?: true;
  /** It came to what ends after the inventory was frozen. */
  readonly late?: true;
}

/** The first line of a part. */
interface PartHeader {
  readonly format: typeof PART_FORMAT;
  /** Credit code. */
  readonly source: string;
}

/** Others' items, 2^`level` of them: roots of their subtrees in base64. Beyond the frozen inventory they have one alone. */
interface Cut {
  readonly cut: { readonly level: number; readonly items: string; readonly inventory?: string };
}

const code = text(32);
const hash = text(44, (value) => fromBase64(value)?.length === HASH_BYTES);
const isTrue = (value: unknown): value is true => value === true;

const isSlot = record<HoldingSlot>(
  {
    ...{ slot: integer(0), holding: text(300), digest: hex(HASH_BYTES), form: literal(...FORMS), party: code },
    ...{ scenario: text(256), product: text(256), off: isTrue, until: text(10) },
  },
  ["scenario", "product", "off", "until"],
);
const isItem = record<ExitItem>(
  {
    ...{
      held: isSlot,
      place: text(2000),
      resources: list(text(256), 100_000),
      sources: list(code, 100_000),
      state: literal(...ITEM_STATES),
    },
    ...{
      by: text(300),
      at: time,
      how: integer(0),
      key: text(2000),
      record: hex(HASH_BYTES),
      media: text(4000),
      late: isTrue,
      voided: isTrue,
    },
  },
  ["by", "at", "how", "key", "record", "media", "late", "voided"],
);
const isOfPart = either(
  record<PartHeader>({ format: literal(PART_FORMAT), source: code }),
  record<Cut>({ cut: record<Cut["cut"]>({ level: integer(0), items: hash, inventory: hash }, ["inventory"]) }),
);

/** @returns undefined for what is not of this shape, in the spelling in which it was written */
function parsed<T>(line: string, is: (value: unknown) => value is T): T | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return is(value) && JSON.stringify(value) === line ? value : undefined;
  } catch {
    return undefined;
  }
}

export const formatPart = (source: string): string => canonicalText({ format: PART_FORMAT, source } satisfies PartHeader);
export const formatCut = (cut: Cut["cut"]): string => canonicalText({ cut } satisfies Cut);

export interface ItemsVerdict {
  /** Items that were looked at. */
  readonly items: number;
  /** Whose they are, where they are not all. */
  readonly source?: string;
}

/** All of them, or all of one source. @throws EvidenceError `exit-items-differ`, with the line */
export async function checkItems(certificate: ExitCertificate, chunks: AsyncIterable<Uint8Array>): Promise<ItemsVerdict> {
  const items = new Items(certificate);
  let line = 0;
  try {
    for await (const bytes of linesOf(chunks)) {
      line++;
      items.add(bytes);
    }
  } catch (error) {
    if (!(error instanceof EvidenceError)) throw error;
    throw new EvidenceError("exit-items-differ", { line: Math.max(line, 1), cause: error });
  }
  return items.end();
}

const encoder = new TextEncoder();
const differ = "exit-items-differ";

class Items {
  readonly #lines = CompactRange.empty();
  readonly #frozen = CompactRange.empty();
  readonly #tally = new Map<string | undefined, Tally>();
  readonly #all = newCounts();
  readonly #summed = new Summed();
  #source: string | undefined;
  #shown = 0;

  constructor(private readonly certificate: ExitCertificate) {}

  add(bytes: Uint8Array): void {
    const line = utf8(bytes, differ);
    if (isItemLine(line)) this.#item(bytes, given(parsed(line, isItem), differ));
    else this.#other(given(parsed(line, isOfPart), differ));
  }

  #other(line: PartHeader | Cut): void {
    if ("cut" in line) this.#cut(line.cut);
    else {
      demand(this.#source === undefined && this.#lines.size === 0, differ);
      this.#source = line.source;
    }
  }

  #item(bytes: Uint8Array, item: ExitItem): void {
    const { items, inventory } = this.certificate;
    const isLate = item.late === true;
    demand(this.#lines.size < items.count && isLate === this.#lines.size >= inventory.count, differ);
    demand(this.#source === undefined || item.sources.includes(this.#source), differ);
    demand(isHandled(item, this.certificate), differ);
    this.#lines.append(leafHash(bytes));
    if (!isLate) this.#frozen.append(leafHash(encoder.encode(JSON.stringify(item.held))));
    this.#shown++;
    count(this.#all, item.state);
    this.#summed.add(item);
    for (const source of item.sources.length === 0 ? [undefined] : item.sources) add(this.#tally, source, item);
  }

  #cut({ level, items, inventory }: Cut["cut"]): void {
    demand(this.#source !== undefined && level < 53, differ);
    const [begin, end] = [this.#lines.size, this.#lines.size + 2 ** level];
    const isLate = inventory === undefined;
    const [all, frozen] = [this.certificate.items.count, this.certificate.inventory.count];
    demand(begin % 2 ** level === 0 && end <= all && (isLate ? begin >= frozen : end <= frozen), differ);
    this.#lines.appendTree(hashOf(items), level);
    if (inventory !== undefined) this.#frozen.appendTree(hashOf(inventory), level);
  }

  end(): ItemsVerdict {
    const { items, inventory, counts, origins } = this.certificate;
    demand(this.#lines.size === items.count && toHex(this.#lines.root()) === items.root, differ);
    demand(toHex(this.#frozen.root()) === inventory.root, differ);
    const source = this.#source;
    const of = source === undefined ? origins : origins.filter((origin) => origin.source === source);
    demand(source === undefined ? sameCounts(this.#all, counts) && of.length === this.#tally.size : of.length === 1, differ);
    for (const { source, expected, counts: said } of of) {
      const found = given(this.#tally.get(source), differ);
      demand(found.expected === expected && sameCounts(found.counts, said), differ);
    }
    this.#summed.check(this.certificate, source === undefined);
    return { items: this.#shown, ...(source === undefined ? {} : { source }) };
  }
}

const hashOf = (base64: string): Hash => given(fromBase64(base64), differ);

function isHandled({ state, how, held }: ExitItem, { handlings }: ExitCertificate): boolean {
  if (how === undefined) return state === "outstanding";
  const of = handlings[how];
  return of?.state === state && (of.custodian ?? held.party) === held.party;
}

interface Tally {
  expected: number;
  readonly counts: Counted;
}
type Counted = { -readonly [K in keyof Counts]: Counts[K] };

export const newCounts = (): Counted => ({
  ...{ outstanding: 0, deleted: 0, retained: 0, transferred: 0, struck: 0, "logs-disposed": 0 },
});

export const sameCounts = (a: Counts, b: Counts): boolean => ITEM_STATES.every((state) => (a[state] ?? 0) === (b[state] ?? 0));

/** Expected is what the frozen inventory has. */
export function add(
  tally: Map<string | undefined, Tally>,
  source: string | undefined,
  { state, late }: Pick<ExitItem, "state" | "late">,
): void {
  let own = tally.get(source);
  if (own === undefined) tally.set(source, (own = { expected: 0, counts: newCounts() }));
  if (late !== true) own.expected++;
  count(own.counts, state);
}

export function count(counts: Counted, state: ItemState, items = 1): void {
  counts[state] = (counts[state] ?? 0) + items;
}
