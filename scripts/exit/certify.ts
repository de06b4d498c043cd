/** `suyuan exit certify`: fetches the certificate of an exit and its items, checks and writes them; or the ledger's word on what is still held. */
import { createReadStream } from "node:fs";
import { open, rename, rm, writeFile } from "node:fs/promises";
import { EvidenceError } from "../../gateway/evidence/errors";
import { itemsBeside } from "../../gateway/evidence/exit-items";
import { parseStatement, verifyStatement } from "../../gateway/evidence/exit-statement";
import { type ExitVerdict, verifyExit } from "../../gateway/evidence/verify-exit";
import { localTime } from "../../gateway/local-time";
import { placeOf } from "./places";
import { Exit, Failure, reasonOf } from "../failure";
import type { Output } from "../output";
import { bodyOf, type Gateway, piecesOf, request } from "../request";
import { text } from "../texts";
import { reportFailure } from "../verdict";
import { readTrust, trustFileOf, type VerifyOptions } from "../verify";

export interface CertifyOptions extends VerifyOptions {
  /** File to write; items go beside it. */
  readonly out?: string;
  /** File to write the printable page to. */
  readonly page?: string;
  /** The ledger's word alone, which takes no act of the authority. */
  readonly statement: boolean;
  /** Credit code: that source's items alone. */
  readonly source?: string;
}

/** @returns exit code; `unverified` where what came is not good, or says that something is still held or came since: then what is good is written all the same. @throws Failure `page-is-certificate` */
export async function exitCertify(id: string, options: CertifyOptions, gateway: Gateway, output: Output): Promise<number> {
  const file = options.out ?? `${id}${options.statement ? ".statement.json" : ".ndjson"}`;
  const { page } = options;
  if (page !== undefined && writtenTo(file).some((one) => placeOf(one) === placeOf(page)))
    throw new Failure("page-is-certificate", { page });
  const trust = await readTrust(trustFileOf(options));
  const path = `/v1/exits/${encodeURIComponent(id)}`;
  try {
    if (options.statement) {
      const body = await bodyOf(await request(gateway, { path: `${path}/statement` }));
      const { outstanding, retained, residue, verification } = await verifyStatement(parseStatement(Buffer.from(body)), trust);
      await written(file, () => writeFile(file, body, { mode: 0o600 }));
      output.document({ file, outstanding, retained, residue, verification });
      if (outstanding > 0) output.line(text("exit.certify.held", { file, outstanding }));
      else if (residue === undefined) output.line(text("exit.certify.clear", { file, retained }));
      if (residue !== undefined) output.line(text("exit.certify.residue", { file, by: residue.by.join(", "), at: localTime(residue.at) }));
      if (verification === "ended") output.note(text("exit.certify.ended", { id }));
      return outstanding === 0 && residue === undefined ? Exit.done : Exit.unverified;
    }
    const query = options.source === undefined ? "" : `?source=${encodeURIComponent(options.source)}`;
    const [, items, coming, comingItems] = writtenTo(file);
    try {
      await fetched(coming, await request(gateway, { path: `${path}/certificate${query}` }));
      await fetched(comingItems, await request(gateway, { path: `${path}/certificate/items${query}` }));
      const verdict = await verifyExit(createReadStream(coming), createReadStream(comingItems), trust);
      await written(items, () => rename(comingItems, items));
      await written(file, () => rename(coming, file));
      if (page !== undefined) await writePage(page, verdict, gateway, output);
      const { digest, countersigned, backups, since, byDevelopers } = verdict;
      output.document({ file, items, digest, countersigned, backups, since, byDevelopers });
      output.line(text("exit.certify.written", { file, digest }));
      if (since !== undefined) output.line(text("exit.certify.superseded", { ...since, id }));
      else if (countersigned === undefined) output.note(text("exit.certify.pending", { digest }));
      if (byDevelopers !== undefined) output.note(text("exit.certify.by-developers", { count: byDevelopers, id }));
      for (const { party, due, purged } of backups)
        output.note(text(purged === undefined ? "exit.certify.backups" : "exit.certify.purged", { party, due, id, purged: purged ?? "" }));
      return since === undefined ? Exit.done : Exit.unverified;
    } finally {
      for (const part of [coming, comingItems]) await rm(part, { force: true });
    }
  } catch (error) {
    if (!(error instanceof EvidenceError)) throw error;
    reportFailure(file, error, [], output);
    return Exit.unverified;
  }
}

/** Certificate and items, and under which names they come. */
const writtenTo = (file: string): readonly [string, string, string, string] => {
  const items = itemsBeside(file);
  return [file, items, `${file}.part`, `${items}.part`];
};

/** Of what was verified, not of what a gateway says that it looks like. */
async function writePage(file: string, verdict: ExitVerdict, { url }: Gateway, output: Output): Promise<void> {
  const { certificatePage } = await import("../../gateway/exit/certificate-page.js");
  const html = certificatePage(
    { ...verdict, isOneParty: verdict.notProven.includes("several-parties") },
    verdict.address ?? new URL(url).origin,
  );
  await written(file, () => writeFile(file, html, { mode: 0o600 }));
  output.line(text("exit.certify.paged", { file }));
}

async function fetched(file: string, response: Response): Promise<void> {
  const handle = await written(file, () => open(file, "w", 0o600));
  try {
    for await (const piece of piecesOf(response)) await handle.write(piece);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** @throws Failure `file-unwritable` */
async function written<T>(file: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (cause) {
    throw new Failure("file-unwritable", { file, reason: reasonOf(cause) }, { cause });
  }
}
