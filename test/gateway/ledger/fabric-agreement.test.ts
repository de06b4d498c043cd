import { expect } from "chai";
import { msp } from "@hyperledger/fabric-protos";
import { agreed, attested, satisfies } from "../../../gateway/ledger/fabric-agreement";
import { endorserOf, type Signed } from "../../../gateway/ledger/fabric-evidence";
import { type EndorsedAttestation, type Endorsement, LedgerError, type LedgerErrorCode } from "../../../gateway/ledger/port";
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

describe("what organisations attest while the ledger grows", () => {
  /** An organisation whose peer is at the next block each time that it is asked, a few behind the first one's. */
  const moving = (mspId: string, behind: number): (() => Promise<EndorsedAttestation>) => {
    let block = -behind;
    return async () => ({ kind: "endorsements", proposal: "", ...(await answer(mspId, `block ${block++}`)) });
  };
  const failing = (code: LedgerErrorCode) => (): Promise<EndorsedAttestation> =>
    failure(code).then(() => {
      throw new Error("it did not fail");
    });

  it("is agreed on though no two are ever at the same block at once", async () => {
    const { response, endorsements } = await attested([moving("A", 0), moving("B", 1), moving("C", 3), () => new Promise(() => undefined)]);
    expect([response, endorsements.map(endorserOf).sort()]).to.deep.equal(["block 0", ["A", "B", "C"]]);
  });

  it("is not said three times by one", async () => {
    const always = (mspId: string) => async (): Promise<EndorsedAttestation> => ({
      kind: "endorsements",
      proposal: "",
      ...(await answer(mspId)),
    });
    expect(await codeOf(attested([always("A"), always("B"), moving("C", 0)], 300))).to.equal("unavailable");
  });

  it("waits for who knows it not yet, and for nobody where too few are within reach", async () => {
    let asked = 0;
    const later = (): Promise<EndorsedAttestation> => (asked++ < 3 ? failing("conflict")() : moving("C", 0)());
    expect((await attested([moving("A", 0), moving("B", 0), later, failing("unavailable")])).endorsements).to.have.lengthOf(3);
    const started = performance.now();
    expect(await codeOf(attested([moving("A", 0), moving("B", 0), failing("unavailable"), failing("unavailable")]))).to.equal(
      "unavailable",
    );
    expect(await codeOf(attested([moving("A", 0), failing("refused"), moving("B", 1), moving("C", 9)]))).to.equal("refused");
    expect(performance.now() - started).to.be.below(2000);
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
