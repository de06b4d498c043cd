import { expect } from "chai";
import { Kills } from "./kills";
import { SAMPLE } from "../sample";

const ROUNDS = SAMPLE ? 25 : 300;

describe(`a gateway that is killed ${ROUNDS} times at random moments`, function () {
  this.timeout(3600_000);

  it("keeps every event that it acknowledged, once, at the place it said", async () => {
    await Kills.during(async (kills) => {
      for (let round = 0; round < ROUNDS; round++) {
        const ready = Math.random() < 0.8;
        await kills.round(Math.random() * (ready ? 600 : 1200), ready);
      }
      expect(kills.whileStarting).to.be.greaterThan(0);
      expect(kills.acknowledged).to.be.greaterThan(ROUNDS * 30);
    });
  });
});
