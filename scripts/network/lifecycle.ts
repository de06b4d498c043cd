/** `suyuan network`: the four-party Fabric network on this machine. */
import { createReadStream, existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { MAX_CLOCK_MS } from "../../chaincode/clock";
import { ROLES } from "../../chaincode/events/definition";
import { creditCodeValid } from "../../chaincode/events/party";
import { genesisFrom } from "../../chaincode/genesis";
import { OrganisationFiles } from "../../network/directory";
import { NetworkError } from "../../network/errors";
import { firstToEnd, NEAR_DAYS } from "../../network/identities/expiry";
import { certificatesOf } from "../../network/identities/organisation";
import { type Chaincode, Network, type OnStep, type OrganisationState, type Step } from "../../network/network";
import { KINDS } from "../../network/processes/services";
import { genesisOf, type Organisation, portOf, readTopology, type Topology } from "../../network/topology";
import { version } from "../../chaincode/package.json";
import { Exit, Failure, systemCode } from "../failure";
import type { Output } from "../output";
import { padTo, text, textOf } from "../texts";

/** The project's own declaration, beside the sources that this was compiled from. */
const TOPOLOGY = join(__dirname, "..", "..", "..", "network", "topology.yaml");

/** What the network runs. */
export const CHAINCODE: Chaincode = {
  entry: join(__dirname, "..", "..", "chaincode", "index.js"),
  version,
  init: true,
  read: { transaction: "journals" },
};

interface Options {
  readonly dir: string;
  /** Only this one of the organisations here. */
  readonly org?: string;
}

interface InitOptions extends Options {
  readonly topology?: string;
  readonly bundles: boolean;
}

/** @returns exit code. @throws Failure `network-exists`, `topology-unreadable`, `topology-invalid`; with bundles those of programs too */
export async function init({ dir, topology: file = TOPOLOGY, bundles, org }: InitOptions, output: Output): Promise<number> {
  const directory = resolve(dir);
  checkGenesis(await told(() => readTopology(file)));
  const made = await told(async () =>
    bundles ? (await Network.bundles(directory, file)).organisations : (await Network.init(directory, file, org)).organisations,
  );
  const organisations = made.map(({ name }) => name);
  output.document({ directory, organisations, bundles });
  output.line(
    text(bundles ? "network.bundles-made" : "network.made", { directory: dir, organisations: organisations.join(text("list-separator")) }),
  );
  output.note(
    text(bundles ? "network.bundles-next" : org === undefined ? "network.made-next" : "network.own-next", {
      directory: dir,
      organisation: org ?? "",
    }),
  );
  return Exit.done;
}

/** @returns exit code. @throws Failure `first-block-differs`, `file-unreadable`, `public-missing`, those of programs */
export async function accept(file: string, { dir }: Pick<Options, "dir">, output: Output): Promise<number> {
  const network = await told(() => Network.open(resolve(dir)));
  await told(() => network.accept(resolve(file)));
  output.document({ accepted: resolve(file) });
  output.line(text("network.accepted", { channel: network.topology.channel }));
  output.note(text("network.accepted-next", { directory: dir }));
  return Exit.done;
}

/** What the contract would refuse once everything runs. @throws Failure `topology-invalid` */
function checkGenesis(topology: Topology): void {
  const [authority] = topology.organisations;
  const invalid = (field: string, reason: string): Failure => new Failure("topology-invalid", { field, reason });
  if (!creditCodeValid(authority?.party.code ?? "")) throw invalid("/organisations/0/party/code", text("network.genesis-party"));
  try {
    genesisFrom(JSON.stringify(genesisOf(topology)));
  } catch {
    throw invalid("roles", text("network.genesis-roles", { roles: ROLES.join(text("list-separator")) }));
  }
}

/** @returns exit code. @throws Failure any of {@link NetworkError} but those of `init` */
export async function up({ dir, org }: Options, output: Output): Promise<number> {
  const network = await told(() => Network.open(resolve(dir), org));
  const done = await shown((onStep) => network.up(CHAINCODE, onStep), output);
  const warnings = await endingSoon(network);
  output.document({ up: true, ...done, warnings });
  output.line(text("network.up-done", { seconds: done.seconds }));
  for (const { organisation, file, days } of warnings)
    output.note(output.style("yellow", text("network.certificate-ends-soon", { organisation, file, days })));
  const other = network.organisations.at(1) ?? network.organisations[0];
  if (other !== undefined)
    output.note(text("network.up-next", { directory: dir, organisation: other.name, port: portOf(other, "gateway") }));
  return Exit.done;
}

/** @returns exit code. @throws Failure any of {@link NetworkError} but those of `init` */
export async function upgrade({ dir, org }: Options, output: Output): Promise<number> {
  const network = await told(() => Network.open(resolve(dir), org));
  const done = await shown((onStep) => network.upgrade(CHAINCODE, onStep), output);
  output.document({ upgraded: true, ...done });
  output.line(text("network.upgrade-done", { seconds: done.seconds }));
  return Exit.done;
}

interface Done {
  readonly seconds: number;
  readonly steps: readonly { readonly step: Step; readonly seconds: number }[];
}

/** Shows the steps of a work while it goes on. */
async function shown(work: (onStep: OnStep) => Promise<void>, output: Output): Promise<Done> {
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
  const onStep: OnStep = (name, waitsFor) => {
    if (waitsFor === undefined) {
      end();
      step = { name, began: performance.now() };
      return;
    }
    progress.clear();
    output.line(`  ${output.style("yellow", text("network.waits", { names: waitsFor.join(text("list-separator")) }))}`);
  };
  try {
    await told(() => work(onStep));
    end();
  } finally {
    progress.end();
  }
  return { seconds: secondsSince(began), steps };
}

interface CertificateWarning {
  readonly code: "certificate-ends-soon";
  readonly organisation: string;
  readonly file: string;
  /** RFC 3339 */
  readonly date: string;
  readonly days: number;
}

/** Of each organisation the first certificate that ends soon. */
async function endingSoon({ directory, topology, organisations }: Network): Promise<readonly CertificateWarning[]> {
  const first = organisations.map(async (one) => {
    const { file, date, days } = await firstToEnd(certificatesOf(directory, topology, one));
    return { code: "certificate-ends-soon" as const, organisation: one.name, file, date: date.toISOString(), days };
  });
  return (await Promise.all(first)).filter(({ days }) => days < NEAR_DAYS);
}

/** @returns exit code; `unavailable` where something that should run does not. @throws Failure `network-missing`, `binaries-missing` */
export async function status({ dir, org }: Options, output: Output): Promise<number> {
  const network = await told(() => Network.open(resolve(dir), org));
  const [states, clocks] = await told(() => Promise.all([network.status(), network.clocks()]));
  const highest = Math.max(0, ...states.flatMap(({ height = 0, orderer }) => [height, orderer?.height ?? 0]));
  for (const state of states) {
    output.document({ ...state, ...(state.height === undefined ? {} : { behind: highest - state.height }) });
    output.line(lineOf(state, highest, output));
  }
  output.document({ clocks });
  const differences = Object.entries(clocks).map(([name, ms]) => clockOf(name, ms, output));
  if (differences.length > 0) output.line(text("network.clocks", { clocks: differences.join(text("list-separator")) }));
  if (states.every(isWhole)) return Exit.done;
  output.note(text("network.status-next", { directory: dir }));
  return Exit.unavailable;
}

const isWhole = ({ running, height, orderer }: OrganisationState): boolean =>
  KINDS.every((kind) => running[kind]) && height !== undefined && orderer?.status === "active";

function lineOf(state: OrganisationState, highest: number, output: Output): string {
  const { organisation, running, height, orderer, daysLeft, chaincode, leader, disk } = state;
  const silent = output.style("red", text("network.silent"));
  const stopped = KINDS.filter((kind) => !running[kind]).map((kind) => text(`network.kind-${kind}`));
  const days = text("network.days", { days: daysLeft });
  return [
    padTo(organisation, 12),
    text("network.peer-at", { height: height ?? silent }),
    ...behind(height, highest, output),
    text("network.orderer-at", {
      height: orderer?.height ?? silent,
      status: textOf("network.orderer", orderer?.status ?? "") ?? orderer?.status ?? "",
    }).trimEnd(),
    ...behind(orderer?.height, highest, output),
    ...(leader === organisation ? [text("network.leads")] : []),
    ...(chaincode === undefined ? [] : [text("network.chaincode-at", { version: chaincode })]),
    ...(stopped.length === 0 ? [] : [output.style("red", text("network.stopped", { processes: stopped.join(text("list-separator")) }))]),
    daysLeft < NEAR_DAYS ? output.style("yellow", days) : days,
    disk.days === undefined
      ? text("network.disk-free", { gigabytes: Math.floor(disk.free / GIGABYTE) })
      : text("network.disk-days", { days: disk.days }),
  ].join("  ");
}

const GIGABYTE = 1e9;

function behind(height: number | undefined, highest: number, output: Output): readonly string[] {
  return height === undefined || height === highest ? [] : [output.style("yellow", text("network.behind", { blocks: highest - height }))];
}

/** Half of what the contract bears is near. */
const NEAR_CLOCK_MS = MAX_CLOCK_MS / 2;

function clockOf(organisation: string, ms: number, output: Output): string {
  const seconds = (ms / 1000).toFixed(1).replace("-0.0", "0.0");
  const told = text("network.clock-of", { organisation, seconds: ms > 0 ? `+${seconds}` : seconds });
  return Math.abs(ms) > NEAR_CLOCK_MS ? output.style("red", told) : told;
}

/** The last lines of each process. @returns exit code. @throws Failure `network-missing`, `value-invalid` */
export async function logs(
  organisation: string | undefined,
  { dir, lines }: Options & { readonly lines: number },
  output: Output,
): Promise<number> {
  const { directory, organisations } = await told(() => Network.open(resolve(dir)));
  const names = organisations.map(({ name }) => name);
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
      for (const line of last.length === 0 ? [output.style("dim", text("network.no-log"))] : last) output.line(`  ${line}`);
    }
  }
  return Exit.done;
}

