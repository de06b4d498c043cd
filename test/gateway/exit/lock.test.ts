import { expect } from "chai";
import { fork } from "node:child_process";
import { once } from "node:events";
import { lstatSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HeldError, releaseLock, takeLock } from "../../../gateway/exit/lock";

const PROCESSES = 6;
const TIMES = 300;
/** Of no process: numbers end far below. */
const GONE = "2147483647";

/** Takes it again and again while others do, each time as if somebody had been killed with it; ends with 1 where another had it at the same time. */
function compete(folder: string): never {
  const [lock, inside] = [join(folder, "lock"), join(folder, "inside")];
  for (let taken = 0; taken < TIMES;) {
    try {
      takeLock(lock);
    } catch (error) {
      if (error instanceof HeldError) continue;
      throw error;
    }
    taken++;
    writeFileSync(inside, "", { flag: "wx" });
    rmSync(inside);
    releaseLock(lock);
    if (taken % 2 === 0) leave(lock);
  }
  process.exit(0);
}

function leave(lock: string): void {
  try {
    symlinkSync(GONE, lock);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

const [, file, folder] = process.argv;
if (file === __filename && folder !== undefined) compete(folder);

describe("a lock", function () {
  this.timeout(120_000);
  let own: string;
  beforeEach(() => (own = mkdtempSync(join(tmpdir(), "suyuan-lock-"))));
  afterEach(() => rmSync(own, { recursive: true }));

  it("is one process's at a time, however many want it and whatever killed ones left", async () => {
    const others = Array.from({ length: PROCESSES }, () => fork(__filename, [own]));
    const ended = await Promise.all(others.map((other) => once(other, "exit") as Promise<[number]>));
    expect(ended.map(([code]) => code)).to.deep.equal(others.map(() => 0));
  });

  it("is there at once with whose it is, and names it to others", () => {
    const lock = join(own, "lock");
    takeLock(lock);
    expect(lstatSync(lock).isSymbolicLink()).to.equal(true);
    releaseLock(lock);
    symlinkSync(String(process.ppid), lock);
    expect(() => takeLock(lock))
      .to.throw(HeldError)
      .with.property("holder", String(process.ppid));
  });

  it("is taken from who is gone, from who was killed while taking it so, and from what is no lock", () => {
    const lock = join(own, "lock");
    leave(lock);
    symlinkSync(GONE, `${lock}.removing`);
    takeLock(lock);
    releaseLock(lock);
    writeFileSync(lock, "");
    takeLock(lock);
    releaseLock(lock);
  });
});
