/** What several organisations agree on: certificates of an orderer that were renewed. */
import { expect } from "chai";
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Change, Signature } from "../../network/change/change";
import { Administrator } from "../../network/deployment/administrator";
import { OrganisationFiles, publicFiles } from "../../network/directory";
import { signer } from "../../network/identities/organisation";
import { Programs } from "../../network/processes/programs";
import { onFabricAtLength } from "../gateway/ledger/fabric-network";
import { errorCode, inDirectory, type Ran, suyuan } from "../scripts/suyuan";
import { Four } from "./four";

const TITLE = "changes of a channel";

onFabricAtLength(TITLE, () => {
  describe(TITLE, function () {
    this.timeout(300_000);
    const four = new Four();
    before(async () => {
      await four.make();
      await four.init();
      await four.up();
    });
    after(() => four.remove());

    const change = (org: string, ...args: string[]): Promise<Ran> =>
      suyuan(["network", "change", ...args, "--dir", four.network.directory, "--org", org, "--json"]);
    const outcome = async (ran: Promise<Ran>): Promise<string | undefined> => {
      const done = await ran;
      return done.code === 0 ? "done" : errorCode(done);
    };

    /** What somebody of an organisation signs who has no administrator's key, but only its gateway's. */
    async function byItsGateway(org: string, file: string, directory: string): Promise<Signature> {
      const dir = join(directory, "taken");
      await cp(four.network.directory, dir, { recursive: true, verbatimSymlinks: true });
      const own = new OrganisationFiles(dir, { name: org });
      const admin = signer(own.admin.msp);
      await cp(own.gateway.identity.certificate, admin.certificate);
      await cp(own.gateway.identity.key, admin.key);
      const signed = join(directory, "signed.json");
      await cp(file, signed);
      const ran = await suyuan(["network", "change", "sign", signed, "--dir", dir, "--org", org]);
      expect(ran.code, ran.stderr).to.equal(0);
      return (JSON.parse(await readFile(signed, "utf8")) as Change).signatures.at(-1)!;
    }

    /** Of the developer's peer, which neither proposes nor applies. */
    async function channelNames(certificate: string): Promise<boolean> {
      const { directory, topology } = four.network;
      const developer = topology.organisations.find(({ name }) => name === "developer")!;
      const programs = await Programs.find(topology.ordering);
      const block = await new Administrator(directory, topology, developer, programs).configurationBlock();
      return Buffer.from(block).includes(await readFile(certificate));
    }

    it("renews a consenter once a majority has signed, and the network orders by the new certificate", () =>
      inDirectory(async (directory) => {
        const file = join(directory, "change.json");
        const { directory: dir } = four.network;
        const renewed = await suyuan(["network", "renew", "orderer", "--dir", dir, "--org", "operator", "--json"]);
        expect(renewed.code, renewed.stderr + renewed.stdout).to.equal(0);
        expect(await outcome(change("operator", "propose", "consenter", "--out", file))).to.equal("done");
        expect(await outcome(change("operator", "sign", file))).to.equal("change-signed-already");
        expect(await outcome(change("authority", "sign", file))).to.equal("done");
        expect(await outcome(change("operator", "apply", file))).to.equal("change-unsigned");

        const two = JSON.parse(await readFile(file, "utf8")) as Change;
        const thrice = join(directory, "thrice.json");
        await writeFile(thrice, JSON.stringify({ ...two, signatures: [...two.signatures, ...two.signatures] }));
        expect(await outcome(change("operator", "apply", thrice)), "the same two, twice").to.equal("change-unsigned");
        const [own, authority] = two.signatures as [Signature, Signature];
        await writeFile(thrice, JSON.stringify({ ...two, signatures: [own, authority, { ...authority, organisation: "source" }] }));
        expect(await outcome(change("operator", "apply", thrice)), "under another's name").to.equal("change-altered");
        await writeFile(thrice, JSON.stringify({ ...two, signatures: [own, { ...authority, header: own.header }] }));
        expect(await outcome(change("operator", "apply", thrice)), "another's header").to.equal("change-altered");
        await writeFile(thrice, JSON.stringify({ ...two, signatures: [own, authority, await byItsGateway("source", file, directory)] }));
        expect(await outcome(change("operator", "apply", thrice)), "by one who is no administrator").to.equal("change-altered");
        expect(await outcome(change("source", "sign", file))).to.equal("done");

        const whole = JSON.parse(await readFile(file, "utf8")) as Change;
        const other = publicFiles(dir, { name: "source" }).consenter;
        const altered = {
          ...whole,
          organisation: "source",
          content: { kind: "consenter", tls: await readFile(other.tls, "utf8"), identity: await readFile(other.identity, "utf8") },
        };
        const wrong = join(directory, "wrong.json");
        await writeFile(wrong, JSON.stringify(altered));
        expect(await outcome(change("developer", "sign", wrong)), "signatures for something else").to.equal("change-altered");
        await writeFile(wrong, JSON.stringify({ ...whole, organisation: "source" }));
        expect(await outcome(change("developer", "sign", wrong)), "another's certificates").to.equal("change-altered");
        await writeFile(wrong, JSON.stringify({ ...whole, network: "elsewhere.example" }));
        expect(await outcome(change("developer", "sign", wrong))).to.equal("change-of-another-network");

        const { consenter } = publicFiles(dir, { name: "operator" });
        for (const certificate of [consenter.identity, consenter.tls]) expect(await channelNames(certificate)).to.equal(false);
        const before = await four.height();
        expect(await outcome(change("operator", "apply", file))).to.equal("done");
        expect(await outcome(change("source", "apply", file)), "a second time").to.equal("change-outdated");
        expect(await four.height()).to.equal(before + 1);
        for (const certificate of [consenter.identity, consenter.tls]) expect(await channelNames(certificate)).to.equal(true);
      }));
  });
});
