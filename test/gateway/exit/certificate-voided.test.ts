import { expect } from "chai";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { piece } from "../../../gateway/evidence/examine";
import { checkItems } from "../../../gateway/evidence/exit-items";
import { parseTrust } from "../../../gateway/evidence/trust";
import { verifyExit } from "../../../gateway/evidence/verify-exit";
import { AGENCY } from "../../chaincode/events/oversight";
import { AUTHORITY, example, METEOROLOGY, OPERATOR } from "../../chaincode/events/world";
import { codeOf } from "../evidence/ledger";
import { EXIT, Exiting } from "./leaving";

/** Corrections change no holding and no count: the certificate says what they took back. */
describe("the certificate of an exit of which some reports were voided by who made them", function () {
  this.timeout(120_000);
  let exiting: Exiting;
  before(async () => {
    exiting = await Exiting.start();
    await exiting.open();
    await exiting.clear();
  });
  after(() => exiting.stop());

  const fetched = async () => {
    const [{ text }, file] = [await exiting.certificate(), (await exiting.certificate(EXIT, "/items")).text];
    const trust = parseTrust(await readFile(join(exiting.telling.data, "trust.json")));
    return { file, ...(await verifyExit(piece(Buffer.from(text)), piece(Buffer.from(file)), trust)) };
  };

  it("names the items and the scans, and says that nothing else vouches for them", async () => {
    const { tell } = { tell: (...report: Parameters<typeof example>) => exiting.telling.tell(example(...report)) };
    const deletion = await exiting.voidDeletion();
    await tell("exit.reconciled", AUTHORITY);
    const { journal, index } = await tell("exit.residue-scanned", OPERATOR, { scanned: 1_000_000 });
    await exiting.void(OPERATOR, `${journal}/${index}`, { subjectKind: "exit", subject: EXIT });
    await tell("exit.residue-scanned", AGENCY);
    await tell("exit.verified", METEOROLOGY);
    const { certificate, file } = await fetched();
    expect(certificate.residual).to.include("report-voided");
    expect(certificate.voided).to.equal(1);
    const voided = file.split("\n").filter((line) => line.includes('"voided":true'));
    expect(voided.map((line) => (JSON.parse(line) as { by: string }).by)).to.deep.equal([deletion]);
    expect(certificate.scans.map(({ act, voided }) => [act === `${journal}/${index}`, voided])).to.deep.equal([
      [true, true],
      [false, undefined],
    ]);
    const { voided: _, ...silent } = certificate;
    expect(await codeOf(() => checkItems(silent, piece(Buffer.from(file))))).to.equal("exit-items-differ");
  });

  it("stays as it was verified when more of them are voided afterwards", async () => {
    const { digest } = await fetched();
    await exiting.voidDeletion(1);
    await exiting.inventory();
    expect((await fetched()).digest).to.equal(digest);
  });
});
