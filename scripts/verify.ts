/** `suyuan verify`: whether files prove what they say, offline, to one who trusts the trust file alone. */
import { createReadStream, existsSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { EvidenceError } from "../gateway/evidence/errors";
import { type Beside, examine } from "../gateway/evidence/examine";
import { itemsBeside } from "../gateway/evidence/exit-items";
import { open } from "../gateway/evidence/kind";
import { worthOf } from "../gateway/evidence/told";
import { parseTrust, type TrustFile } from "../gateway/evidence/trust";
import { Exit, Failure, reasonOf } from "./failure";
import { mirrored } from "./mirror/stream";
import type { Output } from "./output";
import { text } from "./texts";
import { reportFailure, reportFound } from "./verdict";

export interface VerifyOptions {
  /** The trust file; `trust.json` in `data`, else here, if missing. */
  readonly trust?: string;
  readonly data?: string;
}

/** @param files `-` for standard input; a directory is the copy of a journal. @returns exit code; `unverified` where one fails, or is of a promise that was broken */
export async function verify(files: readonly string[], options: VerifyOptions, output: Output): Promise<number> {
  const trust = await readTrust(trustFileOf(options));
  let failed = 0;
  let done = 0;
  const progress = output.progress(() => text("verify.progress", { done, total: files.length }));
  for (const file of files) {
    if (!(await isGood(file, trust, { items: itemsOf(file) }, output))) failed++;
    done++;
    if (files.length > 1) progress.tick();
  }
  progress.end();
  if (files.length > 1) output.line(text("verify.total", { good: files.length - failed, total: files.length }));
  return failed === 0 ? Exit.done : Exit.unverified;
}

/** `--promise`. @param files receipts, heads and latest states of the journal. @returns exit code; `unverified` where it was broken, or a file is not good */
export async function verifyPromise(promise: string, files: readonly string[], options: VerifyOptions, output: Output): Promise<number> {
  const trust = await readTrust(trustFileOf(options));
  const shown = [];
  for (const file of files) shown.push(await read(file));
  return (await isGood(promise, trust, { shown }, output)) ? Exit.done : Exit.unverified;
}

/** Says what came out. @throws Failure `file-unreadable`, then or while it is read */
async function isGood(file: string, trust: TrustFile, beside: Beside, output: Output): Promise<boolean> {
  let lines = 0;
  const progress = output.progress(() => text("verify.lines", { lines }));
  const onLine = (read: number): void => {
    lines = read;
    progress.tick();
  };
  try {
    for await (const examined of examine(await open(contentOf(file)), trust, { ...beside, onLine })) {
      progress.clear();
      if (!examined.verified) reportFailure(file, examined.failed, examined.passed, output);
      else reportFound(file, examined.found, output);
      if (!examined.verified || worthOf(examined.found) === "bad") return false;
    }
    return true;
  } finally {
    progress.end();
  }
}

const isDirectory = (file: string): boolean => statSync(file, { throwIfNoEntry: false })?.isDirectory() === true;

const contentOf = (file: string): AsyncIterable<Uint8Array> => (isDirectory(file) ? mirrored(file) : piecesOf(file));

async function* piecesOf(file: string): AsyncGenerator<Uint8Array, void> {
  try {
    for await (const chunk of file === "-" ? process.stdin : createReadStream(file)) yield chunk as Uint8Array;
  } catch (error) {
    throw new Failure("file-unreadable", { file, reason: reasonOf(error) }, { cause: error });
  }
}

function itemsOf(file: string): AsyncIterable<Uint8Array> | undefined {
  const items = itemsBeside(file);
  return file !== "-" && existsSync(items) ? piecesOf(items) : undefined;
}

export const trustFileOf = ({ trust, data }: VerifyOptions): string => trust ?? join(data ?? ".", "trust.json");

/** @throws Failure `trust-unreadable`, `trust-malformed` */
export async function readTrust(file: string): Promise<TrustFile> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new Failure("trust-unreadable", { file, reason: reasonOf(cause) }, { cause });
  });
  try {
    return parseTrust(bytes);
  } catch (error) {
    if (error instanceof EvidenceError) throw new Failure("trust-malformed", { file }, { cause: error });
    throw error;
  }
}

async function read(file: string): Promise<Uint8Array> {
  try {
    return file === "-" ? await buffer(process.stdin) : await readFile(file);
  } catch (error) {
    throw new Failure("file-unreadable", { file, reason: reasonOf(error) }, { cause: error });
  }
}
