/** On which act an exit rests: what ended what ends, and why, in the words of its event. */
import type { Exit } from "../../chaincode/events/exit-record";
import type { Mark, Stepped } from "../../chaincode/events/steps";
import type { Subject } from "../../chaincode/events/definition";
import { textIn } from "../evidence/exit-acts";
import type { Trigger } from "../evidence/exit-particulars";
import { positionOf } from "../index/place";
import type { Reader } from "../index/reader";
import { codesOf } from "./successions";

type Rests = NonNullable<Trigger["rests"]>;
type Told = { readonly ground?: string; readonly reason?: unknown; readonly law?: unknown } | undefined;

/** By what ends, the steps that end it. */
const ENDINGS = {
  operator: ["terminated"],
  developer: ["revoked", "lapsed", "reassigned"],
  scenario: ["closed"],
  product: ["withdrawn"],
} as const satisfies Record<Exit["leaving"], readonly string[]>;

/** Where the reason of a termination stands, by its ground. */
const REASONS: Readonly<Record<string, string>> = { "early-exit": "exit-applied", "breach-of-law": "termination-requested" };

/** @param all a reader who sees everything @returns undefined where no act ended it: what it rested on was annulled, say */
export async function restsOn(all: Reader, record: Exit): Promise<Rests | undefined> {
  const authorization = { kind: "authorization", id: record.authorization } as const;
  for await (const subject of endedBy(all, record)) {
    const found = await endingOf(all, subject, ENDINGS[record.leaving], record.since);
    if (found !== undefined) return found;
  }
  // Where its operator is gone, a developer goes, too.
  return endingOf(all, authorization, ENDINGS.operator, record.since);
}

/** What may have been ended: of a product, too, what it is made from. */
async function* endedBy(all: Reader, { leaving, developer, scenario = "", product = "" }: Exit): AsyncGenerator<Subject, void> {
  if (leaving === "scenario") yield { kind: "scenario", id: scenario };
  if (leaving === "developer")
    for (const code of await codesOf(all, developer ?? "")) yield { kind: "developer", id: `${code}:${scenario}` };
  if (leaving !== "product") return;
  const names = new Set([product]);
  for (const id of names) {
    yield { kind: "product", id };
    for (const base of (await stateOf<{ readonly madeFrom?: readonly string[] }>(all, { kind: "product", id }))?.madeFrom ?? [])
      names.add(base);
  }
}

/** @param since when the ground came to stand: the time of that act, milliseconds since 1970 */
async function endingOf(all: Reader, subject: Subject, steps: readonly string[], since: number): Promise<Rests | undefined> {
  const record = await stateOf<Stepped>(all, subject);
  const mark = steps.flatMap((step) => record?.steps[step] ?? []).find(({ at }) => at === since);
  const event = await eventOf(all, mark);
  if (mark === undefined || event === undefined) return undefined;
  const told = event.data as Told;
  const before = REASONS[told?.ground ?? ""];
  const asked = before === undefined ? undefined : record?.steps[before]?.findLast(({ at }) => at <= since);
  const why = asked === undefined ? told : ((await eventOf(all, asked))?.data as Told);
  const reason = textIn(why?.reason ?? why?.law);
  return {
    ...{ act: mark.act, type: event.type, party: event.party },
    ...(told?.ground === undefined ? {} : { ground: told.ground }),
    ...(reason === "" ? {} : { reason }),
  };
}

const stateOf = async <T>(all: Reader, subject: Subject): Promise<T | undefined> => (await all.subject(subject))?.state as T | undefined;
const eventOf = async (all: Reader, mark: Mark | undefined) => mark && (await all.event(positionOf(mark.act)))?.event;
