/**
 * What a block changes in the read model. Everything of one block, the new checkpoint included, is one batch, written whole or not at
 * all: a crash repeats nothing and misses nothing. What is written depends on the blocks alone, never on when the projector was stopped.
 */
import { type Breach, isStrangers } from "../../chaincode/events/judge";
import type { Entity, Subject } from "../../chaincode/events/definition";
import { splitKey } from "../../chaincode/state";
import type { Block } from "../ledger/port";
import { BackupWriter } from "./backups";
import { type Checkpoint, type Moment, readCheckpoint } from "./checkpoint";
import { correctedBy } from "./corrections";
import { DecisionWriter } from "./decisions";
import { comparedFindings, isHeldBack, noteFindings } from "./findings";
import { noteCount } from "./holding-counts";
import { hadEffect, HoldingWriter } from "./holdings";
import { JournalWriter } from "./journal-writer";
import { keys } from "./keys";
import { LeafWriter } from "./leaves";
import { ANNULLED, LAYOUT, type Told } from "./lists";
import { LostBasis } from "./lost-basis";
import { mentionsOf, noteMentions } from "./mentions";
import { PairWriter } from "./pairs";
import { OF_FACTS, OwnFacts } from "./own-facts";
import type { Place } from "./place";
import { PlaceLists } from "./places";
import { stepOf } from "./provenance";
import { ReconciliationWriter } from "./reconciliation";
import { type Batch, batchesOf, isQuarantined, type Known, type Recording, recordingsOf } from "./recording";
import { type Changes, type Store, toJson } from "./store";
import { SubjectWriter } from "./subjects";
import { TallyWriter } from "./tallies";

/** What the parts of one block's projection write to. */
interface Writers {
  readonly changes: Changes;
  readonly pairs: PairWriter;
  readonly leaves: LeafWriter;
  readonly places: PlaceLists;
  readonly counts: TallyWriter;
  readonly holdings: HoldingWriter;
  readonly backups: BackupWriter;
  readonly subjects: SubjectWriter;
  readonly decisions: DecisionWriter;
  readonly reconciliation: ReconciliationWriter;
  readonly annulled: LostBasis;
  /** Places of corrections that speak of what is not their party's own: shown with nothing. */
  readonly meddling: ReadonlySet<string>;
}

export class Projection {
  private constructor(
    private readonly store: Store,
    private checkpoint: Checkpoint,
    private readonly journals: JournalWriter[],
    private readonly counts: TallyWriter,
  ) {}

  static async open(store: Store): Promise<Projection> {
    const checkpoint = await readCheckpoint(store);
    const journals = await Promise.all(checkpoint.journals.map((state, number) => JournalWriter.open(store, number, state)));
    return new Projection(store, checkpoint, journals, new TallyWriter(store));
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

  /**
   * Projects the next block. After an error the projection must be opened again.
   * @throws Error unless the block is next and makes the trees that the ledger says it makes
   */
  async project(block: Block): Promise<void> {
    if (block.number !== this.height) throw new Error(`block ${block.number} is not next after ${this.height} blocks`);
    const { store, counts } = this;
    const changes = store.batch();
    const subjects = new SubjectWriter(store, changes);
    const batches = batchesOf(block);
    const holdings = new HoldingWriter(store, changes);
    noteState(block, { changes, holdings, subjects });
    const journals = new Map(this.journals.map(({ name, number }) => [name, number]));
    const writers = {
      changes,
      counts,
      pairs: new PairWriter(store, changes),
      leaves: new LeafWriter(store, changes),
      places: new PlaceLists(),
      holdings,
      backups: new BackupWriter(store, changes),
      subjects,
      decisions: new DecisionWriter(store, changes),
      reconciliation: new ReconciliationWriter(store, changes, subjects, journals),
      annulled: new LostBasis(store, this.checkpoint),
      meddling: await new OwnFacts(store, batches, journals, subjects).meddling(),
    };
    for (const batch of batches) this.#append(batch, block.number, writers);
    await writers.holdings.save();
    await writers.backups.save();
    await writers.subjects.save();
    await writers.decisions.save(block.number);
    await writers.reconciliation.save(writers.places);
    await writers.annulled.save(writers.places);
    writers.places.save(block.number, changes);
    await counts.save(block.number, changes);
    this.checkpoint = this.#advance(block, batches, changes);
    await changes.write();
  }

  #append(batch: Batch, block: number, writers: Writers): void {
    const journal = this.#journal(batch.journal);
    const recorded = Date.parse(batch.time);
    const heldBack = !batch.isPast && isHeldBack(recorded, this.checkpoint.latest);
    for (const recording of recordingsOf(batch, journal.number)) {
      const standing = writers.pairs.note(recording);
      writers.leaves.note(recording, standing === "first");
      const breaches = [
        ...recording.breaches,
        ...comparedFindings({ conflicting: standing === "conflicting" || standing === "taken", heldBack }),
      ];
      const quarantined = isQuarantined(breaches);
      const repeated = standing !== "first" && !quarantined;
      const { leaf, hash } = recording;
      const kind = { quarantined, findings: breaches.length > 0, repeated, strangers: isStrangers(breaches) };
      journal.append({ leaf, block, recorded, ...kind }, hash, writers.changes);
      note(recording, batch, breaches, { first: !repeated, heard: !repeated || standing === "taken" }, writers);
    }
    journal.close(batch, block, writers.changes);
  }

