/**
 * What of an inventory may be erased: what is outstanding, was declared by a party whose word is taken, lies at a place that is known, and has nothing in it
 * that is kept (retained, or transferred to a successor), that goes on or that others name. Anybody may declare anything to lie anywhere: what is kept stands in the way by its place alone.
 */
import { createHash } from "node:crypto";
import { EraseError, type Eraser } from "./eraser";
import type { Item, Outcome } from "./outcome";
import type { Place, PlaceIndex } from "./places";
import { isIn } from "./roots";

const EMPTY = createHash("sha256").digest("hex");

export interface Wanted {
  readonly item: Item;
  readonly place: Place;
}

/** One thing, and for which holdings it is erased. */
export interface Target {
  readonly eraser: Eraser;
  readonly wanted: readonly Wanted[];
}

export interface May {
  readonly index: PlaceIndex;
  /** Credit codes of those whose declarations are taken. */
  readonly parties: readonly string[];
  readonly eraserOf: (place: Place) => Eraser;
}

/** What is named by holdings that are not gone. */
interface Named {
  readonly eraser: Eraser;
  readonly wanted: Wanted[];
  /** What is kept there, as the reason not to erase it. */
  kept?: EraseError;
  /** Why it is not erased. */
  refused?: EraseError;
}

export interface Sorted {
  /** Each once. */
  readonly targets: readonly Target[];
  /** Of the holdings that are of none. */
  readonly outcomes: readonly Outcome[];
  /** What is kept and nobody has said where, by digest: what has that content may be it. Of nothing there is nothing to keep. */
  readonly keptSomewhere: ReadonlyMap<string, EraseError>;
}

export function targetsOf(items: readonly Item[], { index, parties, eraserOf }: May): Sorted {
  const outcomes: Outcome[] = [];
  const keptSomewhere = new Map<string, EraseError>();
  const named = new Map<string, Named>();
  for (const item of items) {
    const { holding, place: declared, state, until, goesOn = false } = item;
    const place = index.find(holding, declared);
    // The law has logs kept: whoever means this one names it.
    const isLog = item.form === "log" && state === "outstanding" && place?.holding === undefined;
    const isGoingOn = goesOn && state === "outstanding";
    const isKept = state === "retained" || state === "transferred" || isLog;
    const kept = isGoingOn || isKept ? new EraseError(isGoingOn ? "goes-on" : "kept", holding) : undefined;
    const isForeign = !parties.includes(item.party);
    const put = (outcome: Omit<Outcome, "holding" | "place">): unknown => goesOn || outcomes.push({ holding, place: declared, ...outcome });
    if (state !== "outstanding") put({ result: "settled", state, ...(until === undefined ? {} : { until }) });
    else if (isForeign) put({ result: "refused", code: "foreign", what: item.party });
    else if (place === undefined) put({ result: "uncovered" });
    else if (isLog) put({ result: "refused", code: "log" });
    if (place === undefined && kept !== undefined && item.digest !== EMPTY) keptSomewhere.set(item.digest, kept);
    if (place === undefined || (state !== "outstanding" && kept === undefined)) continue;
    const eraser = eraserOf(place);
    const it = named.get(eraser.target) ?? { eraser, wanted: [] };
    named.set(eraser.target, it);
    if (kept !== undefined) it.kept ??= kept;
    else if (!isForeign) it.wanted.push({ item, place });
  }
  refuse([...named.values()]);
  for (const { eraser, wanted, refused } of named.values()) {
    if (refused === undefined) continue;
    const why = { target: eraser.target, code: refused.code, what: refused.what };
    for (const { item } of wanted) outcomes.push({ holding: item.holding, place: item.place, result: "refused", ...why });
  }
  const targets = [...named.values()].filter(({ wanted, refused }) => refused === undefined && wanted.length > 0);
  return { targets, outcomes, keptSomewhere };
}

/** Nothing is erased with what is kept or what others name in it, nor out of what is kept. */
function refuse(all: readonly Named[]): void {
  const at = new Map<string, Named[]>();
  for (const one of all) {
    const path = one.eraser.where?.path;
    if (path !== undefined) at.set(path, [...(at.get(path) ?? []), one]);
  }
  for (const inner of all) {
    if (inner.kept !== undefined && inner.eraser.where !== undefined) inner.refused = inner.kept;
    for (const path of selfAndAbove(inner.eraser.where?.path))
      for (const outer of at.get(path) ?? []) {
        if (outer === inner || !touch(outer.eraser, inner.eraser)) continue;
        if (inner.kept !== undefined) outer.refused = inner.kept;
        else if (outer.kept !== undefined) inner.refused = outer.kept;
        else if (holds(outer.eraser, inner.eraser)) outer.refused ??= new EraseError("overlaps", inner.eraser.target);
      }
  }
}

/** The path, and the folders that it lies in. */
function* selfAndAbove(path = ""): Generator<string> {
  for (let at = path; at !== ""; at = at.slice(0, Math.max(0, at.lastIndexOf("/")))) yield at;
}

/** Whether erasing the one may change the other. */
const touch = (outer: Eraser, inner: Eraser): boolean =>
  outer.where?.path !== inner.where?.path || holds(outer, inner) || holds(inner, outer);

/** Whether all of the one goes with the other. A table's file may be a part of its database: it is not known to be without it. */
function holds({ where: outer }: Eraser, { where: inner }: Eraser): boolean {
  if (outer === undefined || inner === undefined) return false;
  if (outer.table === undefined) return isIn(inner.path, outer.path);
  // A sublevel has others within it.
  return inner.path === outer.path && inner.table !== undefined && (inner.table + "!!").startsWith(outer.table + "!!");
}
