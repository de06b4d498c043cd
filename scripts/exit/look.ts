/** Looks at each place of a places file as `exit erase` does before it erases, so that the one accepts what the others say of it. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type EraseErrorCode, EraseError, eraseErrorOf, type OnBytes, type Taker } from "../../gateway/exit/erase/eraser";
import { filesBelow } from "../../gateway/exit/erase/file-list";
import { type Place, PlaceIndex, selectorOf } from "../../gateway/exit/erase/places";
import type { Roots } from "../../gateway/exit/erase/roots";
import { eraserOf, placeOf, readPlaces, rootsOf } from "./places";
import { systemCode } from "../failure";
import type { Output } from "../output";
import { text } from "../texts";

export interface Seen {
  readonly digest: string;
  readonly bytes: number;
}

/** `missing`: nothing is there · `encrypted`: the place is a destroyed key's, and what it is of cannot be looked at */
export interface Unseen {
  readonly code: EraseErrorCode | "missing" | "encrypted";
  readonly what: string;
}

/**
 * @param own files and folders of the command, which are in no place
 * @param takerOf who is given what is read at a place; returned with it
 * @throws Failure `file-unreadable`, `places-wrong`
 */
export async function* lookAtPlaces<T extends Taker | undefined>(
  file: string,
  own: readonly string[],
  onBytes: OnBytes,
  takerOf: (place: Place) => T,
): AsyncGenerator<readonly [Place, Seen | Unseen, T]> {
  const read = await readPlaces(file);
  const scratch = await mkdtemp(join(tmpdir(), "suyuan-exit-look-"));
  try {
    const roots = await rootsOf(read, [resolve(file), scratch, ...own]);
    for await (const [place, unseen] of each(read.places.places)) {
      const taker = takerOf(place);
      yield [place, unseen ?? (await lookAt(place, roots, scratch, onBytes, taker)), taker];
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function* each(places: readonly Place[]): AsyncGenerator<readonly [Place, Unseen?]> {
  const index = new PlaceIndex(places);
  const known = new Set<string>();
  for (const place of places) {
    const ones = await filesOf(place, index).catch((error: unknown) => eraseErrorOf(error, place.file ?? ""));
    if (ones instanceof EraseError) yield [place, ones];
    else if (ones === undefined) yield [place, missing(place)];
    else
      for (const one of ones) {
        // Two places may have one and the same below them.
        if (known.has(selectorOf(one))) continue;
        known.add(selectorOf(one));
        yield [one];
      }
  }
}

/** @returns the place, or where it stands for all below it each that it is the nearest of; undefined where nothing is below it */
async function filesOf(place: Place, index: PlaceIndex): Promise<readonly Place[] | undefined> {
  const { file, place: declared } = place;
  if (file?.endsWith("/") !== true || declared === undefined) return [place];
  const found = await filesBelow(placeOf(file)).catch((error: unknown) => {
    if (systemCode(error) === "ENOENT") return [];
    throw error;
  });
  if (found.length === 0) return undefined;
  return found.flatMap(({ name }) => {
    const rest = name.toString().slice("./".length);
    const one = index.find("", declared + rest);
    return one?.file === file + rest ? [one] : [];
  });
}

async function lookAt(place: Place, roots: Roots, scratch: string, onBytes: OnBytes, taker: Taker | undefined): Promise<Seen | Unseen> {
  if (place.key !== undefined) return { code: "encrypted", what: place.key.name };
  try {
    const look = await eraserOf(place, roots, scratch).look(onBytes, taker);
    const [digest] = look?.digests ?? [];
    return look === undefined || digest === undefined ? missing(place) : { digest, bytes: look.bytes };
  } catch (error) {
    return eraseErrorOf(error, place.file ?? "");
  }
}

const missing = ({ file, directory, sqlite, level, table }: Place): Unseen => ({
  code: "missing",
  what: [file ?? directory ?? sqlite ?? level, table].filter((part) => part !== undefined).join(" "),
});

/** How a place is named in documents. */
export const namedBy = ({ holding, place }: Place): object => (holding === undefined ? { place } : { holding });

export function sayUnseen(place: Place, { code, what }: Unseen, output: Output): void {
  output.document({ ...namedBy(place), code, what });
  const why = code === "missing" || code === "encrypted" ? text(`exit.digest.${code}`) : text(`exit.erase.code.${code}`);
  output.note(`${selectorOf(place)}  ${why}  ${what}`);
}
