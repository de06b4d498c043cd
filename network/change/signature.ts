/** An administrator's signature under an update of the channel's configuration (Fabric, ConfigSignature). */
import { signers } from "@hyperledger/fabric-gateway";
import { common, msp } from "@hyperledger/fabric-protos";
import { createHash, createPrivateKey, randomBytes, verify, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { OrganisationFiles, publicFiles } from "../directory";
import { signer } from "../identities/organisation";
import type { Organisation } from "../topology";
import type { Signature } from "./change";
import { isIssuedBy } from "./content";

export async function sign(directory: string, organisation: Organisation, update: Uint8Array): Promise<Signature> {
  const { certificate, key } = signer(new OrganisationFiles(directory, organisation).admin.msp);
  const creator = new msp.SerializedIdentity();
  creator.setMspid(organisation.mspId);
  creator.setIdBytes(await readFile(certificate));
  const header = new common.SignatureHeader();
  header.setCreator(creator.serializeBinary());
  header.setNonce(randomBytes(24));
  const bytes = header.serializeBinary();
  const digest = createHash("sha256").update(bytes).update(update).digest();
  const signature = await signers.newPrivateKeySigner(createPrivateKey(await readFile(key)))(digest);
  const base64 = (raw: Uint8Array): string => Buffer.from(raw).toString("base64");
  return { organisation: organisation.name, header: base64(bytes), signature: base64(signature) };
}

/** Of an administrator's subject, by which Fabric knows it too (NodeOUs). */
const ADMINISTRATOR = "OU=admin";

/** Whether an administrator of the organisation signed just this update. That it has not ended and is not revoked, the orderers see to. */
export async function isSigned(directory: string, organisation: Organisation, update: Uint8Array, signed: Signature): Promise<boolean> {
  const header = Buffer.from(signed.header, "base64");
  try {
    const creator = msp.SerializedIdentity.deserializeBinary(common.SignatureHeader.deserializeBinary(header).getCreator_asU8());
    const certificate = Buffer.from(creator.getIdBytes_asU8()).toString("utf8");
    if (creator.getMspid() !== organisation.mspId) return false;
    if (!isIssuedBy(certificate, await readFile(publicFiles(directory, organisation).authority, "utf8"))) return false;
    const { publicKey, subject } = new X509Certificate(certificate);
    if (!subject.split("\n").includes(ADMINISTRATOR)) return false;
    return verify("sha256", Buffer.concat([header, update]), publicKey, Buffer.from(signed.signature, "base64"));
  } catch {
    // What cannot even be parsed.
    return false;
  }
}

/** @returns Envelope with the update and who has signed it, serialised, as `peer channel update` takes it */
export function envelopeOf(channel: string, update: Uint8Array, signatures: readonly Signature[]): Uint8Array {
  const channelHeader = new common.ChannelHeader();
  channelHeader.setType(common.HeaderType.CONFIG_UPDATE);
  channelHeader.setChannelId(channel);
  const header = new common.Header();
  header.setChannelHeader(channelHeader.serializeBinary());
  const proposed = new common.ConfigUpdateEnvelope();
  proposed.setConfigUpdate(update);
  for (const signed of signatures) {
    const signature = new common.ConfigSignature();
    signature.setSignatureHeader(signed.header);
    signature.setSignature(signed.signature);
    proposed.addSignatures(signature);
  }
  const payload = new common.Payload();
  payload.setHeader(header);
  payload.setData(proposed.serializeBinary());
  const envelope = new common.Envelope();
  envelope.setPayload(payload.serializeBinary());
  return envelope.serializeBinary();
}
