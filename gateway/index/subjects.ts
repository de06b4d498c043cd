/** Subjects (party, resource, authorization, scenario, product): their current state, their names, and how they are found. */
import { FREE_TEXT, type JsonSchema } from "../../chaincode/events/schema";
import type { EventType, Subject, SubjectKind } from "../../chaincode/events/definition";
import { keys as stateKeys, splitKey } from "../../chaincode/state";
import type { Genesis } from "../../chaincode/genesis";
import type { StateWrite } from "../ledger/port";
import type { Access } from "./access";
import { withBeside } from "./record-beside";
import { keys, lastPart, partsOf, under } from "./keys";
import type { Known } from "./recording";
import { fromJson, type Changes, type Store, toJson } from "./store";

/** By what a subject is found, as its own acts gave it. */
export interface Label {
  readonly name?: string;
  /** Numbers, texts and names of other subjects, the newest last. */
  readonly words: readonly string[];
}

const WORDS_KEPT = 100;

/** Collects what one block says of subjects. */
export class SubjectWriter {
  readonly #recorded = new Map<string, Uint8Array | undefined>();
  readonly #said = new Map<string, { name?: string; words: string[] }>();

  constructor(
    private readonly store: Store,
    private readonly changes: Changes,
  ) {}

  /** The state of a subject in the world state, as it is from now on. */
  record({ key, value }: StateWrite): void {
    const [, kind = "", id = ""] = splitKey(key);
    const own = keys.record(kind, id);
    this.#recorded.set(own, value);
    if (value === undefined) this.changes.del(own);
    else this.changes.put(own, value);
  }

  /** The state of a subject once this block is over, as far as it has been noted. */
  async current(kind: SubjectKind, id: string): Promise<unknown> {
    const own = keys.record(kind, id);
    const bytes = this.#recorded.has(own) ? this.#recorded.get(own) : await this.store.get(own);
    return bytes && fromJson(bytes);
  }

  /** The first party is registered by no event. */
  genesis({ key, value }: StateWrite): void {
    if (key !== stateKeys.genesis || value === undefined) return;
    const { code, name } = (fromJson(value) as Genesis).authority;
    this.#say("party", code, name, [name]);
  }

  /** What an act says of the subject of its own family. */
  note({ type, event }: Known, subject: Subject): void {
    const data = event.data as Record<string, unknown>;
    const words = wordFields(type).flatMap((field) => (typeof data[field] === "string" ? [data[field]] : []));
    this.#say(subject.kind, subject.id, typeof data["name"] === "string" ? data["name"] : undefined, words);
  }

  #say(kind: string, id: string, name: string | undefined, words: readonly string[]): void {
    const key = keys.label(kind, id);
    const said = this.#said.get(key) ?? { words: [] };
    if (name !== undefined) said.name = name;
    said.words.push(...words.filter((word) => word !== id));
    this.#said.set(key, said);
  }

  async save(): Promise<void> {
    const before = await this.store.getMany([...this.#said.keys()]);
    [...this.#said].forEach(([key, said], i) => {
      const known = before[i] === undefined ? { words: [] } : (fromJson(before[i]) as Label);
      const words = [...new Set([...known.words, ...said.words].reverse())].slice(0, WORDS_KEPT).reverse();
      this.changes.put(key, toJson({ ...known, ...said, words }));
    });
  }
}

/** Fields at the top of an event's data that people search by: free texts and names, not choices, dates or digests. */
const fields = new Map<EventType, readonly string[]>();
function wordFields(type: EventType): readonly string[] {
  let found = fields.get(type);
  if (found === undefined) {
    const properties = Object.entries(type.schema["properties"] as Record<string, JsonSchema>);
    found = properties.filter(([name, it]) => it[FREE_TEXT] === true || (isName(it) && name !== "digest")).map(([name]) => name);
    fields.set(type, found);
  }
  return found;
}
const isName = (schema: JsonSchema): boolean => schema["type"] === "string" && !("enum" in schema) && !("format" in schema);

/** A subject as lists and search show it. */
export interface SubjectSummary {
  readonly kind: SubjectKind;
  readonly id: string;
  readonly name?: string;
  /** Its record in the world state: what rules know of it. */
  readonly state?: unknown;
}

export interface SubjectPage {
  readonly subjects: readonly SubjectSummary[];
  /** Where the next page begins; absent on the last. */
  readonly next?: string;
}

/** Those that may be seen, and of the others not even where they stand. @param cursor `next` of the page before, which is the id of a subject */
export async function listSubjects(
  store: Store,
  isVisible: (subject: Subject) => Promise<boolean>,
  kind: SubjectKind,
  limit: number,
  cursor?: string,
): Promise<SubjectPage> {
  const range = under("r", kind);
  const found: Subject[] = [];
  for await (const key of store.keys({ gte: cursor === undefined ? range.gt : keys.record(kind, cursor), lt: range.lt })) {
    const subject = { kind, id: lastPart(key) };
    if (await isVisible(subject)) found.push(subject);
    if (found.length > limit) break;
  }
  const next = found[limit]?.id;
  return { subjects: await readSubjects(store, found.slice(0, limit)), ...(next === undefined ? {} : { next }) };
}

export async function readSubjects(store: Store, subjects: readonly Subject[]): Promise<SubjectSummary[]> {
  const records = await store.getMany(subjects.map(({ kind, id }) => keys.record(kind, id)));
  const labels = await store.getMany(subjects.map(({ kind, id }) => keys.label(kind, id)));
  const states = await Promise.all(
    subjects.map(async (subject, i) => {
      const bytes = records[i];
      return bytes && (await withBeside(store, subject, fromJson(bytes) as Readonly<Record<string, unknown>>));
    }),
  );
  return subjects.map(({ kind, id }, i) => {
    const [state, label] = [states[i], labels[i]];
    const name = label && (fromJson(label) as Label).name;
    return { kind, id, ...(name === undefined ? {} : { name }), ...(state && { state }) };
  });
}

/**
 * Subjects whose id, name or words contain the text, letter case apart. Looks at every subject: there are thousands at most, of events
 * there are millions, and those are found by what they are about. Best first: the id itself, then names, then words.
 */
export async function searchSubjects(store: Store, access: Access, text: string, limit: number): Promise<SubjectSummary[]> {
  const wanted = fold(text);
  const found: { readonly subject: Subject; readonly rank: number }[] = [];
  for await (const [key, value] of store.iterator(under("l"))) {
    const [kind, id = ""] = partsOf(key);
    const rank = rankOf(wanted, id, fromJson(value) as Label);
    const subject = { kind: kind as SubjectKind, id };
    if (rank !== undefined && (await access.subject(subject))) found.push({ subject, rank });
  }
  const best = found.sort((a, b) => a.rank - b.rank).slice(0, limit);
  return readSubjects(
    store,
    best.map(({ subject }) => subject),
  );
}

function rankOf(wanted: string, id: string, { name = "", words }: Label): number | undefined {
  const texts = [id, name, ...words].map(fold);
  const [foldedId, foldedName] = texts;
  if (foldedId === wanted || foldedName === wanted) return 0;
  if (texts.includes(wanted)) return 1;
  if (foldedName?.includes(wanted) === true || foldedId?.includes(wanted) === true) return 2;
  return texts.some((text) => text.includes(wanted)) ? 3 : undefined;
}

/** Full-width letters and digits, as people type them between Chinese characters, are the same as narrow ones. */
const fold = (text: string): string => text.normalize("NFKC").toLowerCase();
