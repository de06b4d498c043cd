import { Erasing } from "./erasing";

describe("an erasure that is killed", function () {
  this.timeout(180_000);

  it("goes on, erases everything, and reports each holding once", async () => {
    await Erasing.during(async (erasing) => {
      await erasing.declare(40);
      for (const bytes of [1, 8000, 200, 12_000]) if (await erasing.killedAfter(bytes)) break;
      await erasing.settle();
    });
  });

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
