/** The work of one transaction that appends to a journal: open it, add each line, close it. */
import type { Line } from "./batch";
import { QUARANTINED, REMARKS } from "./events/codes";
import { type Breach, declarationOf, isQuarantined, judge, readEvent } from "./events/judge";
import type { Effects, HoldingDeclaration, LedgerEvent, SubjectKind, Table } from "./events/definition";
import { ContractError, type RefusedLine } from "./errors";
import { journals } from "./events/journal";
import { type Genesis, hostOf } from "./genesis";
import { countsOf, declaredHolding, Holdings } from "./holdings";
import { toHex } from "./proof/bytes";
import { CompactRange, type CompactRangeState } from "./proof/compact-range";
import { formatHoldingName, isJournalName } from "./proof/holding-name";
import { leafHash } from "./proof/rfc6962";
import type { Form } from "./proof/holdings-page";
import { chainFrom, chainState, emptyChain, extendChain, type SubjectChain, type SubjectChainState } from "./proof/subject-chain";
import { type Key, keys, KnownKeys, NotLoaded, type State } from "./state";

/** What `append` answers. */
export interface Appended {
  readonly journal: string;
  readonly from: number;
  readonly size: number;
  /** Hex. */
  readonly root: string;
  /** The transaction's time, RFC 3339 in UTC. */
  readonly time: string;
  readonly findings: readonly (readonly [index: number, breaches: readonly Breach[]])[];
  /** Slots of the holdings that an event declared, in the order of their ordinals. */
  readonly declared: readonly (readonly [index: number, slots: readonly number[]])[];
  /** Of these, what counts in another form than its event says; missing where none does. */
  readonly counted?: readonly Counted[];
}
export type Counted = readonly [index: number, ordinal: number, form: Form];

/** The tree of a journal as a batch left it: root in hex, and the transaction's time. */
export interface Root {
  readonly root: string;
  readonly time: string;
}

/** The same with the size that the batch found, so that it tells which leaves came with it; missing where a version before 0.5.0 wrote it. */
export interface Step extends Root {
  readonly from?: number;
}

/** Where a journal stands: what its tree needs to go on. */
export interface Head extends Root, CompactRangeState {}

/** Undefined where nobody can tell what the line says. */
interface ReadLine {
  readonly line: Line;
  readonly event: LedgerEvent<unknown> | undefined;
}

/** Lines that are read at a time, so that what they will ask of the state is asked together. */
const AHEAD = 1024;

export class Append {
  readonly #refused: RefusedLine[] = [];
  readonly #findings: [number, readonly Breach[]][] = [];
  /** Whose the events are that have findings, in the same order. */
  readonly #whose: (string | undefined)[] = [];
  readonly #declared: [number, readonly number[]][] = [];
  readonly #counted: Counted[] = [];
  readonly #chains = new Map<Key<SubjectChainState>, SubjectChain>();
  readonly #rows = new KnownKeys<Table<unknown>>(keys.table);
  readonly #subjects: KnownKeys<SubjectKind>;
  readonly #holdings: Holdings;
  readonly #world: Effects;
  #lines = 0;

