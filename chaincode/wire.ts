/**
 * As much of protobuf's encoding as messages of bytes and texts need. fabric-shim brings its own copy of Fabric's messages, of an older
 * version, which another one in the same process would replace.
 */

/** Wire type of what is preceded by its length. */
const DELIMITED = 2;

/** A field of bytes: number and wire type, length, content. */
export const field = (number: number, content: Uint8Array): Buffer =>
  Buffer.concat([Buffer.of((number << 3) | DELIMITED), varint(content.length), content]);

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (; value > 127; value >>>= 7) bytes.push((value & 127) | 128);
  return Buffer.from([...bytes, value]);
}

/** The fields of a message that has such only. Contents are views. @throws Error where it has others, or ends too early */
export function* fieldsOf(message: Uint8Array): Generator<readonly [number: number, content: Uint8Array], void> {
  for (let at = 0; at < message.length;) {
    const tag = message[at++] ?? 0;
    let length = 0;
    for (let shift = 0, byte = 128; byte > 127; shift += 7) {
      byte = message[at++] ?? 0;
      length |= (byte & 127) << shift;
    }
    if ((tag & 7) !== DELIMITED || at + length > message.length) throw new Error("not a message of bytes and texts");
    yield [tag >> 3, message.subarray(at, (at += length))];
  }
}
