/** What LevelDB and Snappy write: bytes, numbers of as many as they need, checksums. */

/** A piece of a file that is not as it was written. */
export class Damaged extends Error {
  override readonly name = "Damaged";
  constructor(
    readonly at: number,
    detail: string,
  ) {
    super(detail);
  }
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

  piece(): { readonly offset: number; readonly size: number } {
    return { offset: this.varint(), size: this.varint() };
  }
}

/** CRC-32C (Castagnoli), reflected. */
const CRC = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) remainder = (remainder >>> 1) ^ (remainder & 1 ? 0x82f63b78 : 0);
  return remainder;
});

const next = (crc: number, byte: number): number => (CRC[(crc ^ byte) & 0xff] as number) ^ (crc >>> 8);

export function crc32c(bytes: Buffer, start: number, end: number): number {
  let crc = 0xffffffff;
  for (let i = start; i < end; i++) crc = next(crc, bytes[i] as number);
  return (crc ^ 0xffffffff) >>> 0;
}

/** Whether some beginning of these bytes has this checksum. */
export function beginsWith(bytes: Buffer, start: number, end: number, checksum: number): boolean {
  let crc = 0xffffffff;
  for (let i = start; i < end; i++) {
    crc = next(crc, bytes[i] as number);
    if ((crc ^ 0xffffffff) >>> 0 === checksum) return true;
  }
  return false;
}

/** LevelDB stores checksums rotated and shifted, since files hold checksums of checksums. */
export function unmask(masked: number): number {
  const rotated = (masked - 0xa282ead8) >>> 0;
  return ((rotated >>> 17) | (rotated << 15)) >>> 0;
}
