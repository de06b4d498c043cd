/**
 * How a network begins: identities and configuration, made by one for all, or by each organisation for itself, which then sees nobody
 * else's keys; and the channel's first block, which one makes and the others take once it says what they declared.
 */
import { existsSync } from "node:fs";
import { copyFile, cp, mkdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { channelConfiguration, PROFILE } from "./configuration/channel";
import { isSameChannel } from "./configuration/first-block";
import { ordererConfiguration, peerConfiguration } from "./configuration/nodes";
import { connectionOf } from "./connection";
import { OrganisationFiles, publicFiles, sharedFiles, TOPOLOGY, write } from "./directory";
import { NetworkError } from "./errors";
import { createIdentities } from "./identities/organisation";
import { alone } from "./lock";
import type { Programs } from "./processes/programs";
import type { Organisation, Topology } from "./topology";

/** Identities of these organisations, in a directory that is not there yet: all of it, or nothing. @param file topology.yaml. @throws NetworkError `network-exists` */
export async function found(directory: string, topology: Topology, organisations: readonly Organisation[], file: string): Promise<void> {
  await whole(directory, async (partial) => {
    for (const organisation of organisations) await createIdentities(partial, topology, organisation);
    await copyFile(file, join(partial, TOPOLOGY));
    if (organisations === topology.organisations) await configure(partial, topology, organisations);
  });
}

/** For organisations on machines of their own, by one who is trusted with all keys: a folder for each, which is a network's directory that holds no other's. */
export async function foundBundles(directory: string, topology: Topology, file: string, programs: Programs): Promise<void> {
  await whole(directory, async (partial) => {
    const all = join(partial, ALL);
    await found(all, topology, topology.organisations, file);
    await makeFirstBlock(sharedFiles(all).firstBlock, all, topology, programs);
    for (const { name } of topology.organisations) {
      const bundle = join(partial, name);
      await mkdir(bundle, { mode: 0o700 });
      for (const shared of [TOPOLOGY, ...SHARED]) await cp(join(all, shared), join(bundle, shared), { recursive: true });
      await rename(join(all, name), join(bundle, name));
    }
    await rm(all, { recursive: true });
  });
}

/** That it is there what everybody may have of each. @throws NetworkError `public-missing` */
export function checkPublic(directory: string, { organisations }: Topology): void {
  const missing = organisations.filter((one) => !existsSync(publicFiles(directory, one).consenter.tls)).map(({ name }) => name);
  if (missing.length > 0) throw new NetworkError("public-missing", { names: missing.join(", "), directory: join(directory, "public") });
}

/** Configuration of these organisations, from what lies in `public/`, unless it is there. @throws NetworkError `public-missing` */
export async function configure(directory: string, topology: Topology, organisations: readonly Organisation[]): Promise<void> {
  checkPublic(directory, topology);
  for (const organisation of organisations) {
    const own = new OrganisationFiles(directory, organisation);
    if (existsSync(own.connection)) continue;
    await write(join(own.node("peer").root, "core.yaml"), peerConfiguration(directory, topology, organisation));
    await write(join(own.node("orderer").root, "orderer.yaml"), ordererConfiguration(directory, topology, organisation));
    // Last: then the others are whole.
    await write(own.connection, `${JSON.stringify(await connectionOf(directory, topology, organisation), null, 2)}\n`);
  }
  const { configtx } = sharedFiles(directory);
  if (!existsSync(configtx)) await write(configtx, channelConfiguration(directory, topology));
}

/** Makes the channel's first block where there is none, for the first of the organisations: it bears a time and numbers drawn by lot, so that all must have the same one. @throws NetworkError `first-block-missing` */
export async function ensureFirstBlock(directory: string, topology: Topology, programs: Programs): Promise<void> {
  const { firstBlock } = sharedFiles(directory);
  if (existsSync(firstBlock)) return;
  const [first] = topology.organisations;
  if (first === undefined || !existsSync(new OrganisationFiles(directory, first).root))
    throw new NetworkError("first-block-missing", { organisation: first?.name ?? "" });
  await alone([directory], () => makeFirstBlock(firstBlock, directory, topology, programs));
}

/** Takes the first block that another made. @throws NetworkError `first-block-differs` unless it makes just the channel that is declared here, of the authorities in `public/` */
export async function acceptFirstBlock(directory: string, topology: Topology, programs: Programs, file: string): Promise<void> {
  const { firstBlock } = sharedFiles(directory);
  const differs = (cause?: unknown): NetworkError => new NetworkError("first-block-differs", { file }, { cause });
  const given = await readFile(file).catch((cause: unknown) => {
    throw differs(cause);
  });
  if (existsSync(firstBlock)) {
    if (given.equals(await readFile(firstBlock))) return;
    throw differs();
  }
  const own = `${firstBlock}.own`;
  await makeFirstBlock(own, directory, topology, programs);
  try {
    if (!isSameChannel(given, await readFile(own))) throw differs();
  } finally {
    await rm(own);
  }
  await write(firstBlock, given);
}

/** Of a directory of bundles while it is made: where all of it lies first. No organisation is called so. */
const ALL = ".all";
/** Folders that every organisation has alike. */
const SHARED = ["public", "channel"];

async function whole(directory: string, fill: (partial: string) => Promise<void>): Promise<void> {
  if (existsSync(directory)) throw new NetworkError("network-exists", { directory });
  const partial = `${directory}.partial`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true, mode: 0o700 });
  await fill(partial);
  await mkdir(dirname(directory), { recursive: true });
  await rename(partial, directory);
}

async function makeFirstBlock(file: string, directory: string, { channel }: Topology, programs: Programs): Promise<void> {
  if (existsSync(file)) return;
  const partial = `${file}.partial`;
  const made = ["-profile", PROFILE, "-channelID", channel, "-outputBlock", partial];
  await programs.run("configtxgen", made, { FABRIC_CFG_PATH: dirname(sharedFiles(directory).configtx) });
  await rename(partial, file);
}
