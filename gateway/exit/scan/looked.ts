/** What looking through something came to: what was found, and what was not read and why. */
import { visible } from "../../visible";
import { isCopy, type Match } from "./match";

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

/** A piece of content in which something was found. */
export interface Piece {
  readonly object: string;
  readonly matches: readonly Match[];
  /** Where it is a whole holding itself: what was found within it besides. */
  readonly within?: Piece[];
}

export interface Looked {
  /** Pieces of content: files, what is in them, tables. */
  readonly objects: number;
  readonly bytes: number;
  /** Pieces in which something was found that is residue unless it may be there. */
  readonly residues: number;
  /** How many were not read, by reason. */
  readonly notRead: Readonly<Partial<Record<Unread, number>>>;
  /** The first of each. */
  readonly found: readonly Piece[];
  readonly unread: readonly { readonly object: string; readonly reason: Unread }[];
}

/** What is listed; the others are counted, since an archive may be made of millions. */
export const LISTED = 10_000;
/** Of one file, so that others are named beside it. */
export const LISTED_OF_ONE = 1000;
/** What is known of all that was looked through, so that it can be said what may be there: an exit may retain so many holdings, and a folder may have so many files. */
export const JUDGED = 250_000;

export class Tally implements Looked {
  objects = 0;
  bytes = 0;
  residues = 0;
  readonly notRead: Partial<Record<Unread, number>> = {};
  readonly found: Piece[] = [];
  readonly unread: { object: string; reason: Unread }[] = [];
  /** Of what is listed. */
  #matches = 0;

  /** @param listed how many matches are listed. @param named how many of what was not read */
  constructor(
    private readonly listed = LISTED,
    private readonly named = listed,
  ) {}

  /** What was found in one piece. @param before where it may be a holding itself: how many were listed before it was looked through; the others are within it */
  tell(object: string, matches: readonly Match[], before?: number): void {
    if (matches.length === 0) return;
    if (mayBeResidue({ matches })) this.residues++;
    const listed = matches.slice(0, this.listed - this.#matches);
    if (listed.length === 0) return;
    this.#matches += listed.length;
    const isItself = before !== undefined && matches.some(({ how }) => isCopy(how));
    const within = isItself ? { within: this.found.splice(before) } : {};
    this.found.push({ object, matches: listed, ...within });
  }

  miss(object: string, reason: Unread): void {
    this.notRead[reason] = (this.notRead[reason] ?? 0) + 1;
    if (this.unread.length < this.named) this.unread.push({ object, reason });
  }

  /** @param object of which it is a part, where that was told last */
  add(other: Looked, object?: string): void {
    this.objects += other.objects;
    this.bytes += other.bytes;
    this.residues += other.residues;
    for (const [reason, count] of Object.entries(other.notRead))
      this.notRead[reason as Unread] = (this.notRead[reason as Unread] ?? 0) + count;
    const last = this.found.at(-1);
    const into = (last?.object === object && last?.within) || this.found;
    for (const piece of other.found) {
      if (this.#matches >= this.listed) break;
      this.#matches += matchesIn(piece);
      into.push(piece);
    }
    this.unread.push(...other.unread.slice(0, this.named - this.unread.length));
  }

  /** Plain, to be kept or sent. */
  get looked(): Looked {
    const { objects, bytes, residues, notRead, found, unread } = this;
    return { objects, bytes, residues, notRead, found, unread };
  }
}

const matchesIn = ({ matches, within = [] }: Piece): number => within.reduce((sum, piece) => sum + matchesIn(piece), matches.length);

/** Whether it is counted among the residues until it is known what may be there. */
export const mayBeResidue = ({ matches }: Pick<Piece, "matches">): boolean => matches.some(({ free }) => free !== true);

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
