/**
 * An erasure: what may be erased (see `targets`) is looked at and compared; what is to be erased is journaled, file by file; just that is erased, looked for
 * again, and reported. Each holding is reported once, however often the erasure is stopped, and only where it was this that erased it.
 */
import { deletionEvent } from "./deletion";
import { type Erased, type EraseError, eraseErrorOf, type Eraser, type Look, type Sure } from "./eraser";
import type { DeletionEvent, Gone, Intent, Journal, Known, Prepared } from "./journal";
import type { Item, Outcome, Result } from "./outcome";
import type { Places } from "./places";
import { type May, type Target, targetsOf, type Wanted } from "./targets";

/** @returns what the gateway said of each, in their order */
export type Send = (events: readonly DeletionEvent[]) => Promise<readonly { readonly leafHash?: string; readonly refused?: string }[]>;

export interface Erasing extends May {
  readonly authorization: string;
  readonly places: Places;
  readonly send: Send;
  /** Of the tool. */
  readonly version: string;
  readonly onProgress: (progress: Progress) => void;
}

export interface Progress {
  /** Targets that are done, of how many. */
  readonly done: number;
  readonly of: number;
  /** Read or overwritten. */
  readonly bytes: number;
  /** The one that is worked on. */
  readonly target: string;
}

/** Targets that are erased side by side and reported together. */
const TOGETHER = 64;

/** What was found at a target, and for which of its holdings it is erased. */
interface Checked extends Target {
  readonly look: Look;
}

export class Erasure {
  readonly #outcomes = new Map<string, Outcome>();
  #keptSomewhere: ReadonlyMap<string, EraseError> = new Map();
  #progress: Progress = { done: 0, of: 0, bytes: 0, target: "" };

  constructor(private readonly erasing: Erasing) {}

  /** @param journal what an earlier run has left @returns what would become of each, in their order; nothing is changed */
  async look(items: readonly Item[], journal: Known): Promise<readonly Outcome[]> {
    for (const { eraser, wanted } of this.#targets(items)) {
      const begun = wanted.filter((one) => isOf(journal.intents.get(eraser.target), one));
      const checked = await this.#check({ eraser, wanted: wanted.filter((one) => !begun.includes(one)) });
      const { target } = eraser;
      this.#putAll(begun, journal.gone.has(target) ? "would-report" : "would-erase", { target });
      this.#putAll(checked?.wanted ?? [], "would-erase", { target });
      this.#step(eraser);
    }
    return this.#inOrder(items);
  }

