/** What the tests of the vocabulary tell a ledger in memory, and how it is told to a real gateway. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { REMARKS, TOLD_BY_GATEWAYS } from "../../chaincode/events/codes";
import { type EventReport, type SuyuanClient, SuyuanError } from "../../gateway/client";
import type { Told } from "../chaincode/events/heard";

const EVENTS = join(__dirname, "..", "chaincode", "events");

/** Every world that they make, by what is told in it. */
export function everythingTold(directory: string): readonly Told[] {
  const file = join(directory, "heard.json");
  const mocha = require.resolve("mocha/bin/mocha.js");
  const args = ["--no-config", "--reporter", "dot", "--timeout", "60000", "--require", join(EVENTS, "heard.js"), join(EVENTS, "*.test.js")];
  execFileSync(process.execPath, [mocha, ...args], { env: { ...process.env, SUYUAN_HEARD: file }, stdio: "pipe" });
  return JSON.parse(readFileSync(file, "utf8")) as Told[];
}

/** What was told, and what the ledger said to it. */
export interface Spoken {
  readonly type: string;
  readonly codes: readonly string[];
}

export const isRecorded = ({ codes }: Pick<Spoken, "codes">): boolean => codes.every((code) => REMARKS.has(code));

/** Worlds do not compare, and so do not see that a side of a transfer is late, or that the clock of these stories goes back where a world begins anew. */
export const toldByLedger = (codes: readonly string[]): readonly string[] => codes.filter((code) => !TOLD_BY_GATEWAYS.has(code));

/** What a story shows: which codes, which of them beside an event of the same type that is let through, and which types. */
function shownBy(story: readonly Spoken[]): Set<string> {
  const recorded = new Set(story.filter(isRecorded).map(({ type }) => type));
  const codes = story.flatMap(({ type, codes }) => [...codes, ...(recorded.has(type) ? codes.map((code) => `${code} beside`) : [])]);
  return new Set([...codes, ...[...recorded].map((type) => `${type} recorded`)]);
}

/** As few as show all that any of them shows: time and again the one that shows most, for its length, of what was not shown yet. */
export function covering<S>(all: readonly (readonly S[])[], spoken: (one: S) => Spoken): readonly (readonly S[])[] {
  const left = all.map((story) => ({ story, shows: shownBy(story.map(spoken)) }));
  const chosen: (readonly S[])[] = [];
  for (;;) {
    const worth = ({ story, shows }: (typeof left)[number]): number => shows.size / (story.length + 1);
    const best = left.reduce((one, other) => (worth(other) > worth(one) ? other : one));
    if (best.shows.size === 0) return chosen;
    chosen.push(best.story);
    const shown = [...best.shows];
    for (const { shows } of left) for (const it of shown) shows.delete(it);
  }
}

/** What a gateway said to a report, and where it stands if it is recorded. */
export interface Answered {
  readonly codes: readonly string[];
  readonly leafHash?: string;
  /** `MSPID/journal/index` */
  readonly place?: string;
}

/** Reports, and waits until it can be read what is found. */
export async function tell(client: SuyuanClient, report: EventReport): Promise<Answered> {
  try {
    const { leafHash = "", journal = "", index } = await client.record(report);
    await client.waitAnchored(leafHash);
    const { findings } = await client.event(leafHash);
    return { codes: (findings as readonly { readonly code: string }[]).map(({ code }) => code), leafHash, place: `${journal}/${index}` };
  } catch (error) {
    if (!(error instanceof SuyuanError)) throw error;
    const { breaches } = { ...error.problem } as { breaches?: readonly { code: string }[] };
    return { codes: breaches?.map(({ code }) => code) ?? [error.code] };
  }
}
