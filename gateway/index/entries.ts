/**
 * The leaves of a journal, each with what the ledger said of it. They lie in chunks of 16, small enough to read one event's chunk for its
 * sake alone: a bundle of 256 (C2SP tlog-tiles) would be 100 kB. Entry: flags (1 byte), block (6), time of the transaction in milliseconds since 1970 (6), length of the leaf (2), leaf.
 */
import { keys } from "./keys";
import type { Place } from "./place";
import type { Changes, Store } from "./store";

export const CHUNK = 16;
const HEADER = 15;
const NOTHING = Buffer.alloc(0);

const QUARANTINED = 1;
const FINDINGS = 2;
const REPEATED = 4;
const STRANGERS = 8;

export interface Entry {
  readonly place: Place;
  readonly leaf: Buffer;
  readonly block: number;
  /** The transaction's time, milliseconds since 1970. */
  readonly recorded: number;
  /** Could not be judged and had no effect. */
  readonly quarantined: boolean;
  /** Has findings. */
  readonly findings: boolean;
  /** Another event with the same source and id came earlier: recorded, not counted. */
  readonly repeated: boolean;
  /** What it says is held counts for nothing: it was not for its party to say. */
  readonly strangers: boolean;
}

/** What is written: an entry before it has its place. */
export type NewEntry = Omit<Entry, "place" | "leaf"> & { readonly leaf: Uint8Array };

function encode(entries: readonly NewEntry[], before: Buffer): Buffer {
  const length = entries.reduce((sum, { leaf }) => sum + HEADER + leaf.length, before.length);
  const bytes = Buffer.allocUnsafe(length);
  bytes.set(before);
  let at = before.length;
  for (const { leaf, block, recorded, quarantined, findings, repeated, strangers } of entries) {
    bytes[at] = (quarantined ? QUARANTINED : 0) | (findings ? FINDINGS : 0) | (repeated ? REPEATED : 0) | (strangers ? STRANGERS : 0);
    bytes.writeUIntBE(block, at + 1, 6);
    bytes.writeUIntBE(recorded, at + 7, 6);
    bytes.writeUInt16BE(leaf.length, at + 13);
    bytes.set(leaf, at + HEADER);
    at += HEADER + leaf.length;
  }
  return bytes;
}

const lengthAt = (chunk: Buffer, at: number): number => HEADER + chunk.readUInt16BE(at + 13);

function decodeEntry(place: Place, bytes: Buffer): Entry {
  const flags = bytes[0] ?? 0;
  return {
    place,
    leaf: bytes.subarray(HEADER),
    block: bytes.readUIntBE(1, 6),
    recorded: bytes.readUIntBE(7, 6),
    quarantined: (flags & QUARANTINED) !== 0,
    findings: (flags & FINDINGS) !== 0,
    repeated: (flags & REPEATED) !== 0,
    strangers: (flags & STRANGERS) !== 0,
  };
}

function* split(chunk: Buffer): Generator<Buffer, void> {
  for (let at = 0; at < chunk.length;) {
    const end = at + lengthAt(chunk, at);
    yield chunk.subarray(at, end);
    at = end;
  }
}

const chunkOf = ({ journal, index }: Place): string => keys.entries(journal, Math.floor(index / CHUNK));

/** The writing side, for one journal: keeps the last chunk until it is full. */
export class EntryWriter {
  #added: NewEntry[] = [];

  private constructor(
    private readonly journal: number,
    private size: number,
    /** The last chunk, as far as it is written. */
    private chunk: Buffer,
  ) {}

  static begin(journal: number): EntryWriter {
    return new EntryWriter(journal, 0, NOTHING);
  }

  static async open(store: Store, journal: number, size: number): Promise<EntryWriter> {
    const chunk = size % CHUNK === 0 ? undefined : await store.get(chunkOf({ journal, index: size }));
    return new EntryWriter(journal, size, chunk ?? NOTHING);
  }

  append(entry: NewEntry, changes: Changes): void {
    this.#added.push(entry);
    this.size++;
    if (this.size % CHUNK === 0) this.save(changes);
  }

  /** Writes the last chunk as far as it goes. */
  save(changes: Changes): void {
    if (this.#added.length === 0) return;
    const chunk = encode(this.#added, this.chunk);
    changes.put(chunkOf({ journal: this.journal, index: this.size - 1 }), chunk);
    this.chunk = this.size % CHUNK === 0 ? NOTHING : chunk;
    this.#added = [];
  }
}

export function readEntry(store: Store, place: Place): Entry | undefined {
  const chunk = store.getSync(chunkOf(place));
  const bytes = chunk && [...split(chunk)][place.index % CHUNK];
  return bytes && decodeEntry(place, bytes);
}

/** The events at these places, in their order; undefined where there is none. */
export async function readEntries(store: Store, places: readonly Place[]): Promise<(Entry | undefined)[]> {
  const wanted = new Map<string, number>();
  for (const place of places) {
    const key = chunkOf(place);
    if (!wanted.has(key)) wanted.set(key, wanted.size);
  }
  const chunks = (await store.getMany([...wanted.keys()])).map((chunk) => (chunk === undefined ? [] : [...split(chunk)]));
  return places.map((place) => {
    const bytes = chunks[wanted.get(chunkOf(place)) ?? 0]?.[place.index % CHUNK];
    return bytes && decodeEntry(place, bytes);
  });
}

/** The leaves of a journal from one index up to another, as far as there are any. */
export async function readLeaves(store: Store, journal: number, from: number, to: number): Promise<Buffer[]> {
  const chunks = await store.values({ gte: chunkOf({ journal, index: from }), lte: chunkOf({ journal, index: to - 1 }) }).all();
  const skipped = Math.floor(from / CHUNK) * CHUNK;
  return chunks
    .flatMap((chunk) => [...split(chunk)])
    .slice(from - skipped, to - skipped)
    .map((bytes) => bytes.subarray(HEADER));
}
