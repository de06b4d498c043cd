import { expect } from "chai";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { EvidenceError } from "../../gateway/evidence/errors";
import { parseTrust, type TrustFile } from "../../gateway/evidence/trust";
import { verifyStream } from "../../gateway/evidence/verify-stream";
import { AUTHORITY, DEVELOPER, example, FLIGHTS, PRODUCT } from "../chaincode/events/world";
import { asking, Telling } from "../gateway/http/telling";
import { mutatedOften } from "./bytes";
import { cases, type Chance, many } from "./chance";

describe("streams of events from strangers", function () {
  this.timeout(1800_000);
  let telling: Telling;
  let trust: TrustFile;
  let files: readonly Buffer[];

  before(async () => {
    telling = await Telling.start();
    for (let i = 0; i < 3; i++) await telling.tell(example("product.called", DEVELOPER));
    trust = parseTrust(await readFile(join(telling.data, "trust.json")));
    const headers = { accept: "application/x-ndjson", authorization: `Bearer ${await telling.token(asking(AUTHORITY))}` };
    const paths = [
      `subjects/product/${PRODUCT}/events`,
      `subjects/resource/${FLIGHTS}/events`,
      `trace/product/${PRODUCT}`,
      "journals/SuyuanMSP%2Ffacts/head",
    ];
    files = await Promise.all(
      paths.map(async (path) => Buffer.from(await (await fetch(`${telling.url}/v1/${path}`, { headers })).arrayBuffer())),
    );
  });
  after(() => telling.stop());

  async function codeOf(file: Uint8Array, piece: number): Promise<string | undefined> {
    const pieces = (async function* () {
      await Promise.resolve();
      for (let at = 0; at < file.length; at += piece) yield file.subarray(at, at + piece);
    })();
    try {
      for await (const verdict of verifyStream(pieces, trust)) expect(verdict.events).to.be.at.least(0);
      return undefined;
    } catch (error) {
      if (!(error instanceof EvidenceError)) throw error;
      expect(error.line).to.be.at.least(1);
      return error.code;
    }
  }

  /** Lines dropped, doubled, moved, or taken from another file; or bytes. */
  function changed(file: Buffer, chance: Chance): Uint8Array {
    // A head alone is one line, and may well stand twice.
    if (chance.odds(0.4) || file === files.at(-1)) return mutatedOften(file, chance);
    const lines = file.toString("latin1").split("\n");
    const at = chance.below(lines.length - 1);
    const to = chance.below(lines.length);
    // No head: one that was made at another moment is as good in its place.
    const events = files.flatMap((one) =>
      one
        .toString("latin1")
        .split("\n")
        .filter((line) => line.includes('"leaf":')),
    );
    const other = chance.pick(events);
    switch (chance.below(5)) {
      case 0:
        lines.splice(at, 1);
        break;
      case 1:
        lines.splice(to, 0, lines[at]!);
        break;
      case 2:
        lines.splice(to, 0, ...lines.splice(at, 1));
        break;
      case 3:
        lines.splice(at, 0, other);
        break;
      default:
        lines[at] = other;
    }
    return Buffer.from(lines.join("\n"), "latin1");
  }

  /** The lines in which they differ, as far as a person reads. */
  function difference(file: Buffer, other: Uint8Array): string {
    const [one, two] = [file, Buffer.from(other)].map((bytes) => bytes.toString("latin1").split("\n"));
    const shown = (lines: readonly string[], others: readonly string[]): string =>
      lines
        .flatMap((line, i) => (line === others[i] ? [] : [`${i}: ${line.slice(-300)}`]))
        .slice(0, 3)
        .join("\n");
    return `${shown(one!, two!)}\n=>\n${shown(two!, one!)}`;
  }

  it("are verified as they were made, and not otherwise", async () => {
    for (const file of files) expect(await codeOf(file, 100)).to.equal(undefined);
    const codes = new Map<string, number>();
    await cases("streams", many(6000, 400), 1, async (chance) => {
      const file = chance.pick(files);
      const other = changed(file, chance);
      const code = await codeOf(other, 1 + chance.below(5000));
      const isAsMade = files.some((one) => one.equals(other));
      if (isAsMade) expect(code).to.equal(undefined);
      else expect(code, difference(file, other)).not.to.equal(undefined);
      codes.set(String(code), (codes.get(String(code)) ?? 0) + 1);
    });
    expect([...codes.keys()]).to.include.members([
      "stream-malformed",
      "events-missing",
      "inclusion-wrong",
      "events-out-of-order",
      "events-excess",
    ]);
  });
});
