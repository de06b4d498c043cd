/** What looking through something came to: what was found, and what was not read and why. */
import { visible } from "../../visible";
import type { Match } from "./matcher";

/**
 * Why something was not read. `changed`: it changed or vanished while it was read · `in-use`: a database that another program has open · `rows-not-read`: a table
 * where it is not read row by row, as databases and spreadsheets within archives, and files that are parts of databases · `rows-deleted`: those of a database whose
 * bytes its file still has · `archive-displaced`: one behind something else where it cannot be unpacked, or something behind an archive or between its entries ·
 * `symlink`, `special`, `own-state`: there is nothing in it to read.
 */
export const UNREAD = [
  "permission",
  "unreadable",
  "changed",
  "encrypted",
  "compression-unknown",
  "damaged",
  "too-deep",
  "expands-too-much",
  "archive-too-large",
  "archive-displaced",
  "rows-not-read",
  "rows-deleted",
  "in-use",
  "symlink",
  "special",
  "own-state",
] as const;
export type Unread = (typeof UNREAD)[number];

export interface Found extends Match {
  readonly object: string;
}

export interface Looked {
  /** Pieces of content: files, what is in them, tables. */
  readonly objects: number;
  readonly bytes: number;
  /** Pieces in which something was found that is not lawfully kept. */
  readonly residues: number;
  /** How many were not read, by reason. */
  readonly notRead: Readonly<Partial<Record<Unread, number>>>;
  /** The first of each, see {@link LISTED}. */
  readonly found: readonly Found[];
  readonly unread: readonly { readonly object: string; readonly reason: Unread }[];
}

/** What is listed; the others are counted, since an archive may be made of millions. */
export const LISTED = 10_000;

export class Tally implements Looked {
  objects = 0;
  bytes = 0;
  residues = 0;
  readonly notRead: Partial<Record<Unread, number>> = {};
  readonly found: Found[] = [];
  readonly unread: { object: string; reason: Unread }[] = [];

  constructor(private readonly listed = LISTED) {}

  /** What was found in one piece. */
  tell(object: string, matches: readonly Match[]): void {
    if (matches.some(({ retained }) => retained !== true)) this.residues++;
    for (const match of matches) if (this.found.length < this.listed) this.found.push({ object, ...match });
  }

  miss(object: string, reason: Unread): void {
    this.notRead[reason] = (this.notRead[reason] ?? 0) + 1;
    if (this.unread.length < this.listed) this.unread.push({ object, reason });
  }

  add(other: Looked): void {
    this.objects += other.objects;
    this.bytes += other.bytes;
    this.residues += other.residues;
    for (const [reason, count] of Object.entries(other.notRead))
      this.notRead[reason as Unread] = (this.notRead[reason as Unread] ?? 0) + count;
    this.found.push(...other.found.slice(0, this.listed - this.found.length));
    this.unread.push(...other.unread.slice(0, this.listed - this.unread.length));
  }

  /** Plain, to be kept or sent. */
  get looked(): Looked {
    const { objects, bytes, residues, notRead, found, unread } = this;
    return { objects, bytes, residues, notRead, found, unread };
  }
}

/** Of an error of the system about a file that was there when it was listed. */
export function reasonOf(error: unknown): Unread {
  switch ((error as NodeJS.ErrnoException).code) {
    case "EACCES":
    case "EPERM":
      return "permission";
    case "ENOENT":
    case "ENOTDIR":
    case "ELOOP":
      return "changed";
    default:
      return "unreadable";
  }
}

/** Characters of a name. */
const LONGEST_NAME = 1000;

/** A name for people, no longer than a screen. */
export const printable = (name: string): string => visible(name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME)}…` : name);
