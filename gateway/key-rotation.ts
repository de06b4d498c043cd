/** Another key for a journal of a stopped gateway. What the old one signed while it was in force stays good: `trust.json` says from when until when. */
import { existsSync } from "node:fs";
import { readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { writeDurably } from "./durable-file";
import { formatVerifierKey, generateSignerKey, parseSignerKey } from "./evidence/note-key";
import { formatTrust, parseTrust, type TrustedJournal, type TrustFile } from "./evidence/trust";
import { trustCopyOf } from "./trust";

const ROTATED = ["facts", "acts"] as const;
export type Rotated = (typeof ROTATED)[number];

export interface Rotation {
  readonly journal: string;
  /** From when the new key is in force, and until when the old one was: RFC 3339. */
  readonly since: string;
  readonly until: string;
  /** C2SP verifier key. */
  readonly key: string;
}

const trustOf = (data: string): string => join(data, "trust.json");
const keyOf = (data: string, name: Rotated): string => join(data, "keys", `${name}.key`);
const nextOf = (data: string, name: Rotated): string => `${keyOf(data, name)}.next`;

/**
 * The new key stands beside the old one until the trust file names it: what is left in between is finished, or undone, by {@link finishRotations}.
 * @param data the gateway's directory
 * @param stolen since when nothing that the old key signed is to be believed, where somebody else may have had it
 * @throws Error where keys or trust file cannot be read, or do not belong together; RangeError where `stolen` is later than now
 */
export async function rotateKey(data: string, name: Rotated, stolen?: Date): Promise<Rotation> {
  await finishRotations(data);
  const trust = parseTrust(await readFile(trustOf(data)));
  const old = await parseSignerKey(await readFile(keyOf(data, name), "utf8"));
  const kept = trust.journals.find(({ origin, keys }) => origin === old?.verifier.name && keys.length > 0);
  if (old === undefined || kept === undefined) throw new Error(`${keyOf(data, name)} is not one that trust.json names`);
  // Promises are dated by whole seconds.
  const now = Math.ceil(Date.now() / 1000) * 1000;
  if (stolen !== undefined && stolen.getTime() > now) throw new RangeError("a key cannot be known to be stolen later");
  const [since, until] = [new Date(now), stolen ?? new Date(now)].map((time) => time.toISOString()) as [string, string];
  const { key, text } = await generateSignerKey(old.verifier.name);
  const named = formatVerifierKey(key.verifier);
  await writeDurably(nextOf(data, name), text);
  const followed = (one: TrustedJournal): TrustedJournal => ({
    ...one,
    keys: [
      ...one.keys.map((it) => (it.key === formatVerifierKey(old.verifier) ? { ...it, validUntil: until } : it)),
      { key: named, validFrom: since },
    ],
  });
  await writeDurably(trustOf(data), formatTrust({ ...trust, journals: trust.journals.map((one) => (one === kept ? followed(one) : one)) }));
  await finishRotations(data);
  await sleep(Math.max(0, now - Date.now()));
  return { journal: kept.journal, since, until, key: named };
}

/** Before keys are used: puts a new key in its place if the trust file names it already, and drops it if that never came about. */
export async function finishRotations(data: string): Promise<void> {
  for (const name of ROTATED) {
    const next = nextOf(data, name);
    if (!existsSync(next)) continue;
    const key = await parseSignerKey(await readFile(next, "utf8"));
    const named = key && formatVerifierKey(key.verifier);
    const trust: TrustFile = parseTrust(await readFile(trustOf(data)));
    const isTrusted = trust.journals.some(({ keys }) => keys.some((one) => one.key === named));
    await writeDurably(trustCopyOf(data), formatTrust(trust));
    await (isTrusted ? rename(next, keyOf(data, name)) : rm(next));
  }
}
