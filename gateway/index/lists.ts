/**
 * Which events stand in which list of the read model, and what is counted. Indexing something more for a query is one line here: the projector
 * enters every event wherever these say, and a read model that lacks the line is built again by itself.
 */

import type { RuleCode } from "../../chaincode/events/codes";

/** Raised when what a line below says, or how anything of the read model is written, changes. */
const VERSION = 9;

/** What lists and tallies look at: an event, and what the ledger says of it. */
export interface Told {
  /** Undefined, as is `party`, where nobody vouches for what the event says: it was quarantined, or its type is not known here. */
  readonly type: string | undefined;
  readonly party: string | undefined;
  /** What it is about. */
  readonly subjects: readonly Thing[];
  /** Data that it used, and data that it made: each once. */
  readonly used: readonly Thing[];
  readonly made: readonly Thing[];
  /** Of its findings, each once. */
  readonly codes: readonly string[];
  /** Which event it corrects: `MSPID/journal/index`. */
  readonly corrects: readonly string[];
  /** It is known, and the first of its source and id. */
  readonly counts: boolean;
}

/** Facts leave no mark on what they are about; of these it is asked when the last one was. */
const FOLLOWED: ReadonlySet<string> = new Set([
  "suyuan.finding.explained",
  "suyuan.asset.checked",
  "suyuan.data.aggregated",
  "suyuan.security.incident-reported",
  "suyuan.security.incident-handled",
  "suyuan.data.emergency-used",
  "suyuan.holding.backups-purged",
]);

/** Keeps its findings, and they are looked at later (应急). */
export const EMERGENCY = "suyuan.data.emergency-used";
export const ANNULLED = "suyuan.correction.annulled";

/** By which parties go on for others. */
const SUCCESSIONS: ReadonlySet<string> = new Set(["suyuan.party.renamed", "suyuan.party.merged", "suyuan.party.split"]);

/** Found in a fact that fulfils nothing: in an explanation not of who has to explain, or after the verdict; in data not from its source. */
const VAIN: ReadonlySet<string> = new Set<RuleCode>(["finding-not-assigned", "finding-settled", "second-source"]);

/** The key of a list of which there is one. */
export const ALL = "";
const [ONE, NONE] = [[ALL], []] as const;

export const lists = {
  /** Every event. */
  all: list("all", () => ONE),
  /** Every event about a subject. */
  history: list("history", ({ subjects }) => subjects),
  /** Events that made something of an entity. */
  used: list("used", ({ used, made }) => (made.length > 0 ? used : NONE)),
  /** Events that made an entity; a holding says by its name which one did. */
  made: list("made", ({ made }) => made.filter(({ kind }) => kind !== "holding")),
  /** Facts that somebody waits for, by their type and what they are about. */
  followed: list("followed", ({ type, subjects, codes }) =>
    type !== undefined && FOLLOWED.has(type) && !codes.some((code) => VAIN.has(code))
      ? subjects.map(({ kind, id }) => ({ kind: `${type} ${kind}`, id }))
      : NONE,
  ),
  /** Acts by which a party goes on for others, or others for it: of what is about it there may be much else. */
  successions: list("successions", ({ type, subjects }) => (type !== undefined && SUCCESSIONS.has(type) ? subjects : NONE)),
  /** What was said of an event afterwards; and what of that says that it never held, so that it cannot be lost among the rest. */
  corrections: list("corrections", ({ corrects }) => corrects),
  annulments: list("annulments", ({ type, corrects }) => (type === ANNULLED ? corrects : NONE)),
  findings: list("findings", ({ codes }) => (codes.length > 0 ? ONE : NONE)),
  findingsOfCode: list("findings of code", ({ codes }) => codes),
  findingsOfParty: list("findings of party", ({ codes, party }) => (codes.length > 0 && party !== undefined ? [party] : NONE)),
  findingsOfSubject: list("findings of subject", ({ codes, subjects }) => (codes.length > 0 ? subjects : NONE)),
  findingsOfEmergencies: list("findings of emergencies", ({ codes, type }) => (codes.length > 0 && type === EMERGENCY ? ONE : NONE)),
};

export const tallies = {
  /** Events by type. */
  types: tally("types", ofType, ({ counts }) => (counts ? ONE : NONE)),
  /** Findings by code. */
  codes: tally("codes", ofCode, ({ codes }) => (codes.length > 0 ? ONE : NONE)),
  /** The same of what one party reported. */
  typesOfParty: tally("types of party", ofType, ({ counts, party }) => (counts && party !== undefined ? [party] : NONE)),
  codesOfParty: tally("codes of party", ofCode, ({ codes, party }) => (codes.length > 0 && party !== undefined ? [party] : NONE)),
  /** Of an event: what was said of it afterwards, by type. */
  corrections: tally("corrections by type", ofType, ({ corrects }) => corrects),
  /** Of an entity: events by type that used it and made nothing of it, from which nothing leads on, and of which there are millions. */
  uses: tally("uses", ofType, ({ counts, used, made }) => (counts && made.length === 0 ? used : NONE)),
};

/** A subject, or data. */
interface Thing {
  readonly kind: string;
  readonly id: string;
}
/** Of what there is a list or a tally: a thing, a code, a party, or {@link ALL}. */
type Key = string | Thing;

interface List<K extends Key> {
  readonly name: string;
  /** The one of a key, as the database knows it. */
  of(key: K): string;
  /** In which an event stands. */
  holding(told: Told): readonly K[];
}

interface Tallied<K extends Key> extends List<K> {
  /** As what an event counts there. */
  as(told: Told): readonly string[];
}

export const everyList: readonly List<Key>[] = Object.values(lists);
/** Where an event also stands once comparing shows something of it that nobody knew when it was recorded: by code, and with all that have findings. */
export const listsOfFindings: readonly List<Key>[] = [
  lists.findings,
  lists.findingsOfParty,
  lists.findingsOfSubject,
  lists.findingsOfEmergencies,
];
export const everyTally: readonly Tallied<Key>[] = Object.values(tallies);

/** A read model of another layout is built again. */
export const LAYOUT = [VERSION, ...everyList.map(({ name }) => name), ...everyTally.map(({ name }) => name)].join(", ");

function list<K extends Key>(name: string, holding: (told: Told) => readonly K[]): List<K> {
  const of = (key: Key): string => (typeof key === "string" ? `${name}\0${key}` : `${name}\0${key.kind}\0${key.id}`);
  return { name, of, holding };
}

function tally<K extends Key>(name: string, as: Tallied<K>["as"], holding: (told: Told) => readonly K[]): Tallied<K> {
  return { ...list(name, holding), as };
}

function ofType({ type }: Told): readonly string[] {
  return type === undefined ? NONE : [type];
}

function ofCode({ codes }: Told): readonly string[] {
  return codes;
}
