/**
 * What an organisation needs to come back on a new machine: its keys and configuration, what all have alike, and its gateway's keys. Not its
 * ledger, which the others have too: peer and orderer fetch it from them.
 */
import Ajv from "ajv";
import { existsSync } from "node:fs";
import { readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join, normalize, relative, sep } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { OrganisationFiles, TOPOLOGY, write } from "../directory";
import { NetworkError } from "../errors";
import type { Organisation } from "../topology";

interface Backup {
  readonly version: 1;
  readonly organisation: string;
  /** RFC 3339. */
  readonly made: string;
  /** By path from the network's directory. */
  readonly files: Readonly<Record<string, Content>>;
  /** Of the gateway, by path from its data directory. */
  readonly gateway: Readonly<Record<string, Content>>;
}

interface Content {
  readonly secret: boolean;
  readonly base64: string;
}

/** Comes anew: from the others, or from this project's release. */
const LEFT_OUT = [
  "ledger",
  "wal",
  "snapshots",
  "logs",
  "run",
  "lock",
  "chaincode/code",
  "chaincode/package.tgz",
  "chaincode/deployed.json",
  "peer/builder",
];
/** What all have alike. */
const SHARED = [TOPOLOGY, "public", "channel"];
/** What a gateway cannot make again; its queue and read model are not among it. */
const KEYS = "keys";
const OF_GATEWAY = [KEYS, "network", "trust.json"];
const SECRET = 0o077;
const MAX_BYTES = 256 * 1024 * 1024;

/** @param data of the organisation's gateway. @returns how many files; `file` holds private keys and is readable by its owner alone. @throws NetworkError `gateway-keys-missing` */
export async function backUp(directory: string, organisation: Organisation, data: string | undefined, file: string): Promise<number> {
  if (data !== undefined && !existsSync(join(data, KEYS))) throw new NetworkError("gateway-keys-missing", { directory: data });
  const own = relative(directory, new OrganisationFiles(directory, organisation).root);
  const left = LEFT_OUT.flatMap((name) => [join(own, name), join(own, "peer", name), join(own, "orderer", name)]);
  // Before it has met the others, it has no channel.
  const shared = SHARED.filter((name) => existsSync(join(directory, name)));
  const files = await contents(directory, [...shared, own], left);
  const gateway =
    data === undefined
      ? {}
      : await contents(
          data,
          OF_GATEWAY.filter((name) => existsSync(join(data, name))),
          [],
        );
  const backup: Backup = { version: 1, organisation: organisation.name, made: new Date().toISOString(), files, gateway };
  await write(file, gzipSync(JSON.stringify(backup)), 0o600);
  return Object.keys(files).length + Object.keys(gateway).length;
}

/**
 * Puts it where nothing of it lies: a network's directory that is not there, or one without this organisation.
 * @param data where its gateway's keys go. @returns name of the organisation
 * @throws NetworkError `backup-unreadable`, `restore-occupied`
 */
export async function restore(file: string, directory: string, data: string | undefined): Promise<string> {
  const { organisation, files, gateway } = await read(file);
  const { root } = new OrganisationFiles(directory, { name: organisation });
  for (const place of [root, ...(data === undefined ? [] : [data])])
    if (existsSync(place)) throw new NetworkError("restore-occupied", { directory: place });
  const partial = `${directory}.partial`;
  await rm(partial, { recursive: true, force: true });
  await put(partial, files);
  // What all have alike may be there, on a machine with several organisations.
  if (existsSync(directory)) {
    await rename(join(partial, organisation), root);
    await rm(partial, { recursive: true });
  } else await rename(partial, directory);
  if (data !== undefined) await put(data, gateway);
  return organisation;
}

async function contents(from: string, paths: readonly string[], left: readonly string[]): Promise<Record<string, Content>> {
  const found: Record<string, Content> = {};
  for (const path of paths) {
    if (left.includes(path)) continue;
    const whole = join(from, path);
    const what = await stat(whole);
    if (what.isDirectory()) {
      const inner = (await readdir(whole)).map((name) => join(path, name));
      Object.assign(found, await contents(from, inner, left));
    } else {
      found[path.replaceAll(sep, "/")] = { secret: (what.mode & SECRET) === 0, base64: (await readFile(whole)).toString("base64") };
    }
  }
  return found;
}

async function put(directory: string, files: Readonly<Record<string, Content>>): Promise<void> {
  for (const [path, { secret, base64 }] of Object.entries(files))
    await write(join(directory, path), Buffer.from(base64, "base64"), secret ? 0o600 : 0o644);
}

async function read(file: string): Promise<Backup> {
  let backup: unknown;
  try {
    backup = JSON.parse(gunzipSync(await readFile(file), { maxOutputLength: MAX_BYTES }).toString("utf8"));
  } catch (cause) {
    throw new NetworkError("backup-unreadable", { file }, { cause });
  }
  if (!isBackup(backup)) throw new NetworkError("backup-unreadable", { file });
  const { organisation, files, gateway } = backup;
  const own = Object.keys(files).every((path) => isBelow(path, [...SHARED, organisation]));
  if (!own || !Object.keys(gateway).every((path) => isBelow(path, OF_GATEWAY))) throw new NetworkError("backup-unreadable", { file });
  return backup;
}

/** Whether a path leads to one of these, or below, and nowhere else: a file may come from anybody. */
const isBelow = (path: string, places: readonly string[]): boolean =>
  normalize(path) === path && !path.includes("\0") && places.includes(path.split("/")[0] ?? "");

const contentsByPath = {
  type: "object",
  additionalProperties: {
    type: "object",
    properties: { secret: { type: "boolean" }, base64: { type: "string", pattern: "^[A-Za-z0-9+/]*={0,2}$" } },
    required: ["secret", "base64"],
    additionalProperties: false,
  },
};

const isBackup = new Ajv().compile<Backup>({
  type: "object",
  properties: {
    version: { const: 1 },
    organisation: { type: "string", pattern: "^[a-z][a-z0-9-]{0,30}$" },
    made: { type: "string" },
    files: contentsByPath,
    gateway: contentsByPath,
  },
  required: ["version", "organisation", "made", "files", "gateway"],
  additionalProperties: false,
});
