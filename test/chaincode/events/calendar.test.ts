import { expect } from "chai";
import { afterWorkingDays } from "../../../chaincode/events/calendar";
import { AUTHORITY, example, examples, World } from "./world";

const { holidays, workdays } = examples["suyuan.calendar.set"].valid;

/** A world with the calendar of 2026. */
function set(): World {
  const world = new World();
  expect(world.codes(example("calendar.set", AUTHORITY))).to.deep.equal([]);
  return world;
}
const after = (world: World, from: string, days = 5): string | undefined => afterWorkingDays(world, Date.parse(`${from}:00+08:00`), days);

describe("the calendar", () => {
  it("is set once a year, then amended", () => {
    const world = new World();
    expect(world.codes(example("calendar.amended", AUTHORITY))).to.deep.equal(["calendar-missing"]);
    expect(world.codes(example("calendar.set", AUTHORITY))).to.deep.equal([]);
    expect(world.codes(example("calendar.set", AUTHORITY))).to.deep.equal(["calendar-exists"]);
    expect(world.codes(example("calendar.amended", AUTHORITY))).to.deep.equal([]);
  });

  it("speaks of days of its year, and of make-up workdays on weekends that are no days off", () => {
    const said = (change: object) => new World().tell(example("calendar.set", AUTHORITY, change));
    const inconsistent = (...missing: string[]) => [{ code: "calendar-inconsistent", missing }];
    expect(said({ holidays: ["2027-01-01"], workdays: ["2025-12-28"] })).to.deep.equal(inconsistent("2027-01-01", "2025-12-28"));
    expect(said({ workdays: ["2026-02-13"] }), "a Friday").to.deep.equal(inconsistent("2026-02-13"));
    expect(said({ holidays: ["2026-02-14"], workdays: ["2026-02-14"] })).to.deep.equal(inconsistent("2026-02-14"));
    expect(said({ holidays: ["2026-01-03"], workdays: ["2026-02-14"] }), "a Saturday off").to.deep.equal([]);
  });
});

describe("working days", () => {
  it("are counted from the day after, and the next step follows on the day after the last of them", () => {
    expect(after(set(), "2026-03-09T00:00"), "a Monday").to.equal("2026-03-17");
    expect(after(set(), "2026-03-09T23:59")).to.equal("2026-03-17");
    expect(after(set(), "2026-03-10T00:00")).to.equal("2026-03-18");
    expect(after(set(), "2026-03-13T12:00"), "a Friday").to.equal("2026-03-21");
    expect(after(set(), "2026-03-14T12:00"), "a Saturday").to.equal("2026-03-21");
  });

  it("leave out days off and take in make-up workdays", () => {
    expect(after(set(), "2026-02-09T10:00"), "Saturday the 14th is worked").to.equal("2026-02-15");
    expect(after(set(), "2026-02-10T10:00"), "then the Spring Festival").to.equal("2026-02-25");
    expect(after(set(), "2026-09-29T10:00"), "National Day, then Saturday the 10th").to.equal("2026-10-13");
  });

  it("are never guessed where the calendar of a year is missing", () => {
    expect(after(new World(), "2026-03-09T10:00")).to.equal(undefined);
    expect(after(set(), "2026-12-24T10:00"), "through the 31st").to.equal("2027-01-01");
    expect(after(set(), "2026-12-25T10:00")).to.equal(undefined);
    const world = set();
    world.tell(example("calendar.set", AUTHORITY, { year: "2027", holidays: ["2027-01-01"], workdays: [] }));
    expect(after(world, "2026-12-25T10:00")).to.equal("2027-01-05");
  });

  it("are counted anew when the calendar is amended", () => {
    const world = set();
    expect(after(world, "2026-03-02T10:00")).to.equal("2026-03-10");
    world.tell(example("calendar.amended", AUTHORITY, { holidays: [...holidays, "2026-03-06"], workdays }));
    expect(after(world, "2026-03-02T10:00")).to.equal("2026-03-11");
  });

  it("end: a notice that rests for more than a month is not believed", () => {
    const world = new World();
    const days = Array.from({ length: 31 }, (_, i) => `2026-07-${String(i + 1).padStart(2, "0")}`);
    world.tell(example("calendar.set", AUTHORITY, { holidays: days, workdays: [] }));
    expect(after(world, "2026-06-30T10:00")).to.equal(undefined);
    expect(after(world, "2026-06-22T10:00")).to.equal("2026-06-30");
  });
});
