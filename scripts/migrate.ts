/** `suyuan migrate`: moves the ledger of a stopped gateway onto the empty channel of a network, once its organisations' administrators admit it. */
import { createPrivateKey } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { parseContractError } from "../chaincode/errors";
import labels from "../chaincode/errors.labels.json";
import { canonicalText } from "../chaincode/proof/canonical";
import type { Manifest, Takeover } from "../chaincode/takeover";
import { readBlocks, readGenesis } from "../gateway/ledger/embedded/copy";
import { historyOf, manifestOf, type PastTransaction } from "../gateway/ledger/embedded/history";
import { verifyStore } from "../gateway/ledger/embedded/verify";
import { ConnectionError, type FabricConnection, readConnection } from "../gateway/ledger/fabric-connection";
import { openFabric } from "../gateway/ledger/open";
import { type Ledger, LedgerError } from "../gateway/ledger/port";
import { OrganisationFiles } from "../network/directory";
import { signer } from "../network/identities/organisation";
import { Exit, Failure, reasonOf } from "./failure";
import type { Output } from "./output";
import { language, text } from "./texts";

const CONTRACT = require.resolve("../chaincode/contract");
/** How often a transaction is tried whose outcome is not known, or which the network did not take. */
const ATTEMPTS = 10;
const PAUSE_MS = 1000;
const JUDGED_BEFORE = "judged-by-another-version";

/**
 * Writes what the administrators are to admit. Each who has the directory, or a copy, can make it for himself and compare.
 * @returns exit code. @throws Failure `no-ledger`, `directory-locked`, `migrate-not-whole`
 */
export async function plan(data: string, output: Output): Promise<number> {
  const directory = ledgerOf(data);
  await demandWhole(data, directory, output);
  const manifest = await manifestIn(data, directory);
  output.document(manifest);
  output.line(canonicalText(manifest));
  output.note(text("migrate.planned", { transactions: manifest.transactions }));
  return Exit.done;
}

/** @param file what {@link plan} wrote. @returns exit code. @throws Failure `file-unreadable`, `migrate-refused`, `network-unreachable`, those of connections */
export async function admit(file: string, { dir, org }: { readonly dir: string; readonly org: string }, output: Output): Promise<number> {
  const manifest = readText(file);
  const own = new OrganisationFiles(resolve(dir), { name: org });
  const { certificate, key } = signer(own.admin.msp);
  const identity = { certificate: readText(certificate), key: createPrivateKey(readText(key)) };
  const { admitted } = await onNetwork({ ...connectionFrom(own.connection, org), identity }, async (ledger) => {
    const { result } = await ledger.submit({ transaction: "admit", args: [Buffer.from(manifest.trim(), "utf8")] });
    return JSON.parse(Buffer.from(result).toString("utf8")) as Pick<Takeover, "admitted">;
  });
  output.document({ admitted });
  output.line(text("migrate.admitted", { organisations: admitted.join(text("list-separator")) }));
  return Exit.done;
}

/**
 * Takes over transaction after transaction; called again, it goes on where it ended.
 * @returns exit code. @throws Failure `no-ledger`, `directory-locked`, `migrate-another`, `migrate-differs`, `migrate-refused`, `network-unreachable`,
 * those of connections
 */
export async function run(
  given: { readonly data: string; readonly network: string; readonly org: string },
  output: Output,
): Promise<number> {
  const { data } = given;
  const directory = ledgerOf(data);
  const manifest = await manifestIn(data, directory);
  const connection = connectionFrom(given.network, given.org);
  const { transactions: total } = manifest;
  let done = 0;
  const progress = output.progress(() => text("migrate.progress", { done, total }));
  try {
    await onNetwork(connection, async (ledger) => {
      const before = await takeoverOn(ledger);
      if (before !== undefined && !isDeepStrictEqual(before.manifest, manifest)) throw new Failure("migrate-another", { directory: data });
      const past = await taken(directory);
      for (done = before?.transactions ?? 0; done < past.length; done++) {
        await takeOver(ledger, past[done] as PastTransaction, done);
        progress.tick();
      }
    });
  } finally {
    progress.end();
  }
  output.document({ transactions: total, network: connection.network });
  output.line(text("migrate.done", { transactions: total, network: connection.network }));
  output.note(text("migrate.done-next", { directory: data }));
  return Exit.done;
}

