/** `node dist/scripts/package-chaincode.js OUT`: the chaincode package for networks whose peers build and start chaincode themselves. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { write } from "../network/directory";
import type { Lock, Manifest } from "../network/deployment/dependencies";
import { packagePlain } from "../network/deployment/package";
import { Exit, failureOf } from "./failure";
import { Output } from "./output";
import { text } from "./texts";

/** Where the sources lie that this was compiled from. */
const ROOT = join(__dirname, "..", "..");
const ENTRY = join(__dirname, "..", "chaincode", "index.js");

async function pack(out: string): Promise<string> {
  const manifest = await read<Manifest>("chaincode", "package.json");
  const { id, bytes } = await packagePlain(ENTRY, `suyuan_${manifest.version}`, manifest, await read<Lock>("package-lock.json"));
  await write(out, bytes);
  return id;
}

const read = async <D extends object>(...path: readonly string[]): Promise<D> =>
  JSON.parse(await readFile(join(ROOT, ...path), "utf8")) as D;

async function main(out: string | undefined): Promise<void> {
  const output = new Output(false);
  if (out === undefined) {
    output.note(text("package-chaincode.usage"));
    process.exitCode = Exit.usage;
    return;
  }
  try {
    output.line(text("package-chaincode.done", { file: out, id: await pack(out) }));
  } catch (error) {
    const failure = failureOf(error);
    output.failure(failure);
    process.exitCode = failure.exit;
  }
}

void main(process.argv[2]);
