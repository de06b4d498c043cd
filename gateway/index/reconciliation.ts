/**
 * Transfers (供数), each with what both sides said of it: the source or the city base that it supplied, the operator or the platform that it pulled;
 * of what goes from a source to the city base, what each of them said was aggregated. Only who has a say in a side is heard, by the records of the
 * resource and the authorization. One record a transfer, kept up with every block.
 */
import type { Role, SubjectKind } from "../../chaincode/events/definition";
import { type Resource, sourceAt } from "../../chaincode/events/catalogue";
import { BOUND } from "../../chaincode/events/party";
import { keys } from "./keys";
import { readEntry } from "./entries";
import { type Place, type Position, positionOf } from "./place";
import { type Known, knownOf, parsed } from "./recording";
import type { PlaceLists } from "./places";
import type { Told } from "./lists";
import { fromJson, type Changes, type Store, toJson } from "./store";
import type { SubjectWriter } from "./subjects";
import {
  type Capacity,
  codeOf,
  type Contribution,
  isOf,
  lastOf,
  moved,
  type ReconciliationCode,
  type Report,
  type SideName,
  type Stored,
  withoutReport,
  withReport,
} from "./transfer-sides";

interface Reported {
  readonly authorization?: string;
  readonly scenario?: string;
  readonly resource: string;
  readonly transfer?: string;
  readonly version?: string;
  readonly rows?: number;
  readonly bytes?: number;
  readonly digest?: string;
}

export type Name = readonly [authorization: string, resource: string, scenario: string, transfer: string];

const SUPPLIED = "suyuan.data.supplied";
const PULLED = "suyuan.data.pulled";
const AGGREGATED = "suyuan.data.aggregated";
/** Types of which transfers are made. */
export const TYPES: ReadonlySet<string> = new Set([SUPPLIED, PULLED, AGGREGATED]);

/** What lists look at of an event, and whether it stands where findings stand already. */
type Listed = Told & { readonly isFound: boolean };

interface Reporting {
  readonly name: Name;
  readonly type: string;
  readonly report: Report;
  readonly happened: number;
  readonly listed: Listed;
}

/** What is found of a transfer before and after a change. */
interface Change {
  readonly was: ReconciliationCode | undefined;
  readonly is: ReconciliationCode | undefined;
  readonly after: Stored;
}

function enter(listed: Listed, { at: [journal, index] }: Report, code: ReconciliationCode | undefined, places: PlaceLists): void {
  if (code !== undefined) places.noteFound({ ...listed, codes: [code] }, { journal, index }, listed.isFound);
}

/** Collects what one block says of transfers. */
export class ReconciliationWriter {
  readonly #told: Reporting[] = [];
  /** By where they stand; once all are told. */
  #toldBy: ReadonlyMap<string, Reporting> | undefined;
  /** Facts that count no longer: `MSPID/journal/index`. */
  readonly #taken: string[] = [];
  /** Records that several of these ask for. */
  readonly #known = new Map<string, Promise<unknown>>();
  readonly #counts = new Map<string, number>();
  readonly #transfers = new Map<string, Stored>();
  readonly #contributions = new Map<string, Contribution>();

  /** @param journals numbers of the journals that there are, by name */
  constructor(
    private readonly store: Store,
    private readonly changes: Changes,
    private readonly subjects: SubjectWriter,
    private readonly journals: ReadonlyMap<string, number>,
  ) {}

  note({ type, event }: Known, { journal, index }: Place, position: Position, listed: Listed): void {
    if (!TYPES.has(type.type)) return;
    const data = event.data as Reported;
    const { rows, bytes, digest } = data;
    const report = {
      party: event.party,
      ...(rows === undefined ? {} : { rows }),
      ...(bytes === undefined ? {} : { bytes }),
      ...(digest === undefined ? {} : { digest }),
      at: [journal, index] as const,
    };
    const happened = Date.parse(event.time);
    this.#told.push({ name: nameOf({ type, event }, position), type: type.type, report, happened, listed });
  }

  /** What is voided, and what is replaced by another report. @param facts where it stands: `MSPID/journal/index` */
  take(facts: readonly string[]): void {
    this.#taken.push(...facts);
  }

  /** @param places where what does not agree is entered as found */
  async save(places: PlaceLists): Promise<void> {
    for (const told of this.#told) {
      const change = await this.#change(told.name, (before) => this.#with(before, told));
      if (isOf(change.after, told.report)) enter(told.listed, told.report, change.is, places);
      else this.#enterLast(change, places);
    }
    for (const fact of this.#taken) {
      const change = await this.#without(fact);
      if (change !== undefined) this.#enterLast(change, places);
    }
    for (const [key, total] of this.#contributions) this.changes.put(key, toJson(total));
    for (const [code, by] of this.#counts) {
      const before = ((await this.#read(keys.unreconciledCount(code))) as number | undefined) ?? 0;
      this.changes.put(keys.unreconciledCount(code), toJson(before + by));
    }
  }

  /** Where something else is found now, in a report that came before. */
  #enterLast({ was, is, after }: Change, places: PlaceLists): void {
    const last = lastOf(after);
    if (last === undefined || is === was) return;
    const listed = this.#toldAt(last.at)?.listed ?? this.#listedAt({ journal: last.at[0], index: last.at[1] });
    if (listed !== undefined) enter(listed, last, is, places);
  }

  async #change(name: Name, change: (before: Stored | undefined) => Stored | Promise<Stored>): Promise<Change> {
    const key = keys.transfer(...name);
    const before = await this.#stored(name);
    const after = await change(before);
    this.#transfers.set(key, after);
    this.changes.put(key, toJson(after));
    const [was, is] = [before && codeOf(before), codeOf(after)];
    if (is === undefined) this.changes.del(keys.unreconciled(...name));
    else this.changes.put(keys.unreconciled(...name), NOTHING);
    if (was !== is)
      for (const [code, by] of [[was, -1] as const, [is, 1] as const]) if (code) this.#counts.set(code, (this.#counts.get(code) ?? 0) + by);
    if (after.source !== undefined && after.supplied !== before?.supplied) {
      const total = keys.contribution(after.source);
      const known = this.#contributions.get(total) ?? ((await this.#read(total)) as Contribution | undefined) ?? {};
      this.#contributions.set(total, moved(known, after.leg, before?.supplied, after.supplied));
    }
    return { was, is, after };
  }

  async #stored(name: Name): Promise<Stored | undefined> {
    const key = keys.transfer(...name);
    return this.#transfers.get(key) ?? ((await this.#read(key)) as Stored | undefined);
  }

