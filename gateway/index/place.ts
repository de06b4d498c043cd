/** Where an event stands. Inside the read model journals go by number, in the order in which they first appeared. */

export interface Place {
  readonly journal: number;
  readonly index: number;
}

/** The same, as everyone else says it. */
export interface Position {
  /** `MSPID/name` */
  readonly journal: string;
  readonly index: number;
}

/** With its block: by these, what came before what. */
export interface Anchored extends Position {
  readonly block: number;
}

/** As acts and findings name it: `MSPID/journal/index`. */
export function positionOf(name: string): Position {
  const at = name.lastIndexOf("/");
  return { journal: name.slice(0, at), index: Number(name.slice(at + 1)) };
}

const PLACE_BYTES = 8;

function write(into: Buffer, at: number, { journal, index }: Place): void {
  into.writeUInt16BE(journal, at);
  into.writeUIntBE(index, at + 2, 6);
}

export function encodePlace(place: Place): Buffer {
  const bytes = Buffer.allocUnsafe(PLACE_BYTES);
  write(bytes, 0, place);
  return bytes;
}

export function encodePlaces(places: readonly Place[]): Buffer {
  const bytes = Buffer.allocUnsafe(places.length * PLACE_BYTES);
  for (let i = 0; i < places.length; i++) write(bytes, i * PLACE_BYTES, places[i] as Place);
  return bytes;
}

export function decodePlaces(bytes: Buffer): Place[] {
  const places: Place[] = [];
  for (let at = 0; at < bytes.length; at += PLACE_BYTES) {
    places.push({ journal: bytes.readUInt16BE(at), index: bytes.readUIntBE(at + 2, 6) });
  }
  return places;
}
