/**
 * What an erasure has done so far, a line each, on the disk before the next step: whatever it was killed in, it goes on, erases what is left and reports
 * each holding once.
 */
import { closeSync, existsSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { HeldError, releaseLock, takeLock } from "../lock";
import type { Erased, Look } from "./eraser";

/** A target that is being erased: it was compared, and from here on there is no way back. */
export interface Intent extends Pick<Look, "digests" | "files"> {
  readonly intent: string;
  /** For which it is. */
  readonly holdings: readonly string[];
  /** See `Sure`; one for each time that it was sure. */
  readonly marks: readonly string[];
}

/** Nothing of its content is left. */
export interface Gone extends Erased {
  readonly gone: string;
  /** RFC 3339. */
  readonly at: string;
}

/** The event of a holding, exactly as it is sent, however often. */
export interface Prepared {
  readonly holding: string;
  readonly event: DeletionEvent;
}

export interface DeletionEvent {
  readonly id: string;
  readonly type: "suyuan.holding.deleted";
  readonly time: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** The gateway has taken it. */
export interface Reported {
  readonly reported: string;
  readonly leafHash?: string;
}

/** The gateway has refused it, and keeps nothing of it: it may be said otherwise the next time. */
export interface Refused {
  readonly refused: string;
  readonly code: string;
}

/** The ledger has recorded it and not counted it: somebody else may say it, as another event. */
export interface Uncounted {
  readonly uncounted: string;
  readonly code: string;
}

type Line = { readonly exit: string } | Intent | Gone | Prepared | Reported | Refused | Uncounted;

/** `of-another`: the folder is another exit's · `in-use`: an erasure is running in it; `what` says which exit or process */
export class JournalError extends Error {
  override readonly name = "JournalError";
  constructor(
    readonly code: "of-another" | "in-use",
    readonly what: string,
    options?: ErrorOptions,
  ) {
    super(`${code}: ${what}`, options);
  }
}

export type Known = Pick<Journal, "intents" | "gone" | "prepared" | "reported">;

export class Journal {
  readonly intents = new Map<string, Intent>();
  readonly gone = new Map<string, Gone>();
  readonly prepared = new Map<string, DeletionEvent>();
  readonly reported = new Map<string, Reported>();
  /** How often it was reported in vain. */
  readonly uncounted = new Map<string, number>();

  readonly #waiting: Line[] = [];
  #writing: Promise<void> | undefined;

  private constructor(
    private readonly file: number,
    private readonly lock: string,
  ) {}

  /** @param folder an existing one. @throws JournalError */
  static open(folder: string, exit: string): Journal {
    const lock = join(folder, "lock");
    try {
      takeLock(lock);
    } catch (error) {
      throw error instanceof HeldError ? new JournalError("in-use", error.holder, { cause: error }) : error;
    }
    const path = join(folder, "journal.ndjson");
    const journal = new Journal(openSync(path, "a+", 0o600), lock);
    try {
      journal.#read(folder, exit);
      return journal;
    } catch (error) {
      journal.close();
      throw error;
    }
  }

  /** What an earlier run has left, for who only wants to look. @throws JournalError `of-another` */
  static peek(folder: string, exit: string): Known {
    const path = join(folder, "journal.ndjson");
    const journal = new Journal(-1, "");
    for (const line of existsSync(path) ? linesIn(readFileSync(path)).lines : []) journal.#take(line, exit);
    return journal;
  }

  /** On the disk when this returns. */
  add(lines: readonly Line[]): void {
    if (lines.length === 0) return;
    const bytes = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    for (let at = 0; at < bytes.length;) at += writeSync(this.file, bytes, at);
    fsyncSync(this.file);
    for (const line of lines) this.#keep(line);
  }

  /** The same, together with what others write at the same time. */
  async write(lines: readonly Line[]): Promise<void> {
    this.#waiting.push(...lines);
    this.#writing ??= setImmediate().then(() => {
      this.#writing = undefined;
      this.add(this.#waiting.splice(0));
    });
    await this.#writing;
  }

  close(): void {
    closeSync(this.file);
    releaseLock(this.lock);
  }

  #read(folder: string, exit: string): void {
    const { lines, bytes } = linesIn(readFileSync(this.file));
    // A line that was cut off is none.
    ftruncateSync(this.file, bytes);
    for (const line of lines) this.#take(line, exit);
    if (lines.length > 0) return;
    this.add([{ exit }]);
    const handle = openSync(folder, "r");
    fsyncSync(handle);
    closeSync(handle);
  }

  #take(line: Line, exit: string): void {
    if ("exit" in line && line.exit !== exit) throw new JournalError("of-another", line.exit);
    const known = "intent" in line ? ofNow(line) : line;
    if (known !== undefined) this.#keep(known);
  }

  #keep(line: Line): void {
    if ("intent" in line) {
      this.intents.set(line.intent, line);
      this.gone.delete(line.intent);
    } else if ("gone" in line) this.gone.set(line.gone, line);
    else if ("event" in line) this.prepared.set(line.holding, line.event);
    else if ("reported" in line) this.reported.set(line.reported, line);
    else if ("refused" in line) this.prepared.delete(line.refused);
    else if ("uncounted" in line) {
      this.prepared.delete(line.uncounted);
      this.reported.delete(line.uncounted);
      this.uncounted.set(line.uncounted, (this.uncounted.get(line.uncounted) ?? 0) + 1);
    }
  }
}

/**
 * As this version writes it: earlier ones knew one mark. Of what the first wrote, which does not say for which holdings and files it was, nothing is claimed:
 * what is there is looked at anew.
 */
function ofNow({ mark, ...line }: Intent & { readonly mark?: string }): Intent | undefined {
  const { holdings, marks = mark === undefined ? [] : [mark] } = line as Partial<Intent>;
  return holdings && { ...line, holdings, marks };
}

function linesIn(bytes: Buffer): { readonly lines: readonly Line[]; readonly bytes: number } {
  const whole = bytes.subarray(0, bytes.lastIndexOf(0x0a) + 1);
  const lines = whole.toString("utf8").split("\n").slice(0, -1);
  return { lines: lines.map((line) => JSON.parse(line) as Line), bytes: whole.length };
}
