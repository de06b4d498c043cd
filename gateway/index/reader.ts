/** What can be asked of the read model as it stood at one height. */
import type { Settled, Subject, SubjectKind } from "../../chaincode/events/definition";
import type { Exit } from "../../chaincode/events/exit-record";
import { consistencyPath, inclusionPath, type NodeSource } from "../../chaincode/proof/rfc6962";
import type { Hash } from "../../chaincode/proof/sha256";
import { encodeBundle, type Tile, TILE_WIDTH } from "../../chaincode/proof/tile";
import type { Access } from "./access";
import { type Anchoring, readAnchoring, readFirstHead } from "./anchorings";
import { type Chained, chained, lastChained, leavesAt } from "./chained";
import { Corrections } from "./corrections";
import { type Disclosed, disclosed } from "./disclosure";
import { readLeaves } from "./entries";
import { type EventPage, EventPages, type FindingFilter, type Following, type FollowingFilter, type FoundEvent } from "./event-pages";
import type { EventRecord } from "./events";
import { everHeld, type EverHeld } from "./ever-held";
import { countStates } from "./handling";
import { heldOfExit, type Outstanding, outstandingBy, settledInAll } from "./exit-held";
import { type HoldingFilter, type HoldingPage, listHoldings } from "./holdings";
import { keys } from "./keys";
import { hasLeft } from "./leaving";
import { ALL, tallies } from "./lists";
import { type DutyFilter, type OpenDuty, openDuties } from "./open-duties";
import { type Overdue, overdueFindings } from "./overdue";
import type { Position } from "./place";
import type { PageQuery } from "./places";
import { countUnreconciled } from "./unreconciled";
import { search, type SearchResult } from "./search";
import type { Store } from "./store";
import { listSubjects, readSubjects, type SubjectPage, type SubjectSummary } from "./subjects";
import { added, byFamily, type Tally, tallyOf } from "./tallies";
import { readTile, treeNodes } from "./tiles";
import { trace, type Trace, type TraceQuery } from "./trace";
import type { Contribution } from "./transfer-sides";
import { listContributions, listTransfers, type TransferFilter, type TransferPage } from "./transfers";
import type { View } from "./view";

export interface Counts {
  /** Events by type, and by family. */
  readonly types: Tally;
  readonly families: Tally;
  /** By code. */
  readonly findings: Tally;
  /** By code, what only comparing shows: as it stands now, overdue duties included. Absent of the past. */
  readonly compared?: Readonly<Record<string, number>>;
  /** How many findings are in which state now, for who sees all. */
  readonly states?: Readonly<Record<string, number>>;
}

/** The tree of a journal. */
export interface Head {
  readonly journal: string;
  readonly size: number;
  /** Hex; the ledger's, which the leaves were found to make. */
  readonly root: string;
}

export interface SubjectDetail extends SubjectSummary {
  /** How often it was used for something that made no data, by event type; nothing where what was done with it is not the asker's business. */
  readonly uses: Tally;
}

/** Paths for which tiles are kept in memory. */
const PATHS_TOGETHER = 4096;

/** A node inside a tile is hundreds of hashes, and neighbours have most of theirs in common. */
function remembering(nodes: NodeSource): NodeSource {
  const known = new Map<string, Hash>();
  return (level, index) => {
    const name = `${level} ${index}`;
    let hash = known.get(name);
    if (hash === undefined) known.set(name, (hash = nodes(level, index)));
    return hash;
  };
}

export class Reader {
  readonly #pages: EventPages;

  constructor(
    private readonly store: Store,
    private readonly view: View,
    /** Of whom asks: what may not be seen is not there. */
    private readonly access: Access,
  ) {
    this.#pages = new EventPages(store, view, access);
  }

  /** Blocks that every answer reflects. */
  get height(): number {
    return this.view.height;
  }

