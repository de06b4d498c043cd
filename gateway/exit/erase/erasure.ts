/** Erases what an exit's inventory says is outstanding, place by place, and reports each holding once, however often it is stopped. */
import { resolve } from "node:path";
import type { ItemState } from "../../evidence/exit-certificate";
import { deletionEvent } from "./deletion";
import { type EraseErrorCode, EraseError, eraseErrorOf, type Eraser, type Look, type NotReached } from "./eraser";
import type { DeletionEvent, Gone, Intent, Journal, Known } from "./journal";
import type { Place, PlaceIndex, Places } from "./places";
import { isIn } from "./roots";

/** Of the inventory. */
export interface Item {
  readonly holding: string;
  readonly digest: string;
  /** Where it lies, as declared. */
  readonly place: string;
  readonly form: string;
  readonly state: ItemState;
  readonly until?: string;
}

/**
 * `erased`: gone and taken by the gateway · `would-erase`: it is there and as declared · `settled`: the ledger has it as no longer outstanding · `uncovered`: no place
 * for it · `missing`: nothing is there · `differs`: something else is there · `refused`: not touched, `code` says why · `failed`: it may be there still, or in part ·
 * `unrecorded`: gone, and the gateway refused the report, or the ledger did not accept it
 */
export const RESULTS = ["erased", "would-erase", "settled", "uncovered", "missing", "differs", "refused", "failed", "unrecorded"] as const;
export type Result = (typeof RESULTS)[number];

export interface Outcome {
  readonly holding: string;
  readonly place: string;
  readonly result: Result;
  readonly state?: ItemState;
  readonly until?: string;
  readonly target?: string;
  readonly code?: EraseErrorCode;
  readonly what?: string;
  /** Code of the gateway's problem, or of the ledger's finding. */
  readonly problem?: string;
  /** Digest of what is there. */
  readonly found?: string;
  readonly unreached?: readonly NotReached[];
  readonly leafHash?: string;
}

/** @returns what the gateway said of each, in their order */
export type Send = (events: readonly DeletionEvent[]) => Promise<readonly { readonly leafHash?: string; readonly refused?: string }[]>;

export interface Erasing {
  readonly authorization: string;
  readonly places: Places;
  readonly index: PlaceIndex;
  readonly eraserOf: (place: Place) => Eraser;
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

/** Targets between two writes of the journal and two reports. */
const TOGETHER = 64;

/** What is found to be in the way before anything is changed. */
const BEFOREHAND: ReadonlySet<EraseErrorCode> = new Set<EraseErrorCode>([
  "outside-roots",
  "symlink",
  "mount-point",
  "linked",
  "special",
  "changed",
  "own-files",
  "in-use",
  "interrupted",
  "depended-on",
]);

interface Wanted {
  readonly item: Item;
  readonly place: Place;
}
interface Target {
  readonly eraser: Eraser;
  readonly wanted: Wanted[];
}

/** What was found at a target, and for which of the holdings that counts. */
interface Checked extends Target {
  readonly look: Look | undefined;
  /** Whether an earlier run had begun to erase it. */
  readonly isRest: boolean;
  readonly digests: readonly string[];
  readonly matching: readonly Wanted[];
}

export class Erasure {
  readonly #outcomes = new Map<string, Outcome>();
  #progress: Progress = { done: 0, of: 0, bytes: 0, target: "" };

  constructor(private readonly erasing: Erasing) {}

  /** @param journal what an earlier run has left @returns what would become of each, in their order; nothing is changed */
  async look(items: readonly Item[], journal: Known): Promise<readonly Outcome[]> {
    const targets = this.#assign(items);
    for (const target of targets) {
      const checked = await this.#check(target, journal);
      for (const wanted of checked?.matching ?? []) this.#put(wanted, "would-erase", { target: target.eraser.target });
      this.#step(target);
    }
    return this.#inOrder(items);
  }

