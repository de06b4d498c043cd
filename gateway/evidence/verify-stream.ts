/** Whether a stream of events proves what it says, read line by line, to one who trusts nothing but the trust file. */
import { demand, EvidenceError, given } from "./errors";
import { isEventLine, linesOf, type PartVerifier, parseLine, type StreamVerdict } from "./event-stream";
import { CLOCKS_MS } from "./head";
import { HISTORY_FORMAT, verifyHistory } from "./history";
import { HEAD_FORMAT, JOURNAL_FORMAT, verifyHeadFile, verifyJournal } from "./journal-export";
import { LATEST_FORMAT, verifyLatestFile } from "./latest";
import { TRACE_FORMAT, verifyTrace } from "./trace-proof";
import type { TrustFile } from "./trust";

const parts: Readonly<Record<string, (header: object, trust: TrustFile, now: Date) => Promise<PartVerifier>>> = {
  [HISTORY_FORMAT]: verifyHistory,
  [TRACE_FORMAT]: verifyTrace,
  [JOURNAL_FORMAT]: verifyJournal,
  [HEAD_FORMAT]: verifyHeadFile,
  [LATEST_FORMAT]: verifyLatestFile,
};

/** Formats of streams, by which a file is known as one. */
export const STREAM_FORMATS: readonly string[] = Object.keys(parts);

/**
 * @param chunks the file, in pieces of any size
 * @param onLine told how many lines have been read
 * @returns what each of its parts proves, as soon as it is known
 * @throws EvidenceError with the code of the first step that fails, and the line at which it does
 */
export async function* verifyStream(
  chunks: AsyncIterable<Uint8Array>,
  trust: TrustFile,
  now = new Date(),
  onLine: (lines: number) => void = () => undefined,
): AsyncGenerator<StreamVerdict, void> {
  let part: PartVerifier | undefined;
  let line = 0;
  let awaited: readonly { readonly kind: string; readonly id: string }[] = [];
  /** Whose histories are awaited. */
  let followed: StreamVerdict | undefined;
  /** Of each part what it is of: once is enough. */
  const seen = new Set<string>();
  const ended = (it: PartVerifier): StreamVerdict => {
    const verdict = it.end();
    const name = [verdict.format, verdict.subject ?? verdict.journals].map((part) => JSON.stringify(part)).join(" ");
    demand(!seen.has(name), "events-excess");
    seen.add(name);
    const [next, ...others] = awaited;
    if (next !== undefined) {
      const { format, subject, network, attested } = verdict;
      demand(format === HISTORY_FORMAT && subject?.kind === next.kind && subject.id === next.id, "events-missing");
      // Of the same ledger, and not from before what it explains: an older one lacks what came between.
      demand(network === followed?.network, "attestation-differs");
      demand(Date.parse(attested) >= Date.parse(followed.attested) - 2 * CLOCKS_MS, "events-missing");
    } else followed = verdict;
    awaited = next === undefined ? (verdict.follow ?? []) : others;
    return verdict;
  };
  try {
    for await (const bytes of linesOf(chunks)) {
      onLine(++line);
      const value = parseLine(bytes);
      if ("format" in value) {
        if (part !== undefined) yield ended(part);
        const verify = typeof value.format === "string" && Object.hasOwn(parts, value.format) ? parts[value.format] : undefined;
        part = await given(verify, "stream-malformed")(value, trust, now);
      } else {
        demand(part !== undefined && isEventLine(value), "stream-malformed");
        part.add(value);
      }
    }
    const last = ended(given(part, "stream-malformed"));
    demand(awaited.length === 0, "events-missing");
    yield last;
  } catch (error) {
    if (!(error instanceof EvidenceError) || error.line !== undefined) throw error;
    throw new EvidenceError(error.code, { line: Math.max(line, 1), cause: error });
  }
}
