import { expect } from "chai";
import { Erasing } from "./erasing";
import { SAMPLE } from "../sample";

const ROUNDS = SAMPLE ? 1 : 20;

describe(`${ROUNDS} erasures, each killed again and again until nothing is left to do`, function () {
  this.timeout(3600_000);

  it("erase everything, and report each holding once", async () => {
    let kills = 0;
    for (let round = 0; round < ROUNDS; round++)
      await Erasing.during(async (erasing) => {
        await erasing.declare(40);
        while (!(await erasing.killedAfter(1 + Math.floor(Math.random() * 1500)))) kills++;
        await erasing.settle();
      });
    expect(kills).to.be.greaterThan(4 * ROUNDS);
  });
});

describe("an erasure that is killed as it reports", function () {
  this.timeout(180_000);

  it("reports what it has deleted and not reported", async () => {
    await Erasing.during(async (erasing) => {
      await erasing.declare(5);
      await erasing.killedReporting(false);
      await erasing.settle();
    });
  });

  it("reports nothing twice of what it has reported, where the answer was lost", async () => {
    await Erasing.during(async (erasing) => {
      await erasing.declare(5);
      await erasing.killedReporting(true);
      await erasing.settle();
    });
  });
});
