/**
 * As much of Protocol Buffers (protobuf.dev, "Encoding") as the messages take that Fabric's peers sign, read so that each value has one spelling:
 * fields in ascending order, none that is unknown, none twice unless it is a list, none spelled out that has its default, integers in their shortest
 * form, nothing left over. Written out because the libraries do the opposite (they skip what they do not know and keep the last of several), and are
 * larger than all of this folder.
 */

/**
 * Number of the field, up to 15, and what it holds. Whole numbers from 0; text and messages are bytes. `flag` and `blank` are an integer and
 * bytes that may be spelled out though they are 0 or empty, as the older SDK does: only for messages of which every byte is signed.
 */
export type Field = readonly [number: number, kind: "integer" | "flag" | "bytes" | "blank" | "list"];

const isInteger = (kind: Field[1]): boolean => kind === "integer" || kind === "flag";

/** What is absent is 0, empty or an empty list. */
export type Message<S extends Readonly<Record<string, Field>>> = {
  readonly [K in keyof S]: S[K][1] extends "integer" | "flag"
    ? number
    : S[K][1] extends "bytes" | "blank"
      ? Uint8Array
      : readonly Uint8Array[];
};

const [VARINT, LENGTH_DELIMITED] = [0, 2];
/** 56 bits, of which a safe integer has 53. */
const MAX_VARINT_BYTES = 8;

/** @returns undefined unless the bytes are such a message, in its one spelling */
export function readMessage<S extends Readonly<Record<string, Field>>>(bytes: Uint8Array, fields: S): Message<S> | undefined {
  const values = Object.fromEntries(Object.entries(fields).map(([name, [, kind]]) => [name, absent(kind)]));
  let [at, last] = [0, 0];
  while (at < bytes.length) {
    const tag = bytes[at] ?? 0;
    const [name, [number, kind]] = Object.entries(fields).find(([, [number]]) => number === tag >> 3) ?? ["", [0, "bytes"]];
    const again = number === last && kind === "list";
    if (number === 0 || (tag & 7) !== (isInteger(kind) ? VARINT : LENGTH_DELIMITED) || !(number > last || again)) return undefined;
    const integer = readVarint(bytes, at + 1);
    if (integer === undefined || (integer.value === 0 && (kind === "integer" || kind === "bytes"))) return undefined;
    last = number;
    at = integer.end;
    if (isInteger(kind)) values[name] = integer.value;
    else {
      const content = bytes.subarray(at, (at += integer.value));
      if (content.length !== integer.value) return undefined;
      if (kind === "list") (values[name] as Uint8Array[]).push(content);
      else values[name] = content;
    }
  }
  return values as Message<S>;
}

function absent(kind: Field[1]): number | Uint8Array | Uint8Array[] {
  if (isInteger(kind)) return 0;
  return kind === "list" ? [] : new Uint8Array(0);
}

function readVarint(bytes: Uint8Array, start: number): { readonly value: number; readonly end: number } | undefined {
  let value = 0;
  for (let i = 0; i < MAX_VARINT_BYTES; i++) {
    const byte = bytes[start + i];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) * 128 ** i;
    if (byte >= 0x80) continue;
    const shortest = i === 0 || byte !== 0;
    return shortest && Number.isSafeInteger(value) ? { value, end: start + i + 1 } : undefined;
  }
  return undefined;
}