  #journal(name: string): JournalWriter {
    const known = this.journals.find((journal) => journal.name === name);
    if (known !== undefined) return known;
    const journal = JournalWriter.begin(this.journals.length, name);
    this.journals.push(journal);
    return journal;
  }

  #advance(block: Block, batches: readonly Batch[], changes: Changes): Checkpoint {
    const latest = block.transactions.reduce((time, transaction) => Math.max(time, Date.parse(transaction.time)), this.checkpoint.latest);
    const journals = this.journals.map(({ state }) => state);
    const past = batches.filter(({ isPast }) => isPast).map(({ time }) => Date.parse(time));
    const latestPast = past.length === 0 ? this.checkpoint.latestPast : Math.max(this.checkpoint.latestPast ?? 0, ...past);
    const checkpoint: Checkpoint = {
      ...{ layout: LAYOUT, height: block.number + 1, last: lastOf(block), latest, journals },
      ...(latestPast === undefined ? {} : { latestPast }),
    };
    const moment: Moment = { height: checkpoint.height, sizes: journals.map(({ range }) => range.size) };
    changes.put(keys.checkpoint, toJson(checkpoint));
    changes.put(keys.clock(latest), toJson(moment));
    if (past.length > 0 && latestPast !== undefined) changes.put(keys.clock(latestPast), toJson(moment));
    return checkpoint;
  }
}

const lastOf = (block: Block): string => block.transactions.at(-1)?.transactionId ?? "";

/** What of the world state is shown as it is. */
function noteState(block: Block, { changes, holdings, subjects }: Pick<Writers, "changes" | "holdings" | "subjects">): void {
  for (const write of block.transactions.flatMap(({ valid, writes }) => (valid ? writes : []))) {
    const [type] = splitKey(write.key);
    if (type === "table") subjects.record(write);
    else if (type === "page") holdings.page(write);
    else if (type === "holdings" || type === "part") noteCount(write, changes);
    else if (type === "genesis") subjects.genesis(write);
  }
}

/**
 * Notes what one event says, wherever it will be looked for. @param first of its source and id. @param heard in the reconciliation, which nobody
 * keeps another from by using its source and id
 */
function note(
  recording: Recording,
  { journal, time }: Batch,
  breaches: readonly Breach[],
  { first, heard }: { readonly first: boolean; readonly heard: boolean },
  writers: Writers,
): void {
  const { known, place } = recording;
  const { changes, places, counts, holdings } = writers;
  const position = { journal, index: place.index };
  const subjects = known?.type.about(known.event.data) ?? NONE;
  const step = known && stepOf(known, position);
  const told: Told = {
    type: known?.type.type,
    party: known?.event.party,
    subjects,
    used: step === undefined ? NONE : distinct(step.used),
    made: step?.generated ?? NONE,
    codes: breaches.length === 0 ? NONE : [...new Set(breaches.map(({ code }) => code))],
    corrects: known === undefined || writers.meddling.has(`${journal}/${place.index}`) ? NONE : correctedBy(known),
    counts: known !== undefined && first,
  };
  places.note(told, place);
  counts.note(told);
  noteFindings(place, breaches, changes);
  if (known === undefined) return;
  noteMentions(mentionsOf(known, position), place, changes);
  holdings.declare(recording, journal);
  holdings.note(known, recording);
  writers.backups.note(known, position, Date.parse(time), hadEffect(breaches));
  if (heard) writers.reconciliation.note(known, place, position, { ...told, isFound: told.codes.length > 0 });
  if (OF_FACTS.has(known.type.type)) writers.reconciliation.take(told.corrects.slice(0, 1));
  for (const act of told.type === ANNULLED ? told.corrects : NONE) writers.annulled.note(act, subjects);
  if (known.type.kind === "act") noteAct(known, subjects, place, Date.parse(time), writers);
}

const NONE: readonly never[] = [];

const distinct = (entities: readonly Entity[]): readonly Entity[] =>
  entities.length < 2 ? entities : [...new Map(entities.map((entity) => [`${entity.kind} ${entity.id}`, entity])).values()];

/** An act decides about the subject of its own family. */
function noteAct(known: Known, about: readonly Subject[], place: Place, time: number, { decisions, subjects }: Writers): void {
  for (const subject of about.filter(({ kind }) => kind === known.type.family)) {
    decisions.note(known.type.type, subject, about, place, time);
    subjects.note(known, subject);
  }
}
