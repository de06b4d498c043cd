/**
 * The durable way of facts to the ledger. What arrives while a group is being written makes the next group (group commit): one question
 * for duplicates, one signature, one fsync for all of them, and only then the answers. A group stays until the read model shows it.
 */
import { leafHash } from "../../chaincode/proof/rfc6962";
import { promiseGroup } from "../evidence/promise";
import type { Duplicates } from "./duplicates";
import { type Entry, type Outcome, type RefusalReason, sameContent } from "./entry";
import type { Pair } from "./known";
import { decodeLines, LineWriter } from "./lines";
import type { Progress } from "./progress";
import { keyOf } from "./recent";
import { Spans } from "./spans";
import type { OutboxStore } from "./store";

/** A group is closed at this many facts or characters, whichever comes first; a request is never divided. */
const GROUP_FACTS = 4096;
const GROUP_CHARACTERS = 4 * 1024 * 1024;
/** Characters that may wait in memory to be written. */
const WAITING_CHARACTERS = 64 * 1024 * 1024;

export interface OutboxOptions {
  /** `MSPID/facts` */
  readonly journal: string;
  readonly store: OutboxStore;
  readonly duplicates: Duplicates;
  readonly progress: Progress;
  /** Signs what is promised to a group; see `evidence/promise.ts`. */
  readonly promise: (group: { readonly from: number; readonly size: number; readonly root: string }) => Promise<string>;
  /** Bytes that may lie in the outbox. Memory needs about a quarter of it: see `recent.ts`. */
  readonly bound: number;
  /** Told why a group could not be stored. */
  readonly onError: (error: unknown) => void;
}

interface Request {
  readonly entries: readonly Entry[];
  readonly characters: number;
  readonly answer: (outcomes: readonly Outcome[]) => void;
}

/** A fact that waits here. */
export interface WaitingFact {
  readonly journal: string;
  readonly index: number;
  readonly leaf: Uint8Array;
}

export class Outbox {
  readonly #options: OutboxOptions;
  readonly #writer = new LineWriter();
  readonly #spans = new Spans();
  #waiting: Request[] = [];
  #waitingCharacters = 0;
  /** Index of the next fact. */
  #next = 0;
  #committing: Promise<void> = Promise.resolve();
  #isCommitting = false;
  #dropping: Promise<void> = Promise.resolve();
  #isDropping = false;
  #closed = false;

