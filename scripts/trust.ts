/** `suyuan trust`: trust files of several makers, or of several times, as one. */
import { X509Certificate } from "node:crypto";
import { existsSync } from "node:fs";
import { writeDurably } from "../gateway/durable-file";
import { EvidenceError } from "../gateway/evidence/errors";
import { formatTrust, type TrustFile } from "../gateway/evidence/trust";
import { mergeTrust } from "../gateway/evidence/trust-merge";
import { Exit, Failure } from "./failure";
import type { Output } from "./output";
import { text } from "./texts";
import { readTrust } from "./verify";

/** @returns exit code. @throws Failure `trust-unreadable`, `trust-malformed`, `trust-conflict` */
export async function trust(files: readonly [string, ...string[]], { out }: { readonly out?: string }, output: Output): Promise<number> {
  const [first, ...others] = files;
  let merged = await readTrust(first);
  for (const file of others) merged = mergedWith(merged, await readTrust(file), file);
  return giveTrust(merged, out, output);
}

/** Whom is trusted now who was not, and whom no longer: what a person should see before using the file. */
function changes(before: TrustFile, after: TrustFile): readonly string[] {
  const linesOf = ({ networks, journals, witnesses = [] }: TrustFile): readonly string[] => [
    ...networks.flatMap(({ network, organisations }) =>
      organisations.flatMap(({ mspId, certificates, revoked = [] }) => [
        ...certificates.map((pem) => text("trust.authority", { network, mspId, digest: digestOf(pem) })),
        ...revoked.map(({ serial, since }) => text("trust.revoked", { network, mspId, serial, since })),
      ]),
    ),
    ...[...journals.flatMap(({ keys }) => keys), ...witnesses].map(({ key, validFrom, validUntil }) =>
      text(validUntil === undefined ? "trust.key" : "trust.key-ended", { key, from: validFrom, until: validUntil ?? "" }),
    ),
  ];
  const known = new Set(linesOf(before));
  return linesOf(after).filter((line) => !known.has(line));
}

const digestOf = (pem: string): string => new X509Certificate(pem).fingerprint256;

function mergedWith(merged: TrustFile, other: TrustFile, file: string): TrustFile {
  try {
    return mergeTrust(merged, other);
  } catch (cause) {
    if (cause instanceof EvidenceError) throw new Failure("trust-conflict", { file }, { cause });
    throw cause;
  }
}

/**
 * What `out` holds already stays in it: a key that was replaced is needed for what it signed.
 * @param out file to write; standard output if missing
 * @throws Failure `trust-malformed`, `trust-conflict` where it says something else
 */
export async function giveTrust(given: TrustFile, out: string | undefined, output: Output): Promise<number> {
  if (out === undefined) {
    output.document(given);
    output.line(formatTrust(given));
    return Exit.done;
  }
  const before = existsSync(out) ? await readTrust(out) : undefined;
  const whole = before === undefined ? given : mergedWith(before, given, out);
  await writeDurably(out, formatTrust(whole));
  for (const change of before === undefined ? [] : changes(before, whole)) output.note(change);
  output.document({ file: out });
  output.line(text("trust.written", { file: out, networks: whole.networks.length, journals: whole.journals.length }));
  return Exit.done;
}
