/** The places file: says of what the ledger knows by its place where it really lies, so that it can be erased. */
import Ajv, { type ErrorObject } from "ajv";
import addFormats from "ajv-formats";
import { load, YAMLException } from "js-yaml";
import { isAbsolute } from "node:path";
import { creditCodeValid } from "../../../chaincode/events/party";
import { creditCode, day, holdingName, id, WORDS } from "../../../chaincode/events/schema";
import type { Connection } from "../tables/postgresql";
import { lineOf } from "./yaml-lines";

export interface Places {
  /** The post (no name) that carries it out, and whose it is where not the reporting party's. */
  readonly executor: string;
  readonly executorParty?: string;
  /** Credit codes of those whose declarations are taken: what others declared is left alone. The reporting party's alone where not said. */
  readonly parties?: readonly string[];
  /** Folders below which anything may be erased. */
  readonly roots?: readonly string[];
  /** What became of backups, where a place does not say otherwise. */
  readonly backups?: Backups;
  readonly places: readonly Place[];
}

export interface Backups {
  readonly state: "none" | "purged" | "beyond-use";
  /** Day of the final purge. */
  readonly purged?: string;
}

/** For which holdings: one by its name, or those that were declared to lie at `place`; and one of what it is. */
export interface Place {
  readonly holding?: string;
  readonly place?: string;
  /** Why it is erased though it is not what was declared; for one holding alone. */
  readonly differs?: string;
  readonly backups?: Backups;
  /** Where it ends in `/`, and `place` does: for all that were declared below `place`, the files below this. */
  readonly file?: string;
  readonly directory?: string;
  readonly sqlite?: string;
  readonly level?: string;
  readonly postgresql?: Connection;
  /** Of SQLite and PostgreSQL; of LevelDB a sublevel, where it is not the whole. */
  readonly table?: string;
  /** Name of the key that was destroyed, and file with the key store's record of it. */
  readonly key?: { readonly name: string; readonly record: string };
}

/** What it says of which holdings it is for. */
export const selectorOf = ({ holding, place }: Place): string => holding ?? place ?? "";

export const KINDS = ["file", "directory", "sqlite", "level", "postgresql", "key"] as const;

/**
 * `member-unknown`, `member-missing`, `value-wrong`: not as the file is made · `secret`: passwords do not belong in it · `kind`: none or several of {@link KINDS} ·
 * `selector`: neither or both of `holding` and `place` · `differs`: said of more than one holding · `table-missing`, `table-excess` · `below`: one of `place` and
 * `file` ends in `/` and the other does not · `not-absolute` · `twice`: said before · `root`: cannot be one
 */
export type PlacesErrorCode =
  | "not-yaml"
  | "member-unknown"
  | "member-missing"
  | "value-wrong"
  | "secret"
  | "kind"
  | "selector"
  | "differs"
  | "table-missing"
  | "table-excess"
  | "below"
  | "not-absolute"
  | "twice"
  | "root";

/** Names a member, and no value. */
export class PlacesError extends Error {
  override readonly name = "PlacesError";
  constructor(
    readonly code: PlacesErrorCode,
    readonly line: number,
    readonly what: string,
  ) {
    super(`${code}, line ${line}: ${what}`);
  }
}

const text = { type: "string", minLength: 1, maxLength: 4096 } as const;
const closed = (properties: Readonly<Record<string, object>>, ...required: readonly string[]): object => ({
  type: "object",
  additionalProperties: false,
  properties,
  required,
});
const backups = {
  ...closed({ state: { enum: ["none", "purged", "beyond-use"] }, purged: day.schema }, "state"),
  // The ledger takes a deletion without it, and says that evidence is missing.
  if: { type: "object", properties: { state: { const: "beyond-use" } }, required: ["state"] },
  then: { required: ["purged"] },
};
/** What is reported of a deletion has the shapes of the event: nothing is erased whose report would be refused. */
const isPlaces = addFormats(new Ajv({ strictRequired: false })).compile<Places>(
  closed(
    {
      executor: WORDS,
      executorParty: creditCode.schema,
      parties: { type: "array", items: creditCode.schema, minItems: 1 },
      roots: { type: "array", items: text },
      backups,
      places: {
        type: "array",
        items: closed({
          holding: holdingName.schema,
          place: text,
          differs: text,
          backups,
          ...{ file: text, directory: text, sqlite: text, level: text, table: text },
          // No `@`: what stands before it in an address is a user and a password.
          postgresql: closed({
            host: { ...text, pattern: "^[^@]+$" },
            port: { type: "integer", minimum: 1, maximum: 65_535 },
            user: text,
            database: { ...text, pattern: "^[^@:]+$" },
          }),
          key: closed({ name: id.schema, record: text }, "name", "record"),
        }),
      },
    },
    "executor",
    "places",
  ),
);

