/** What comes out of a file at the verifier's one entrance, in a word. */
import { type Beside, examine, piece } from "../../../gateway/evidence/examine";
import { open } from "../../../gateway/evidence/kind";
import type { TrustFile } from "../../../gateway/evidence/trust";

/** @returns `verified`, how a promise was kept, or the code of what is wrong */
export async function outcomeOf(file: Uint8Array | string, trust: TrustFile, beside: Beside = {}): Promise<string> {
  let outcome = "nothing";
  const opened = await open(piece(typeof file === "string" ? Buffer.from(file) : file));
  for await (const examined of examine(opened, trust, beside)) {
    if (!examined.verified) return examined.failed.code;
    outcome = examined.found.kind === "promise" ? examined.found.verdict.outcome : "verified";
  }
  return outcome;
}
