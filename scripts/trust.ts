/** `suyuan trust`: trust files of several makers as one. */
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

function mergedWith(merged: TrustFile, other: TrustFile, file: string): TrustFile {
  try {
    return mergeTrust(merged, other);
  } catch (cause) {
    if (cause instanceof EvidenceError) throw new Failure("trust-conflict", { file }, { cause });
    throw cause;
  }
}

/** @param out file to write; standard output if missing */
export async function giveTrust(trust: TrustFile, out: string | undefined, output: Output): Promise<number> {
  if (out === undefined) {
    output.document(trust);
    output.line(formatTrust(trust));
    return Exit.done;
  }
  await writeDurably(out, formatTrust(trust));
  output.document({ file: out });
  output.line(text("trust.written", { file: out, networks: trust.networks.length, journals: trust.journals.length }));
  return Exit.done;
}
