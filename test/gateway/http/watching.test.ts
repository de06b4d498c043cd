import { expect } from "chai";
import { Watching } from "../../../gateway/http/watching";

const never = new AbortController().signal;

describe("waiting for the next block", () => {
  it("ends with it, and at once where it is there already", async () => {
    const watching = new Watching();
    const waited = watching.beyond(0, 60_000, never);
    watching.advance(1);
    expect(await waited).to.equal(true);
    expect(await watching.beyond(0, 60_000, never)).to.equal(true);
  });

  it("ends without it after its time, when nobody reads any more, and when all is over", async () => {
    const watching = new Watching();
    watching.advance(1);
    expect(await watching.beyond(1, 5, never)).to.equal(false);
    const gone = new AbortController();
    const waited = watching.beyond(1, 60_000, gone.signal);
    gone.abort();
    expect(await waited).to.equal(false);
    const last = watching.beyond(1, 60_000, never);
    watching.close();
    expect(await last).to.equal(false);
    expect(await watching.beyond(1, 60_000, never)).to.equal(false);
  });
});