  /** @returns undefined where this view has no such event */
  async event(position: Position): Promise<(EventRecord & Pick<Anchoring, "transactionId">) | undefined> {
    const place = this.view.place(position);
    if (place === undefined) return undefined;
    const [[event], anchoring] = await Promise.all([this.#pages.at([place]), readAnchoring(this.store, place)]);
    return event && { ...event, transactionId: anchoring?.transactionId ?? "" };
  }

  /** Which of some events were voided (作废) by who reported them: `MSPID/journal/index`. */
  voided(events: readonly Position[]): Promise<ReadonlySet<string>> {
    const places = events.map((event) => this.view.place(event)).filter((place) => place !== undefined);
    return new Corrections(this.store, this.view).voided(places);
  }

  /** A page of a list. @param list `lists.history.of(subject)` */
  listed(list: string, page: PageQuery): Promise<EventPage> {
    return this.#pages.listed(list, page);
  }

  /** Events with findings, each as it stands now. */
  findings(filter: FindingFilter, page: PageQuery): Promise<EventPage<FoundEvent>> {
    return this.#pages.findings(filter, page);
  }

  /** Duties that are overdue, as findings. @param now milliseconds since 1970. @param after those alone that were due after this day, `YYYY-MM-DD` */
  overdue(filter: FindingFilter, now: number, after?: string): Promise<readonly Overdue[]> {
    return overdueFindings(this.store, this.view, this.access, filter, now, after);
  }

  /** Events in the order of the ledger, as they come. @param cursor where to go on; where there is none, nothing of what is recorded already */
  following(filter: FollowingFilter, limit: number, cursor?: string): Promise<Following> {
    return this.#pages.following(filter, limit, cursor);
  }

  /** What has been counted. @param tally `tallies.uses.of(product)` */
  tally(tally: string): Promise<Tally> {
    return tallyOf(this.store, this.view, tally);
  }

  /** @returns undefined where the ledger knows nothing of the start */
  trace(query: TraceQuery): Promise<Trace | undefined> {
    return trace(this.store, this.view, this.access, query);
  }

  subjects(kind: SubjectKind, limit: number, cursor?: string): Promise<SubjectPage> {
    return listSubjects(this.store, (subject) => this.access.subject(subject), kind, limit, cursor);
  }

  /** As {@link subjects}, for telling how far each has come: of exits also those on which the asker may only act. */
  actables(kind: SubjectKind, limit: number, cursor?: string): Promise<SubjectPage> {
    return listSubjects(this.store, (subject) => this.access.howFar(subject), kind, limit, cursor);
  }

  /** As one of {@link actables}. */
  async actable(subject: Subject): Promise<SubjectSummary | undefined> {
    return (await this.access.howFar(subject)) ? (await readSubjects(this.store, [subject]))[0] : undefined;
  }

  /** @returns undefined where no act has made it known */
  async subject(subject: Subject): Promise<SubjectDetail | undefined> {
    const [summary] = (await this.access.subject(subject)) ? await readSubjects(this.store, [subject]) : [];
    if (summary?.state === undefined) return undefined;
    return { ...summary, uses: (await this.access.about([subject], "fact")) ? await this.tally(tallies.uses.of(subject)) : {} };
  }

  /** The events at these places, in their order, without the leaf where the asker may not see it. */
  leavesAt(positions: readonly Position[]): Promise<readonly Chained[]> {
    return leavesAt(
      this.store,
      this.access,
      positions.flatMap((position) => this.view.place(position) ?? []),
    );
  }

  /** Whether it is the asker's to see, known or not. */
  seesSubject(subject: Subject): Promise<boolean> {
    return this.access.subject(subject);
  }

  /** Index of the last of the first so many events of a journal that name a subject; undefined where there are fewer. */
  lastChained(subject: Subject, journal: string, count: number): Promise<number | undefined> {
    return lastChained(this.store, this.view, subject, journal, count);
  }

  /** The first so many events of a journal that name a subject, those without their leaf that the asker may not see. */
  chained(subject: Subject, journal: string, count: number): AsyncIterable<Chained> {
    return chained(this.store, this.view, this.access, subject, journal, count);
  }

  search(text: string, limit: number): Promise<SearchResult> {
    return search(this.store, this.view, this.access, text, limit);
  }

  /** Holdings of an authorization in a state: `outstanding`, or what an event of the family `holding` made of them. */
  holdings(authorization: string, state: string, filter: HoldingFilter, limit: number, cursor?: string): Promise<HoldingPage> {
    return listHoldings(this.store, this.view, this.access, authorization, state, filter, limit, cursor);
  }

  /** How much is held now of what an exit ends, whoever asks. */
  heldOfExit(record: Exit): ReturnType<typeof heldOfExit> {
    return heldOfExit(this.store, record);
  }

  /** As how many of it are accounted for, with what developers declared late, whoever asks. */
  settledInAll(record: Exit): Promise<Settled> {
    return settledInAll(this.store, record);
  }

  /** What is outstanding of what an exit ends, by who declared it, whoever asks. */
  outstandingBy(record: Exit): Promise<readonly Outstanding[]> {
    return outstandingBy(this.store, record);
  }

  /** Everything that was ever held under an authorization, whoever asks: whether it is for them is the caller's to see. */
  everHeld(authorization: string): Promise<readonly EverHeld[]> {
    return everHeld(this.store, this.view, authorization);
  }

  /** Whether the ledger kept what an act of succession gave to whom. It does so since 0.6.0: of an earlier one, its annulment took nothing back. */
  async isSuccessionKept(act: string): Promise<boolean> {
    return (await this.store.get(keys.record("succession", act))) !== undefined;
  }

  /** Transfers with what both sides said of them. */
  transfers(filter: TransferFilter, limit: number, cursor?: string): Promise<TransferPage> {
    return listTransfers(this.store, this.view, this.access, filter, limit, cursor);
  }

  /** How much each source supplied. */
  contributions(): Promise<readonly ({ readonly source: string } & Contribution)[]> {
    return listContributions(this.store, this.access);
  }

  /** Duties that are open at a time, milliseconds since 1970, the soonest due first. */
  duties(filter: DutyFilter, now: number): Promise<readonly OpenDuty[]> {
    return openDuties(this.store, this.view, this.access, filter, now);
  }

  /** What everyone may know. @param now milliseconds since 1970 */
  disclosed(now: number): Promise<readonly Disclosed[]> {
    return disclosed(this.store, this.view, now);
  }

  /** Whether the asker has left, and is told nothing new. @param now milliseconds since 1970 */
  async hasLeft(now: number): Promise<boolean> {
    const { all, asker } = this.access;
    return !all && asker !== undefined && hasLeft(this.store, await this.access.codes(), now);
  }

  /** Whether an event that is not on the ledger yet may be seen. @param leaf parsed */
  sees(leaf: unknown): Promise<boolean> {
    return this.access.event(leaf);
  }

  /** Events by type, findings by code: of the asker's own events, for who does not see all. @param now milliseconds since 1970 */
  async counts(now: number): Promise<Counts> {
    const { all } = this.access;
    const codes = [...(await this.access.codes())];
    const [types, findings] = await Promise.all([
      all ? this.tally(tallies.types.of(ALL)) : this.#sum(codes.map((code) => tallies.typesOfParty.of(code))),
      all ? this.tally(tallies.codes.of(ALL)) : this.#sum(codes.map((code) => tallies.codesOfParty.of(code))),
    ]);
    const counts = { types, families: byFamily(types), findings };
    if (this.view.isPast) return counts;
    const compared: Record<string, number> = all ? { ...(await countUnreconciled(this.store)) } : {};
    for (const { code = "" } of await this.duties({ overdue: true }, now)) compared[code] = (compared[code] ?? 0) + 1;
    return { ...counts, compared, ...(all ? { states: await countStates(this.store, this.view, findings, compared) } : {}) };
  }

  async #sum(names: readonly string[]): Promise<Tally> {
    return (await Promise.all(names.map((name) => this.tally(name)))).reduce(added, {});
  }

  /** Whether a code is one that the asker has or had. */
  async isAsker(code: string): Promise<boolean> {
    return (await this.access.codes()).has(code);
  }

  /** Every journal with its tree, in the order in which they first appeared. */
  async heads(): Promise<Head[]> {
    const heads = await Promise.all(this.view.journals.map(({ name }) => this.head(name)));
    return heads.filter((head) => head !== undefined);
  }

  /** @returns undefined for a journal that nobody has appended to */
  async head(journal: string): Promise<Head | undefined> {
    const size = this.view.size(journal);
    const place = this.view.place({ journal, index: size - 1 });
    const anchoring = place && (await readAnchoring(this.store, place));
    return anchoring && { journal, size, root: anchoring.root };
  }

  /** The first head that holds an event. @returns undefined where there is no such event */
  async firstHead(position: Position): Promise<Head | undefined> {
    const place = this.view.place(position);
    const first = place && (await readFirstHead(this.store, place));
    return first && { journal: position.journal, size: first.size, root: first.anchoring.root };
  }

  /** RFC 6962, from the leaf up, in the journal's tree of that size. @returns undefined where that tree has no such leaf */
  inclusion(position: Position, size: number): Hash[] | undefined {
    return this.inclusions(position.journal, size)(position.index);
  }

  /** The same of many leaves of one tree, one after the other: what they have in common is read once, and kept for some of them. */
  inclusions(journal: string, size: number): (index: number) => Hash[] | undefined {
    const number = this.view.number(journal);
    let left = 0;
    let nodes: NodeSource | undefined;
    return (index) => {
      if (number === undefined || index >= size || size > this.view.size(journal)) return undefined;
      if (nodes === undefined || left-- === 0) [nodes, left] = [remembering(treeNodes(this.store, number, size)), PATHS_TOGETHER];
      return inclusionPath(index, size, nodes);
    };
  }

  /** RFC 6962. @returns undefined where the journal never had these sizes */
  consistency(journal: string, from: number, to: number): Hash[] | undefined {
    const number = this.view.number(journal);
    if (number === undefined || from > to || to > this.view.size(journal)) return undefined;
    return consistencyPath(from, to, treeNodes(this.store, number, to));
  }

  /** A tile's bytes, C2SP tlog-tiles: hashes, or a bundle of entries, which are for who may see everything. @returns undefined where there is no such tile */
  async tile(journal: string, { level, index, width }: Tile): Promise<Uint8Array | undefined> {
    const number = this.view.number(journal);
    if (number === undefined) return undefined;
    if (level === "entries" && !this.access.all) return undefined;
    if (level !== "entries") return readTile(this.store, number, level, index, width);
    const from = index * TILE_WIDTH;
    if (from + width > this.view.size(journal)) return undefined;
    return encodeBundle(await readLeaves(this.store, number, from, from + width));
  }
}
