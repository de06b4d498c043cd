/**
 * Holdings (留存数据) of one authorization in one journal, kept as pages of 64 slots. The n-th holding declared there takes slot n, for
 * good; page p has the slots from 64p to 64p + 63. A slot is outstanding, lawfully retained, or clear; clear slots are not
 * stored, so a page with nothing left is an empty array and leaves the state.
 *
 * The functions change nothing: they return the new page, or the code of what is wrong, in which case nothing happens.
 */
import { parseHoldingName } from "./holding-name";

export const PAGE_SLOTS = 64;

/** In which form data is held. */
export const FORMS = ["raw", "intermediate", "product", "backup", "cache", "index", "model", "key", "log"] as const;
export type Form = (typeof FORMS)[number];

/** What is held, and by whose word. */
export interface Holding {
  /** SHA-256 of the data held, lower-case hex. */
  readonly digest: string;
  readonly form: Form;
  /** Credit code of the party that declared it. */
  readonly party: string;
  /** What the declaring event named, where it named one. */
  readonly scenario?: string;
  readonly product?: string;
  /** Off the platform; missing where it is on it. */
  readonly off?: true;
  /** Last day of lawful retention (RFC 3339 full-date); outstanding if missing. */
  readonly until?: string;
}

export interface HoldingSlot extends Holding {
  /** Counted over all pages. */
  readonly slot: number;
  /** `MSPID/name/index/ordinal` */
  readonly holding: string;
}

/** The occupied slots in ascending order. JSON as it stands. */
export type HoldingsPage = readonly HoldingSlot[];

/**
 * - `holding-unknown`: the slot was never taken, or by another holding
 * - `holding-cleared`: the slot is already clear
 * - `holding-different`: the digest is not the declared one
 */
export type HoldingProblem = "holding-unknown" | "holding-cleared" | "holding-different";

export const emptyPage: HoldingsPage = [];

/** Number of the page that has this slot. */
export function pageOf(slot: number): number {
  return Math.floor(slot / PAGE_SLOTS);
}

/** Takes a slot. @throws RangeError if it does not come after all taken ones of the page: slots are given once and in order */
export function declareHolding(page: HoldingsPage, slot: number, holding: string, what: Holding): HoldingsPage {
  const last = page.at(-1);
  if (last !== undefined && (slot <= last.slot || pageOf(slot) !== pageOf(last.slot))) throw new RangeError(`slot ${slot} is not next`);
  return [...page, { slot, holding, ...what }];
}

/**
 * Clears a slot, retained ones included.
 * @param declared how many slots of this authorization and journal were ever taken: what tells a cleared slot from one never taken
 */
export function clearHolding(
  page: HoldingsPage,
  declared: number,
  slot: number,
  holding: string,
  digest: string,
): HoldingsPage | HoldingProblem {
  const found = find(page, declared, slot, holding);
  if (typeof found === "string") return found;
  return found.digest === digest ? page.filter((other) => other !== found) : "holding-different";
}

/** Marks a slot as lawfully retained until that day; of one already retained, the day changes. */
export function retainHolding(
  page: HoldingsPage,
  declared: number,
  slot: number,
  holding: string,
  digest: string,
  until: string,
): HoldingsPage | HoldingProblem {
  const found = find(page, declared, slot, holding);
  if (typeof found === "string") return found;
  return found.digest === digest ? page.map((other) => (other === found ? { ...found, until } : other)) : "holding-different";
}

/** Says of which product it is, of a holding that was declared for none; nothing changes where it is of one. */
export function attributeHolding(
  page: HoldingsPage,
  declared: number,
  slot: number,
  holding: string,
  product: string,
): HoldingsPage | HoldingProblem {
  const found = find(page, declared, slot, holding);
  if (typeof found === "string") return found;
  return found.product === undefined ? page.map((other) => (other === found ? { ...found, product } : other)) : page;
}

/** Takes back a declaration made by mistake. Asks for no digest, since that may be the mistake. */
export function strikeHolding(page: HoldingsPage, declared: number, slot: number, holding: string): HoldingsPage | HoldingProblem {
  const found = find(page, declared, slot, holding);
  return typeof found === "string" ? found : page.filter((other) => other !== found);
}

/** How many of the page's slots are neither clear nor lawfully retained. */
export function outstanding(page: HoldingsPage): number {
  return page.reduce((count, { until }) => (until === undefined ? count + 1 : count), 0);
}

/** @returns undefined unless `state` is a page as the functions above return it */
export function pageFrom(state: unknown): HoldingsPage | undefined {
  if (!Array.isArray(state) || !state.every(isSlot)) return undefined;
  const inOrder = state.every((slot, i) => i === 0 || slot.slot > (state[i - 1] as HoldingSlot).slot);
  const first = state[0];
  return inOrder && state.every(({ slot }) => first !== undefined && pageOf(slot) === pageOf(first.slot)) ? state : undefined;
}

function find(page: HoldingsPage, declared: number, slot: number, holding: string): HoldingSlot | HoldingProblem {
  if (slot >= declared) return "holding-unknown";
  const found = page.find((taken) => taken.slot === slot);
  if (found === undefined) return "holding-cleared";
  return found.holding === holding ? found : "holding-unknown";
}

function isSlot(value: unknown): value is HoldingSlot {
  if (typeof value !== "object" || value === null) return false;
  const { slot, holding, digest, form, party, scenario, product, off, until, ...others } = value as Record<string, unknown>;
  return (
    Number.isSafeInteger(slot) &&
    (slot as number) >= 0 &&
    typeof holding === "string" &&
    parseHoldingName(holding) !== undefined &&
    typeof digest === "string" &&
    /^[0-9a-f]{64}$/.test(digest) &&
    FORMS.includes(form as Form) &&
    isText(party) &&
    [scenario, product, until].every((part) => part === undefined || isText(part)) &&
    (off === undefined || off === true) &&
    Object.keys(others).length === 0
  );
}

const isText = (value: unknown): boolean => typeof value === "string" && value !== "";
