/** What there is to look through below some directories, in an order that is the same every time. */
import { type Dirent, lstatSync, readdirSync, readFileSync, type Stats } from "node:fs";
import { resolve } from "node:path";
import { tablesOf } from "../../database-manifest";
import { printable, reasonOf, type Unread } from "./looked";

export interface Walked {
  /** As the file system has it: names need not be UTF-8. */
  readonly path: Buffer;
  /** As it is told. */
  readonly name: string;
  readonly size: number;
  /** Which version of it: size, times of change, number, and whether it is read with a database. */
  readonly version: string;
  /** A folder that is a database; its files are walked too, since they may have more than it. */
  readonly isLevel?: boolean;
  /** One of these, that is read with the folder. */
  readonly isOfDatabase?: boolean;
  /** Why there is nothing to be read. */
  readonly unread?: Unread;
}

/** @param own directories of the scan itself, which are passed over and told */
export function* walk(targets: readonly string[], own: readonly string[] = []): Generator<Walked, void> {
  const passed = new Set(own.map((directory) => resolve(directory)));
  for (const target of targets) yield* below(Buffer.from(resolve(target)), passed);
}

function* below(path: Buffer, passed: ReadonlySet<string>, isOfDatabase = false): Generator<Walked, void> {
  const name = printable(path.toString("utf8"));
  let stat: Stats;
  let entries: Dirent<Buffer>[] = [];
  const nothing = { path, name, size: 0, version: "" };
  try {
    stat = lstatSync(path);
    if (stat.isDirectory() && passed.has(path.toString("utf8"))) {
      yield { ...nothing, unread: "own-state" };
      return;
    }
    if (stat.isDirectory()) entries = readdirSync(path, { withFileTypes: true, encoding: "buffer" });
  } catch (error) {
    yield { ...nothing, unread: reasonOf(error) };
    return;
  }
  if (stat.isDirectory()) {
    const names = entries.map((it) => it.name.toString("latin1"));
    const isLevel = names.includes("CURRENT") && names.some((it) => it.startsWith("MANIFEST-"));
    if (isLevel) yield { path, name, size: 0, version: versionOf(path, entries), isLevel };
    const files = isLevel ? filesOfLevel(path, names) : undefined;
    for (const entry of entries.map((it) => it.name).sort((a, b) => a.compare(b)))
      yield* below(
        Buffer.concat([path, Buffer.from(path.at(-1) === 0x2f ? "" : "/"), entry]),
        passed,
        files?.has(entry.toString("latin1")),
      );
  } else if (stat.isFile())
    yield {
      ...{ path, name, size: stat.size, ...(isOfDatabase && { isOfDatabase }) },
      version: `${versionIn(stat)}${isOfDatabase ? " of a database" : ""}`,
    };
  else yield { ...nothing, unread: stat.isSymbolicLink() ? "symlink" : "special" };
}

/** Which files LevelDB reads: its logs, and of its tables those that its manifest names. */
function filesOfLevel(path: Buffer, names: readonly string[]): ReadonlySet<string> {
  const read = (name: string): Buffer => readFileSync(Buffer.concat([path, Buffer.from(`/${name}`)]));
  const logs = names.filter((name) => /^MANIFEST-|\.log$/.test(name));
  try {
    const tables = tablesOf(read(read("CURRENT").toString("latin1").trimEnd()));
    return new Set([...logs, ...names.filter((name) => tables.has(name.replace(/\.sst$/, ".ldb")))]);
  } catch {
    return new Set(logs); // What is wrong with it is told of the folder.
  }
}

/** Who writes into a file may set back when it was written, but not when it last changed in any way. */
const versionIn = ({ size, mtimeMs, ctimeMs, ino }: Stats): string => `${size} ${mtimeMs} ${ctimeMs} ${ino}`;

/** Of a folder that is a database: of all its files, since it goes on writing in the last. */
function versionOf(path: Buffer, entries: readonly Dirent<Buffer>[]): string {
  const files = entries.map(({ name }) => {
    try {
      return `${name.toString("latin1")} ${versionIn(lstatSync(Buffer.concat([path, Buffer.from("/"), name])))}`;
    } catch {
      return name.toString("latin1");
    }
  });
  return files.sort().join(" ");
}
