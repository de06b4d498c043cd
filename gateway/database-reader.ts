/** Reads what LevelDB and Snappy write: bytes, and numbers of as many as they need. */

/** Logs are written in blocks of so many bytes. */
export const LOG_BLOCK = 32_768;
/** checksum u32, length u16, type u8 */
export const LOG_HEADER = 7;

/** A part of a file. */
export interface Piece {
  readonly offset: number;
  readonly size: number;
}

/** @throws RangeError where it ends too early */
export class Reader {
  #at = 0;
  constructor(private readonly bytes: Buffer) {}

  get ended(): boolean {
    return this.#at === this.bytes.length;
  }

  byte(): number {
    return this.take(1).readUInt8();
  }

  take(length: number): Buffer {
    const end = this.#at + length;
    if (end > this.bytes.length) throw new RangeError("it ends too early");
    const taken = this.bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }

  rest(): Buffer {
    return this.take(this.bytes.length - this.#at);
  }

  /** Seven bits a byte, the lowest first. */
  varint(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte();
      value += (byte % 128) * scale;
      if (byte < 128) return value;
    }
  }

  piece(): Piece {
    return { offset: this.varint(), size: this.varint() };
  }
}
