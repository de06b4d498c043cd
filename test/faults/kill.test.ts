import { expect } from "chai";
import { Kills } from "./kills";

describe("a gateway that is killed while it takes events", function () {
  this.timeout(120_000);

  it("keeps every event that it acknowledged, once, at the place it said", async () => {
    await Kills.during(async (kills) => {
      for (const milliseconds of [30, 400]) await kills.round(milliseconds, true);
      await kills.round(300, false);
      await kills.round(250, true);
      expect(kills.acknowledged).to.be.greaterThan(50);
    });
  });
});
