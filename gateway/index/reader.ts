/** What can be asked of the read model as it stood at one height. */
import type { Subject, SubjectKind } from "../../chaincode/events/definition";
import type { RecordedEvent } from "../../chaincode/events/envelope";
import { consistencyPath, inclusionPath } from "../../chaincode/proof/rfc6962";
import type { Hash } from "../../chaincode/proof/sha256";
import { encodeBundle, type Tile, TILE_WIDTH } from "../../chaincode/proof/tile";
import type { Access } from "./access";
import { type Anchoring, readAnchoring } from "./anchorings";
import { type Disclosed, disclosed } from "./disclosure";
import { readLeaves } from "./entries";
import { type EventRecord, readEvents } from "./events";
import { countStates, describeFindings, type FindingRecord, type FindingState } from "./handling";
import { type HoldingPage, listHoldings } from "./holdings";
import { ALL, lists, tallies } from "./lists";
import { type DutyFilter, type OpenDuty, openDuties } from "./open-duties";
import type { Place, Position } from "./place";
import { cursorAfter, cursorAt, type PageQuery, readPlaces } from "./places";
import { knownOf } from "./recording";
import { type Contribution, listContributions, listTransfers, type Transfer, type TransferFilter } from "./reconciliation";
import { search, type SearchResult } from "./search";
import type { Store } from "./store";
import { listSubjects, readSubjects, type SubjectPage, type SubjectSummary } from "./subjects";
import { type Tally, tallyOf } from "./tallies";
import { readTile, treeNodes } from "./tiles";
import { trace, type Trace, type TraceQuery } from "./trace";
import { View } from "./view";

export interface EventPage<E extends EventRecord = EventRecord> {
  readonly events: readonly E[];
  /** Where the next page begins; absent on the last. */
  readonly next?: string;
}

/** An event with its findings as they are now. */
export interface FoundEvent extends EventRecord {
  readonly findings: readonly FindingRecord[];
}

/** Which events are followed: those that satisfy everything given. */
export interface FollowingFilter {
  readonly onlyFindings?: boolean;
  readonly type?: string | undefined;
  readonly code?: string | undefined;
  readonly subject?: Subject | undefined;
}

export interface Following {
  /** Each with where to go on after it. */
  readonly events: readonly { readonly event: FoundEvent; readonly after: string }[];
  readonly next: string;
  /** There is no more for now. */
  readonly isLast: boolean;
}

export interface Counts {
  /** Events by type, and by family. */
  readonly types: Tally;
  readonly families: Tally;
  /** By code. */
  readonly findings: Tally;
  /** How many findings are in which state now, for who sees all. */
  readonly states?: Readonly<Record<string, number>>;
}

/** Transfers, each with its finding where the two sides do not agree. */
export interface FoundTransferPage {
  readonly transfers: readonly (Omit<Transfer, "breach" | "party"> & { readonly finding?: FindingRecord })[];
  readonly next?: string;
}

/** Which findings: those that satisfy everything given. */
export interface FindingFilter {
  readonly code?: string | undefined;
  /** Of the plan. */
  readonly clause?: string | undefined;
  readonly state?: FindingState | undefined;
  /** Recorded from then on, and before then: milliseconds since 1970. */
  readonly from?: number | undefined;
  readonly until?: number | undefined;
  readonly party?: string | undefined;
  readonly subject?: Subject | undefined;
}

/** The tree of a journal. */
export interface Head {
  readonly journal: string;
  readonly size: number;
  /** Hex; the ledger's, which the leaves were found to make. */
  readonly root: string;
}

export interface SubjectDetail extends SubjectSummary {
  /** How often it was used for something that made no data, by event type. */
  readonly uses: Tally;
}

/** Events looked at for one page: a page may be short of its limit, and still have a next one. */
const LOOKED_AT = 2000;

export class Reader {
  constructor(
    private readonly store: Store,
    private readonly view: View,
    /** Of whom asks: what may not be seen is not there. */
    private readonly access: Access,
  ) {}

  /** Blocks that every answer reflects. */
  get height(): number {
    return this.view.height;
  }

