import { expect } from "chai";
import { Erasing } from "./erasing";

/** CI takes a sample. */
const ROUNDS = process.env["SUYUAN_LONG"] === "sample" ? 3 : 20;

describe(`${ROUNDS} erasures, each killed again and again until nothing is left to do`, function () {
  this.timeout(3600_000);

  it("erase everything, and report each holding once", async () => {
    let kills = 0;
    for (let round = 0; round < ROUNDS; round++)
      await Erasing.during(async (erasing) => {
        await erasing.declare(40);
        while (!(await erasing.killedAfter(1 + Math.floor(Math.random() * 6000)))) kills++;
        await erasing.settle();
      });
    expect(kills).to.be.greaterThan(4 * ROUNDS);
  });
});
