/** What a block says, taken apart: batches of recorded events, and changes of the world state. Pure. */
import { inflate } from "../../chaincode/batch";
import { QUARANTINED } from "../../chaincode/events/codes";
import type { RecordedEvent } from "../../chaincode/events/envelope";
import { vocabulary } from "../../chaincode/events/vocabulary";
import type { Breach } from "../../chaincode/events/judge";
import type { EventType } from "../../chaincode/events/definition";
import type { Appended } from "../../chaincode/append";
import type { Form } from "../../chaincode/proof/holdings-page";
import { leafHash } from "../../chaincode/proof/rfc6962";
import type { Hash } from "../../chaincode/proof/sha256";
import type { Block } from "../ledger/port";
import type { Place } from "./place";

/** What one transaction appended to a journal. */
export interface Batch extends Appended {
  readonly transactionId: string;
  /** Compressed, as `chaincode/batch.ts` reads it. */
  readonly lines: Uint8Array;
  /** Taken over from another ledger: time and transaction are those of then. */
  readonly isPast: boolean;
}

export interface Recording {
  readonly place: Place;
  readonly leaf: Uint8Array;
  readonly hash: Hash;
  /** What the contract found. */
  readonly breaches: readonly Breach[];
  /** Slots of the holdings that it declared. */
  readonly slots: readonly number[];
  /** By ordinal, where the contract counts one of them in another form than its event says. */
  readonly forms: ReadonlyMap<number, Form>;
  /** Who reported it and how they called it: what tells reports apart. Undefined where nothing of that form can be read. */
  readonly pair: Pair | undefined;
  /** Undefined where it was quarantined, or its type is not in this gateway's vocabulary. */
  readonly known: Known | undefined;
}

export interface Pair {
  readonly source: string;
  readonly id: string;
}

export interface Known {
  readonly type: EventType;
  readonly event: RecordedEvent;
}

const NONE: readonly never[] = [];
const AS_SAID: ReadonlyMap<number, Form> = new Map<number, Form>();

/** `import` appends what another ledger appended before, and answers what that answered then. */
const APPENDING: ReadonlySet<string> = new Set(["append", "import"]);

export function batchesOf(block: Block): Batch[] {
  const appends = block.transactions.filter(({ valid, transaction }) => valid && APPENDING.has(transaction));
  return appends.map(({ transaction, args, result, transactionId }) => {
    const [, , lines = new Uint8Array(0), , past] = args;
    const isPast = transaction === "import";
    return {
      ...(JSON.parse(Buffer.from(result).toString("utf8")) as Appended),
      transactionId: isPast ? Buffer.from(past ?? "").toString("utf8") : transactionId,
      lines,
      isPast,
    };
  });
}

/** One after the other, so that no more than one need be in memory. @param journal its number */
export function* recordingsOf({ from, findings, declared, counted = NONE, lines }: Batch, journal: number): Generator<Recording, void> {
  const breaches = new Map(findings);
  const slots = new Map(declared);
  const forms = new Map<number, Map<number, Form>>();
  for (const [index, ordinal, form] of counted) forms.set(index, (forms.get(index) ?? new Map<number, Form>()).set(ordinal, form));
  let index = from;
  for (const { leaf, text } of inflate(lines)) {
    const declared = { slots: slots.get(index) ?? NONE, forms: forms.get(index) ?? AS_SAID };
    yield recording({ journal, index }, leaf, text, breaches.get(index) ?? NONE, declared);
    index++;
  }
}

function recording(
  place: Place,
  leaf: Uint8Array,
  text: string,
  breaches: readonly Breach[],
  declared: Pick<Recording, "slots" | "forms">,
): Recording {
  const value = parsed(text);
  const known = isQuarantined(breaches) ? undefined : knownOf(value);
  return { place, leaf, hash: leafHash(leaf), breaches, ...declared, pair: pairOf(value), known };
}

export const isQuarantined = (breaches: readonly Breach[]): boolean => breaches.some(({ code }) => code === QUARANTINED);

/** What a leaf says; anything can stand in a quarantined one. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The event that a leaf is, for a leaf that the contract did not quarantine. */
export function knownOf(value: unknown): Known | undefined {
  const event = value as RecordedEvent;
  const type = vocabulary.get(event.type);
  return type && { type, event };
}

const PRINTABLE = /^[\x21-\x7e]{1,256}$/;

function pairOf(value: unknown): Pair | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { source, id } = value as { readonly source?: unknown; readonly id?: unknown };
  if (typeof source !== "string" || typeof id !== "string" || !PRINTABLE.test(source) || !PRINTABLE.test(id)) return undefined;
  return { source, id };
}
