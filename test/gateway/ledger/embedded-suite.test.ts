import { expect } from "chai";
import { verify, X509Certificate } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EmbeddedLedger } from "../../../gateway/ledger/embedded/ledger";
import type { AttestedStatement, Attestation } from "../../../gateway/ledger/port";
import { ledgerSuite, type Read } from "../../suites/ledger";

ledgerSuite("the embedded ledger", async () => {
  const directory = await mkdtemp(join(tmpdir(), "suyuan-ledger-"));
  const contract = join(__dirname, "../../suites/probe-contract.js");
  const open = (): Promise<EmbeddedLedger> =>
    EmbeddedLedger.open({
      directory,
      network: "ledger.example/test",
      channel: "suyuan",
      chaincode: "probe",
      contract,
      mspId: "AuthorityMSP",
    });
  let ledger = await open();
  return {
    ledger,
    restart: async () => {
      await ledger.close();
      ledger = await open();
      return ledger;
    },
    close: async () => {
      await ledger.close();
      await rm(directory, { recursive: true, force: true });
    },
    checkAttestation,
  };
});

/** The node's signature over a statement of what was read where, when. */
function checkAttestation(attestation: Attestation, { ledger, height, transaction, args, result }: Read): void {
  if (attestation.kind !== "node") return expect.fail(attestation.kind);
  const { statement, signature, certificate } = attestation;
  const signer = new X509Certificate(certificate).publicKey;
  const check = (signed: string): boolean => verify("sha256", Buffer.from(signed), signer, Buffer.from(signature, "base64"));
  expect(check(statement)).to.be.true;
  expect(check(statement.replace(`"height":${height}`, `"height":${height + 1}`))).to.be.false;
  const { time, ...rest } = JSON.parse(statement) as AttestedStatement;
  const { network, channel, chaincode } = ledger;
  const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
  expect(rest).to.deep.equal({ network, channel, chaincode, height, transaction, args: args.map(base64), result: base64(result) });
  expect(new Date(time).toISOString()).to.equal(time);
}
