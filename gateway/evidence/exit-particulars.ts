/** What a certificate tells of why an exit came, of when data was deleted, of keys and of transfers. Older certificates lack it. */
import type { RecordedEvent } from "../../chaincode/events/envelope";
import { canonicalText } from "../../chaincode/proof/canonical";
import { HASH_BYTES } from "../../chaincode/proof/sha256";
import { demand } from "./errors";
import { textIn } from "./exit-acts";
import type { ExitCertificate } from "./exit-certificate";
import type { ExitItem } from "./exit-items";
import { hex, integer, list, record, text, time } from "./shape";

export interface Particulars {
  readonly trigger?: Trigger;
  /** By the act that says so: transfers compared, and how many of them were explained. Every certificate that has particulars has these. */
  readonly reconciliation?: { readonly transfers: number; readonly explained: number };
  /** By the ledger's clock; none where nothing was deleted. */
  readonly deletions?: { readonly first: Deletion; readonly last: Deletion };
  /** Keys that were destroyed, in the order of the items, up to {@link MAX_KEYS}. */
  readonly keys?: readonly DestroyedKey[];
  /** Items of which what is said was voided (作废) by who reported it, before the verification: it counts on the ledger all the same. */
  readonly voided?: number;
}

export interface Trigger {
  /** As who opened the exit says. */
  readonly reason?: string;
  /** The act on which the exit rests: a termination, a revocation, a closing, a withdrawal. It is of another history, and the issuing gateway reads it out. */
  readonly rests?: {
    /** `MSPID/journal/index` */
    readonly act: string;
    readonly type: string;
    readonly party: string;
    /** Of a termination: in the words of its event. */
    readonly ground?: string;
    readonly reason?: string;
  };
}

/** Where a deletion stands, and when it was recorded. */
interface Deletion {
  readonly act: string;
  readonly at: string;
}

export interface DestroyedKey {
  readonly key: string;
  /** Digest of the key store's record. */
  readonly record: string;
  readonly items: number;
}

export const MAX_KEYS = 1000;

const place = text(300);
const isDeletion = record<Deletion>({ act: place, at: time });

/** Shapes, all of which may be missing. */
export const particulars = {
  trigger: record<Trigger>(
    {
      reason: text(2000),
      rests: record<Exclude<Trigger["rests"], undefined>>(
        { act: place, type: text(100), party: text(32), ground: text(100), reason: text(2000) },
        ["ground", "reason"],
      ),
    },
    ["reason", "rests"],
  ),
  reconciliation: record<NonNullable<Particulars["reconciliation"]>>({ transfers: integer(0), explained: integer(0) }),
  deletions: record<NonNullable<Particulars["deletions"]>>({ first: isDeletion, last: isDeletion }),
  keys: list(record<DestroyedKey>({ key: text(2000), record: hex(HASH_BYTES), items: integer(1) }), MAX_KEYS),
  voided: integer(1),
};
export const PARTICULARS = ["trigger", "reconciliation", "deletions", "keys", "voided"] as const satisfies readonly (keyof Particulars)[];

/** Whether it was made by a version that tells them: then they are asked for. */
export const isParticular = ({ reconciliation }: Particulars): boolean => reconciliation !== undefined;

/** Version of the contract since when every certificate tells them. */
const SINCE = [0, 7, 0] as const;

/** @param version that the ledger says that it runs, which is none where one party keeps it */
function isDue(version = ""): boolean {
  const [, ...numbers] = /^(\d+)\.(\d+)\.(\d+)/.exec(version) ?? [];
  const at = SINCE.findIndex((number, i) => Number(numbers[i]) !== number);
  return at === -1 || Number(numbers[at]) > (SINCE[at] ?? 0);
}

/**
 * A certificate without them says less, and would pass for one of an older version. What such a version made, and the authority certified, is made as
 * it was. @throws EvidenceError `exit-particulars-missing`
 */
