import { expect } from "chai";
import { msp } from "@hyperledger/fabric-protos";
import { agreed, satisfies } from "../../../gateway/ledger/fabric-agreement";
import type { Signed } from "../../../gateway/ledger/fabric-evidence";
import { type Endorsement, LedgerError, type LedgerErrorCode } from "../../../gateway/ledger/port";
import { codeOf } from "../../suites/ledger";

function endorsementOf(mspId: string): Endorsement {
  const endorser = new msp.SerializedIdentity();
  endorser.setMspid(mspId);
  return { endorser: Buffer.from(endorser.serializeBinary()).toString("base64"), signature: "" };
}

const answer = (mspId: string, response = "same"): Promise<Signed> => Promise.resolve({ response, endorsements: [endorsementOf(mspId)] });
const failure = (code: LedgerErrorCode): Promise<Signed> => Promise.reject(new LedgerError(code, code));
const never = new Promise<Signed>(() => undefined);
const two = (endorsements: readonly Endorsement[]): boolean => endorsements.length >= 2;

describe("what organisations have to say alike", () => {
  it("is said once enough say it, whatever becomes of the others", async () => {
    const { response, endorsements } = await agreed([never, answer("A"), failure("unavailable"), answer("B", "other"), answer("C")], two);
    expect([response, endorsements.length]).to.deep.equal(["same", 2]);
  });

  it("is refused as soon as the own peer refuses", async () => {
    expect(await codeOf(agreed([never, failure("refused")], two))).to.equal("refused");
  });

  it("is in conflict where answers differ, or others refuse", async () => {
    expect(await codeOf(agreed([answer("A"), answer("B", "other")], two))).to.equal("conflict");
    expect(await codeOf(agreed([answer("A"), failure("conflict")], two))).to.equal("conflict");
  });

  it("is unavailable where too few answer", async () => {
    expect(await codeOf(agreed([answer("A"), failure("unavailable")], two))).to.equal("unavailable");
    expect(await codeOf(agreed([], two))).to.equal("unavailable");
  });

  it("does not hide what should not happen", async () => {
    const broken = agreed([never, Promise.reject(new RangeError("broken"))], two);
    expect(await broken.catch((error: unknown) => error)).to.be.instanceOf(RangeError);
  });
});

describe("an endorsement policy", () => {
  const peersOf = (...mspIds: string[]): { peers: { mspid: string }[] } => ({ peers: mspIds.map((mspid) => ({ mspid })) });
  const signedBy = (...mspIds: string[]): Endorsement[] => mspIds.map(endorsementOf);

  it("is satisfied by any of its layouts, each group by as many organisations as that says", () => {
    const plan = { groups: { one: peersOf("A"), two: peersOf("B", "C", "D") }, layouts: [{ one: 1, two: 1 }, { two: 3 }] };
    expect(satisfies(plan, signedBy("A", "C"))).to.be.true;
    expect(satisfies(plan, signedBy("B", "C", "D"))).to.be.true;
    expect(satisfies(plan, signedBy("B", "C"))).to.be.false;
    expect(satisfies(plan, signedBy("A"))).to.be.false;
    expect(satisfies({ ...plan, layouts: [] }, signedBy("A", "B", "C", "D"))).to.be.false;
  });

  it("counts an organisation once", () => {
    expect(satisfies({ groups: { all: peersOf("A", "A", "B") }, layouts: [{ all: 2 }] }, signedBy("A", "A"))).to.be.false;
  });
});
