/**
 * The peer's external builder for our chaincode packages ("External Builders and Launchers"): it builds nothing, but tells the peer where
 * the organisation's chaincode service is. The peer runs three programs, which are written beside its configuration and call this file.
 */
import { chmod, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { BUILDER } from "../configuration/nodes";
import { OrganisationFiles, publicFiles, write } from "../directory";
import { addressOf, type Organisation } from "../topology";
import { MANIFEST, TYPE } from "./package";

/** Written beside the three programs: what the peer is to be told. */
const SERVER = "server.json";
/** Below the peer's ledger: what builders have answered. It is asked for again where it is missing. */
const BUILT = join("externalbuilder", "builds");

/** Writes the builder into the peer's directory. Anew at each start: Node and this project may have moved. */
export async function writeBuilder(directory: string, organisation: Organisation): Promise<void> {
  const own = new OrganisationFiles(directory, organisation);
  const folder = join(own.node("peer").root, BUILDER.folder);
  const { client } = own.chaincode;
  const server = {
    address: addressOf(organisation, "chaincode"),
    dial_timeout: "10s",
    tls_required: true,
    client_auth_required: true,
    client_key: await readFile(client.key, "utf8"),
    client_cert: await readFile(client.certificate, "utf8"),
    root_cert: await readFile(publicFiles(directory, organisation).tlsAuthority, "utf8"),
  };
  const [file, told] = [join(folder, SERVER), JSON.stringify(server)];
  // A peer asks once, when the package is installed, and keeps the answer.
  const before = await readFile(file, "utf8").catch(() => told);
  if (before !== told) await rm(join(own.node("peer").ledger, BUILT), { recursive: true, force: true });
  await write(file, told, 0o600);
  for (const step of ["detect", "build", "release"] as const) {
    const file = join(folder, "bin", step);
    const call = `require(${JSON.stringify(__filename)}).run(${JSON.stringify(step)}, ${JSON.stringify(folder)}, process.argv.slice(2))`;
    await write(file, `#!${process.execPath}\n${call};\n`);
    await chmod(file, 0o755);
  }
}

/** One of the peer's calls; how the process ends is the answer. @param folder of the builder */
export function run(step: keyof typeof steps, folder: string, args: readonly string[]): void {
  steps[step](folder, args).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  });
}

const steps = {
  /** Arguments: source, metadata. */
  async detect(_folder: string, [, metadata = ""]: readonly string[]): Promise<void> {
    const { type } = JSON.parse(await readFile(join(metadata, "metadata.json"), "utf8")) as { readonly type: string };
    if (type !== TYPE) throw new Error(`not a package of type ${TYPE}`);
  },

  /** Arguments: source, metadata, output. Nothing to build: but what is not whole must not be installed. */
  async build(_folder: string, [source = ""]: readonly string[]): Promise<void> {
    const { main } = JSON.parse(await readFile(join(source, MANIFEST), "utf8")) as { readonly main: string };
    await readFile(join(source, main));
  },

  /** Arguments: build's output, release's output. */
  async release(folder: string, [, released = ""]: readonly string[]): Promise<void> {
    await write(join(released, "chaincode", "server", "connection.json"), await readFile(join(folder, SERVER)), 0o600);
  },
} as const;
