/**
 * A canonical encoding: a sequence of fields of known kinds, with no freedom left to who writes it, so that equal contents are equal
 * bytes and a changed byte is changed content. Numbers are unsigned and big-endian; `bytes` and `text` (UTF-8) follow their length as u32.
 */
export class FieldWriter {
  readonly #parts: Uint8Array[] = [];

  u8(value: number): this {
    this.#parts.push(Uint8Array.of(value));
    return this;
  }

  u32(value: number): this {
    const bytes = Buffer.allocUnsafe(4);
    bytes.writeUInt32BE(value);
    this.#parts.push(bytes);
    return this;
  }

  u64(value: number): this {
    const bytes = Buffer.allocUnsafe(8);
    bytes.writeBigUInt64BE(BigInt(value));
    this.#parts.push(bytes);
    return this;
  }

  /** Bytes whose length the reader knows. */
  fixed(value: Uint8Array): this {
    this.#parts.push(value);
    return this;
  }

  bytes(value: Uint8Array): this {
    return this.u32(value.length).fixed(value);
  }

  text(value: string): this {
    return this.bytes(Buffer.from(value, "utf8"));
  }

  finish(): Buffer {
    return Buffer.concat(this.#parts);
  }
}

/** The bytes are not what a {@link FieldWriter} writes. */
export class MalformedFields extends Error {
  override readonly name = "MalformedFields";
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Reads what a {@link FieldWriter} wrote. Bytes are views of the source, not copies. @throws MalformedFields */
export class FieldReader {
  readonly #source: Buffer;
  #position = 0;

  constructor(source: Uint8Array) {
    this.#source = Buffer.from(source.buffer, source.byteOffset, source.byteLength);
  }

  u8(): number {
    return this.fixed(1).readUInt8();
  }

  u32(): number {
    return this.fixed(4).readUInt32BE();
  }

  u64(): number {
    const value = this.fixed(8).readBigUInt64BE();
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new MalformedFields("a number is too large");
    return Number(value);
  }

  /** 0 or 1. */
  flag(): boolean {
    const value = this.u8();
    if (value > 1) throw new MalformedFields("a flag is neither 0 nor 1");
    return value === 1;
  }

  fixed(length: number): Buffer {
    const end = this.#position + length;
    if (end > this.#source.length) throw new MalformedFields("the bytes end too early");
    const field = this.#source.subarray(this.#position, end);
    this.#position = end;
    return field;
  }

  bytes(): Buffer {
    return this.fixed(this.u32());
  }

  text(): string {
    const bytes = this.bytes();
    try {
      return utf8.decode(bytes);
    } catch (cause) {
      throw new MalformedFields("a text is not UTF-8", { cause });
    }
  }

  /** As many items as a u32 before them says. */
  list<T>(item: () => T): T[] {
    const items: T[] = [];
    for (let left = this.u32(); left > 0; left--) items.push(item());
    return items;
  }

  get atEnd(): boolean {
    return this.#position === this.#source.length;
  }

  end(): void {
    if (!this.atEnd) throw new MalformedFields("bytes are left over");
  }
}