  private constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /**
   * Takes up what an earlier process left.
   * @param anchored size of the journal on the ledger; undefined if it cannot be reached
   * @throws Error where the store does not continue without a hole
   */
  static async open(options: OutboxOptions, anchored: number | undefined): Promise<Outbox> {
    const outbox = new Outbox(options);
    const { store, duplicates, progress, journal } = options;
    const projected = progress.projected(journal);
    let end: number | undefined;
    for await (const { from, lines } of store.groups(0)) {
      if (end !== undefined && from !== end) throw new Error(`the outbox has a hole between ${end} and ${from}`);
      end = from;
      const hashes: Uint8Array[] = [];
      for (const { leaf } of decodeLines(lines)) {
        if (end >= projected) duplicates.facts.add(keyOf(JSON.parse(leaf.toString("utf8")) as Entry), end);
        hashes.push(leafHash(leaf));
        end++;
      }
      outbox.#spans.add(from, Buffer.concat(hashes), lines.length);
    }
    outbox.#next = Math.max(await store.end(), anchored ?? 0);
    progress.nowAccepted(journal, outbox.#next);
    return outbox;
  }

  /** What lies in the outbox. */
  get level(): { readonly facts: number; readonly bytes: number } {
    const { progress, journal } = this.#options;
    return { facts: this.#next - Math.min(this.#next, progress.projected(journal)), bytes: this.#spans.bytes };
  }

  /** Nothing is accepted any more. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Stores facts; resolves, when they are durable, to one outcome for each in the same order. */
  accept(entries: readonly Entry[]): Promise<readonly Outcome[]> {
    const characters = entries.reduce((sum, { leaf }) => sum + leaf.length, 0);
    if (this.#closed) return Promise.resolve(refuseAll(entries, "stopping"));
    if (
      this.#spans.bytes + this.#waitingCharacters + characters > this.#options.bound ||
      this.#waitingCharacters + characters > WAITING_CHARACTERS
    ) {
      return Promise.resolve(refuseAll(entries, "outbox-full"));
    }
    this.#waitingCharacters += characters;
    return new Promise((answer) => {
      this.#waiting.push({ entries, characters, answer });
      if (!this.#isCommitting) this.#committing = this.#commitAll();
    });
  }

  /** @param leafHash hex. @returns undefined where no fact that waits here has it */
  async byLeafHash(leafHash: string): Promise<WaitingFact | undefined> {
    const index = this.#spans.find(Buffer.from(leafHash, "hex"));
    return index === undefined ? undefined : this.#waitingFact(index);
  }

  /** The facts of that source and id that wait here. */
  async byPair(pair: Pair): Promise<readonly WaitingFact[]> {
    const facts = await Promise.all(this.#options.duplicates.facts.of(keyOf(pair)).map((index) => this.#waitingFact(index)));
    return facts.filter((fact) => fact !== undefined);
  }

  /** Undefined where it has left meanwhile, or is not durable yet. */
  async #waitingFact(index: number): Promise<WaitingFact | undefined> {
    if (index >= this.#next) return undefined;
    const group = await this.#options.store.groupOf(index);
    const line = group && [...decodeLines(group.lines)][index - group.from];
    return line && { journal: this.#options.journal, index, leaf: line.leaf };
  }

  /** The read model shows everything below `size`. */
  projected(size: number): void {
    this.#options.duplicates.facts.projected(size);
    if (!this.#isDropping) this.#dropping = this.#drop();
  }

  /** What was accepted is answered first. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#committing;
    await this.#dropping;
  }

  async #commitAll(): Promise<void> {
    this.#isCommitting = true;
    // A moment for whatever else has arrived with this request to join its group.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) {
      const requests = this.#take();
      const entries = requests.length === 1 ? (requests[0] as Request).entries : requests.flatMap((request) => request.entries);
      const outcomes = await this.#commit(entries);
      let start = 0;
      for (const { entries, characters, answer } of requests) {
        this.#waitingCharacters -= characters;
        answer(outcomes.slice(start, (start += entries.length)));
      }
    }
    this.#isCommitting = false;
  }

  #take(): readonly Request[] {
    let [taken, facts, characters] = [0, 0, 0];
    for (const request of this.#waiting) {
      if (taken > 0 && (facts + request.entries.length > GROUP_FACTS || characters + request.characters > GROUP_CHARACTERS)) break;
      taken++;
      facts += request.entries.length;
      characters += request.characters;
    }
    return this.#waiting.splice(0, taken);
  }

  async #commit(entries: readonly Entry[]): Promise<readonly Outcome[]> {
    const { duplicates, onError } = this.#options;
    const fresh: Entry[] = [];
    try {
      const earlier = await this.#plan(entries, fresh);
      const stored = fresh.length === 0 ? [] : await this.#store(fresh);
      return earlier.map((outcome) => (typeof outcome === "number" ? (stored[outcome] as Outcome) : outcome));
    } catch (error) {
      fresh.forEach((entry, i) => duplicates.facts.remove(keyOf(entry), this.#next + i));
      onError(error);
      return refuseAll(entries, "storage-unavailable");
    }
  }

  /** For each event the answer it got before, or which of the fresh ones it is. */
  async #plan(entries: readonly Entry[], fresh: Entry[]): Promise<readonly (Outcome | number)[]> {
    const { duplicates } = this.#options;
    const keys = entries.map(keyOf);
    const positions = await duplicates.positions(entries, keys);
    const plan: (Outcome | number)[] = [];
    for (let i = 0; i < entries.length; i++) {
      const entry = entries[i] as Entry;
      const earlier = positions[i];
      const first = earlier === undefined || earlier.length === 0 ? undefined : await duplicates.firstAnswer(entry, earlier);
      plan.push(first ?? this.#add(entry, keys[i] as string, fresh));
    }
    return plan;
  }

  /** @returns which of the fresh ones it is: a new one, or one with the same content that came in the same group */
  #add(entry: Entry, key: string, fresh: Entry[]): number {
    const { facts } = this.#options.duplicates;
    for (const index of facts.of(key)) {
      const other = fresh[index - this.#next];
      if (other !== undefined && sameContent(other.leaf, entry.leaf)) return index - this.#next;
    }
    facts.add(key, this.#next + fresh.length);
    return fresh.push(entry) - 1;
  }

  async #store(entries: readonly Entry[]): Promise<readonly Outcome[]> {
    const { journal, store, progress, promise } = this.#options;
    const from = this.#next;
    const { bytes, hashes } = this.#writer.encode(entries);
    const { root, paths } = promiseGroup(hashes);
    const jws = await promise({ from, size: entries.length, root });
    await store.put({ from, size: entries.length, jws }, bytes);
    const together = Buffer.concat(hashes);
    const hex = together.toString("hex");
    this.#spans.add(from, together, bytes.length);
    this.#next += entries.length;
    progress.nowAccepted(journal, this.#next);
    return paths.map((path, i) => ({
      state: "accepted",
      journal,
      index: from + i,
      leafHash: hex.slice(64 * i, 64 * i + 64),
      promise: { jws, path },
    }));
  }

  async #drop(): Promise<void> {
    const { progress, journal, store, onError } = this.#options;
    this.#isDropping = true;
    try {
      for (;;) {
        const below = this.#spans.takeBelow(progress.projected(journal));
        if (below === undefined) return;
        await store.drop(below);
      }
    } catch (error) {
      onError(error);
    } finally {
      this.#isDropping = false;
    }
  }
}

const refuseAll = (entries: readonly Entry[], reason: RefusalReason): readonly Outcome[] =>
  entries.map(() => ({ state: "refused", reason }));
