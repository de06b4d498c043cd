/** The certificate of an exit (退出核验证明), made of what the ledger has: the same, byte for byte, whenever it is made once the exit is verified. Pure. */
import { canonicalText } from "../../chaincode/proof/canonical";
import { toBase64, toHex } from "../../chaincode/proof/bytes";
import { CompactRange } from "../../chaincode/proof/compact-range";
import type { Inventory } from "../../chaincode/proof/inventory";
import { leafHash, nodeHash } from "../../chaincode/proof/rfc6962";
import type { Hash } from "../../chaincode/proof/sha256";
import MerkleTree from "merkletreejs";

import type { RecordedEvent } from "../../chaincode/events/envelope";
import type { Exit } from "../../chaincode/events/exit";
import { standing } from "../../chaincode/events/steps";
import { dayOf } from "../../chaincode/events/time";
import {
  type ExitCertificate,
  type ExitItem,
  type ExitScan,
  type ExitStep,
  type Handling,
  type ShownItem,
} from "../evidence/exit-certificate";
import { officerIn, textIn, verificationIn } from "../evidence/exit-acts";
import { residualOf } from "../evidence/exit-residual";
import { add, newCounts } from "../evidence/verify-exit";
import type { Change } from "../index/ever-held";
import type { ListedItem } from "./inventory";
import { TIMELINE } from "./progress";

/** What it is made of, as it stood when the exit was verified. */
export interface Sources {
  readonly exit: string;
  readonly record: Exit;
  readonly items: readonly ListedItem[];
  /** Of the items, as the ledger has frozen it. */
  readonly inventory: Inventory;
  /** Credit code of the source of a resource, where it is known. */
  readonly sourceOf: (resource: string) => string | undefined;
  readonly scans: readonly ExitScan[];
  /** The events of the steps, by where they stand: `MSPID/journal/index`. */
  readonly events: ReadonlyMap<string, RecordedEvent>;
  /** Of the authorization in force last. */
  readonly agreement?: { readonly act: string; readonly until: number };
  readonly operator: string;
  /** When it was verified, milliseconds since 1970. */
  readonly at: number;
}

export interface Made {
  readonly certificate: ExitCertificate;
  /** Canonical JSON of each item, in the order of the leaves. */
  readonly lines: readonly string[];
  readonly items: readonly ExitItem[];
}

export function makeCertificate({
  exit,
  record,
  items: listed,
  inventory,
  sourceOf,
  scans,
  events,
  agreement,
  operator,
  at,
}: Sources): Made {
  const handlings = new Handlings();
  const items = listed.map((item): ExitItem => itemOf(item, sourceOf, handlings));
  const lines = items.map((item) => canonicalText(item));
  const origins = new Map<string | undefined, { expected: number; readonly counts: ReturnType<typeof newCounts> }>();
  const counts = newCounts();
  for (const item of items) {
    counts[item.state]++;
    for (const source of item.sources.length === 0 ? [undefined] : item.sources) add(origins, source, item);
  }
  const timeline = TIMELINE.flatMap((step): ExitStep[] => {
    const mark = standing(record, step, at);
    if (mark === undefined) return [];
    const event = events.get(mark.act);
    const officer = officerIn(event?.data);
    return [
      {
        ...{ step, act: mark.act, party: mark.party, at: new Date(mark.at).toISOString() },
        ...(event === undefined ? {} : { happened: event.time, taken: event.recordedtime }),
        ...(officer === undefined ? {} : { officer }),
      },
    ];
  });
  const verified = timeline.find(({ step }) => step === "verified")?.act ?? "";
  const verification = verificationIn(events.get(verified));
  if (verification === undefined) throw new Error(`the verification of ${exit} is not where it should be`);
  const agency = timeline.find(({ step }) => step === "permissions-closed")?.party ?? "";
  const { authorization, leaving, developer, scenario, product } = record;
  const said: Omit<ExitCertificate, "residual"> = {
    number: `${exit}@${verified}`,
    ...{ exit, authorization, leaving },
    ...(developer === undefined ? {} : { developer }),
    ...(scenario === undefined ? {} : { scenario }),
    ...(product === undefined ? {} : { product }),
    ...{ basis: "六(五)6", operator, agency },
    ...(agreement === undefined ? {} : { agreement: { act: agreement.act, until: dayOf(agreement.until - 1) } }),
    timeline,
    inventory,
    items: { count: lines.length, root: manifestRoot(lines), bytes: lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0) },
    origins: [...origins]
      .map(([source, { expected, counts }]) => ({ ...(source === undefined ? {} : { source }), expected, counts }))
      .sort((a, b) => ((a.source ?? "") < (b.source ?? "") ? -1 : 1)),
    ...{ counts, handlings: handlings.all(), scans, verification },
  };
  const certificate = { ...said, residual: residualOf(said) };
  return { certificate, lines, items };
}