  /** @returns what became of each, in their order */
  async run(items: readonly Item[], journal: Journal): Promise<readonly Outcome[]> {
    const targets = this.#assign(items);
    for (let i = 0; i < targets.length; i += TOGETHER) await this.#erase(targets.slice(i, i + TOGETHER), journal);
    return this.#inOrder(items);
  }

  /** What is outstanding and covered, each target once. */
  #assign(items: readonly Item[]): readonly Target[] {
    const targets = new Map<string, Target>();
    for (const item of items) {
      const { state, until } = item;
      const place = this.erasing.index.find(item.holding, item.place);
      if (state !== "outstanding") this.#put({ item }, "settled", { state, ...(until === undefined ? {} : { until }) });
      else if (place === undefined) this.#put({ item }, "uncovered", {});
      // The law has logs kept: whoever means this one names it.
      else if (item.form === "log" && place.holding === undefined) this.#put({ item }, "refused", { code: "log" });
      if (this.#outcomes.has(item.holding) || place === undefined) continue;
      const eraser = this.erasing.eraserOf(place);
      const target = targets.get(eraser.target) ?? { eraser, wanted: [] };
      target.wanted.push({ item, place });
      targets.set(eraser.target, target);
    }
    const all = [...targets.values()];
    const free = all.filter((target) => !this.#overlaps(target, all));
    this.#progress = { ...this.#progress, of: free.length };
    return free;
  }

  /** A folder is not erased with what others name in it. */
  #overlaps(target: Target, all: readonly Target[]): boolean {
    const directory = target.wanted[0]?.place.directory;
    if (directory === undefined) return false;
    const within = all.find((other) => other !== target && pathsOf(other).some((path) => isIn(resolve(path), resolve(directory))));
    if (within === undefined) return false;
    this.#refuse(target, "refused", new EraseError("overlaps", within.eraser.target));
    return true;
  }

  async #check({ eraser, wanted }: Target, journal: Known): Promise<Checked | undefined> {
    const earlier = journal.intents.get(eraser.target);
    try {
      const look = await eraser.look((count) => this.#tick(eraser.target, count));
      // One that was erased in part is not what it was, and the very same.
      const isOpen = earlier !== undefined && !journal.gone.has(eraser.target);
      const isRest =
        look === undefined ? earlier !== undefined : isOpen && look.identity !== undefined && look.identity === earlier.identity;
      if (look === undefined && earlier === undefined) {
        for (const one of wanted) this.#put(one, "missing", { target: eraser.target });
        return undefined;
      }
      const digests = (isRest ? earlier?.digests : look?.digests) ?? [];
      const isAny = digests.length === 0;
      const matching = wanted.filter(({ item, place }) => isAny || digests.includes(item.digest) || place.differs !== undefined);
      const others = wanted.filter((one) => !matching.includes(one));
      for (const one of others)
        this.#put(one, "differs", { target: eraser.target, ...(digests[0] === undefined ? {} : { found: digests[0] }) });
      return { eraser, wanted, look, isRest, digests, matching };
    } catch (error) {
      this.#refuse({ eraser, wanted }, "refused", eraseErrorOf(error, eraser.target));
      return undefined;
    }
  }

