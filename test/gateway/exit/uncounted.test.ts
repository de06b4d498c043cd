import { expect } from "chai";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { inventoryOf } from "../../../chaincode/proof/inventory";
import { piece } from "../../../gateway/evidence/examine";
import type { ExitCertificate } from "../../../gateway/evidence/exit-certificate";
import { parseTrust, type TrustFile } from "../../../gateway/evidence/trust";
import { verifyExit } from "../../../gateway/evidence/verify-exit";
import { AGENCY } from "../../chaincode/events/oversight";
import { AUTHORITY, DEVELOPER, example, METEOROLOGY, OPERATOR, type Report, releasedAgain } from "../../chaincode/events/world";
import { ending, Exiting } from "./leaving";

const SECOND = "yz-authorization-second";
const OTHER = "yz-product-other";

describe("what an exit does not count", function () {
  this.timeout(120_000);
  let exiting: Exiting;
  let trust: TrustFile;
  before(async () => {
    exiting = await Exiting.start();
    trust = parseTrust(await readFile(join(exiting.telling.data, "trust.json")));
  });
  after(() => exiting.stop());

  /** The certificate of an exit whose inventory is empty, as its verification has it. */
  async function certified(exit: string, leaving: object): Promise<ExitCertificate> {
    for (const report of [
      example("exit.opened", AGENCY, { exit, ...leaving }),
      example("exit.permissions-closed", AGENCY, { exit, ...leaving }),
      example("exit.inventory-frozen", AGENCY, { exit, ...leaving, ...inventoryOf([]) }),
      example("exit.reconciled", AUTHORITY, { exit, ...leaving }),
      example("exit.residue-scanned", AGENCY, { exit, ...leaving }),
      example("exit.verified", METEOROLOGY, { exit, ...leaving }),
    ])
      await exiting.telling.tell({ ...report, data: withoutLeaving(report) });
    const { status, text } = await exiting.certificate(exit);
    expect(status, text).to.equal(200);
    return (await verifyExit(piece(Buffer.from(text)), undefined, trust)).certificate;
  }
  const withoutLeaving = ({ type, data }: Report): object => {
    const { leaving, product, ...others } = data as { readonly leaving?: unknown; readonly product?: unknown };
    return type === "exit.opened" ? { ...others, leaving, ...(product === undefined ? {} : { product }) } : others;
  };

  it("is told where who leaves declared it before the authorization was decided, and of nobody else", async () => {
    const named = { authorization: SECOND };
    const { telling } = exiting;
    await telling.tell(example("data.pulled", OPERATOR, named));
    await telling.tell(example("data.processed", DEVELOPER, named));
    const [applied, agreed, terminated] = ending;
    for (const report of [
      example("authorization.decided", AUTHORITY),
      example("authorization.signed", AUTHORITY),
      ...[applied!, agreed!, terminated!],
    ])
      await telling.tell({ ...report, data: { ...report.data, ...named } });
    const { declaredWithoutPart, items, residual } = await certified("yz-exit-second", { ...named, leaving: "operator" });
    expect(items.count).to.equal(0);
    expect(declaredWithoutPart).to.equal(1);
    expect(residual).to.include("declared-without-part");
  });

  it("is told where a product was made of what goes with another", async () => {
    const { telling } = exiting;
    await telling.tell(example("product.listed", OPERATOR, { product: OTHER }));
    await telling.tell(example("product.list-approved", AUTHORITY, { product: OTHER }));
    await telling.tell(example("product.registered", OPERATOR, { product: OTHER }));
    for (const report of releasedAgain({ product: OTHER })) await telling.tell(report);
    await telling.tell(example("product.withdrawn", OPERATOR, { product: OTHER }));
    const { heldForAnother, residual } = await certified("yz-exit-other", { leaving: "product", product: OTHER });
    expect(heldForAnother).to.equal(1);
    expect(residual).to.include("held-for-another").and.not.include("declared-without-part");
  });
});
