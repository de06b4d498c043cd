/** `suyuan network renew`: certificates before they end. */
import type { Part } from "../../network/directory";
import { firstToEnd, NEAR_DAYS } from "../../network/identities/expiry";
import { issuedTo } from "../../network/identities/organisation";
import { partsDue, renewPart } from "../../network/identities/renewal";
import { Exit } from "../failure";
import { CHAINCODE, openFor, told } from "./lifecycle";
import type { Output } from "../output";
import { text } from "../texts";

/** @param part unless given, those that are due. @returns exit code. @throws Failure any of {@link NetworkError} */
export async function renew(part: Part | undefined, { dir, org }: { dir: string; org: string }, output: Output): Promise<number> {
  const { network, organisation } = await openFor(dir, org);
  const parts = part === undefined ? await partsDue(network, organisation) : [part];
  if (parts.length === 0) output.line(text("network.renew-none", { organisation: org, days: NEAR_DAYS }));
  for (const one of parts) {
    const restarted = await told(() => renewPart(network, organisation, one));
    if (restarted.length > 0) await told(() => network.up(CHAINCODE, () => undefined));
    const files = issuedTo(one, network.directory, network.topology, organisation).map((issued) => issued.files.certificate);
    const until = (await firstToEnd(files)).date.toISOString();
    output.document({ organisation: org, part: one, until, restarted });
    const processes = restarted.map((kind) => text(`network.kind-${kind}`)).join(text("list-separator"));
    const said = restarted.length === 0 ? "network.renew-done" : "network.renew-again";
    output.line(text(said, { part: text(`network.part-${one}`), until, processes }));
    if (one === "gateway" || one === "orderer") output.note(text(`network.renew-${one}`, { organisation: org }));
  }
  return Exit.done;
}