  async #erase(targets: readonly Target[], journal: Journal): Promise<void> {
    const checked: Checked[] = [];
    for (const target of targets) {
      if (target.wanted.every(({ item }) => journal.prepared.has(item.holding))) {
        this.#step(target);
        continue;
      }
      const isBegun = journal.intents.has(target.eraser.target) && !journal.gone.has(target.eraser.target);
      if (isBegun) await target.eraser.finish?.().catch(() => undefined); // What is wrong shows when it is looked at.
      const found = await this.#check(target, journal);
      if (found !== undefined && found.matching.length > 0) checked.push(found);
      else this.#step(target);
    }
    const there = checked.filter(({ look }) => look !== undefined);
    journal.add(there.map(intentOf));
    const [gone, kept]: [Gone[], { readonly kept: string }[]] = [[], []];
    const eraseOne = async (target: Checked): Promise<void> => {
      const { eraser, look, isRest, matching } = target;
      this.#step(target);
      if (look === undefined && journal.gone.has(eraser.target)) return;
      try {
        const erased = await eraser.erase((count) => this.#tick(eraser.target, count));
        gone.push({ gone: eraser.target, at: new Date().toISOString(), ...erased });
      } catch (error) {
        const why = eraseErrorOf(error, eraser.target);
        const isKept = !isRest && BEFOREHAND.has(why.code);
        if (isKept) kept.push({ kept: eraser.target });
        this.#refuse({ eraser, wanted: [...matching] }, isKept ? "refused" : "failed", why);
      }
    };
    // Each waits for the disk most of the time.
    await Promise.all(checked.filter(({ eraser }) => eraser.alone !== true).map(eraseOne));
    for (const target of checked.filter(({ eraser }) => eraser.alone === true)) await eraseOne(target);
    journal.add([...gone, ...kept]);
    journal.add(checked.flatMap((target) => this.#prepare(target, journal)));
    await this.#report(targets, journal);
  }

  /** The events of what is gone. */
  #prepare({ eraser, matching, digests }: Checked, journal: Journal): readonly { holding: string; event: DeletionEvent }[] {
    const gone = journal.gone.get(eraser.target);
    if (gone === undefined) return [];
    const { authorization, places, version } = this.erasing;
    return matching
      .filter(({ item }) => !journal.prepared.has(item.holding))
      .map(({ item: { holding, digest }, place }) => {
        const differed = digests.length > 0 && !digests.includes(digest);
        const { gone: _, at, ...erased } = gone;
        const uncounted = journal.uncounted.get(holding) ?? 0;
        const deletion = { authorization, holding, digest, place, erased, at, differed, uncounted };
        return { holding, event: deletionEvent(deletion, places, version) };
      });
  }

  async #report(targets: readonly Target[], journal: Journal): Promise<void> {
    const all = targets.flatMap(({ eraser, wanted }) => wanted.map((one) => ({ ...one, eraser })));
    const prepared = all.flatMap((one) => {
      const event = journal.prepared.get(one.item.holding);
      return event === undefined ? [] : [{ ...one, event }];
    });
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
      const said = {
        target: eraser.target,
        unreached,
        ...(leafHash === undefined ? {} : { leafHash }),
        ...(problem === undefined ? {} : { problem }),
      };
      this.#put({ item }, reported === undefined ? "unrecorded" : "erased", said);
    }
  }

  #refuse({ eraser, wanted }: Target, result: "refused" | "failed", { code, what }: EraseError): void {
    for (const one of wanted) this.#put(one, result, { target: eraser.target, code, what });
  }

  #put({ item: { holding, place } }: { readonly item: Item }, result: Result, more: Partial<Outcome>): void {
    this.#outcomes.set(holding, { holding, place, result, ...more });
  }

  #inOrder(items: readonly Item[]): readonly Outcome[] {
    return items.flatMap(({ holding }) => this.#outcomes.get(holding) ?? []);
  }

  #tick(target: string, count = 0): void {
    this.#progress = { ...this.#progress, target, bytes: this.#progress.bytes + count };
    this.erasing.onProgress(this.#progress);
  }

  #step({ eraser }: Target): void {
    this.#progress = { ...this.#progress, done: this.#progress.done + 1 };
    this.#tick(eraser.target);
  }
}

const pathsOf = ({ wanted }: Target): readonly string[] =>
  wanted.flatMap(({ place: { file, directory, sqlite, level } }) => [file, directory, sqlite, level].filter((path) => path !== undefined));

const intentOf = ({ eraser: { target }, look, digests }: Checked): Intent => ({
  intent: target,
  digests,
  ...(look?.identity === undefined ? {} : { identity: look.identity }),
});
