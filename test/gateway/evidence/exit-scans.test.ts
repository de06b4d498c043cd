import { expect } from "chai";
import type { RecordedEvent } from "../../../chaincode/events/envelope";
import type { ExitCertificate } from "../../../gateway/evidence/exit-certificate";
import { residualOf } from "../../../gateway/evidence/exit-residual";
import { EvidenceError } from "../../../gateway/evidence/errors";
import { Scans } from "../../../gateway/evidence/exit-scans";
import type { Act } from "../../../gateway/evidence/exit-timeline";
import { AGENCY, CERTIFICATE, placeOf, scan } from "./exits";

const { operator } = CERTIFICATE;
const JOURNAL = placeOf("verified").slice(0, placeOf("verified").lastIndexOf("/"));

describe("residue that is reported after the verification", () => {
  const act = (at: string, party: string, type: string, data: object): Act => {
    const of = { exit: CERTIFICATE.exit, authorization: CERTIFICATE.authorization };
    return { at, event: { type, party, recordedtime: "2025-05-30T00:00:00.000Z", data: { ...of, ...data } } as unknown as RecordedEvent };
  };
  const ended = (leaving: ExitCertificate["leaving"], party: string, codes?: readonly string[]): boolean => {
    const scans = new Scans({ ...CERTIFICATE, leaving }, codes);
    scans.add(act(placeOf("residue-scanned"), AGENCY, "suyuan.exit.residue-scanned", scan));
    scans.add(act(`${JOURNAL}/99`, party, "suyuan.exit.residue-scanned", { ...scan, residues: 1 }));
    return scans.end(act(placeOf("verified"), AGENCY, "suyuan.exit.verified", {})).foundSince;
  };

  it("ends the certificate, but for what an operator reports of its developer's exit, which is told", () => {
    for (const [leaving, party] of [
      ["operator", operator],
      ["scenario", operator],
      ["developer", AGENCY],
    ] as const)
      expect(() => ended(leaving, party), `${leaving} ${party}`)
        .to.throw(EvidenceError)
        .with.property("code", "exit-superseded");
    expect(ended("developer", operator)).to.equal(true);
  });

  it("is its operator's by whichever code that goes on, and ends the operator's own exit by each", () => {
    expect(ended("developer", AGENCY, [AGENCY])).to.equal(true);
    expect(ended("developer", operator, [AGENCY])).to.equal(true);
    expect(() => ended("operator", AGENCY, [AGENCY]))
      .to.throw(EvidenceError)
      .with.property("code", "exit-superseded");
  });

  it("is not looked for by a scan that its reporter voided before: the certificate says so", () => {
    const checked = (index: number, change: object): (() => unknown) => {
      const [one, ...others] = CERTIFICATE.scans;
      const reconciliation = { transfers: 0, explained: 0 };
      const scans = new Scans({ ...CERTIFICATE, reconciliation, scans: [{ ...one!, ...change }, ...others] });
      scans.add(act(placeOf("residue-scanned"), AGENCY, "suyuan.exit.residue-scanned", scan));
      scans.add(act(`${JOURNAL}/${index}`, AGENCY, "suyuan.correction.voided", { event: placeOf("residue-scanned") }));
      return () => scans.end(act(placeOf("verified"), AGENCY, "suyuan.exit.verified", {}));
    };
    const before = Number(placeOf("verified").slice(JOURNAL.length + 1)) - 1;
    expect(checked(before, {})).to.throw(EvidenceError).with.property("code", "exit-acts-differ");
    expect(checked(before, { voided: true })).not.to.throw();
    expect(checked(99, {}), "afterwards").not.to.throw();
  });

  it("before it, by an operator of its developer's exit, is told too", () => {
    const found = { ...CERTIFICATE.scans[0]!, party: operator, residues: 1 };
    const residual = (leaving: ExitCertificate["leaving"], scans: ExitCertificate["scans"]) =>
      residualOf({ ...CERTIFICATE, leaving, scans });
    expect(residual("developer", [found])).to.include("residue-by-operator");
    expect(residual("developer", CERTIFICATE.scans)).to.not.include("residue-by-operator");
    expect(residual("operator", [found])).to.not.include("residue-by-operator");
  });
});
