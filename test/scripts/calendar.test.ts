import { expect } from "chai";
import { documents, errorCode, suyuan } from "./suyuan";

describe("suyuan calendar propose", () => {
  it("proposes the weekdays off and the weekends worked, as suyuan.calendar.set takes them", async () => {
    const ran = await suyuan(["calendar", "propose", "2026", "--json"]);
    expect(ran.code).to.equal(0);
    const [{ year, holidays, workdays }] = documents(ran) as [Record<"year", string> & Record<"holidays" | "workdays", string[]>];
    expect(year).to.equal("2026");
    // National Day 2026: 1 to 7 October off, of which 3 and 4 are a weekend; 20 September and 10 October are worked.
    expect(holidays.filter((day) => day.startsWith("2026-10"))).to.deep.equal([
      "2026-10-01",
      "2026-10-02",
      "2026-10-05",
      "2026-10-06",
      "2026-10-07",
    ]);
    expect(workdays).to.include.members(["2026-09-20", "2026-10-10"]);
  });

  it("proposes nothing beyond what it knows", async () => {
    const ran = await suyuan(["calendar", "propose", "2031", "--json"]);
    expect([errorCode(ran), ran.code]).to.deep.equal(["calendar-unknown", 1]);
  });

  it("takes a year", async () => {
    const ran = await suyuan(["calendar", "propose", "26", "--json"]);
    expect([errorCode(ran), ran.code]).to.deep.equal(["value-invalid", 2]);
  });
});
