/** `suyuan exit digest`: the digest that a holding's declaration should carry, for what is now where a places file says. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type EraseErrorCode, EraseError, eraseErrorOf, type OnBytes } from "../../gateway/exit/erase/eraser";
import { filesBelow, sumLine } from "../../gateway/exit/erase/file-list";
import { type Place, PlaceIndex, selectorOf } from "../../gateway/exit/erase/places";
import type { Roots } from "../../gateway/exit/erase/roots";
import { eraserOf, placeOf, readPlaces, rootsOf } from "./places";
import { Exit, systemCode } from "../failure";
import type { Output } from "../output";
import { text } from "../texts";

/** `missing`: nothing is there · `encrypted`: the place is a destroyed key's, and what it is of cannot be looked at */
type Told =
  { readonly digest: string; readonly bytes: number } | { readonly code: EraseErrorCode | "missing" | "encrypted"; readonly what: string };

/** Looks as `exit erase` does before it erases, so that the one accepts what the other prints. @returns exit code: `failed` where any place has no digest */
export async function exitDigest(file: string, output: Output): Promise<number> {
  const read = await readPlaces(file);
  const scratch = await mkdtemp(join(tmpdir(), "suyuan-exit-digest-"));
  let bytes = 0;
  const progress = output.progress(() => text("digest.progress", { megabytes: Math.floor(bytes / 1e6) }));
  const onBytes = (count: number): void => {
    bytes += count;
    progress.tick();
  };
  let isWhole = true;
  try {
    const roots = await rootsOf(read, [resolve(file), scratch]);
    for await (const [place, told] of look(read.places.places, roots, scratch, onBytes)) {
      isWhole &&= "digest" in told;
      progress.clear();
      say(place, told, output);
    }
  } finally {
    progress.end();
    await rm(scratch, { recursive: true, force: true });
  }
  return isWhole ? Exit.done : Exit.failed;
}

async function* look(places: readonly Place[], roots: Roots, scratch: string, onBytes: OnBytes): AsyncGenerator<[Place, Told]> {
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
        yield [one, await lookAt(one, roots, scratch, onBytes)];
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

async function lookAt(place: Place, roots: Roots, scratch: string, onBytes: OnBytes): Promise<Told> {
  if (place.key !== undefined) return { code: "encrypted", what: place.key.name };
  try {
    const look = await eraserOf(place, roots, scratch).look(onBytes);
    const [digest] = look?.digests ?? [];
    return look === undefined || digest === undefined ? missing(place) : { digest, bytes: look.bytes };
  } catch (error) {
    return eraseErrorOf(error, place.file ?? "");
  }
}

const missing = ({ file, directory, sqlite, level, table }: Place): Told => ({
  code: "missing",
  what: [file ?? directory ?? sqlite ?? level, table].filter((part) => part !== undefined).join(" "),
});

function say(place: Place, told: Told, output: Output): void {
  const named = place.holding === undefined ? { place: place.place } : { holding: place.holding };
  if ("digest" in told) {
    const { digest, bytes } = told;
    output.document({ ...named, digest, bytes });
    output.line(
      sumLine(digest, Buffer.from(selectorOf(place)))
        .toString()
        .trimEnd(),
    );
    return;
  }
  const { code, what } = told;
  output.document({ ...named, code, what });
  const why = code === "missing" || code === "encrypted" ? text(`exit.digest.${code}`) : text(`exit.erase.code.${code}`);
  output.note(`${selectorOf(place)}  ${why}  ${what}`);
}
