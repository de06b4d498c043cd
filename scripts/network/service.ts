/** `suyuan network backup`, `restore`, `units`: an organisation's part over the years. */
import { mkdir } from "node:fs/promises";
import { userInfo } from "node:os";
import { dirname, join, resolve } from "node:path";
import { OrganisationFiles, write } from "../../network/directory";
import { backUp, restore as putBack } from "../../network/service/backup";
import { unitsOf } from "../../network/service/units";
import { portOf } from "../../network/topology";
import { Exit } from "../failure";
import { openFor, told } from "./lifecycle";
import type { Output } from "../output";
import { text } from "../texts";

const CLI = join(__dirname, "..", "cli.js");

interface Options {
  readonly dir: string;
  readonly org: string;
}

/** @returns exit code. @throws Failure `gateway-keys-missing`, `network-missing`, `organisation-not-here` */
export async function backup(
  { dir, org, data, out }: Options & { readonly data?: string; readonly out: string },
  output: Output,
): Promise<number> {
  const { network, organisation } = await openFor(dir, org);
  const file = resolve(out);
  const files = await told(() => backUp(network.directory, organisation, data === undefined ? undefined : resolve(data), file));
  output.document({ organisation: org, file, files, gateway: data !== undefined });
  output.line(text("network.backup-done", { file: out, files }));
  output.note(output.style("yellow", text("network.backup-secret", { file: out })));
  if (data === undefined) output.note(text("network.backup-without-gateway"));
  return Exit.done;
}

/** @returns exit code. @throws Failure `backup-unreadable`, `restore-occupied`, `file-unreadable` */
export async function restore(
  file: string,
  { dir, data }: { readonly dir: string; readonly data?: string },
  output: Output,
): Promise<number> {
  const directory = resolve(dir);
  const organisation = await told(() => putBack(resolve(file), directory, data === undefined ? undefined : resolve(data)));
  output.document({ organisation, directory });
  output.line(text("network.restore-done", { organisation, directory: dir }));
  output.note(text("network.restore-next", { organisation, directory: dir }));
  return Exit.done;
}

/** @returns exit code. @throws Failure `not-up-yet`, `network-missing`, `organisation-not-here`, `binaries-missing` */
export async function units(
  { dir, org, data, out, user = userInfo().username }: Options & { readonly data: string; readonly out: string; readonly user?: string },
  output: Output,
): Promise<number> {
  const { network, organisation } = await openFor(dir, org);
  const own = new OrganisationFiles(network.directory, organisation);
  const gateway = {
    file: process.execPath,
    args: [
      CLI,
      "serve",
      "--data",
      resolve(data),
      "--port",
      String(portOf(organisation, "gateway")),
      "--network",
      own.connection,
      "--org",
      org,
    ],
    directory: resolve(data),
    environment: {},
  };
  const launches = { ...(await told(() => network.launches(organisation))), gateway };
  await mkdir(resolve(data), { recursive: true, mode: 0o700 });
  const files = unitsOf({ organisation: org, user, launches, writes: [own.root, resolve(data)] });
  for (const [name, content] of files) await write(join(resolve(out), name), content);
  output.document({ organisation: org, directory: resolve(out), units: [...files.keys()] });
  for (const name of files.keys()) output.line(join(out, name));
  output.note(text("network.units-next", { directory: out, organisation: org, network: dirname(own.root) }));
  return Exit.done;
}