/** Submits until it is known that it has been taken over, and compares what came out. @param number of those before it */
async function takeOver(ledger: Ledger, { call, appended }: PastTransaction, number: number): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      const { result } = await ledger.submit(call);
      if (canonicalText(appended) === Buffer.from(result).toString("utf8")) return;
      throw new Failure("migrate-differs", { transaction: number });
    } catch (error) {
      if (!(error instanceof LedgerError) || error.code === "refused" || attempt === ATTEMPTS) throw error;
    }
    await sleep(PAUSE_MS);
    if (((await takeoverOn(ledger))?.transactions ?? 0) > number) return;
  }
}

async function takeoverOn(ledger: Ledger): Promise<Takeover | undefined> {
  const answer = await ledger.evaluate({ transaction: "history", args: [] });
  const told = JSON.parse(Buffer.from(answer).toString("utf8")) as Partial<Takeover>;
  return told.manifest === undefined ? undefined : (told as Takeover);
}

async function taken(directory: string): Promise<readonly PastTransaction[]> {
  const past: PastTransaction[] = [];
  for await (const one of historyOf(readBlocks(directory))) past.push(one);
  return past;
}

function ledgerOf(data: string): string {
  const directory = join(data, "ledger");
  if (!existsSync(directory)) throw new Failure("no-ledger", { directory: data });
  return directory;
}

/** What cannot be repeated here will not come out alike there; only what appended is repeated there. */
async function demandWhole(data: string, directory: string, output: Output): Promise<void> {
  let [done, total] = [0, 0];
  const progress = output.progress(() => text("fsck.progress-of", { part: text("fsck.part-ledger"), done, total }));
  try {
    const before = new Set<string>();
    for await (const { code, block, transaction } of verifyStore(directory, CONTRACT, (...at) => ([done, total] = at)))
      if (code === JUDGED_BEFORE) before.add(`${block} ${transaction}`);
      else throw new Failure("migrate-not-whole", { directory: data, reason: text(`fsck.${code}`) });
    if (before.size > 0)
      for await (const { number, transactions } of readBlocks(directory))
        for (const [position, { transaction }] of transactions.entries())
          if (transaction === "append" && before.has(`${number} ${position}`))
            throw new Failure("migrate-not-whole", { directory: data, reason: text(`fsck.${JUDGED_BEFORE}`) });
  } catch (error) {
    throw locked(data, error);
  } finally {
    progress.end();
  }
}

async function manifestIn(data: string, directory: string): Promise<Manifest> {
  try {
    const { network, authority } = await readGenesis(directory);
    return await manifestOf({ network, certificate: authority }, readBlocks(directory));
  } catch (error) {
    throw locked(data, error);
  }
}

const locked = (directory: string, error: unknown): unknown =>
  error instanceof LedgerError ? new Failure("directory-locked", { directory }, { cause: error }) : error;

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new Failure("file-unreadable", { file, reason: reasonOf(cause) }, { cause });
  }
}

function connectionFrom(file: string, organisation: string): FabricConnection {
  try {
    return readConnection(file, organisation);
  } catch (error) {
    if (!(error instanceof ConnectionError)) throw error;
    throw new Failure(error.code, { file: error.file, organisation, reason: reasonOf(error.cause) }, { cause: error });
  }
}

async function onNetwork<T>(connection: FabricConnection, work: (ledger: Ledger) => Promise<T>): Promise<T> {
  const ledger = await openFabric(connection);
  try {
    return await work(ledger);
  } catch (cause) {
    if (!(cause instanceof LedgerError)) throw cause;
    const refusal = cause.code === "refused" ? parseContractError(cause.message) : undefined;
    if (refusal === undefined)
      throw new Failure("network-unreachable", { network: connection.network, reason: reasonOf(cause) }, { cause });
    throw new Failure("migrate-refused", { code: refusal.code, reason: labels[refusal.code][language] }, { cause });
  } finally {
    await ledger.close();
  }
}
