/** Mutations that know nothing of what the bytes mean. */
import type { Chance } from "./chance";

/** Bytes that mean something somewhere: in JSON, in HTTP, in UTF-8, in base64. */
const TELLING = [0x00, 0x09, 0x0a, 0x0d, 0x20, 0x22, 0x2c, 0x30, 0x3a, 0x3d, 0x5b, 0x5c, 0x5d, 0x7b, 0x7d, 0x7f, 0x80, 0xc0, 0xed, 0xff];

/** The bytes with one change, which may be none where it puts what was there. */
export function mutated(bytes: Buffer, chance: Chance): Buffer {
  const [a, b] = [chance.below(bytes.length + 1), chance.below(bytes.length + 1)];
  const [from, to] = a < b ? [a, b] : [b, a];
  const [head, tail] = [bytes.subarray(0, from), bytes.subarray(from)];
  const near = Math.min(to, from + 1 + chance.below(16));
  switch (chance.below(9)) {
    case 0: // one bit
      return from === bytes.length ? bytes : Buffer.concat([head, Buffer.of(bytes[from]! ^ (1 << chance.below(8))), tail.subarray(1)]);
    case 1: // one byte
      return Buffer.concat([head, Buffer.of(chance.pick(TELLING)), tail.subarray(1)]);
    case 2: // one more
      return Buffer.concat([head, Buffer.of(chance.pick(TELLING)), tail]);
    case 3: // some gone
      return Buffer.concat([head, bytes.subarray(near)]);
    case 4: // many gone
      return Buffer.concat([head, bytes.subarray(to)]);
    case 5: // cut off
      return head;
    case 6: // said twice
      return Buffer.concat([bytes.subarray(0, near), tail]);
    case 7: // noise
      return Buffer.concat([head, chance.bytes(1 + chance.below(8)), tail]);
    default: // some of it elsewhere
      return Buffer.concat([head, bytes.subarray(to, to + 1 + chance.below(64)), tail]);
  }
}

export function mutatedOften(bytes: Buffer, chance: Chance): Buffer {
  let result = bytes;
  for (let left = 1 + chance.below(4); left > 0; left--) result = mutated(result, chance);
  return result;
}