  /** @returns what became of each, in their order */
  async run(items: readonly Item[], journal: Journal): Promise<readonly Outcome[]> {
    const targets = this.#targets(items);
    for (let i = 0; i < targets.length; i += TOGETHER) {
      const some = targets.slice(i, i + TOGETHER);
      const [checked, prepared]: [Checked[], Prepared[]] = [[], []];
      for (const target of some) {
        const found = await this.#check(await this.#finish(target, journal, prepared));
        if (found !== undefined) checked.push(found);
        else this.#step(target.eraser);
      }
      // Each waits for the disk most of the time.
      await Promise.all(checked.filter(({ eraser }) => eraser.alone !== true).map((target) => this.#erase(target, journal, prepared)));
      for (const target of checked.filter(({ eraser }) => eraser.alone === true)) await this.#erase(target, journal, prepared);
      journal.add(prepared);
      await this.#report(some, journal);
    }
    return this.#inOrder(items);
  }

  #targets(items: readonly Item[]): readonly Target[] {
    const { targets, outcomes, keptSomewhere } = targetsOf(items, this.erasing);
    this.#keptSomewhere = keptSomewhere;
    for (const outcome of outcomes) this.#outcomes.set(outcome.holding, outcome);
    this.#progress = { ...this.#progress, of: targets.length };
    return targets;
  }

  /** What an earlier run was stopped in. @returns the holdings that it was not for */
  async #finish({ eraser, wanted }: Target, journal: Journal, prepared: Prepared[]): Promise<Target> {
    const intent = journal.intents.get(eraser.target);
    const own = wanted.filter((one) => isOf(intent, one) && !journal.prepared.has(one.item.holding));
    const others = wanted.filter((one) => !own.includes(one) && !journal.prepared.has(one.item.holding));
    try {
      if (intent !== undefined && own.length > 0) {
        const sure: Sure = (mark = "") => journal.write([{ ...intent, marks: [...intent.marks, mark] }]);
        const erased = journal.gone.get(eraser.target) ?? (await eraser.resume?.(intent, this.#ticking(eraser), sure));
        if (erased === undefined) others.push(...own);
        else prepared.push(...(await this.#settle({ eraser, wanted: own }, intent, erased, journal)));
      }
      if (others.length > 0) await eraser.restore?.();
      return { eraser, wanted: others };
    } catch (error) {
      this.#refuse({ eraser, wanted: own }, "failed", error);
      this.#refuse({ eraser, wanted: others }, "refused", error);
      return { eraser, wanted: [] };
    }
  }

  /** Compares. @returns the holdings that it is to be erased for; undefined where it is for none */
  async #check({ eraser, wanted }: Target): Promise<Checked | undefined> {
    if (wanted.length === 0) return undefined;
    const { target } = eraser;
    try {
      const look = await eraser.look(this.#ticking(eraser));
      if (look === undefined) {
        this.#putAll(wanted, "missing", { target });
        return undefined;
      }
      const { digests, files = [] } = look;
      for (const digest of [...digests, ...files.map((file) => file.digest)]) {
        const kept = this.#keptSomewhere.get(digest);
        if (kept !== undefined) throw kept;
      }
      const matching = wanted.filter(
        ({ item, place }) => digests.length === 0 || digests.includes(item.digest) || place.differs !== undefined,
      );
      const others = wanted.filter((one) => !matching.includes(one));
      this.#putAll(others, "differs", { target, ...(digests[0] === undefined ? {} : { found: digests[0] }) });
      return matching.length === 0 ? undefined : { eraser, wanted: matching, look };
    } catch (error) {
      this.#refuse({ eraser, wanted }, "refused", error);
      return undefined;
    }
  }

  async #erase({ eraser, wanted, look }: Checked, journal: Journal, prepared: Prepared[]): Promise<void> {
    let intent: Intent | undefined;
    try {
      const erased = await eraser.erase(look, this.#ticking(eraser), async (mark) => {
        const { digests, files } = look;
        const holdings = wanted.map(({ item }) => item.holding);
        intent = { intent: eraser.target, digests, holdings, marks: mark === undefined ? [] : [mark], ...(files && { files }) };
        await journal.write([intent]);
      });
      if (intent === undefined) throw new Error(`${eraser.target} was erased without a word`);
      prepared.push(...(await this.#settle({ eraser, wanted }, intent, erased, journal)));
    } catch (error) {
      this.#refuse({ eraser, wanted }, intent === undefined ? "refused" : "failed", error);
    }
    this.#step(eraser);
  }

  /** It is gone: that is put on record, and what is left of it taken away. @returns what will be reported */
  async #settle({ eraser, wanted }: Target, intent: Intent, erased: Erased, journal: Journal): Promise<readonly Prepared[]> {
    let gone: Gone = { at: new Date().toISOString(), ...erased, gone: eraser.target };
    if (!journal.gone.has(eraser.target)) await journal.write([gone]);
    const besides = (await eraser.remove?.(intent)) ?? [];
    if (besides.length > 0) {
      gone = { ...gone, unreached: [...new Set([...gone.unreached, ...besides])] };
      await journal.write([gone]);
    }
    return wanted.map((one) => this.#prepare(one, intent, gone, journal));
  }

  #prepare({ item, place }: Wanted, { digests }: Intent, { gone: _, at, ...erased }: Gone, journal: Journal): Prepared {
    const { authorization, places, version } = this.erasing;
    const { holding, digest } = item;
    const differed = digests.length > 0 && !digests.includes(digest);
    const uncounted = journal.uncounted.get(holding) ?? 0;
    return { holding, event: deletionEvent({ authorization, holding, digest, place, erased, at, differed, uncounted }, places, version) };
  }

  async #report(targets: readonly Target[], journal: Journal): Promise<void> {
    const prepared = targets.flatMap(({ eraser, wanted }) =>
      wanted.flatMap(({ item }) => {
        const event = journal.prepared.get(item.holding);
        return event === undefined ? [] : [{ item, eraser, event }];
      }),
    );
    const open = prepared.filter(({ item }) => !journal.reported.has(item.holding));
    const answers = open.length === 0 ? [] : await this.erasing.send(open.map(({ event }) => event));
    journal.add(
      open.map(({ item: { holding } }, i) => {
        const { refused, leafHash } = answers[i] ?? {};
        return refused === undefined
          ? { reported: holding, ...(leafHash === undefined ? {} : { leafHash }) }
          : { refused: holding, code: refused };
      }),
    );
    const problems = new Map(open.map(({ item }, i) => [item.holding, answers[i]?.refused]));
    for (const { item, eraser } of prepared) {
      const [reported, problem] = [journal.reported.get(item.holding), problems.get(item.holding)];
      const unreached = journal.gone.get(eraser.target)?.unreached ?? [];
      const { leafHash } = reported ?? {};
      this.#put(item, reported === undefined ? "unrecorded" : "erased", {
        ...{ target: eraser.target, unreached },
        ...(leafHash === undefined ? {} : { leafHash }),
        ...(problem === undefined ? {} : { problem }),
      });
    }
  }

  #refuse({ eraser: { target }, wanted }: Target, result: "refused" | "failed", error: unknown): void {
    const { code, what } = eraseErrorOf(error, target);
    this.#putAll(wanted, result, { target, code, what });
  }

  #putAll(wanted: readonly Wanted[], result: Result, more: Partial<Outcome>): void {
    for (const { item } of wanted) this.#put(item, result, more);
  }

  #put({ holding, place }: Item, result: Result, more: Partial<Outcome>): void {
    this.#outcomes.set(holding, { holding, place, result, ...more });
  }

  #inOrder(items: readonly Item[]): readonly Outcome[] {
    return items.flatMap(({ holding }) => this.#outcomes.get(holding) ?? []);
  }

  #ticking({ target }: Eraser): (count: number) => void {
    return (count) => {
      this.#progress = { ...this.#progress, target, bytes: this.#progress.bytes + count };
      this.erasing.onProgress(this.#progress);
    };
  }

  #step(eraser: Eraser): void {
    this.#progress = { ...this.#progress, done: this.#progress.done + 1 };
    this.#ticking(eraser)(0);
  }
}

const isOf = (intent: Intent | undefined, { item }: Wanted): boolean => intent?.holdings.includes(item.holding) === true;
