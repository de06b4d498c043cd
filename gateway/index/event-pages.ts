/** Pages of events: of any list, of those with findings as they are now, of what comes. */
import type { RecordedEvent } from "../../chaincode/events/envelope";
import type { Subject } from "../../chaincode/events/definition";
import type { Access } from "./access";
import { type EventRecord, readEvents } from "./events";
import { describeFindings, type FindingRecord, type FindingState } from "./handling";
import { ALL, EMERGENCY, lists } from "./lists";
import type { Place, Position } from "./place";
import { cursorAfter, cursorAt, type PageQuery, readPlaces } from "./places";
import { knownOf } from "./recording";
import type { Store } from "./store";
import { View } from "./view";

export interface EventPage<E extends EventRecord = EventRecord> {
  readonly events: readonly E[];
  /** Where the next page begins; absent on the last. */
  readonly next?: string;
}

/** An event with its findings as they are now. */
export interface FoundEvent extends EventRecord {
  readonly findings: readonly FindingRecord[];
  /** An emergency use (应急): looked at later. */
  readonly emergency?: true;
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
  /** In an emergency use (应急). */
  readonly emergency?: boolean | undefined;
}

/** Events looked at for one page: a page may be short of its limit, and still have a next one. */
const LOOKED_AT = 2000;

export class EventPages {
  constructor(
    private readonly store: Store,
    private readonly view: View,
    private readonly access: Access,
  ) {}

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
      events.push(...(await select(await this.at(places))));
      cursor = next;
      if (cursor === undefined || events.length === page.limit) break;
    }
    return { events, ...(cursor === undefined ? {} : { next: cursor }) };
  }

  /** Those of the events at these places that may be seen. */
  at(places: readonly Place[]): Promise<EventRecord[]> {
    return readEvents(this.store, this.view, this.access, places);
  }

  /** Events with findings, each as it stands now. */
  async findings(
    { code, party, subject, clause, state, from, until, emergency }: FindingFilter,
    page: PageQuery,
  ): Promise<EventPage<FoundEvent>> {
    const list =
      subject !== undefined
        ? lists.findingsOfSubject.of(subject)
        : party !== undefined
          ? lists.findingsOfParty.of(party)
          : emergency
            ? lists.findingsOfEmergencies.of(ALL)
            : code !== undefined
              ? lists.findingsOfCode.of(code)
              : lists.findings.of(ALL);
    const { order, cursor } = page;
    const start = cursor ?? (order === "oldest" && from !== undefined ? await this.#since(from) : undefined);
    return this.#selected(list, { ...page, cursor: start }, async (events) => {
      const reported = events.filter(
        ({ event, recorded }) =>
          (party === undefined || event?.party === party) &&
          (emergency !== true || event?.type === EMERGENCY) &&
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
    const events = (await this.#described(await this.at(places))).filter(
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
    const standing = events.flatMap((event) => event.findings.map((breach) => ({ event, breach, party: event.event?.party })));
    const described = await describeFindings(this.store, this.view, standing);
    return events.map((event) => ({
      ...event,
      findings: described.filter((_, i) => standing[i]?.event === event),
      ...(event.event?.type === EMERGENCY ? { emergency: true as const } : {}),
    }));
  }
}

const nameOf = ({ journal, index }: Position): string => `${journal}/${index}`;

const isAbout = (event: RecordedEvent, { kind, id }: Subject): boolean =>
  knownOf(event)
    ?.type.about(event.data)
    .some((subject) => subject.kind === kind && subject.id === id) === true;

const isWanted = (finding: FindingRecord, { code, clause, state }: Pick<FindingFilter, "code" | "clause" | "state">): boolean =>
  (code === undefined || finding.code === code) &&
  (clause === undefined || finding.clause === clause) &&
  (state === undefined || finding.state === state);
