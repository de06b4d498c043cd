import { expect } from "chai";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { toHex } from "../../../chaincode/proof/bytes";
import { canonicalText } from "../../../chaincode/proof/canonical";
import { piece } from "../../../gateway/evidence/examine";
import { certificateDigest, type ExitCertificate } from "../../../gateway/evidence/exit-certificate";
import type { ExitItem } from "../../../gateway/evidence/exit-items";
import { PARTICULARS } from "../../../gateway/evidence/exit-particulars";
import { residualOf } from "../../../gateway/evidence/exit-residual";
import { parseTrust } from "../../../gateway/evidence/trust";
import { type ExitVerdict, verifyExit } from "../../../gateway/evidence/verify-exit";
import { AUTHORITY, example } from "../../chaincode/events/world";
import { mth } from "../../chaincode/proof/forest";
import { EXIT, Exiting } from "./leaving";

function withoutVoided(line: string): string {
  const { voided: _, ...item } = JSON.parse(line) as ExitItem;
  return canonicalText(item);
}

/** As versions before 0.7.0 made it, of an exit without destroyed keys. */
function olderForm(certificate: ExitCertificate, items: string): ExitCertificate {
  const { agreement, handlings, scans, ...others } = certificate;
  const lines = items.trimEnd().split("\n").map(withoutVoided);
  const kept = Object.fromEntries(Object.entries(others).filter(([name]) => !PARTICULARS.includes(name as never))) as typeof others;
  const older = {
    ...kept,
    ...(agreement === undefined ? {} : { agreement: { act: agreement.act, until: agreement.until } }),
    items: {
      count: lines.length,
      root: toHex(mth(lines.map((line) => Buffer.from(line)))),
      bytes: Buffer.byteLength(`${lines.join("\n")}\n`),
    },
    scans: scans.map(({ voided: _, ...scan }) => scan),
    handlings: handlings.map(({ state, party, items, how }) => ({ state, party, items, how })),
  };
  return { ...older, residual: residualOf(older) };
}

describe("a certificate that the authority certified when an older version made it", function () {
  this.timeout(120_000);
  let exiting: Exiting;
  before(async () => {
    exiting = await Exiting.start();
    await exiting.open();
    await exiting.clear();
    await exiting.voidDeletion();
    await exiting.verify();
  });
  after(() => exiting.stop());

  const fetched = async (): Promise<ExitVerdict> => {
    const [{ text }, items] = [await exiting.certificate(), (await exiting.certificate(EXIT, "/items")).text];
    const trust = parseTrust(await readFile(join(exiting.telling.data, "trust.json")));
    return verifyExit(piece(Buffer.from(text)), piece(Buffer.from(items)), trust);
  };
  const certify = (digest: string) => exiting.telling.tell(example("exit.certified", AUTHORITY, { certificate: { digest } }));

  it("is made as it was, and stays certified", async () => {
    const { certificate } = await fetched();
    expect(certificate.trigger).not.to.equal(undefined);
    expect(certificate.voided).to.equal(1);
    const older = olderForm(certificate, (await exiting.certificate(EXIT, "/items")).text);
    await certify(certificateDigest(older));
    const verdict = await fetched();
    expect(verdict.certificate).to.deep.equal(older);
    expect(verdict.countersigned).to.match(/^SuyuanMSP\/acts\/\d+$/);
  });

  it("is made anew where the authority certifies that, and where what it certified never was", async () => {
    const { certificate } = await fetched();
    await certify("0".repeat(64));
    const { text } = await exiting.certificate();
    const [, payload = ""] = (JSON.parse(text.slice(0, text.indexOf("\n"))) as { jws: string }).jws.split(".");
    const now = (JSON.parse(Buffer.from(payload, "base64url").toString("utf8")) as { certificate: ExitCertificate }).certificate;
    expect(now.trigger).not.to.equal(undefined);
    await certify(certificateDigest(now));
    expect((await fetched()).certificate).to.deep.equal({ ...now });
    expect(certificateDigest(now)).not.to.equal(certificateDigest(certificate));
  });
});
