/** How an exit stands, as the read model has it. */
import type { HoldingsPart } from "../../chaincode/events/definition";
import { type Leaving, leavingOf } from "../../chaincode/events/exit-ground";
import type { Exit } from "../../chaincode/events/exit-record";
import { type Mark, standing } from "../../chaincode/events/steps";
import type { Since } from "../evidence/exit-certificate";
import type { Said } from "../evidence/exit-statement";
import type { OpenDuty } from "../index/open-duties";
import { everyPage } from "../index/every-page";
import type { Reader } from "../index/reader";
import { partyNames } from "./party-names";
import { doneIn, isCertified, type Step, stepsOf } from "./progress";
import { partOfExit } from "./what-ends";

export interface ExitState extends Leaving {
  readonly exit: string;
  /** Which holdings of the authorization, as the ledger counts them now; missing where all. */
  readonly ends?: HoldingsPart;
  readonly steps: readonly Step[];
  /** Of what ends, as it is now. */
  readonly outstanding: number;
  readonly retained: number;
  /** Residue that stands, whoever found none since: who found it, and when last (RFC 3339). */
  readonly residue?: { readonly by: readonly string[]; readonly at: string };
  /** Of who is named here, by credit code. */
  readonly names: Readonly<Record<string, string>>;
  /** It was certified, and something is held again, or was accounted for since: the certificate says no more how things stand. */
  readonly superseded?: true;
}

const EXIT = "exit";

/** Of how far it has come, which who may act on it is told too. @returns as {@link recordOf} */
export async function actableOf(reader: Reader, exit: string): Promise<Exit | undefined> {
  return (await reader.actable({ kind: EXIT, id: exit }))?.state as Exit | undefined;
}

/** @returns undefined where there is none, or it is not the reader's to see */
export async function recordOf(reader: Reader, exit: string): Promise<Exit | undefined> {
  return (await reader.subject({ kind: EXIT, id: exit }))?.state as Exit | undefined;
}

/**
 * @param all a reader of the same state who sees everything: counts are of all that is held
 * @param duties open ones of exits @param now milliseconds since 1970
 */
export async function stateOf(all: Reader, exit: string, record: Exit, duties: readonly OpenDuty[], now: number): Promise<ExitState> {
  const ends = await partOfExit(all, record);
  const held = await all.heldOfExit(record);
  const { outstanding, retained } = held;
  const own = duties.filter(({ subject }) => subject.kind === EXIT && subject.id === exit);
  const isSuperseded = standing(record, "certified", now) !== undefined && !isCertified(record, held, now);
  const { residue } = record;
  const steps = stepsOf(record, held, own, now);
  return {
    exit,
    ...leavingOf(record),
    ...(ends === undefined ? {} : { ends }),
    ...{ steps, outstanding, retained },
    ...(residue === undefined ? {} : { residue: { by: residue.by, at: new Date(residue.at).toISOString() } }),
    names: await partyNames(all, [record.developer, ...steps.map(({ party }) => party), ...(residue?.by ?? [])]),
    ...(isSuperseded ? { superseded: true as const } : {}),
  };
}

const TOGETHER = 500;

/**
 * How far those who ended something of an authorization have come. @param all a reader who sees everything @param now milliseconds since 1970
 */
export async function leavingFrom(all: Reader, authorization: string, now: number): Promise<HowFar> {
  let [isUnderWay, isOver] = [false, false];
  for await (const { subjects } of everyPage((cursor) => all.subjects(EXIT, TOGETHER, cursor)))
    for (const record of subjects.map(({ state }) => state as Exit)) {
      if (record.authorization !== authorization || standing(record, "permissions-closed", now) === undefined) continue;
      const isDone = isCertified(record, await all.heldOfExit(record), now);
      isUnderWay ||= !isDone;
      isOver ||= isDone && record.leaving === "operator";
    }
  return { isUnderWay, isOver };
}

export interface HowFar {
  /** An exit of all or of a part of it is begun, and what is certified of it, if anything is, says no more how things stand. */
  readonly isUnderWay: boolean;
  /** The exit of its operator is certified: that of a part ends nothing. */
  readonly isOver: boolean;
}

/** What came of what ends since a verification; undefined where nothing did. @param verified of one before 0.6.0 only what is outstanding is known */
export async function sinceOf(all: Reader, record: Exit, { result }: Mark): Promise<Since | undefined> {
  const { outstanding, settled } = await all.heldOfExit(record);
  // Fewer than it saw are of what ends once a succession is annulled: it is of something else, too.
  const accountedFor = result === undefined ? 0 : Math.abs(settled.count - Number(result));
  return outstanding === 0 && accountedFor === 0 ? undefined : { outstanding, accountedFor };
}

/** What a statement says beside the counts. @param now milliseconds since 1970 */
export async function foundOf(all: Reader, record: Exit, now: number): Promise<Pick<Said, "residue" | "verification">> {
  const { residue, steps } = record;
  const wasVerified = steps["verified"]?.some(({ annulled }) => annulled === undefined) === true;
  const held = await all.heldOfExit(record);
  const stands = held.outstanding === 0 && doneIn(record, "verified", held, now) !== undefined;
  return {
    ...(residue === undefined ? {} : { residue: { by: residue.by, at: new Date(residue.at).toISOString() } }),
    ...(wasVerified ? { verification: stands ? ("stands" as const) : ("ended" as const) } : {}),
  };
}

/** The verification of which a certificate is made: until it is certified, one that is of all that was accounted for by now. @param now milliseconds since 1970 */
export async function verificationOf(all: Reader, record: Exit, now: number): Promise<Mark | undefined> {
  const verified = standing(record, "verified", now);
  if (verified === undefined || standing(record, "certified", now) !== undefined) return verified;
  return doneIn(record, "verified", await all.heldOfExit(record), now);
}
