/**
 * The chaincode package: the compiled files that the chaincode's entry needs, byte for byte, so that the package's id is a digest of the
 * code and whoever compiles the same sources gets the same id. Format: Fabric's lifecycle package ("Chaincode package").
 */
import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { type Lock, lockOf, type Manifest } from "./dependencies";
import { tar } from "./tar";

/** Of a service's metadata: what our builder looks for, and no other builder takes. */
export const TYPE = "suyuan-service";
/** What of the code's own metadata names the file to run. */
export const MANIFEST = "chaincode.json";

export interface ChaincodePackage {
  /** What Fabric calls it once installed: label and SHA-256 of its bytes. */
  readonly id: string;
  readonly bytes: Uint8Array;
  /** Path of the file to run, within the code. */
  readonly main: string;
  /** The code: paths with `/`, from the folder that holds all of it. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/**
 * The version that organisations approve of. Fabric compares it, but not their packages; so that it names the code, whatever form it is
 * packed in: who compiled other sources approves of something else, and every endorsement tells which code gave it.
 */
export const definedVersion = (version: string, { files }: ChaincodePackage): string =>
  `${version}+${createHash("sha256").update(tar(files)).digest("hex").slice(0, 16)}`;

/** For organisations whose chaincode is a service of their own. @param entry compiled file to run. @param label `name_version` of the chaincode */
export async function packageChaincode(entry: string, label: string): Promise<ChaincodePackage> {
  const { main, files } = await codeOf(entry);
  return { ...packed({ type: TYPE, label }, new Map([...files, [MANIFEST, json({ main })]])), main, files };
}

/**
 * For networks whose peers build and start chaincode themselves: Fabric's own type `node`, everything below `src/`. Its dependencies are
 * locked, so that it is the same program wherever it is built.
 * @param manifest of the code, whose `main` is the entry. @param lock that holds what the manifest names
 */
export async function packagePlain(entry: string, label: string, manifest: Manifest, lock: Lock): Promise<ChaincodePackage> {
  const { main, files } = await codeOf(entry);
  if (manifest.main !== main) throw new RangeError(`the manifest's main is ${manifest.main}, the code's ${main}`);
  const own = [
    ["package.json", json(manifest)],
    ["package-lock.json", json(lockOf(manifest, lock))],
  ] as const;
  const source = [...files, ...own].map(([path, content]) => [`src/${path}`, content] as const);
  return { ...packed({ type: "node", path: "", label }, new Map(source)), main, files };
}

function packed(
  metadata: { readonly type: string; readonly path?: string; readonly label: string },
  code: ReadonlyMap<string, Uint8Array>,
): Pick<ChaincodePackage, "id" | "bytes"> {
  const bytes = pack(
    new Map([
      ["metadata.json", json(metadata)],
      ["code.tar.gz", pack(code)],
    ]),
  );
  return { id: `${metadata.label}:${createHash("sha256").update(bytes).digest("hex")}`, bytes };
}

async function codeOf(entry: string): Promise<Pick<ChaincodePackage, "main" | "files">> {
  const found = await withImports(resolve(entry));
  const paths = [...found.keys()];
  const root = paths.map(dirname).reduce((common, folder) => {
    while (relative(common, folder).startsWith("..")) common = dirname(common);
    return common;
  });
  const name = (file: string): string => relative(root, file).replaceAll("\\", "/");
  const files = new Map(paths.map((file) => [name(file), found.get(file) as Uint8Array] as const));
  return { main: name(resolve(entry)), files };
}

export async function unpack({ files }: ChaincodePackage, folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  for (const [path, content] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  await symlink(dirname(dirname(require.resolve("fabric-shim/package.json"))), join(folder, "node_modules"));
}

/** A file and all that it names as `./` or `../`, and these, and so on. Compiled code names modules by literals only. */
async function withImports(entry: string): Promise<ReadonlyMap<string, Uint8Array>> {
  const found = new Map<string, Uint8Array>();
  for (const waiting = [entry]; waiting.length > 0;) {
    const file = waiting.pop() as string;
    if (found.has(file)) continue;
    const content = await readFile(file);
    found.set(file, content);
    if (!file.endsWith(".js")) continue;
    for (const [, name = ""] of content.toString("utf8").matchAll(/require\("(\.{1,2}\/[^"]+)"\)/g)) {
      waiting.push(fileOf(join(dirname(file), name)));
    }
  }
  return found;
}

/** As Node resolves it. */
const fileOf = (module: string): string => [module, `${module}.js`, join(module, "index.js")].find(isFile) ?? module;
const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true;

const json = (value: object): Uint8Array => Buffer.from(JSON.stringify(value), "utf8");

/** Not compressed, since how well a program compresses depends on its version. */
const pack = (files: ReadonlyMap<string, Uint8Array>): Uint8Array => gzipSync(tar(files), { level: 0 });
