import { expect } from "chai";
import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generateSignerKey } from "../../gateway/evidence/note-key";
import { finishRotations } from "../../gateway/key-rotation";
import { parseTrust } from "../../gateway/evidence/trust";
import { AUTHORITY } from "../chaincode/events/world";
import { tell, tokenOf } from "./story";
import { documents, errorCode, inDirectory, Served, suyuan } from "./suyuan";

interface Verified {
  readonly verified: boolean;
  readonly outcome?: string;
  readonly failed?: { readonly code: string };
}

describe("suyuan rotate-key", () => {
  it("gives a journal another key; what the old one signed stays good, and what a thief could have signed does not", async () => {
    await inDirectory(async (directory) => {
      const data = join(directory, "data");
      const file = (name: string): string => join(directory, name);
      const verified = async (...args: string[]): Promise<string | undefined> => {
        const [one] = documents(await suyuan(["verify", ...args, "--json"])) as Verified[];
        return one?.verified === true ? (one.outcome ?? "verified") : one?.failed?.code;
      };
      const during = async (work: (url: string, token: string) => Promise<void>): Promise<void> => {
        const served = await Served.start(data);
        try {
          await work(served.url, await tokenOf(AUTHORITY, served));
        } finally {
          await served.stop();
        }
      };
      const receipt = async (name: string, leafHash: string, url: string, token: string): Promise<void> => {
        const response = await fetch(`${url}/v1/receipts/${leafHash}?head=first`, { headers: { authorization: `Bearer ${token}` } });
        expect(response.status).to.equal(200);
        writeFileSync(file(name), await response.text());
      };

      let leafHash = "";
      const served = await Served.start(data);
      try {
        const fact = (await tell(served)).findLast(({ journal }) => journal.endsWith("/facts"))!;
        ({ leafHash } = fact);
        expect((fact as { promise?: unknown }).promise).to.be.an("object");
        writeFileSync(file("promise.json"), JSON.stringify(fact));
        await receipt("old.json", leafHash, served.url, await tokenOf(AUTHORITY, served));
        const running = await suyuan(["rotate-key", "facts", "--data", data, "--json"]);
        expect([errorCode(running), running.code]).to.deep.equal(["directory-locked", 5]);
      } finally {
        await served.stop();
      }
      const trust = join(data, "trust.json");
      copyFileSync(trust, file("before.json"));

      const ran = await suyuan(["rotate-key", "facts", "--data", data, "--json"]);
      expect(ran.code, ran.stdout + ran.stderr).to.equal(0);
      const keys = parseTrust(readFileSync(trust)).journals.find(({ journal }) => journal.endsWith("/facts"))!.keys;
      const [rotation] = documents(ran) as { key: string; since: string; until: string }[];
      expect(keys.map(({ validUntil }) => validUntil)).to.deep.equal([rotation!.until, undefined]);
      expect(keys[1]).to.deep.equal({ key: rotation!.key, validFrom: rotation!.since });

      await during((url, token) => receipt("new.json", leafHash, url, token));
      expect(await verified(file("old.json"), "--trust", trust)).to.equal("verified");
      expect(await verified(file("new.json"), "--trust", trust)).to.equal("verified");
      expect(await verified(file("old.json"), "--trust", file("before.json"))).to.equal("verified");
      expect(await verified(file("new.json"), "--trust", file("before.json"))).to.equal("key-not-in-trust");
      // A regulator's own file learns of the new key, and loses nothing by it.
      const merged = await suyuan(["trust", trust, "--out", file("before.json")]);
      expect([merged.code, merged.stderr.includes(rotation!.key)]).to.deep.equal([0, true]);
      for (const shown of ["old.json", "new.json"])
        expect(await verified(file(shown), "--trust", file("before.json"))).to.equal("verified");
      // Lost, it is written again with all keys that there were.
      const whole = readFileSync(trust);
      rmSync(trust);
      await (await Served.start(data)).stop();
      expect(readFileSync(trust)).to.deep.equal(whole);
      for (const shown of ["old.json", "new.json"])
        expect(await verified("--promise", file("promise.json"), file(shown), "--trust", trust)).to.equal("kept");
      const fsck = await suyuan(["fsck", "--data", data]);
      expect(fsck.code, fsck.stdout).to.equal(0);

      const later = await suyuan(["rotate-key", "facts", "--data", data, "--stolen", "2100-01-01T00:00:00Z", "--json"]);
      expect([errorCode(later), later.code]).to.deep.equal(["value-invalid", 2]);
      const stolen = await suyuan(["rotate-key", "facts", "--data", data, "--stolen", rotation!.since, "--json"]);
      expect(stolen.code).to.equal(0);
      expect(await verified(file("new.json"), "--trust", trust)).to.equal("checkpoint-key-not-valid");
      expect(await verified(file("old.json"), "--trust", trust)).to.equal("verified");
    });
  }).timeout(60_000);

  it("is finished by the next start if the trust file names the new key, and else never was", async () => {
    await inDirectory(async (directory) => {
      const data = join(directory, "data");
      await (await Served.start(data)).stop();
      const [key, next] = ["facts.key", "facts.key.next"].map((name) => join(data, "keys", name)) as [string, string];
      const old = readFileSync(key, "utf8");
      const { journals } = parseTrust(readFileSync(join(data, "trust.json")));
      writeFileSync(next, (await generateSignerKey(journals[0]!.origin)).text);
      await finishRotations(data);
      expect([existsSync(next), readFileSync(key, "utf8")]).to.deep.equal([false, old]);
      // As it is after the trust file was written: the new key waits beside the old one.
      expect((await suyuan(["rotate-key", "facts", "--data", data])).code).to.equal(0);
      const made = readFileSync(key, "utf8");
      writeFileSync(next, made);
      writeFileSync(key, old);
      await (await Served.start(data)).stop();
      expect([existsSync(next), readFileSync(key, "utf8")]).to.deep.equal([false, made]);
    });
  }).timeout(30_000);

  it("needs a gateway's directory: 5", async () => {
    await inDirectory(async (directory) => {
      const ran = await suyuan(["rotate-key", "acts", "--data", join(directory, "none"), "--json"]);
      expect([errorCode(ran), ran.code]).to.deep.equal(["no-ledger", 5]);
    });
  });
});
