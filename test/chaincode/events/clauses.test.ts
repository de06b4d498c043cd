/** The clause column of the rules for acts: what a refusal says it rests on. */
import { expect } from "chai";
import { ruleClauses } from "../../../chaincode/events/codes";

/** None: ours. */
const CLAUSES: readonly (readonly [code: string, clause: string | undefined])[] = [
  ["not-your-event", undefined],
  ["credit-code-invalid", "附件2"],
  ["announcement-incomplete", "六(一)1"],
  ["outside-window", "六(一)2"],
  ["materials-missing", "六(一)2"],
  ["scoring-incomplete", "六(一)3"],
  ["publicity-incomplete", "六(一)4"],
  ["publicity-too-short", "六(一)4"],
  ["objection-open", "六(一)4"],
  ["decision-missing", "六(一)5"],
  ["term-too-long", "六(二)"],
  ["trial-too-long", "六(二)"],
  ["trial-not-passed", "六(二)"],
  ["renewal-too-late", "六(二)"],
  ["renewal-steps-missing", "六(二)"],
  ["renewals-exhausted", "六(二)"],
  ["resource-unknown", "六(五)3"],
  ["resource-not-approved", "六(五)3"],
  ["second-source", "六(五)3"],
  ["consent-missing", "六(五)3"],
  ["product-incomplete", "六(四), 七(五)10, 七(六)2"],
  ["operator-redevelops", "四(一)"],
  ["authorization-inactive", undefined],
  ["ground-not-met", "六(五)6, 八(一)"],
  ["step-out-of-order", "六(五)6"],
  ["retention-basis-missing", "六(五)6"],
  ["holdings-outstanding", "六(五)6"],
  ["transfers-unreconciled", undefined],
  ["retention-not-over", "六(五)6"],
  ["same-hands", undefined],
];

describe("the clauses that refusals rest on", () => {
  for (const [code, clause] of CLAUSES)
    it(`${code}: ${clause ?? "ours"}`, () => {
      expect(ruleClauses.has(code)).to.equal(true);
      expect(ruleClauses.get(code)).to.equal(clause);
    });
});