/** @returns exit code. @throws Failure `network-missing`, `network-busy` */
export async function down({ dir, org }: Options, output: Output): Promise<number> {
  const stopped = await told(async () => (await Network.open(resolve(dir), org)).down());
  output.document({ stopped });
  output.line(text("network.down-done", { count: stopped }));
  return Exit.done;
}

/** The network, to act for one of its organisations. @throws Failure `network-missing`, `organisation-not-here` */
export async function openFor(dir: string, org: string): Promise<{ readonly network: Network; readonly organisation: Organisation }> {
  const network = await told(() => Network.open(resolve(dir), org));
  const [organisation] = network.organisations;
  if (organisation === undefined) throw new RangeError("a network is opened for one organisation at least");
  return { network, organisation };
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

/** What a network cannot, in the words of the command line. */
export async function told<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof NetworkError)) throw cause;
    const { file, reason } = cause.values;
    if (String(reason).includes(NO_SPACE)) throw new Failure("disk-full", {}, { cause });
    const refused = textOf("reason", systemCode(cause.cause) ?? "");
    if (file !== undefined && refused !== undefined) throw new Failure("file-unreadable", { file, reason: refused }, { cause });
    throw new Failure(cause.code, cause.values, { cause });
  }
}

/** Of Fabric's programs, which say it in words. */
const NO_SPACE = "no space left on device";
