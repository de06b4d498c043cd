/**
 * Keys of the read model. Each kind of record begins with a letter of its own; the parts are separated by NUL, which no part contains.
 * Journals stand by number. Numbers are written so that their order as text is their order as numbers.
 */
import type { Place } from "./place";

/** Sorts behind every part. */
const END = "\u{10ffff}";

/** Nine digits to the base 36: beyond 10^14. */
export function ordered(number: number): string {
  const digits = number.toString(36);
  return "000000000".slice(digits.length) + digits;
}
export const parseOrdered = (text: string): number => parseInt(text, 36);

export const keys = {
  checkpoint: "checkpoint",
  /** Height and sizes of all journals once everything up to this time had been recorded. */
  clock: (time: number) => `a\0${ordered(time)}`,
  /** The transaction that brought a journal to this size. */
  batch: (journal: number, size: number) => `b\0${ordered(journal)}\0${ordered(size)}`,
  /** Totals of a tally, as of a block. */
  tally: (name: string, block: number) => `c\0${name}\0${ordered(block)}`,
  /** The acts about a subject that were in force as of a block. */
  decisions: (kind: string, id: string, block: number) => `v\0${kind}\0${id}\0${ordered(block)}`,
  /** An event that mentions a digest, which half of it finds. */
  mention: (digest: string, { journal, index }: Place) => `d\0${digest.slice(0, 32)}\0${ordered(journal)}\0${ordered(index)}`,
  /** Entries of a journal, with what the ledger says of them. */
  entries: (journal: number, chunk: number) => `e\0${ordered(journal)}\0${ordered(chunk)}`,
  finding: ({ journal, index }: Place) => `f\0${ordered(journal)}\0${ordered(index)}`,
  /** A page of outstanding and retained holdings as it stands in the world state. */
  holdings: (authorization: string, journal: string, page: number) => `g\0${authorization}\0${journal}\0${ordered(page)}`,
  /** How much an authorization, or a scenario or product of it, has, by journal, as it stands in the world state. */
  holdingCount: (authorization: string, ...journal: readonly string[]) => ["o", authorization, ...journal].join("\0"),
  partCount: (authorization: string, ...part: readonly string[]) => ["k", authorization, ...part].join("\0"),
  /** Hash tile of a journal. */
  tile: (journal: number, level: number, tile: number) => `h\0${ordered(journal)}\0${ordered(level)}\0${ordered(tile)}`,
  /** Where the events with this source and id stand. */
  pair: ({ source, id }: { readonly source: string; readonly id: string }) => `i\0${source}\0${id}`,
  /** Name and other words by which a subject is found. */
  label: (kind: string, id: string) => `l\0${kind}\0${id}`,
  /** Places of one list that came with one block. */
  places: (list: string, block: number) => `p\0${list}\0${ordered(block)}`,
  /** Current state of a subject, from the world state. */
  record: (kind: string, id: string) => `r\0${kind}\0${id}`,
  slot: (holding: string) => `s\0${holding}`,
  /** A transfer and what both sides said of it; and the same again while they do not agree. */
  transfer: (authorization: string, resource: string, scenario: string, transfer: string) =>
    `t\0${authorization}\0${resource}\0${scenario}\0${transfer}`,
  unreconciled: (authorization: string, resource: string, scenario: string, transfer: string) =>
    `u\0${authorization}\0${resource}\0${scenario}\0${transfer}`,
  /** How many of these there are, by code. */
  unreconciledCount: (code: string) => `n\0${code}`,
  /** How much a source supplied. */
  contribution: (source: string) => `y\0${source}`,
  /** What became of a holding. */
  fate: (authorization: string, holding: string) => `w\0${authorization}\0${holding}`,
  /** The release of a product that a holding was made for. */
  release: (authorization: string, holding: string) => `m\0${authorization}\0${holding}`,
  /** Of holdings that were deleted: until when their backups last, by whose word and hands, what they were held for, and who declared them. */
  backupDue: (authorization: string, day: string, ...alike: readonly string[]) => ["q", authorization, day, ...alike].join("\0"),
  /** A report that backups are gone, by the exit that it names, if any; and, by where it stands, the key of that. */
  backupReport: (authorization: string, exit: string, party: string, place: string) => `z\0${authorization}\0${exit}\0${party}\0${place}`,
  backupReportAt: (place: string) => `j\0${place}`,
  /** Where a leaf stands, by the first half of its hash. */
  leaf: (hash: Uint8Array) => `x\0${Buffer.from(hash.buffer, hash.byteOffset, 16).toString("hex")}`,
};

/** Parts of a key after its letter. */
export const partsOf = (key: string): readonly string[] => key.split("\0").slice(1);

/** Range of all keys that begin with these parts and have one more. */
export const under = (...parts: readonly string[]): { readonly gt: string; readonly lt: string } => {
  const start = `${parts.join("\0")}\0`;
  return { gt: start, lt: start + END };
};

/** The last part of a key. */
export const lastPart = (text: string): string => text.slice(text.lastIndexOf("\0") + 1);
