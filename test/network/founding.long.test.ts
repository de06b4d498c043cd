/** A network that begins without anybody who has held another's keys: what each makes for itself, and what it takes from others. */
import { expect } from "chai";
import { cp, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sharedFiles } from "../../network/directory";
import { configure, ensureFirstBlock } from "../../network/founding";
import { Network } from "../../network/network";
import { Programs } from "../../network/processes/programs";
import { readTopology } from "../../network/topology";
import { onFabric } from "../gateway/ledger/fabric-network";
import { errorCode, inDirectory, type Ran, suyuan } from "../scripts/suyuan";
import { declareOnFreePorts } from "./declared";
import { CHAINCODE } from "./four";

const ORGANISATIONS = ["authority", "operator", "developer", "source"] as const;
type Name = (typeof ORGANISATIONS)[number];
const TITLE = "organisations that each make their own keys";

const network = (...args: readonly string[]): Promise<Ran> =>
  suyuan(["network", ...args, "--json"], { env: { PATH: process.env["PATH"] ?? "", FABRIC_BIN: process.env["FABRIC_BIN"] ?? "" } });
const outcome = async (ran: Promise<Ran>): Promise<string | undefined> => {
  const done = await ran;
  return done.code === 0 ? "done" : errorCode(done);
};

/** A directory for each; `given`: whether each has what the others may have. */
async function made(base: string, topology: string, given: boolean): Promise<Readonly<Record<Name, string>>> {
  const at = (name: Name): string => join(base, `at-${name}`);
  for (const name of ORGANISATIONS)
    expect(await outcome(network("init", "--org", name, "--dir", at(name), "--topology", topology)), name).to.equal("done");
  if (given)
    for (const name of ORGANISATIONS)
      for (const other of ORGANISATIONS)
        if (other !== name) await cp(join(at(other), "public", other), join(at(name), "public", other), { recursive: true });
  return Object.fromEntries(ORGANISATIONS.map((name) => [name, at(name)])) as Record<Name, string>;
}

describe("an organisation that makes its own keys", () => {
  it("makes nobody else's, and does not start before it has what the others may have", () =>
    inDirectory(async (base) => {
      const topology = await declareOnFreePorts(base);
      const { source } = await made(base, topology, false);
      expect((await readdir(source)).sort()).to.deep.equal(["public", "source", "topology.yaml"]);
      expect(await readdir(join(source, "public"))).to.deep.equal(["source"]);
      expect(await outcome(network("trust", "--dir", source))).to.equal("public-missing");
      expect(await outcome(network("status", "--dir", source))).to.equal("public-missing");
      expect(
        await outcome(network("change", "propose", "consenter", "--dir", source, "--org", "source", "--out", join(base, "c"))),
      ).to.equal("public-missing");
      expect(await outcome(network("backup", "--dir", source, "--org", "source", "--out", join(base, "backup")))).to.equal("done");
      expect(await outcome(network("restore", join(base, "backup"), "--dir", join(base, "back")))).to.equal("done");
      expect(await outcome(network("init", "--org", "nobody", "--dir", join(base, "x"), "--topology", topology))).to.equal(
        "organisation-not-declared",
      );
      expect(await outcome(network("init", "--org", "source", "--bundles", "--dir", join(base, "x")))).to.equal("options-conflict");
    })).timeout(90_000);
});

onFabric(TITLE, () => {
  describe(TITLE, function () {
    this.timeout(240_000);

    it("take only a first block that makes the channel which they declared, and are one network then", () =>
      inDirectory(async (base) => {
        const topology = await declareOnFreePorts(base);
        const without = await made(join(base, "without"), topology, false);
        expect(await outcome(network("up", "--dir", without.source))).to.equal("public-missing");
        const at = await made(join(base, "with"), topology, true);
        expect(await outcome(network("up", "--dir", at.source)), "not the first").to.equal("first-block-missing");

        const lenient = join(base, "lenient");
        await cp(at.authority, lenient, { recursive: true });
        const declared = await readFile(topology, "utf8");
        await writeFile(join(lenient, "topology.yaml"), declared.replace("endorsement: majority", "endorsement: all"));
        const strangers = await made(join(base, "strangers"), topology, true);
        const none = join(base, "none");
        await writeFile(none, "no block");
        const others: readonly (readonly [string, string])[] = [
          [await firstBlockOf(lenient), "first-block-differs"],
          [await firstBlockOf(strangers.authority), "first-block-differs"],
          [none, "first-block-differs"],
          [join(base, "missing"), "file-unreadable"],
        ];
        const honest = await firstBlockOf(at.authority);
        for (const [file, code] of others) expect(await outcome(network("accept", file, "--dir", at.source)), file).to.equal(code);
        for (const name of ["operator", "developer", "source", "source"] as const)
          expect(await outcome(network("accept", honest, "--dir", at[name])), name).to.equal("done");
        expect(await outcome(network("accept", others[0]![0], "--dir", at.source)), "once there is one").to.equal("first-block-differs");

        const networks = await Promise.all(ORGANISATIONS.map((name) => Network.open(at[name])));
        try {
          await Promise.all(networks.map((one) => one.up(CHAINCODE, () => undefined)));
          for (const [i, one] of networks.entries()) {
            const [state] = await one.status();
            expect([state?.organisation, state?.orderer?.status]).to.deep.equal([ORGANISATIONS[i], "active"]);
            const files = (await readdir(one.directory, { recursive: true })).filter((file) => /key/i.test(file));
            expect(files.filter((file) => !file.startsWith(`${ORGANISATIONS[i]!}/`))).to.deep.equal([]);
          }
        } finally {
          await Promise.all(networks.map((one) => one.down()));
        }
      }));
  });
});

/** As the first of the organisations makes it. */
async function firstBlockOf(directory: string): Promise<string> {
  const topology = await readTopology(join(directory, "topology.yaml"));
  await configure(directory, topology, topology.organisations.slice(0, 1));
  await ensureFirstBlock(directory, topology, await Programs.find(topology.ordering));
  return sharedFiles(directory).firstBlock;
}