/** @throws PlacesError */
export function parsePlaces(source: string): Places {
  const places = read(source);
  if (!isPlaces(places)) throw told(isPlaces.errors?.[0], source);
  const demandCode = (code: string, pointer: string): void => {
    if (!creditCodeValid(code)) throw new PlacesError("value-wrong", lineOf(source, pointer), code);
  };
  if (places.executorParty !== undefined) demandCode(places.executorParty, "/executorParty");
  places.parties?.forEach((party, i) => demandCode(party, `/parties/${i}`));
  places.roots?.forEach((root, i) => {
    if (!isAbsolute(root)) throw new PlacesError("not-absolute", lineOf(source, `/roots/${i}`), root);
  });
  const known = new Set<string>();
  places.places.forEach((place, i) => {
    const wrong = mistakeIn(place);
    if (wrong !== undefined) throw new PlacesError(wrong[0], lineOf(source, `/places/${i}`), wrong[1]);
    const selector = selectorOf(place);
    if (known.has(selector)) throw new PlacesError("twice", lineOf(source, `/places/${i}`), selector);
    known.add(selector);
  });
  return places;
}

function mistakeIn(place: Place): readonly [PlacesErrorCode, string] | undefined {
  const kinds = KINDS.filter((kind) => place[kind] !== undefined);
  const [kind] = kinds;
  if (kind === undefined || kinds.length > 1) return ["kind", kinds.join(", ")];
  if ((place.holding === undefined) === (place.place === undefined)) return ["selector", "holding, place"];
  if (place.differs !== undefined && place.holding === undefined) return ["differs", place.place ?? ""];
  const isTable = kind === "sqlite" || kind === "postgresql";
  if (isTable && place.table === undefined) return ["table-missing", kind];
  if (!isTable && kind !== "level" && place.table !== undefined) return ["table-excess", kind];
  if (place.file?.endsWith("/") === true && place.place?.endsWith("/") !== true) return ["below", place.file];
  const paths = [place.file, place.directory, place.sqlite, place.level, place.key?.record];
  const relative = paths.find((path) => path !== undefined && !isAbsolute(path));
  return relative === undefined ? undefined : ["not-absolute", relative];
}

function read(source: string): unknown {
  try {
    return load(source);
  } catch (error) {
    if (error instanceof YAMLException) throw new PlacesError("not-yaml", (error.mark?.line ?? 0) + 1, error.reason);
    throw error;
  }
}

function told(error: ErrorObject | undefined, source: string): PlacesError {
  const { keyword, instancePath = "", params = {}, message = "" } = error ?? {};
  const member = (name: unknown): string => `${instancePath}/${String(name)}`;
  const { additionalProperty, missingProperty } = params as { readonly additionalProperty?: string; readonly missingProperty?: string };
  if (keyword === "additionalProperties") {
    const code = /pass|secret|token|credential/i.test(additionalProperty ?? "") ? "secret" : "member-unknown";
    return new PlacesError(code, lineOf(source, member(additionalProperty)), additionalProperty ?? "");
  }
  if (keyword === "required") return new PlacesError("member-missing", lineOf(source, instancePath), missingProperty ?? "");
  return new PlacesError("value-wrong", lineOf(source, instancePath), `${instancePath} ${message}`);
}

/** Which place a holding is at: by its name, by its declared place, or the nearest that it was declared below. */
export class PlaceIndex {
  readonly #known: ReadonlyMap<string, Place>;
  readonly #used = new Set<Place>();

  constructor(private readonly places: readonly Place[]) {
    this.#known = new Map(places.map((place) => [selectorOf(place), place]));
  }

  /** @returns the place; for one that stands for all below it, that of this holding alone */
  find(holding: string, declared: string): Place | undefined {
    const own = this.#known.get(holding) ?? this.#known.get(declared);
    if (own !== undefined && own.file?.endsWith("/") !== true) return this.#use(own, own);
    for (let end = declared.lastIndexOf("/"); end >= 0; end = end === 0 ? -1 : declared.lastIndexOf("/", end - 1)) {
      const above = this.#known.get(declared.slice(0, end + 1));
      const rest = declared.slice(end + 1);
      // What was declared is anybody's word: it leads nowhere but down.
      if (above?.file?.endsWith("/") !== true || rest === "" || rest.split("/").some((part) => ["", ".", ".."].includes(part))) continue;
      return this.#use(above, { ...above, place: declared, file: above.file + rest });
    }
    return undefined;
  }

  /** Places at which nothing was. */
  unused(): readonly Place[] {
    return this.places.filter((place) => !this.#used.has(place));
  }

  #use(place: Place, found: Place): Place {
    this.#used.add(place);
    return found;
  }
}
