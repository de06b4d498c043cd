/** The published vectors are what the code makes, and what it says of them; an implementation in another language, by other people, says the same. */
import { execFile, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect } from "chai";
import { fromHex } from "../../chaincode/proof/bytes";
import { verifyConsistency, verifyInclusion } from "../../chaincode/proof/rfc6962";
import { piece } from "../../gateway/evidence/examine";
import { parseNote, verifyNote } from "../../gateway/evidence/note";
import { parseVerifierKey } from "../../gateway/evidence/note-key";
import { parseTrust } from "../../gateway/evidence/trust";
import { outcomeOf } from "../gateway/evidence/examined";
import { DIRECTORY, makeVectors, readVectors } from "./made";

const hash = (hex: string): Uint8Array => fromHex(hex)!;
const trusted = (name: string) => parseTrust(readFileSync(join(DIRECTORY, name)));

describe("the published test vectors", () => {
  it("are as `npm run vectors` makes them", async () => {
    for (const [name, content] of Object.entries(await makeVectors()))
      expect(readFileSync(join(DIRECTORY, name), "utf8") === content, `${name} is stale: npm run vectors`).to.equal(true);
  });

  it("of proofs are judged as they say", () => {
    for (const { name, kind, from, size, hash: first, root, path, good } of readVectors("proofs")) {
      const hashes = path.map(hash);
      const judged =
        kind === "inclusion"
          ? verifyInclusion(hash(first), from, size, hashes, hash(root))
          : verifyConsistency(from, hash(first), size, hash(root), hashes);
      expect(judged, `${kind} ${name}`).to.equal(good);
    }
  });

  it("of notes are judged as they say", async () => {
    for (const { name, note, keys, good } of readVectors("notes")) {
      const parsed = parseNote(note);
      const signers =
        parsed &&
        (await verifyNote(
          parsed,
          keys.map((key) => parseVerifierKey(key)!),
        ));
      expect(signers !== undefined && signers !== "wrong" && signers.length > 0, name).to.equal(good);
    }
  });

  it("of receipts are judged as they say", async () => {
    for (const { name, file, trust, now, outcome } of readVectors("receipts")) {
      expect(await outcomeOf(file, trusted(trust), { now: new Date(now) }), name).to.equal(outcome);
    }
  });

  it("of promises are judged as they say", async () => {
    const trust = trusted("vector-trust.json");
    for (const { name, promise, shown, now, outcome } of readVectors("promises")) {
      const beside = { shown: shown.map((file) => Buffer.from(file)), now: new Date(now) };
      expect(await outcomeOf(promise, trust, beside), name).to.equal(outcome);
    }
  });

  for (const family of ["checkpoints", "streams", "exits"] as const)
    it(`of ${family} are judged as they say`, async () => {
      for (const { name, file, items, trust, now, outcome } of readVectors(family)) {
        const beside = { now: new Date(now), items: items === undefined ? undefined : piece(Buffer.from(items)) };
        expect(await outcomeOf(file, trusted(trust), beside), name).to.equal(outcome);
      }
    });

  it("are judged alike by Go's modules for transparency logs and notes, and its own cryptography", async function () {
    this.timeout(300_000);
    if (spawnSync("go", ["version"]).status !== 0) {
      process.stdout.write("      skipped: there is no Go here\n");
      this.skip();
    }
    const { stdout } = await promisify(execFile)("go", ["test", "-count=1", "-v", "./..."], { cwd: join(DIRECTORY, "go") }).catch(
      (error: unknown) => {
        const { stdout, stderr } = error as { stdout?: string; stderr?: string };
        throw new Error(`go test: ${stdout ?? ""}${stderr ?? String(error)}`);
      },
    );
    expect(stdout.match(/^--- PASS: \w+/gm)).to.deep.equal([
      "--- PASS: TestExits",
      "--- PASS: TestCheckpoints",
      "--- PASS: TestStreams",
      "--- PASS: TestProofs",
      "--- PASS: TestNotes",
      "--- PASS: TestReceipts",
      "--- PASS: TestPromises",
    ]);
  });
});