  /** @returns undefined where this view has no such event */
  async event(position: Position): Promise<(EventRecord & Pick<Anchoring, "transactionId">) | undefined> {
    const place = this.view.place(position);
    if (place === undefined) return undefined;
    const [[event], anchoring] = await Promise.all([this.#events([place]), readAnchoring(this.store, place)]);
    return event && { ...event, transactionId: anchoring?.transactionId ?? "" };
  }

  /** A page of a list. @param list `lists.history.of(subject)` */
  async listed(list: string, page: PageQuery): Promise<EventPage> {
    return this.#selected(list, page, (events) => events);
  }

  /** A page of what is selected of a list. */
  async #selected<E extends EventRecord>(
    list: string,
    page: PageQuery,
    select: (events: readonly EventRecord[]) => readonly E[] | Promise<readonly E[]>,
  ): Promise<EventPage<E>> {
    const events: E[] = [];
    let cursor = page.cursor;
    for (let looked = 0; looked < LOOKED_AT; looked += page.limit) {
      const missing = page.limit - events.length;
      const { places, next } = await readPlaces(this.store, this.view, list, { ...page, limit: missing, cursor });
      events.push(...(await select(await this.#events(places))));
      cursor = next;
      if (cursor === undefined || events.length === page.limit) break;
    }
    return { events, ...(cursor === undefined ? {} : { next: cursor }) };
  }

  #events(places: readonly Place[]): Promise<EventRecord[]> {
    return readEvents(this.store, this.view, this.access, places);
  }

  /** What has been counted. @param tally `tallies.uses.of(product)` */
  tally(tally: string): Promise<Tally> {
    return tallyOf(this.store, this.view, tally);
  }

  /** Events with findings, each as it stands now. */
  async findings({ code, party, subject, clause, state, from, until }: FindingFilter, page: PageQuery): Promise<EventPage<FoundEvent>> {
    const list =
      subject !== undefined
        ? lists.findingsOfSubject.of(subject)
        : party !== undefined
          ? lists.findingsOfParty.of(party)
          : code !== undefined
            ? lists.findingsOfCode.of(code)
            : lists.findings.of(ALL);
    const { order, cursor } = page;
    const start = cursor ?? (order === "oldest" && from !== undefined ? await this.#since(from) : undefined);
    return this.#selected(list, { ...page, cursor: start }, async (events) => {
      const reported = events.filter(
        ({ event, recorded }) =>
          (party === undefined || event?.party === party) &&
          (from === undefined || Date.parse(recorded) >= from) &&
          (until === undefined || Date.parse(recorded) < until),
      );
      const described = await this.#described(reported);
      return described.filter(({ findings }) => findings.some((finding) => isWanted(finding, { code, clause, state })));
    });
  }

  /**
   * Events in the order of the ledger, those with findings as they are now.
   * @param cursor `next` of the page before, or `after` of an event; where there is none, nothing of what is recorded already
   */
  async following({ onlyFindings, type, code, subject }: FollowingFilter, limit: number, cursor?: string): Promise<Following> {
    const end = cursorAt(this.view.height);
    if (cursor === undefined) return { events: [], next: end, isLast: true };
    const list =
      code !== undefined
        ? lists.findingsOfCode.of(code)
        : subject !== undefined
          ? lists.history.of(subject)
          : (onlyFindings ? lists.findings : lists.all).of(ALL);
    const { places, cursors, next } = await readPlaces(this.store, this.view, list, { order: "oldest", limit, cursor });
    const after = new Map(places.map((place, i) => [nameOf(this.view.position(place)), cursorAfter(cursors[i] ?? "")]));
    const events = (await this.#described(await this.#events(places))).filter(
      ({ event, findings }) =>
        (!onlyFindings || findings.length > 0) &&
        (type === undefined || event?.type === type) &&
        (code === undefined || findings.some((finding) => finding.code === code)) &&
        (subject === undefined || (event !== undefined && isAbout(event, subject))),
    );
    return {
      events: events.map((event) => ({ event, after: after.get(nameOf(event)) ?? end })),
      next: next ?? end,
      isLast: next === undefined,
    };
  }

  /** Where a list begins if nothing recorded before a time is wanted. */
  async #since(time: number): Promise<string> {
    return cursorAt((await View.asOf(this.store, time - 1)).height);
  }

  async #described(events: readonly EventRecord[]): Promise<readonly FoundEvent[]> {
    const standing = events.flatMap((event) =>
      event.findings.map((breach) => ({ event: event as Position, breach, party: event.event?.party })),
    );
    const described = await describeFindings(this.store, this.view, standing);
    return events.map((event) => ({ ...event, findings: described.filter((_, i) => standing[i]?.event === event) }));
  }

  /** @returns undefined where the ledger knows nothing of the start */
  trace(query: TraceQuery): Promise<Trace | undefined> {
    return trace(this.store, this.view, this.access, query);
  }

  subjects(kind: SubjectKind, limit: number, cursor?: string): Promise<SubjectPage> {
    return listSubjects(this.store, this.access, kind, limit, cursor);
  }

