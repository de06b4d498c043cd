/** `suyuan network`: the four-party Fabric network on this machine. */
import { createReadStream, existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { OrganisationFiles } from "../network/directory";
import { NetworkError } from "../network/errors";
import { type Chaincode, Network, type OrganisationState, type Step } from "../network/network";
import { KINDS } from "../network/processes/services";
import { version } from "../package.json";
import { Exit, Failure } from "./failure";
import type { Output } from "./output";
import { padTo, text } from "./texts";

/** The project's own declaration, beside the sources that this was compiled from. */
const TOPOLOGY = join(__dirname, "..", "..", "network", "topology.yaml");

/** What the network runs. */
export const CHAINCODE: Chaincode = {
  entry: join(__dirname, "..", "chaincode", "index.js"),
  version,
  init: true,
  read: { transaction: "journals" },
};

/** Days before which the end of a certificate is worth a warning. */
const WARN_DAYS = 60;

interface Options {
  readonly dir: string;
}

/** @returns exit code. @throws Failure `network-exists`, `topology-unreadable`, `topology-invalid` */
export async function init({ dir, topology = TOPOLOGY }: Options & { readonly topology?: string }, output: Output): Promise<number> {
  const network = await told(() => Network.init(resolve(dir), topology));
  const organisations = network.topology.organisations.map(({ name }) => name);
  output.document({ directory: network.directory, organisations });
  output.line(text("network.made", { directory: dir, organisations: organisations.join(text("list-separator")) }));
  output.note(text("network.made-next", { directory: dir }));
  return Exit.done;
}

/** @returns exit code. @throws Failure any of {@link NetworkError} but those of `init` */
export async function up({ dir }: Options, output: Output): Promise<number> {
  const began = performance.now();
  let step: { readonly name: Step; readonly began: number } | undefined;
  const steps: { readonly step: Step; readonly seconds: number }[] = [];
  const end = (): void => {
    if (step === undefined) return;
    const seconds = secondsSince(step.began);
    steps.push({ step: step.name, seconds });
    progress.clear();
    output.line(`  ${padTo(text(`network.step-${step.name}`), LABEL)}${output.style("dim", text("network.seconds", { seconds }))}`);
  };
  const progress = output.progress(() => (step === undefined ? "" : `  ${text(`network.step-${step.name}`)} …`));
  try {
    await told(async () => {
      const network = await Network.open(resolve(dir));
      await network.up(CHAINCODE, (name) => {
        end();
        step = { name, began: performance.now() };
      });
    });
    end();
  } finally {
    progress.end();
  }
  const seconds = secondsSince(began);
  output.document({ up: true, seconds, steps });
  output.line(text("network.up-done", { seconds }));
  output.note(text("network.up-next", { directory: dir }));
  return Exit.done;
}

/** @returns exit code; `unavailable` where something that should run does not. @throws Failure `network-missing`, `binaries-missing` */
export async function status({ dir }: Options, output: Output): Promise<number> {
  const states = await told(async () => (await Network.open(resolve(dir))).status());
  const highest = Math.max(0, ...states.map(({ height = 0 }) => height));
  for (const state of states) {
    output.document({ ...state, ...(state.height === undefined ? {} : { behind: highest - state.height }) });
    output.line(lineOf(state, highest, output));
  }
  return states.every(isWhole) ? Exit.done : Exit.unavailable;
}

const isWhole = ({ running, height, orderer }: OrganisationState): boolean =>
  KINDS.every((kind) => running[kind]) && height !== undefined && orderer?.status === "active";

function lineOf(state: OrganisationState, highest: number, output: Output): string {
  const { organisation, running, height, orderer, daysLeft } = state;
  const silent = output.style("red", text("network.silent"));
  const stopped = KINDS.filter((kind) => !running[kind]).map((kind) => text(`network.kind-${kind}`));
  const days = text("network.days", { days: daysLeft });
  return [
    padTo(organisation, 12),
    text("network.peer-at", { height: height ?? silent }),
    ...(height === undefined || height === highest ? [] : [output.style("yellow", text("network.behind", { blocks: highest - height }))]),
    text("network.orderer-at", { height: orderer?.height ?? silent, status: orderer?.status ?? "" }).trimEnd(),
    ...(stopped.length === 0 ? [] : [output.style("red", text("network.stopped", { processes: stopped.join(text("list-separator")) }))]),
    daysLeft < WARN_DAYS ? output.style("yellow", days) : days,
  ].join("  ");
}

/** The last lines of each process. @returns exit code. @throws Failure `network-missing`, `value-invalid` */
export async function logs(
  organisation: string | undefined,
  { dir, lines }: Options & { readonly lines: number },
  output: Output,
): Promise<number> {
  const { directory, topology } = await told(() => Network.open(resolve(dir)));
  const names = topology.organisations.map(({ name }) => name);
  if (organisation !== undefined && !names.includes(organisation)) {
    const expected = text("help.choices", { values: names.join(", ") });
    throw new Failure("value-invalid", { name: "organisation", value: organisation, expected });
  }
  for (const name of organisation === undefined ? names : [organisation]) {
    for (const kind of KINDS) {
      const file = new OrganisationFiles(directory, { name }).log(kind);
      const last = await lastLines(file, lines);
      output.document({ organisation: name, process: kind, file, lines: last });
      output.line(output.style("bold", file));
      for (const line of last) output.line(`  ${line}`);
    }
  }
  return Exit.done;
}

/** @returns exit code. @throws Failure `network-missing`, `network-busy` */
export async function down({ dir }: Options, output: Output): Promise<number> {
  const stopped = await told(async () => (await Network.open(resolve(dir))).down());
  output.document({ stopped });
  output.line(text("network.down-done", { count: stopped }));
  return Exit.done;
}

/** Of a file that may not be there yet, and may be long. */
async function lastLines(file: string, count: number): Promise<readonly string[]> {
  if (!existsSync(file)) return [];
  const { size } = await stat(file);
  const chunks: Buffer[] = [];
  for await (const chunk of createReadStream(file, { start: Math.max(0, size - count * LONG_LINE) })) chunks.push(chunk as Buffer);
  return stripVTControlCharacters(Buffer.concat(chunks).toString("utf8")).trimEnd().split("\n").slice(-count);
}

const LONG_LINE = 1000;
const LABEL = 56;
const secondsSince = (began: number): number => Math.round((performance.now() - began) / 100) / 10;

async function told<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof NetworkError) throw new Failure(cause.code, cause.values, { cause });
    throw cause;
  }
}