  /** Takes a report from the transfer that it tells of. */
  async #without(fact: string): Promise<Change | undefined> {
    const position = positionOf(fact);
    const journal = this.journals.get(position.journal);
    if (journal === undefined) return undefined;
    const at = [journal, position.index] as const;
    const known = this.#factAt({ journal, index: position.index })?.known;
    const name = this.#toldAt(at)?.name ?? (known && TYPES.has(known.type.type) ? nameOf(known, position) : undefined);
    const before = name && (await this.#stored(name));
    return name && before && this.#change(name, () => withoutReport(before, at));
  }

  /** Of this block, which the database does not show yet. */
  #toldAt(at: Report["at"]): Reporting | undefined {
    this.#toldBy ??= new Map(this.#told.map((told) => [told.report.at.join("/"), told]));
    return this.#toldBy.get(at.join("/"));
  }

  #factAt(place: Place): { readonly known: Known; readonly findings: boolean } | undefined {
    const entry = readEntry(this.store, place);
    const known = entry === undefined || entry.quarantined ? undefined : knownOf(parsed(entry.leaf.toString("utf8")));
    return known && { known, findings: entry?.findings === true };
  }

  #listedAt(place: Place): Listed | undefined {
    const { known, findings = false } = this.#factAt(place) ?? {};
    if (known === undefined) return undefined;
    const { type, event } = known;
    const told = { type: type.type, party: event.party, subjects: type.about(event.data), codes: [] };
    return { ...told, used: [], made: [], corrects: [], counts: false, isFound: findings };
  }

  async #with(before: Stored | undefined, told: Reporting): Promise<Stored> {
    const { type, report } = told;
    const [side, as] = await this.#sayOf(told);
    const source = before?.source ?? (await this.#current("resource", told.name[1]))?.source;
    const stored: Stored = { leg: type === AGGREGATED ? "to-base" : "to-operator", ...(source === undefined ? {} : { source }), ...before };
    return withReport(stored, side, report, as);
  }

  /** Of which side a report speaks, and in what capacity whoever made it does; in none, where it is not theirs to say. */
  async #sayOf({
    name: [authorization, resource],
    type,
    report: { party },
    happened,
  }: Reporting): Promise<readonly [SideName, Capacity | undefined]> {
    const { roles = [], former = [] } = (await this.#current("party", party)) ?? {};
    const codes = [party, ...former];
    const record = (await this.#current("resource", resource)) as Resource | undefined;
    const isSource = record !== undefined && codes.includes(sourceAt(record, happened));
    const operator = authorization === "" ? undefined : (await this.#current("authorization", authorization))?.operator;
    const isOperator = operator !== undefined && codes.includes(operator);
    // An operator or a developer that has a platform too stands for nobody under another's authorization.
    const isElsewhere = authorization !== "" && roles.some((role) => BOUND.includes(role));
    const asPlatform = roles.includes("platform") && !isElsewhere ? "platform" : undefined;
    if (type === PULLED) return ["pulled", isOperator ? "operator" : asPlatform];
    if (isSource) return ["supplied", "source"];
    if (type === AGGREGATED) return [asPlatform === undefined ? "supplied" : "pulled", asPlatform];
    return ["supplied", isOperator ? undefined : asPlatform];
  }

  #current(kind: SubjectKind, id: string): Promise<Asked | undefined> {
    const name = `${kind} ${id}`;
    let known = this.#known.get(name);
    if (known === undefined) this.#known.set(name, (known = this.subjects.current(kind, id)));
    return known as Promise<Asked | undefined>;
  }

  async #read(key: string): Promise<unknown> {
    const bytes = await this.store.get(key);
    return bytes && fromJson(bytes);
  }
}

const NOTHING = Buffer.alloc(0);

/** What is asked of a record, of whatever kind. */
interface Asked {
  readonly source?: string;
  readonly operator?: string;
  readonly roles?: readonly Role[];
  readonly former?: readonly string[];
}

/** By its number; what goes to the city base without one, by the version of the data that it brings; a pull without one by itself, since no supply can be matched with it. */
export function nameOf({ type, event }: Known, { journal, index }: Position): Name {
  const { authorization = "", scenario = "", resource, transfer, version } = event.data as Reported;
  const other = type.type === AGGREGATED && version !== undefined ? version : `${journal}/${index}`;
  return [authorization, resource, scenario, transfer ?? other];
}
