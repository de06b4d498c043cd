/** What a duty is judged by: the record of what it is about, what was done and when, the rules of the day, and today. */
import type { Role, Subject } from "../../chaincode/events/definition";
import { type Parameters, parametersIn, type Rulebook } from "../../chaincode/events/rulebook";
import type { Mark, Stepped } from "../../chaincode/events/steps";
import { dayOf } from "../../chaincode/events/time";
import type { Exit } from "../../chaincode/events/exit-record";
import { backupsDue } from "./backups";
import { heldOfExit, logsKept } from "./exit-held";
import type { HeldData } from "./held-data";
import { keys } from "./keys";
import { type Done, marksOf, newestFacts, said } from "./marks";
import { fromJson, type Store } from "./store";
import type { View } from "./view";

/** Facts of a kind that are looked at: the newest. */
const LOOKED_AT = 200;

export class DutyContext {
  constructor(
    private readonly store: Store,
    private readonly view: View,
    readonly subject: Subject,
    /** Undefined where the ledger has none of that name. */
    readonly record: Readonly<Record<string, unknown>> | undefined,
    private readonly rulebook: Rulebook | undefined,
    private readonly held: HeldData,
    /** Milliseconds since 1970. */
    readonly now: number,
  ) {}

  /** `YYYY-MM-DD`, in China. */
  get today(): string {
    return dayOf(this.now);
  }

  /** Of the rulebook in force at a time. */
  parameters(at: number): Parameters {
    return parametersIn(this.rulebook, at);
  }

  /** The marks of steps that were done by now, did not fail and were not withdrawn, in the order of time. */
  marks(...steps: readonly string[]): readonly Mark[] {
    const marks = steps.flatMap((step) => marksOf(this.record, step));
    return marks.filter((mark) => mark.at <= this.now && !hasFailed(mark) && !isWithdrawn(mark)).sort((a, b) => a.at - b.at);
  }

  /** Whether a step holds now. */
  stands(step: string): boolean {
    return this.marks(step).some(({ until }) => until === undefined || this.now < until);
  }

  /** Whether the mark that an act left was annulled or withdrawn; of the oldest, which are not kept, nothing is known. */
  isTakenBack(step: string, act: string): boolean {
    const marks = (this.record as Partial<Stepped> | undefined)?.steps?.[step] ?? [];
    return marks.some((mark) => mark.act === act && (mark.annulled !== undefined || mark.until !== undefined));
  }

  /** When these were done, in the order of time: steps, or facts by their whole type (`suyuan.asset.checked`). @param looked so many of the newest facts */
  async times(names: readonly string[], looked = LOOKED_AT): Promise<readonly Done[]> {
    const facts = names.filter((name) => name.startsWith("suyuan."));
    const steps = names.filter((name) => !facts.includes(name));
    const at = await Promise.all(facts.map((type) => newestFacts(this.store, this.view, type, this.subject, looked)));
    return [...at.flat().filter((done) => done.at <= this.now), ...this.marks(...steps)].sort((a, b) => a.at - b.at);
  }

  /** When one of these was done last. */
  async last(...names: readonly string[]): Promise<Done | undefined> {
    return (await this.times(names, 1)).at(-1);
  }

  /** When parties that have one of some roles did a step, in the order of time. */
  async timesBy(roles: readonly Role[], step: string): Promise<readonly Done[]> {
    const marks = this.marks(step);
    const records = await Promise.all(marks.map(({ party }) => this.other("party", party)));
    const isBy = (record: Readonly<Record<string, unknown>> | undefined): boolean =>
      roles.some((role) => (record?.["roles"] as readonly Role[] | undefined)?.includes(role) === true);
    return marks.filter((_, i) => isBy(records[i]));
  }

  /** Backups of what was deleted under this authorization that are still to go. */
  backups(): ReturnType<typeof backupsDue> {
    return backupsDue(this.store, this.subject.id, this.now);
  }

  /** Of the record of an exit: how much of what ends is held, and was accounted for. */
  heldOfExit(record: Exit): ReturnType<typeof heldOfExit> {
    return heldOfExit(this.store, record);
  }

  /** Of the record of an exit: the last days, `YYYY-MM-DD`, until which its logs are retained. */
  logsKept(record: Exit): ReturnType<typeof logsKept> {
    return logsKept(this.store, record);
  }

  /** What the acts said that left these marks. */
  said(marks: readonly Mark[]): Promise<readonly Readonly<Record<string, unknown>>[]> {
    return said(this.store, this.view, marks);
  }

  /** The record of something else. */
  async other(kind: string, id: string): Promise<Readonly<Record<string, unknown>> | undefined> {
    const bytes = await this.store.get(keys.record(kind, id));
    return bytes && (fromJson(bytes) as Readonly<Record<string, unknown>>);
  }

  /** By authorization under which something is still held that was taken from this resource: when the first of it was taken. */
  stillHeld(): Promise<ReadonlyMap<string, number>> {
    return this.held.takenFrom(this.subject.id);
  }
}

/** An assessment or a review that was not passed fulfils nothing. */
const hasFailed = (mark: Mark): boolean => (mark as { readonly result?: string }).result === "failed";
/** What was withdrawn (撤回) fulfils nothing, however long it stood; what another act ended was done. */
const isWithdrawn = ({ until, endedBy }: Mark): boolean => until !== undefined && endedBy === undefined;