/** Those of the items that come from a source, each with its paths. */
export function partOf({ items, lines, certificate }: Made, source: string): readonly ShownItem[] {
  const [all, frozen] = [treeOf(lines), treeOf(items.filter(({ late }) => late !== true).map(({ held }) => canonicalText(held)))];
  return items.flatMap((item, index) => {
    if (!item.sources.includes(source)) return [];
    const inventory = index < certificate.inventory.count ? { inventory: pathIn(frozen, index) } : {};
    return { index, line: lines[index] ?? "", path: pathIn(all, index), ...inventory };
  });
}

function itemOf(
  { held, place, resources, state, change, late }: ListedItem,
  sourceOf: Sources["sourceOf"],
  handlings: Handlings,
): ExitItem {
  const sources = resources.length === 0 ? NONE : [...new Set(resources.map(sourceOf))].filter((source) => source !== undefined).sort();
  // Written so that a hundred thousand of them cost little.
  const item: { -readonly [K in keyof ExitItem]: ExitItem[K] } = { held, place, resources, sources, state };
  if (late === true) item.late = late;
  if (change === undefined) return item;
  const { key, media } = change.data as {
    readonly key?: { readonly name: unknown };
    readonly media?: { readonly make: unknown; readonly serial: unknown };
  };
  item.by = `${change.journal}/${change.index}`;
  item.at = new Date(change.recorded).toISOString();
  item.how = handlings.number(state, change);
  if (key !== undefined) item.key = textIn(key.name);
  if (media !== undefined) item.media = `${textIn(media.make)} ${textIn(media.serial)}`;
  return item;
}

const NONE: readonly string[] = [];

/** What is the same for many items. */
const TOLD = [
  "method",
  "standard",
  "tool",
  "toolVersion",
  "executor",
  "executorParty",
  "basis",
  "statute",
  "until",
  "to",
  "scenario",
  "reason",
];

class Handlings {
  readonly #known = new Map<string, { readonly number: number; readonly handling: Omit<Handling, "items">; items: number }>();

  number(state: Handling["state"], { party, data }: Change): number {
    const { backups } = data as { readonly backups?: { readonly state: string; readonly purged?: string } };
    let name = `${state}\0${party}\0${backups?.state ?? ""}\0${backups?.purged ?? ""}`;
    for (const field of TOLD) name += `\0${textIn(data[field])}`;
    let known = this.#known.get(name);
    if (known === undefined) {
      const how = Object.fromEntries(TOLD.flatMap((field) => (textIn(data[field]) === "" ? [] : [[field, textIn(data[field])] as const])));
      if (backups !== undefined) how["backups"] = backups.state;
      if (backups?.purged !== undefined) how["purged"] = backups.purged;
      this.#known.set(name, (known = { number: this.#known.size, handling: { state, party, how }, items: 0 }));
    }
    known.items++;
    return known.number;
  }

  all(): readonly Handling[] {
    return [...this.#known.values()].map(({ handling, items }) => ({ ...handling, items }));
  }
}

const encoder = new TextEncoder();

/** RFC 6962: the leaves are hashed with their own prefix, and every inner node with its. */
function treeOf(lines: readonly string[]): MerkleTree {
  const leaves = lines.map((line) => Buffer.from(leafHash(encoder.encode(line))));
  return new MerkleTree(leaves, hashPair);
}

const hashPair = (pair: Buffer): Buffer => Buffer.from(nodeHash(pair.subarray(0, 32) as Hash, pair.subarray(32) as Hash));

function manifestRoot(lines: readonly string[]): string {
  const range = CompactRange.empty();
  for (const line of lines) range.append(leafHash(encoder.encode(line)));
  return toHex(range.root());
}

const pathIn = (tree: MerkleTree, index: number): readonly string[] =>
  tree.getProof(tree.getLeaf(index), index).map(({ data }) => toBase64(data));
