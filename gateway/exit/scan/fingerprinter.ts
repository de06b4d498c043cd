/** Makes sidecars while what they are about is at hand. */
import { createHash } from "node:crypto";
import { Chunker, cutAnywhere, FINE, isMonotonous, type OnChunk } from "./chunker";
import { type FingerprintKey, STRONG_BYTES } from "./fingerprint-key";
import { cellsOf, isTelling, RowReader } from "./rows";
import {
  CHUNK_RECORD,
  FOLDER_FORMAT,
  FORMAT,
  LEAST_FILE,
  type Part,
  ROW_RECORD,
  type SidecarHead,
  wholeLength,
  writeSidecar,
} from "./sidecar";

/** Bytes up to which a holding is small. */
const SMALL = 512 * 1024;

export interface Made {
  readonly head: SidecarHead;
  /** The sidecar's. */
  readonly bytes: Buffer;
}

/** What is already told of, so that each is told of once: some 28 bytes for each chunk and row. */
class Told {
  readonly #records = new Set<string>();

  /** @returns whether it is new */
  add(record: string): boolean {
    const before = this.#records.size;
    return this.#records.add(record).size > before;
  }
}

/** Takes the content of a file, or of a table as CSV; holds what {@link Told} does, and a small holding. */
export class Fingerprinter {
  readonly #hash = createHash("sha256");
  readonly #chunks: string[] = [];
  readonly #rows: string[] = [];
  readonly #chunker: Chunker;
  readonly #reader: RowReader;
  /** All of it, while it may be small. */
  readonly #small: Buffer[] = [];
  #bytes = 0;
  #chunkBytes = 0;
  #rowBytes = 0;

  /** @param isCsv it is known to be rows, with commas between their cells. @param told what others before it were told of */
  constructor(
    private readonly key: FingerprintKey,
    isCsv = false,
    private readonly told = new Told(),
  ) {
    this.#chunker = new Chunker(key.gear, FINE, (content, start, end, weak) => {
      const before = this.#chunks.length;
      this.#add(content, start, end, weak);
      if (this.#chunks.length > before) this.#chunkBytes += end - start;
    });
    const onRow = (content: Buffer, start: number, end: number, delimiter: number, weak: number): void => {
      const cells = cellsOf(content.subarray(start, end), delimiter);
      if (!isTelling(cells)) return;
      const row = record(key.row(cells), weak);
      if (told.add(row)) this.#rows.push(row);
      this.#rowBytes += end - start;
    };
    this.#reader = new RowReader(key.rowPairs, onRow, isCsv);
  }

  readonly #add: OnChunk = (content, start, end, weak) => {
    const chunk = content.subarray(start, end);
    if (isMonotonous(chunk)) return;
    const it = record(this.key.chunk(chunk), weak, end - start);
    if (this.told.add(it)) this.#chunks.push(it);
  };

  write(block: Buffer): void {
    this.#hash.update(block);
    this.#bytes += block.length;
    if (this.#bytes <= SMALL) this.#small.push(Buffer.from(block));
    else this.#small.length = 0;
    this.#chunker.write(block);
    this.#reader.write(block);
  }

  end(): Made {
    const { digest, rowBytes, ...part } = this.endPart();
    const head: SidecarHead = {
      ...{ format: FORMAT, key: this.key.id, digest, bytes: part.bytes },
      ...{ chunks: this.#chunks.length, chunkBytes: part.chunkBytes, rows: this.#rows.length, rowBytes },
    };
    return { head, bytes: writeSidecar(head, [part]) };
  }

  /** @returns what is new in it */
  endPart(): Part & { readonly digest: string; readonly rowBytes: number } {
    this.#chunker.end();
    this.#reader.end();
    cutAnywhere(this.key.gear, FINE, Buffer.concat(this.#small), this.#add);
    return {
      ...{ digest: this.#hash.digest("hex"), bytes: this.#bytes, chunkBytes: this.#chunkBytes, rowBytes: this.#rowBytes },
      ...{ chunks: sorted(this.#chunks), rows: sorted(this.#rows) },
    };
  }
}

/** Takes a folder file by file. */
export class FolderFingerprinter {
  readonly #told = new Told();
  /** By their digests. */
  readonly #parts = new Map<string, Part & { copies: number }>();
  #file: Fingerprinter | undefined;
  #bytes = 0;
  #fileBytes = 0;
  #rowBytes = 0;

  constructor(private readonly key: FingerprintKey) {}

  write(block: Buffer): void {
    this.#file ??= new Fingerprinter(this.key, false, this.#told);
    this.#file.write(block);
  }

  endFile(): void {
    if (this.#file === undefined) return; // Nothing was in it.
    const { digest, rowBytes, ...part } = this.#file.endPart();
    this.#file = undefined;
    const { bytes } = part;
    this.#bytes += bytes;
    this.#rowBytes += rowBytes;
    if (bytes >= LEAST_FILE) this.#fileBytes += bytes;
    const known = this.#parts.get(digest);
    if (known !== undefined) known.copies++;
    // One so small is a single chunk, and like anybody's.
    else {
      const none = bytes < LEAST_FILE ? { chunkBytes: 0, chunks: Buffer.alloc(0) } : {};
      this.#parts.set(digest, { ...part, ...none, whole: { ...this.key.file(digest), length: wholeLength(bytes) }, copies: 1 });
    }
  }

  /** @param digest of the folder */
  end(digest: string): Made {
    const parts = [...this.#parts.values()];
    const sum = (of: (part: Part) => number): number => parts.reduce((all, part) => all + of(part), 0);
    const records = { chunks: sum(({ chunks }) => chunks.length / CHUNK_RECORD), rows: sum(({ rows }) => rows.length / ROW_RECORD) };
    const head: SidecarHead = {
      ...{ format: FOLDER_FORMAT, key: this.key.id, digest, bytes: this.#bytes, ...records },
      ...{ chunkBytes: sum((part) => part.chunkBytes), rowBytes: this.#rowBytes },
      ...{ files: parts.length, fileBytes: this.#fileBytes },
    };
    return { head, bytes: writeSidecar(head, parts) };
  }
}

/** As text, one character a byte, so that a set knows it. */
function record(strong: Buffer, ...numbers: readonly number[]): string {
  const bytes = Buffer.alloc(STRONG_BYTES + 4 * numbers.length);
  strong.copy(bytes);
  numbers.forEach((number, i) => bytes.writeUInt32BE(number >>> 0, STRONG_BYTES + 4 * i));
  return bytes.toString("latin1");
}

const sorted = (records: readonly string[]): Buffer => Buffer.from([...records].sort().join(""), "latin1");
