import { expect } from "chai";
import { common, msp, peer } from "@hyperledger/fabric-protos";
import { createHash, verify, X509Certificate } from "node:crypto";
import { answerOf } from "../../../gateway/ledger/fabric-block";
import type { Attestation } from "../../../gateway/ledger/port";
import type { Read } from "../../suites/ledger";

/** Three organisations' peers signed the answer to this very question; each one's certificate is its own authority's. */
export const checkBy =
  (authorities: readonly { readonly mspId: string; readonly certificate: string }[]) =>
  (attestation: Attestation, { ledger, transaction, args, result }: Read): void => {
    if (attestation.kind !== "endorsements") return expect.fail(attestation.kind);
    const [proposal, response] = [attestation.proposal, attestation.response].map((text) => Buffer.from(text, "base64")) as [
      Buffer,
      Buffer,
    ];
    const asked = peer.Proposal.deserializeBinary(proposal);
    const header = common.Header.deserializeBinary(asked.getHeader_asU8());
    const channel = common.ChannelHeader.deserializeBinary(header.getChannelHeader_asU8());
    const input = peer.ChaincodeProposalPayload.deserializeBinary(asked.getPayload_asU8()).getInput_asU8();
    const spec = peer.ChaincodeInvocationSpec.deserializeBinary(input).getChaincodeSpec();
    expect([channel.getChannelId(), spec?.getChaincodeId()?.getName()]).to.deep.equal([ledger.channel, ledger.chaincode]);
    expect(spec?.getInput()?.getArgsList_asU8().map(text)).to.deep.equal([transaction, ...args.map(text)]);
    const hash = createHash("sha256").update(header.getChannelHeader_asU8()).update(header.getSignatureHeader_asU8());
    const answered = peer.ProposalResponsePayload.deserializeBinary(response).getProposalHash_asU8();
    expect(Buffer.from(answered).toString("hex")).to.equal(hash.update(asked.getPayload_asU8()).digest("hex"));
    expect(text(answerOf(response).getResponse()?.getPayload_asU8() ?? new Uint8Array())).to.equal(text(result));
    const organisations = attestation.endorsements.map(({ endorser, signature }) => {
      const bytes = Buffer.from(endorser, "base64");
      const identity = msp.SerializedIdentity.deserializeBinary(bytes);
      const certificate = new X509Certificate(Buffer.from(identity.getIdBytes_asU8()));
      const authority = authorities.find(({ mspId }) => mspId === identity.getMspid());
      expect(certificate.verify(new X509Certificate(authority?.certificate ?? "").publicKey)).to.be.true;
      expect(verify("sha256", Buffer.concat([response, bytes]), certificate.publicKey, Buffer.from(signature, "base64"))).to.be.true;
      return identity.getMspid();
    });
    expect(new Set(organisations).size).to.be.at.least(3);
  };

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("utf8");