  /** @returns undefined where no act has made it known */
  async subject(subject: Subject): Promise<SubjectDetail | undefined> {
    const [summary] = (await this.access.subject(subject)) ? await readSubjects(this.store, [subject]) : [];
    if (summary?.state === undefined) return undefined;
    return { ...summary, uses: await this.tally(tallies.uses.of(subject)) };
  }

  search(text: string, limit: number): Promise<SearchResult> {
    return search(this.store, this.view, this.access, text, limit);
  }

  /** Holdings of an authorization in a state: `outstanding`, or what an event of the family `holding` made of them. */
  holdings(authorization: string, state: string, limit: number, cursor?: string): Promise<HoldingPage> {
    return listHoldings(this.store, this.view, this.access, authorization, state, limit, cursor);
  }

  /** Transfers with what both sides said of them. */
  async transfers(filter: TransferFilter, limit: number, cursor?: string): Promise<FoundTransferPage> {
    const { transfers, ...next } = await listTransfers(this.store, this.view, this.access, filter, limit, cursor);
    const standing = transfers.flatMap(({ breach, event, party }) => (breach && event ? [{ breach, event, party }] : []));
    const described = await describeFindings(this.store, this.view, standing);
    const findings = new Map(standing.map(({ breach }, i) => [breach, described[i]]));
    return {
      transfers: transfers.map(({ breach, party: _, ...transfer }) => {
        const finding = breach && findings.get(breach);
        return { ...transfer, ...(finding === undefined ? {} : { finding }) };
      }),
      ...next,
    };
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

  /** Whether an event that is not on the ledger yet may be seen. @param leaf parsed */
  sees(leaf: unknown): Promise<boolean> {
    return this.access.event(leaf);
  }

  /** Events by type, findings by code: of the asker's own events, for who does not see all. */
  async counts(): Promise<Counts> {
    const { all, asker } = this.access;
    const party = asker?.party ?? "";
    const [types, findings] = await Promise.all([
      this.tally(all ? tallies.types.of(ALL) : tallies.typesOfParty.of(party)),
      this.tally(all ? tallies.codes.of(ALL) : tallies.codesOfParty.of(party)),
    ]);
    const states = all && !this.view.isPast ? { states: await countStates(this.store, this.view, findings) } : {};
    return { types, families: byFamily(types), findings, ...states };
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

  /** RFC 6962, from the leaf up, in the journal's tree of that size. @returns undefined where that tree has no such leaf */
  inclusion(position: Position, size: number): Hash[] | undefined {
    const place = this.view.place(position);
    if (place === undefined || place.index >= size || size > this.view.size(position.journal)) return undefined;
    return inclusionPath(place.index, size, treeNodes(this.store, place.journal, size));
  }

  /** RFC 6962. @returns undefined where the journal never had these sizes */
  consistency(journal: string, from: number, to: number): Hash[] | undefined {
    const number = this.view.number(journal);
    if (number === undefined || from > to || to > this.view.size(journal)) return undefined;
    return consistencyPath(from, to, treeNodes(this.store, number, to));
  }

  /** A tile's bytes, C2SP tlog-tiles: hashes, or a bundle of entries. @returns undefined where there is no such tile */
  async tile(journal: string, { level, index, width }: Tile): Promise<Uint8Array | undefined> {
    const number = this.view.number(journal);
    if (number === undefined) return undefined;
    if (level !== "entries") return readTile(this.store, number, level, index, width);
    const from = index * TILE_WIDTH;
    if (from + width > this.view.size(journal)) return undefined;
    return encodeBundle(await readLeaves(this.store, number, from, from + width));
  }
}

const nameOf = ({ journal, index }: Position): string => `${journal}/${index}`;

const isAbout = (event: RecordedEvent, { kind, id }: Subject): boolean =>
  knownOf(event)
    ?.type.about(event.data)
    .some((subject) => subject.kind === kind && subject.id === id) === true;

function byFamily(types: Tally): Tally {
  const families: Record<string, readonly [number, number]> = {};
  for (const [type, [count, withFindings]] of Object.entries(types)) {
    const family = type.split(".")[1] ?? "";
    const before = families[family] ?? [0, 0];
    families[family] = [before[0] + count, before[1] + withFindings];
  }
  return families;
}

const isWanted = (finding: FindingRecord, { code, clause, state }: Pick<FindingFilter, "code" | "clause" | "state">): boolean =>
  (code === undefined || finding.code === code) &&
  (clause === undefined || finding.clause === clause) &&
  (state === undefined || finding.state === state);
