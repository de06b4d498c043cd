/** What the tests of the vocabulary tell a ledger in memory, and how it is told to a real gateway. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { REMARKS } from "../../chaincode/events/codes";
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

/** As few as provoke every code that any of them provokes, and record every type: the shortest first, each with all that it tells beside. */
export function covering<S>(all: readonly (readonly S[])[], spoken: (one: S) => Spoken): readonly (readonly S[])[] {
  const seen = new Set<string>();
  const news = (one: S): readonly string[] => {
    const { type, codes } = spoken(one);
    return [...codes, ...(isRecorded({ codes }) ? [`${type} recorded`] : [])].filter((it) => !seen.has(it));
  };
  return all
    .toSorted((a, b) => a.length - b.length)
    .filter((story) => {
      const fresh = story.flatMap(news);
      for (const it of fresh) seen.add(it);
      return fresh.length > 0;
    });
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