  private constructor(
    private readonly state: State,
    private readonly mspId: string,
    private readonly journal: string,
    private readonly now: Date,
    private readonly range: CompactRange,
    private readonly from: number,
    genesis: Genesis,
  ) {
    this.#holdings = new Holdings(state, now.getTime());
    this.#subjects = new KnownKeys((kind, id) => keys.chain(kind, id, journal));
    this.#world = {
      get: <R>(table: Table<R>, id: string) => state.get<R>(this.#rows.of(table, id)),
      put: <R>(table: Table<R>, id: string, row: R) => state.put(this.#rows.of(table, id), row),
      host: (role) => hostOf(genesis, role),
      all: <R>(table: Table<R>) => state.under("table", table.name) as readonly R[],
      holdings: (authorization, part) => this.#holdings.total(authorization, part),
      settled: (authorization, part, late) => this.#holdings.settled(authorization, part, late),
      inventory: (authorization, part) => this.#holdings.inventory(authorization, part),
      found: (place) => {
        const at = place.lastIndexOf("/");
        return state.get(keys.finding(place.slice(0, at), Number(place.slice(at + 1))));
      },
      holding: (authorization, name) => this.#holdings.find(authorization, name),
      isCleared: (authorization, name) => this.#holdings.isCleared(authorization, name),
      clear: (authorization, name, digest, whose) => this.#holdings.clear(authorization, name, digest, whose),
      freeze: (authorization) => this.#holdings.freeze(authorization),
      strike: (authorization, name) => this.#holdings.strike(authorization, name),
      attribute: (authorization, name, product) => this.#holdings.attribute(authorization, name, product),
      retain: (authorization, name, digest, until, whose) => this.#holdings.retain(authorization, name, digest, until, whose),
    };
  }

  /**
   * That a journal was closed ends nothing here, since what its gateway has promised is still to come: each event is judged by it.
   * @throws ContractError `not-your-journal`, `not-next`
   */
  static async open(state: State, genesis: Genesis, mspId: string, journal: string, from: number, now: Date): Promise<Append> {
    if (!journal.startsWith(`${mspId}/`) || !isJournalName(journal)) throw new ContractError("not-your-journal");
    // What was said of the journal comes with its head, and is there for every event that asks whether it was closed.
    const known = keys.table(journals, journal);
    await state.loadTogether([keys.head(journal), known]);
    const head = state.get(keys.head(journal));
    const range = head === undefined ? CompactRange.empty() : CompactRange.from({ size: head.size, peaks: head.peaks });
    if (range === undefined) throw new Error(`the head of ${journal} is damaged`);
    if (range.size !== from) throw new ContractError("not-next", { size: range.size });
    return new Append(state, mspId, journal, now, range, from, genesis);
  }

  /** Judges each line, hashes it and lets it take effect; a refused act leaves nothing behind but its refusal. */
  async addAll(lines: Iterable<Line>): Promise<void> {
    let read: ReadLine[] = [];
    const add = async (): Promise<void> => {
      if (this.state.readsInBulk) await this.#readAhead(read);
      for (const one of read) await this.#addOne(one);
      read = [];
    };
    for (const line of lines) {
      read.push({ line, event: readEvent(parse(line.text), this.now.getTime(), `${this.journal}/${this.range.size + read.length}`) });
      if (read.length === AHEAD) await add();
    }
    await add();
  }

  /**
   * Reads together what judging these lines will ask for, as far as that is known before any of them has taken effect: what is missed, or
   * known only afterwards, is read by itself.
   */
  async #readAhead(lines: readonly ReadLine[]): Promise<void> {
    const holdings = new Holdings(this.state, this.now.getTime());
    const world: Effects = { ...this.#world, holding: (authorization, name) => holdings.find(authorization, name) };
    const missing = new Set<string>();
    const misses = (look: () => unknown): boolean => {
      try {
        look();
        return false;
      } catch (error) {
        if (!(error instanceof NotLoaded)) throw error;
        if (error.isRange) return false;
        missing.add(error.key);
        return true;
      } finally {
        this.state.drop();
      }
    };
    let events: LedgerEvent<unknown>[] = [];
    for (const line of lines) {
      locate(holdings, line);
      const { event } = line;
      if (event === undefined) continue;
      const names = event.type.names(event.data);
      if (names !== undefined) for (const name of names.holdings) misses(() => holdings.find(names.authorization, name));
      for (const key of countsOf(event.type.declares(event.data), this.journal, event.party)) if (!this.state.knows(key)) missing.add(key);
      // Who asks for the same subjects as others before, asks for what they asked for.
      const chains = event.type.about(event.data).map(({ kind, id }) => this.#subjects.of(kind, id));
      const unknown = chains.filter((key) => !this.state.knows(key));
      if (unknown.length === 0) continue;
      for (const key of unknown) missing.add(key);
      events.push(event);
    }
    while (events.length > 0 || missing.size > 0) {
      events = events.filter((event) => misses(() => judge(event, this.mspId, world)));
      if (missing.size > 0) await this.state.loadAll(missing);
      missing.clear();
    }
  }

  async #addOne({ line, event }: ReadLine): Promise<void> {
    locate(this.#holdings, { line, event });
    for (;;) {
      try {
        this.#add(line, event);
        this.#lines++;
        this.state.keep();
        return;
      } catch (error) {
        this.state.drop();
        if (!(error instanceof NotLoaded)) throw error;
        await (error.isRange ? this.state.loadUnder(error.key) : this.state.load(error.key));
      }
    }
  }

  /** @throws ContractError `acts-refused` */
  close(): Appended {
    if (this.#refused.length > 0) throw new ContractError("acts-refused", { lines: this.#refused });
    const { journal, from, range } = this;
    const root = toHex(range.root());
    const time = this.now.toISOString();
    for (const [key, chain] of this.#chains) this.state.put(key, chainState(chain));
    this.#findings.forEach(([index, breaches], i) => {
      const party = this.#whose[i];
      const codes = breaches.map(({ code }) => code);
      this.state.put(keys.finding(journal, index), { ...(party === undefined ? {} : { party }), codes });
    });
    this.state.put(keys.root(journal, range.size), { root, time, from });
    this.state.put(keys.head(journal), { ...range.state(), root, time });
    this.state.keep();
    const counted = this.#counted.length === 0 ? {} : { counted: this.#counted };
    return { journal, from, size: range.size, root, time, findings: this.#findings, declared: this.#declared, ...counted };
  }

  /** Everything that may throw stands before everything that cannot be dropped. @throws NotLoaded */
  #add(line: Line, event: LedgerEvent<unknown> | undefined): void {
    const index = this.range.size;
    const breaches = event === undefined ? [{ code: QUARANTINED }] : judge(event, this.mspId, this.#world);
    const sound = event !== undefined && !isQuarantined(breaches);
    if (sound && event.type.kind === "act" && breaches.some(({ code }) => !REMARKS.has(code))) {
      this.#refused.push([this.#lines, breaches]);
      return;
    }
    const chains = sound ? this.#chainsOf(event) : [];
    const declaration = sound ? declarationOf(event, breaches, this.#world) : undefined;
    const slots = sound && declaration !== undefined ? this.#declare(event, declaration, index) : [];
    if (sound) event.type.effects(event, this.#world);

    const hash = leafHash(line.leaf);
    this.range.append(hash);
    for (const [key, chain] of chains) this.#chains.set(key, extendChain(chain, hash));
    if (slots.length > 0) this.#declared.push([index, slots]);
    if (declaration !== undefined && slots.length > 0) this.#count(event?.type.declares(event.data), declaration, index);
    if (breaches.length === 0) return;
    this.#findings.push([index, breaches]);
    this.#whose.push(sound ? event.party : undefined);
  }

  #chainsOf(event: LedgerEvent<unknown>): ReadonlyMap<Key<SubjectChainState>, SubjectChain> {
    const chains = new Map<Key<SubjectChainState>, SubjectChain>();
    for (const { kind, id } of event.type.about(event.data)) {
      const key: Key<SubjectChainState> = this.#subjects.of(kind, id);
      chains.set(key, this.#chains.get(key) ?? stored(this.state.get(key), key));
    }
    return chains;
  }

  #declare({ party }: LedgerEvent<unknown>, declaration: HoldingDeclaration, index: number): readonly number[] {
    const { journal } = this;
    return declaration.holdings.map((_, ordinal) => {
      const name = formatHoldingName({ journal, index, ordinal });
      return this.#holdings.declare(declaration.authorization, journal, name, declaredHolding(declaration, ordinal, party));
    });
  }

  /** Readers of blocks, who have the event alone, are told where it is not believed. */
  #count(said: HoldingDeclaration | undefined, { holdings }: HoldingDeclaration, index: number): void {
    for (const [ordinal, { form }] of holdings.entries())
      if (said?.holdings[ordinal]?.form !== form) this.#counted.push([index, ordinal, form]);
  }
}

/** The sender tells beside the leaf where the holdings are that its event names. */
function locate(holdings: Holdings, { line, event }: ReadLine): void {
  event?.type.names(event.data)?.holdings.forEach((name, i) => {
    const slot = line.slots[i];
    if (slot !== undefined) holdings.locate(name, slot);
  });
}

function stored(state: unknown, key: string): SubjectChain {
  if (state === undefined) return emptyChain;
  const chain = chainFrom(state);
  if (chain === undefined) throw new Error(`the chain ${key} is damaged`);
  return chain;
}

/**
 * The leaf's value; undefined unless writing it out again gives the same text, so that no two readers can understand it differently
 * (a repeated key, say).
 */
function parse(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return JSON.stringify(value) === text ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
