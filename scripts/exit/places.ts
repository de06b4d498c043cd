/** The places file as the commands read it that look at what an exit is about, and what it takes to look at one of its places. */
import { realpathSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { EraseError, type Eraser } from "../../gateway/exit/erase/eraser";
import { DirectoryEraser, FileEraser } from "../../gateway/exit/erase/files";
import { KeyRecord } from "../../gateway/exit/erase/key-record";
import { parsePlaces, type Place, type Places, PlacesError } from "../../gateway/exit/erase/places";
import { Roots } from "../../gateway/exit/erase/roots";
import { levelStore, postgresqlStore, sqliteStore, type Store, TableEraser } from "../../gateway/exit/erase/table";
import { lineOf } from "../../gateway/exit/erase/yaml-lines";
import { WHOLE } from "../../gateway/exit/tables/tables";
import { Failure, reasonOf } from "../failure";
import { text } from "../texts";

export interface PlacesFile {
  readonly file: string;
  /** Its text, by which lines are named. */
  readonly source: string;
  readonly places: Places;
}

/** @throws Failure `file-unreadable`, `places-wrong` */
export async function readPlaces(file: string): Promise<PlacesFile> {
  const source = await readFile(file, "utf8").catch((cause: unknown) => {
    throw new Failure("file-unreadable", { file, reason: reasonOf(cause) }, { cause });
  });
  return { file, source, places: placesIn(source, file) };
}

function placesIn(source: string, file: string): Places {
  try {
    return parsePlaces(source);
  } catch (error) {
    if (error instanceof PlacesError) throw wrongPlaces(error, file);
    throw error;
  }
}

const wrongPlaces = ({ code, line, what }: PlacesError, file: string): Failure =>
  new Failure("places-wrong", { file, line, reason: text(`exit.erase.places.${code}`, { what }) });

/** @param own files and folders of the command, which are in no place. @throws Failure `places-wrong` */
export async function rootsOf({ places, source, file }: PlacesFile, own: readonly string[]): Promise<Roots> {
  try {
    return await Roots.of(places.roots ?? [], own);
  } catch (error) {
    if (!(error instanceof EraseError)) throw error;
    const at = (places.roots ?? []).indexOf(error.what);
    throw wrongPlaces(new PlacesError("root", lineOf(source, `/roots/${at}`), error.what), file);
  }
}

/** Where it really lies, so that one thing has one name. */
export function placeOf(path: string): string {
  const wanted = resolve(path);
  try {
    return join(realpathSync(dirname(wanted)), basename(wanted));
  } catch {
    return wanted;
  }
}

/** @param scratch folder for what readers need; what is wrong with a place shows when it is looked at. */
export function eraserOf({ file, directory, sqlite, level, postgresql, table = WHOLE, key }: Place, roots: Roots, scratch: string): Eraser {
  const ofTable = (kind: string, at: string, store: Store): Eraser => new TableEraser(kind, at, store, table);
  if (file !== undefined) return new FileEraser(placeOf(file), roots);
  if (directory !== undefined) return new DirectoryEraser(placeOf(directory), roots);
  if (sqlite !== undefined) return ofTable("sqlite", placeOf(sqlite), sqliteStore(placeOf(sqlite), roots, scratch));
  if (level !== undefined) return ofTable("level", placeOf(level), levelStore(placeOf(level), roots, scratch));
  if (postgresql !== undefined) {
    const { PGHOST, PGPORT, PGDATABASE, PGUSER } = process.env;
    const { host = PGHOST ?? "localhost", port = PGPORT ?? 5432, database = PGDATABASE ?? postgresql.user ?? PGUSER ?? "" } = postgresql;
    return ofTable("postgresql", `${host}:${port}/${database}`, postgresqlStore(postgresql));
  }
  if (key !== undefined) return new KeyRecord(key.name, key.record);
  throw new Error("a place of no kind");
}
