/** `suyuan network enrol`, `suyuan network revoke`: identities of an organisation, given and taken back. */
import { resolve } from "node:path";
import { creditCodeValid } from "../../chaincode/events/party";
import type { Pair } from "../../network/directory";
import { enrol as enrolParty } from "../../network/identities/enrolment";
import { revoke as revokeCertificate } from "../../network/identities/revocation";
import { Exit, Failure } from "../failure";
import { openFor, told } from "./lifecycle";
import type { Output } from "../output";
import { text } from "../texts";

interface Options {
  readonly dir: string;
  readonly org: string;
}

/** @returns exit code. @throws Failure `value-invalid`, `role-not-hosted`, `network-missing`, `organisation-not-here` */
export async function enrol(
  { dir, org, party, role }: Options & { readonly party: string; readonly role: string },
  output: Output,
): Promise<number> {
  const { network, organisation } = await openFor(dir, org);
  if (!creditCodeValid(party))
    throw new Failure("value-invalid", { name: "--party", value: party, expected: text("expected.credit-code") });
  const { identity, tls } = await told(() => enrolParty(network.directory, network.topology, organisation, party, role));
  output.document({ organisation: org, party, role, identity, tls });
  const said = ({ certificate, key }: Pair): string => `${certificate}, ${key}`;
  output.line(text("network.enrolled", { identity: said(identity), tls: said(tls) }));
  return Exit.done;
}

/** @param file certificate, PEM. @returns exit code. @throws Failure `certificate-unreadable`, `certificate-of-another`, `network-missing`, `organisation-not-here` */
export async function revoke(file: string, { dir, org }: Options, output: Output): Promise<number> {
  const { network, organisation } = await openFor(dir, org);
  const list = await told(() => revokeCertificate(network.directory, organisation, resolve(file)));
  output.document({ organisation: org, revoked: file, list });
  output.line(text("network.revoked", { list }));
  output.note(text("network.revoked-next", { organisation: org }));
  return Exit.done;
}
