/** `suyuan network change`: what several organisations must agree on, as a file that goes from one to the next. */
import { resolve } from "node:path";
import { type Change, readChange, writeChange } from "../../network/change/change";
import { Changes } from "../../network/change/changes";
import { statementsOf } from "../../network/change/content";
import type { ChangeKind } from "../../network/change/kind";
import { serviceOf } from "../../network/processes/services";
import { Exit } from "../failure";
import { CHAINCODE, openFor, told } from "./lifecycle";
import type { Output } from "../output";
import { text } from "../texts";

interface Options {
  readonly dir: string;
  readonly org: string;
}

/** @returns exit code. @throws Failure `nothing-revoked`, `network-missing`, `organisation-not-here`, `binaries-missing`, `step-failed` */
export async function propose(kind: ChangeKind, { out, ...options }: Options & { readonly out: string }, output: Output): Promise<number> {
  const changes = await changesOf(options);
  const change = await told(() => changes.propose(kind));
  await writeChange(resolve(out), change);
  show(change, output);
  const { dir, org } = options;
  output.note(text(kind === "revocation" ? "network.change.revocation-next" : "network.change.proposed-next", { file: out, dir, org }));
  return Exit.done;
}

/** What a file says, without a network. @returns exit code. @throws Failure `change-unreadable` */
export async function showFile(file: string, output: Output): Promise<number> {
  show(await told(() => readChange(resolve(file))), output);
  return Exit.done;
}

/** @returns exit code. @throws Failure any of a change */
export async function sign(file: string, options: Options, output: Output): Promise<number> {
  const changes = await changesOf(options);
  const signed = await told(async () => changes.sign(await readChange(resolve(file))));
  await writeChange(resolve(file), signed);
  show(signed, output);
  return Exit.done;
}

/** @returns exit code. @throws Failure any of a change */
export async function apply(file: string, options: Options, output: Output): Promise<number> {
  const changes = await changesOf(options);
  const change = await told(() => readChange(resolve(file)));
  await told(() => changes.apply(change));
  show(change, output);
  output.note(text("network.change.applied", { channel: change.channel }));
  if (change.content.kind === "consenter") await restartOrderer(change.organisation, options, output);
  return Exit.done;
}

/** An orderer whose own certificates change goes no further until it starts again; only its organisation can do that. */
async function restartOrderer(whose: string, { dir, org }: Options, output: Output): Promise<void> {
  if (whose !== org) {
    output.note(output.style("yellow", text("network.change.restart", { organisation: whose })));
    return;
  }
  const { network, organisation } = await openFor(dir, org);
  await told(() => serviceOf(network.directory, organisation, "orderer").stop());
  await told(() => network.up(CHAINCODE, () => undefined));
}

async function changesOf({ dir, org }: Options): Promise<Changes> {
  const { network, organisation } = await openFor(dir, org);
  return told(() => Changes.of(network.directory, network.topology, organisation));
}

function show({ network, channel, base, organisation, content, signatures }: Change, output: Output): void {
  const statements = statementsOf(content);
  const signed = signatures.map((one) => one.organisation);
  output.document({ network, channel, base, organisation, kind: content.kind, statements, signed });
  output.line(output.style("bold", text(`network.change.${content.kind}`, { organisation, network, channel, base })));
  for (const { says, ...values } of statements) output.line(`  ${text(`network.change.${says}`, values)}`);
  output.line(text("network.change.signed", { organisations: signed.join(text("list-separator")) }));
}
