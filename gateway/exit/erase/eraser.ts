/** What erases one kind of place: files, tables, keys. Others, such as object stores, follow as another {@link Eraser}. */
import { TablesError, type TablesErrorCode, type Unreached } from "../tables/tables";
import type { Intent } from "./journal";

export interface Eraser {
  /** What it erases, the same for the same thing however it was named. It tells no secret. */
  readonly target: string;
  /** Where that really is: a file or folder, or a server's database, and of it a table. Missing where nothing is touched. */
  readonly where?: { readonly path: string; readonly table?: string };
  /** Not while others erase: they may share its store. */
  readonly alone?: true;
  /**
   * Changes nothing.
   * @param onBytes told of bytes as they are read. @param taker given what is read
   * @returns undefined where nothing is there
   * @throws EraseError, TablesError
   */
  look(onBytes: OnBytes, taker?: Taker): Promise<Look | undefined>;
  /**
   * Erases what was looked at, nothing that came since, and looks whether it is gone.
   * @param sure called once, before the first thing that cannot be undone. What fails before leaves everything as it was.
   * @throws EraseError, TablesError; `changed` where it is not what was looked at
   */
  erase(look: Look, onBytes: OnBytes, sure: Sure): Promise<Erased>;
  /**
   * Goes on where an earlier run was stopped after it was sure.
   * @param sure called where what it does again has another mark
   * @returns undefined where nothing there shows that it was this that erased it: somebody may have moved it
   */
  resume?(intent: Intent, onBytes: OnBytes, sure: Sure): Promise<Erased | undefined>;
  /** Undoes, or finishes, what an earlier run was stopped in before it was sure. */
  restore?(): Promise<void>;
  /** Takes away what is left of it once it is on record as gone, however often. @returns what is there besides */
  remove?(intent: Intent): Promise<readonly NotReached[]>;
}

export type OnBytes = (count: number) => void;

/** Takes what is looked at: a file's bytes, a table's as the CSV that its digest is of, a folder's file by file. */
export interface Taker {
  write(block: Buffer): void;
  /** After each file. */
  endFile?(): void;
}

/** @param mark by which `resume` knows that it came about */
export type Sure = (mark?: string) => Promise<void>;

export interface Look {
  /** SHA-256 in lower-case hex, under any of which it may have been declared; none where content cannot be looked at, and its word is a document's. */
  readonly digests: readonly string[];
  /** Of what has the first of them. */
  readonly bytes: number;
  /** Where it is files: which, so that just these are erased. */
  readonly files?: readonly Listed[];
}

export interface Listed {
  /** From the folder on. Names are bytes: each is a character of the first 256. */
  readonly name: string;
  readonly digest: string;
}

export interface Erased {
  /** In the terms of NIST SP 800-88. */
  readonly method: "clear" | "cryptographic-erase";
  /** Which store, with its version. */
  readonly store?: string;
  /** The key that was destroyed, and the digest of the key store's record of it. */
  readonly key?: { readonly name: string; readonly record: { readonly digest: string } };
  readonly unreached: readonly NotReached[];
}

/**
 * `medium`: what journaling, copy-on-write or flash storage keeps besides · `names`: of files, in their folders' old blocks · `ciphertext`: stays where it is ·
 * `others`: what was not declared and lies in the folder, or has come to the file's place since
 */
export type NotReached = Unreached | "medium" | "names" | "ciphertext" | "others";

/**
 * `outside-roots`: it does not lie below a root, or a link leads out · `symlink` · `mount-point`: it is one, or has one below · `linked`: a file with other names ·
 * `special`: neither file nor folder · `changed`: since it was looked at · `aside`: an earlier run has put it aside, and it cannot be put back · `own-files`: the erasure's own ·
 * `overlaps`: other places lie within it · `kept`: what must be kept lies there, in it or around it, or may · `goes-on`: so does what the exit does not end · `foreign`: another party declared it · `record-missing`, `record-silent`: no
 * record of the key's destruction, or it does not name the key · `log`: logs are kept, unless one is named by itself · `disk-full`, `unreadable`: the system says so
 */
export type EraseErrorCode =
  | "outside-roots"
  | "symlink"
  | "mount-point"
  | "linked"
  | "special"
  | "changed"
  | "aside"
  | "in-use"
  | "not-allowed"
  | "own-files"
  | "overlaps"
  | "kept"
  | "goes-on"
  | "foreign"
  | "record-missing"
  | "record-silent"
  | "remains"
  | "log"
  | "disk-full"
  | "unreadable"
  | TablesErrorCode;

export class EraseError extends Error {
  override readonly name = "EraseError";
  constructor(
    readonly code: EraseErrorCode,
    /** The file, folder or other thing that is in the way. */
    readonly what: string,
    options?: ErrorOptions,
  ) {
    super(`${code}: ${what}`, options);
  }
}

/** Whatever went wrong with one target, so that the others go on. */
export function eraseErrorOf(error: unknown, target: string): EraseError {
  if (error instanceof EraseError) return error;
  if (error instanceof TablesError) return new EraseError(error.code, error.message, { cause: error });
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ENOSPC" || code === "EDQUOT") return new EraseError("disk-full", target, { cause: error });
  if (code === "EACCES" || code === "EPERM" || code === "EROFS") return new EraseError("not-allowed", target, { cause: error });
  if (code === "ENOENT") return new EraseError("changed", target, { cause: error });
  return new EraseError("unreadable", error instanceof Error ? error.message : target, { cause: error });
}
