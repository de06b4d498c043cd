/** Bytes as the text that they are. A lenient decoder passes over a byte order mark at the beginning: an answer to `\ufeffX` would then pass for one to `X`. */
import { EvidenceError, type EvidenceErrorCode } from "./errors";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** @throws EvidenceError with this code for what is no UTF-8 */
export function utf8(bytes: Uint8Array, code: EvidenceErrorCode): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new EvidenceError(code, { cause });
  }
}
