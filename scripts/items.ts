/**
 * The items of a JSON input, one after the other and never all at once: the elements of an array, the lines of NDJSON, or the one
 * document there is. Their bytes are passed on as they are, so that it is the gateway that judges them, a repeated key included.
 */
import { Failure } from "./failure";

/** No event comes near it: a leaf has at most 65,535 bytes. */
export const MAX_ITEM_BYTES = 1024 * 1024;

const [TAB, LF, CR, SPACE, QUOTE, COMMA, BACKSLASH] = [0x09, 0x0a, 0x0d, 0x20, 0x22, 0x2c, 0x5c];
const [OPEN_BRACKET, CLOSE_BRACKET, OPEN_BRACE, CLOSE_BRACE] = [0x5b, 0x5d, 0x7b, 0x7d];
const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * @param file its name, for errors
 * @returns the bytes of each item, without line feeds. @throws Failure `not-json` for an array that does not end, `item-too-large`
 */
export async function* items(chunks: AsyncIterable<Buffer>, file: string): AsyncGenerator<Buffer> {
  let splitter: Splitter | undefined;
  let start = Buffer.alloc(0);
  const begin = function* (): Generator<Buffer> {
    const text = start.subarray(0, 3).equals(BOM) ? start.subarray(3) : start;
    const first = text.find((byte) => !isSpace(byte));
    if (first === undefined) return;
    splitter = first === OPEN_BRACKET ? new Elements(file) : new Lines(file);
    yield* splitter.push(text);
  };
  for await (const chunk of chunks) {
    if (splitter === undefined) {
      start = Buffer.concat([start, chunk]);
      if (start.length >= BOM.length) yield* begin();
    } else yield* splitter.push(chunk);
  }
  if (splitter === undefined) yield* begin();
  if (splitter !== undefined) yield* splitter.end();
}

interface Splitter {
  push(chunk: Buffer): Iterable<Buffer>;
  /** What the end of the input ends. */
  end(): readonly Buffer[];
}

/** What has come of an item whose end has not. */
class Pending {
  #parts: Buffer[] = [];
  #length = 0;

  constructor(private readonly file: string) {}

  add(part: Buffer): void {
    this.#length += part.length;
    if (this.#length > MAX_ITEM_BYTES) throw new Failure("item-too-large", { file: this.file, bytes: MAX_ITEM_BYTES });
    this.#parts.push(part);
  }

  /** The whole item, without the white space around it; empty if there is nothing else. */
  take(last: Buffer): Buffer {
    this.add(last);
    const whole = Buffer.concat(this.#parts);
    this.#parts = [];
    this.#length = 0;
    let [start, end] = [0, whole.length];
    while (start < end && isSpace(whole[start] as number)) start++;
    while (end > start && isSpace(whole[end - 1] as number)) end--;
    return oneLine(whole.subarray(start, end));
  }
}

/** NDJSON; a first line that ends before its object does begins a document of several lines. */
class Lines implements Splitter {
  readonly #pending: Pending;
  #several: boolean | undefined;

  constructor(file: string) {
    this.#pending = new Pending(file);
  }

  *push(chunk: Buffer): Generator<Buffer> {
    let start = 0;
    for (let end = chunk.indexOf(LF); end !== -1 && this.#several !== true; end = chunk.indexOf(LF, start)) {
      const line = this.#pending.take(chunk.subarray(start, end));
      start = end + 1;
      if (line.length === 0) continue;
      this.#several ??= line.at(-1) !== CLOSE_BRACE;
      if (!this.#several) yield line;
      else this.#pending.add(Buffer.concat([line, Buffer.of(LF)]));
    }
    this.#pending.add(chunk.subarray(start));
  }

  end(): readonly Buffer[] {
    const rest = this.#pending.take(Buffer.alloc(0));
    return rest.length > 0 ? [rest] : [];
  }
}

class Elements implements Splitter {
  readonly #pending: Pending;
  #depth = 0;
  #inString = false;
  #escaped = false;
  #ended = false;
  #some = false;

  constructor(private readonly file: string) {
    this.#pending = new Pending(file);
  }

  *push(chunk: Buffer): Generator<Buffer> {
    let start = 0;
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i] as number;
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false;
        else if (byte === BACKSLASH) this.#escaped = true;
        else if (byte === QUOTE) this.#inString = false;
      } else if (this.#ended) {
        if (!isSpace(byte)) throw this.#broken();
      } else if (byte === QUOTE) this.#inString = true;
      else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
        if (++this.#depth === 1) start = i + 1;
      } else if (byte === COMMA && this.#depth === 1) {
        yield this.#element(chunk.subarray(start, i), false);
        start = i + 1;
      } else if ((byte === CLOSE_BRACE || byte === CLOSE_BRACKET) && --this.#depth === 0) {
        this.#ended = true;
        const last = this.#element(chunk.subarray(start, i), true);
        if (last.length > 0) yield last;
      }
    }
    if (!this.#ended && this.#depth > 0) this.#pending.add(chunk.subarray(start));
  }

  end(): readonly Buffer[] {
    if (!this.#ended) throw this.#broken();
    return [];
  }

  /** Only an array without elements has an empty one. */
  #element(bytes: Buffer, last: boolean): Buffer {
    const element = this.#pending.take(bytes);
    if (element.length === 0 && (this.#some || !last)) throw this.#broken();
    this.#some = true;
    return element;
  }

  #broken(): Failure {
    return new Failure("not-json", { file: this.file });
  }
}

const isSpace = (byte: number): boolean => byte === SPACE || byte === LF || byte === CR || byte === TAB;

/** A tab means what a line feed means in JSON: nothing between tokens, an error within a string. */
function oneLine(item: Buffer): Buffer {
  if (!item.includes(LF) && !item.includes(CR)) return item;
  return Buffer.from(item.map((byte) => (byte === LF || byte === CR ? TAB : byte)));
}

/**
 * Items in batches, each of as many as wait or as the bounds allow, so that an input that trickles is passed on as it comes.
 * @param most items and bytes of a batch; an item larger than that is a batch of its own
 */
export async function* batches(
  all: AsyncIterable<Buffer, void>,
  most: { items: number; bytes: number },
): AsyncGenerator<readonly Buffer[]> {
  const source = all[Symbol.asyncIterator]();
  let batch: Buffer[] = [];
  let bytes = 0;
  for (let next = source.next(); ;) {
    const step = batch.length === 0 ? next : Promise.race([next, nothingWaits()]);
    const got = await step.catch((error: unknown) => ({ error }));
    const item = got !== undefined && "value" in got ? got.value : undefined;
    if (batch.length > 0 && (item === undefined || batch.length >= most.items || bytes + item.length > most.bytes)) {
      yield batch;
      [batch, bytes] = [[], 0];
    }
    if (item !== undefined) {
      batch.push(item);
      bytes += item.length;
      next = source.next();
    } else if (got !== undefined && "error" in got) throw got.error;
    else if (got !== undefined) return;
  }
}

const nothingWaits = (): Promise<undefined> => new Promise((resolve) => setImmediate(resolve, undefined));
