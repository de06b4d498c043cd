/**
 * What a block changes in the read model. Everything of one block, the new checkpoint included, is one batch, written whole or not at
 * all: a crash repeats nothing and misses nothing. What is written depends on the blocks alone, never on when the projector was stopped.
 */
import type { Breach } from "../../chaincode/events/judge";
import type { Subject } from "../../chaincode/events/vocabulary";
import { splitKey } from "../../chaincode/state";
import type { Block } from "../ledger/port";
import { type Checkpoint, LAYOUT, type Moment, readCheckpoint } from "./checkpoint";
import { CONFLICTING_REPORT, noteFindings } from "./findings";
import { HoldingWriter } from "./holdings";
import { JournalWriter } from "./journal-writer";
import { keys, lists, tallies } from "./keys";
import { noteLeaves } from "./leaves";
import { mentionsOf, noteMentions } from "./mentions";
import { notePairs, type Repeats } from "./pairs";
import type { Place } from "./place";
import { PlaceLists } from "./places";
import { noteStep, stepOf } from "./provenance";
import { type Batch, batchesOf, isQuarantined, type Known, type Recording } from "./recording";
import { type Changes, type Store, toJson } from "./store";
import { SubjectWriter } from "./subjects";
import { TallyWriter } from "./tallies";

/** What the parts of one block's projection write to. */
interface Writers {
  readonly changes: Changes;
  readonly places: PlaceLists;
  readonly counts: TallyWriter;
  readonly holdings: HoldingWriter;
  readonly subjects: SubjectWriter;
}

export interface Decoded {
  readonly block: Block;
  readonly batches: readonly Batch[];
}

export class Projection {
  private constructor(
    private readonly store: Store,
    private checkpoint: Checkpoint,
    private readonly journals: JournalWriter[],
    /** Of the journals, and of those that are decoded and not yet applied. */
    private readonly names: string[],
    private readonly counts: TallyWriter,
  ) {}

  static async open(store: Store): Promise<Projection> {
    const checkpoint = await readCheckpoint(store);
    const journals = await Promise.all(checkpoint.journals.map((state, number) => JournalWriter.open(store, number, state)));
    const names = checkpoint.journals.map(({ name }) => name);
    return new Projection(store, checkpoint, journals, names, new TallyWriter(store));
  }

  /** Blocks projected. */
  get height(): number {
    return this.checkpoint.height;
  }

  /** Sizes of the journals, by name. */
  get sizes(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.checkpoint.journals.map(({ name, range }) => [name, range.size]));
  }

  /** Whether this is the block that was projected last. */
  isLast(block: Block): boolean {
    return block.number === this.height - 1 && lastOf(block) === this.checkpoint.last;
  }

  /** Takes a block apart; blocks in their order, each before it is applied. Apart from that so that it can be done while the one before is written. */
  decode(block: Block): Decoded {
    return { block, batches: batchesOf(block, (journal) => this.#number(journal)) };
  }

  /**
   * Projects the next block. After an error the projection must be opened again.
   * @throws Error unless the block is next and makes the trees that the ledger says it makes
   */
  async apply({ block, batches }: Decoded): Promise<void> {
    if (block.number !== this.height) throw new Error(`block ${block.number} is not next after ${this.height} blocks`);
    const { store, counts } = this;
    const changes = store.batch();
    const holdings = new HoldingWriter(store, changes);
    const subjects = new SubjectWriter(store, changes);
    const writers = { changes, counts, places: new PlaceLists(), holdings, subjects };
    const recordings = batches.flatMap((batch) => batch.recordings);
    const repeats = await notePairs(store, recordings, changes);
    await noteLeaves(store, recordings, repeats.seen, changes);
    for (const batch of batches) this.#append(batch, repeats, block.number, writers);
    noteState(block, writers);
    writers.places.save(block.number, changes);
    await holdings.save();
    await subjects.save();
    await counts.save(block.number, changes);
    this.checkpoint = this.#advance(block, changes);
    await changes.write();
  }

  #number(journal: string): number {
    const number = this.names.indexOf(journal);
    return number === -1 ? this.names.push(journal) - 1 : number;
  }

  #append(batch: Batch, { repeated, conflicting }: Repeats, block: number, writers: Writers): void {
    const number = this.#number(batch.journal);
    const journal = (this.journals[number] ??= JournalWriter.begin(number, batch.journal));
    for (const recording of batch.recordings) {
      const breaches = conflicting.has(recording) ? [...recording.breaches, { code: CONFLICTING_REPORT }] : recording.breaches;
      const entry = {
        leaf: recording.leaf,
        block,
        recorded: batch.time,
        quarantined: isQuarantined(breaches),
        findings: breaches.length > 0,
        repeated: repeated.has(recording),
      };
      journal.append(entry, recording.hash, writers.changes);
      note(recording, batch.journal, breaches, !entry.repeated, writers);
    }
    journal.close(batch, block, writers.changes);
  }

  #advance(block: Block, changes: Changes): Checkpoint {
    const latest = block.transactions.reduce((time, transaction) => Math.max(time, Date.parse(transaction.time)), this.checkpoint.latest);
    const journals = this.journals.map(({ state }) => state);
    const checkpoint: Checkpoint = { layout: LAYOUT, height: block.number + 1, last: lastOf(block), latest, journals };
    const moment: Moment = { height: checkpoint.height, sizes: journals.map(({ range }) => range.size) };
    changes.put(keys.checkpoint, toJson(checkpoint));
    changes.put(keys.clock(latest), toJson(moment));
    return checkpoint;
  }
}

const lastOf = (block: Block): string => block.transactions.at(-1)?.transactionId ?? "";

/** What of the world state is shown as it is. */
function noteState(block: Block, { holdings, subjects }: Writers): void {
  for (const write of block.transactions.flatMap(({ valid, writes }) => (valid ? writes : []))) {
    const [type] = splitKey(write.key);
    if (type === "table") subjects.record(write);
    else if (type === "page") holdings.page(write);
    else if (type === "genesis") subjects.genesis(write);
  }
}

/** Notes what one event says, wherever it will be looked for. */
function note(recording: Recording, journal: string, breaches: readonly Breach[], counts: boolean, writers: Writers): void {
  const { known, place } = recording;
  if (known === undefined) {
    noteFindings({ place, breaches, party: undefined, subjects: [] }, writers);
    return;
  }
  const { type, event } = known;
  const position = { journal, index: place.index };
  const subjects = type.about(event.data);
  const withFindings = breaches.length > 0;
  noteFindings({ place, breaches, party: event.party, subjects }, writers);
  for (const { kind, id } of subjects) writers.places.add(lists.subject(kind, id), place);
  if (counts) writers.counts.count(tallies.types, type.type, withFindings);
  noteMentions(mentionsOf(known, position), place, writers.changes);
  const step = stepOf(known, position);
  if (step !== undefined) noteStep(step, type.type, place, { counts, withFindings }, writers);
  writers.holdings.declare(recording, journal);
  writers.holdings.note(known, recording);
  if (type.kind === "act") noteAct(known, subjects, place, writers);
}

/** An act of a subject's own family decides about that subject. */
function noteAct(known: Known, subjects: readonly Subject[], place: Place, { places, subjects: labels }: Writers): void {
  for (const subject of subjects.filter(({ kind }) => kind === known.type.family)) {
    places.add(lists.acts(subject.kind, subject.id), place);
    labels.note(known, subject);
  }
}
