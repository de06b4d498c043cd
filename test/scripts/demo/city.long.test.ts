import { expect } from "chai";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { documents, errorCode, suyuan } from "../suyuan";

const CLI = join(__dirname, "..", "..", "..", "scripts", "cli.js");

interface Told {
  readonly type: string;
  readonly outcome: { readonly refused: boolean; readonly codes: readonly string[] };
}

describe("suyuan demo --story city", function () {
  this.timeout(180_000);

  it("plays an authorisation to its renewal and another one to its end, and everything comes out as the rules say", async () => {
    const ran = await suyuan(["demo", "--story", "city", "--json"]);
    expect(ran.code, ran.stdout.slice(-2000)).to.equal(0);
    const told = documents(ran);
    const [last, events] = [told.at(-1), told.slice(0, -1) as Told[]];
    expect(last).to.deep.include({ surprises: [] });
    const recorded = (type: string) => events.filter((event) => event.type === `suyuan.${type}` && !event.outcome.refused).length;
    for (const [type, times] of [
      ["announcement.published", 2],
      ["authorization.signed", 2],
      ["authorization.renewed", 1],
      ["authorization.terminated", 1],
      ["exit.certified", 1],
    ] as const)
      expect(recorded(type), type).to.equal(times);
    const refused = new Set(events.filter(({ outcome }) => outcome.refused).flatMap(({ outcome }) => outcome.codes));
    expect(refused.size, [...refused].join(" ")).to.be.above(20);
  });

  it("stays up afterwards where it is asked to, until it is told to end", async () => {
    const child = spawn(process.execPath, [CLI, "demo", "--story", "city", "--serve", "--json"], { stdio: ["ignore", "pipe", "inherit"] });
    const ended = once(child, "close");
    try {
      for await (const line of createInterface({ input: child.stdout })) {
        const { url, token } = JSON.parse(line) as { readonly url?: string; readonly token?: string };
        if (url === undefined) continue;
        const answer = await fetch(`${url}/v1/findings`, { headers: { authorization: `Bearer ${token ?? ""}` } });
        const { events } = (await answer.json()) as { readonly events: readonly unknown[] };
        expect([answer.status, events.length]).to.deep.equal([200, 2]);
        child.kill("SIGTERM");
      }
      expect(await ended).to.deep.equal([0, null]);
    } finally {
      child.kill("SIGKILL");
    }
  });

  it("is not told on a network, whose clock is not to be set", async () => {
    const ran = await suyuan(["demo", "--story", "city", "--network", "--json"]);
    expect([errorCode(ran), ran.code]).to.deep.equal(["value-invalid", 2]);
  });
});
