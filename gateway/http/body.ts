/** A request's body: its bytes, within limits, and what kind of content they are. */
import type { IncomingMessage } from "node:http";
import { Problem } from "./problem";

/**
 * What a body holds. `event`: one event, in the CloudEvents JSON format. `batch`: an array of them. `json`: either, as plain JSON.
 * `stream`: an event a line. `data`: the data alone, its attributes in headers (CloudEvents binary mode).
 */
export type Content = "event" | "batch" | "json" | "stream" | "data";

const MEDIA_TYPES = new Map<string, Content>([
  ["application/json", "json"],
  ["application/cloudevents+json", "event"],
  ["application/cloudevents-batch+json", "batch"],
  ["application/x-ndjson", "stream"],
  ["application/ndjson", "stream"],
]);

/** @throws Problem `unsupported-media-type`, `unsupported-charset`, `unsupported-encoding` */
export function contentOf({ headers }: IncomingMessage): Content {
  if ((headers["content-encoding"] ?? "identity") !== "identity") throw new Problem("unsupported-encoding");
  const header = headers["content-type"];
  const content = header === "application/json" ? "json" : contentOfType(header ?? "");
  const isBinaryMode = headers["ce-specversion"] !== undefined || headers["ce-type"] !== undefined || headers["ce-id"] !== undefined;
  return isBinaryMode && content === "json" ? "data" : content;
}

function contentOfType(header: string): Content {
  const [type = "", ...parameters] = header.toLowerCase().split(";");
  const content = MEDIA_TYPES.get(type.trim());
  if (content === undefined) throw new Problem("unsupported-media-type");
  for (const parameter of parameters) {
    const [name, charset] = parameter.split("=").map((part) => part.trim());
    if (name === "charset" && charset !== "utf-8" && charset !== '"utf-8"') throw new Problem("unsupported-charset");
  }
  return content;
}

/** The sender went away before its request was complete: there is nobody to answer. */
export class Aborted extends Error {
  override readonly name = "Aborted";
}

/** All bytes of a request. @throws Problem `too-large`; Aborted */
export function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  if (Number(request.headers["content-length"] ?? 0) > limit) return Promise.reject(new Problem("too-large", { limit }));
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on("data", (chunk: Buffer) => {
      length += chunk.length;
      // What is too much is read and dropped, so that the answer reaches a sender who listens only after it has sent all.
      if (length <= limit) chunks.push(chunk);
    });
    request.on("end", () => {
      if (length > limit) reject(new Problem("too-large", { limit }));
      else resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks));
    });
    request.on("close", () => {
      if (!request.complete) reject(new Aborted());
    });
  });
}

/** A line of a stream; undefined where it was longer than the limit, and not kept. */
export type BodyLine = Buffer | undefined;

/** The lines of a request's body, as they arrive, never more of them in memory than one chunk and one line. Empty lines are passed over. @throws Aborted */
export async function* readLines(request: IncomingMessage, limit: number): AsyncGenerator<BodyLine[], void> {
  let rest: Buffer[] = [];
  let length = 0;
  const take = (end: Buffer): BodyLine[] => {
    const line = length + end.length > limit ? undefined : rest.length === 0 ? end : Buffer.concat([...rest, end]);
    rest = [];
    length = 0;
    return line !== undefined && isBlank(line) ? [] : [line];
  };
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      const lines: BodyLine[] = [];
      let start = 0;
      for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, start)) {
        lines.push(...take(chunk.subarray(start, end)));
        start = end + 1;
      }
      length += chunk.length - start;
      if (length <= limit && start < chunk.length) rest.push(chunk.subarray(start));
      else if (length > limit) rest = [];
      if (lines.length > 0) yield lines;
    }
  } catch (cause) {
    throw new Aborted("", { cause });
  }
  if (length > 0) yield take(EMPTY);
}

const LINE_FEED = 0x0a;
const EMPTY = Buffer.alloc(0);

function isBlank(line: Buffer): boolean {
  return line.every((byte) => byte === 0x20 || byte === 0x0d || byte === 0x09);
}