export function demandParticulars(of: Particulars, isCertified: boolean, chaincodeVersion: string | undefined): void {
  demand(isCertified || isParticular(of) || !isDue(chaincodeVersion), "exit-particulars-missing");
}

/** @param event by which the exit was opened */
export const reasonIn = (event: RecordedEvent | undefined): string =>
  textIn((event?.data as { readonly reason?: unknown } | undefined)?.reason);

/** @param event that of the reconciling */
export function reconciliationIn(event: RecordedEvent | undefined): NonNullable<Particulars["reconciliation"]> {
  const { transfers = 0, explained = 0 } = (event?.data ?? {}) as { readonly transfers?: number; readonly explained?: number };
  return { transfers, explained };
}

/** @throws EvidenceError `exit-acts-differ` */
export function checkParticulars(of: Particulars, opened: RecordedEvent, reconciled: RecordedEvent): void {
  if (!isParticular(of)) return;
  const { trigger, reconciliation } = of;
  const said = reconciliationIn(reconciled);
  demand((trigger?.reason ?? "") === reasonIn(opened), "exit-acts-differ");
  demand(reconciliation?.transfers === said.transfers && reconciliation.explained === said.explained, "exit-acts-differ");
}

const differ = "exit-items-differ";

const nameOf = (key: string, record: string): string => `${record} ${key}`;

/** First and last deletion, the keys, and what was voided, of items one after the other: for who makes a certificate and for who verifies one. */
export class Summed {
  #first: Deletion | undefined;
  #last: Deletion | undefined;
  #voided = 0;
  /** By {@link nameOf}. */
  readonly #keys = new Map<string, { readonly key: string; readonly record: string; items: number }>();

  add({ state, by, at, key, record, voided }: Pick<ExitItem, "state" | "by" | "at" | "key" | "record" | "voided">): void {
    if (voided === true) this.#voided++;
    if (state !== "deleted" || by === undefined || at === undefined) return;
    if (this.#first === undefined || at < this.#first.at) this.#first = { act: by, at };
    if (this.#last === undefined || at > this.#last.at) this.#last = { act: by, at };
    if (key === undefined || record === undefined) return;
    const name = nameOf(key, record);
    const known = this.#keys.get(name);
    if (known !== undefined) known.items++;
    else if (this.#keys.size < MAX_KEYS) this.#keys.set(name, { key, record, items: 1 });
  }

  all(): Pick<Particulars, "deletions" | "keys" | "voided"> {
    const [first, last] = [this.#first, this.#last];
    return {
      ...(first === undefined || last === undefined ? {} : { deletions: { first, last } }),
      ...(this.#keys.size === 0 ? {} : { keys: [...this.#keys.values()].map((it) => ({ ...it })) }),
      ...(this.#voided === 0 ? {} : { voided: this.#voided }),
    };
  }

  /** @param isWhole whether these were all items; else some, none of which may contradict it @throws EvidenceError `exit-items-differ` */
  check(of: ExitCertificate, isWhole: boolean): void {
    if (!isParticular(of)) return;
    const [{ deletions, keys = [], voided = 0 }, said, listed = []] = [this.all(), of.deletions, of.keys];
    demand(isWhole ? voided === (of.voided ?? 0) : voided <= (of.voided ?? 0), differ);
    if (isWhole) {
      demand(canonicalText([deletions ?? null, keys]) === canonicalText([said ?? null, listed]), differ);
      return;
    }
    const isWithin =
      deletions === undefined || (said !== undefined && said.first.at <= deletions.first.at && deletions.last.at <= said.last.at);
    const counts = new Map(listed.map(({ key, record, items }) => [nameOf(key, record), items]));
    const least = listed.length < MAX_KEYS ? 0 : Infinity;
    demand(isWithin && keys.every(({ key, record, items }) => items <= (counts.get(nameOf(key, record)) ?? least)), differ);
  }
}
