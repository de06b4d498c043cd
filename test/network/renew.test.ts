import "reflect-metadata";
/** Certificates over the years: which are due, what of them changes, and what the command line says as their end comes near. */
import { expect } from "chai";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { copyFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OrganisationFiles, type Part, PARTS, publicFiles } from "../../network/directory";
import { issuedTo, signer } from "../../network/identities/organisation";
import { partsDue, renewPart } from "../../network/identities/renewal";
import { Network } from "../../network/network";
import type { Organisation } from "../../network/topology";
import { documents, errorCode, suyuan } from "../scripts/suyuan";

const DAY_MS = 24 * 3600_000;
/** Two years before, less so many days. */
const issuedSoThatItEndsIn = (days: number) => (): number => Date.now() - (730.5 - days) * DAY_MS;

describe("certificates that end", () => {
  let base: string;
  let network: Network;
  let source: Organisation;
  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), "suyuan-renew-"));
    network = await Network.init(join(base, "network"), join("network", "topology.yaml"));
    source = network.topology.organisations[3]!;
  });
  afterEach(() => rm(base, { recursive: true, force: true }));

  const pairsOf = (part: Part) => issuedTo(part, network.directory, network.topology, source).map(({ files }) => files);
  const read = async (part: Part): Promise<X509Certificate[]> =>
    Promise.all(pairsOf(part).map(async ({ certificate }) => new X509Certificate(await readFile(certificate))));
  const renew = (...args: string[]): ReturnType<typeof suyuan> =>
    suyuan(["network", "renew", "--dir", network.directory, "--org", "source", ...args, "--json"]);

  it("are due from 60 days before", async () => {
    expect(await partsDue(network, source)).to.deep.equal([]);
    expect(await partsDue(network, source, Date.now() + (730.5 - 61) * DAY_MS)).to.deep.equal([]);
    expect(await partsDue(network, source, Date.now() + (730.5 - 59) * DAY_MS)).to.deep.equal(PARTS);
    await renewPart(network, source, "gateway", issuedSoThatItEndsIn(59.5));
    expect(await partsDue(network, source)).to.deep.equal(["gateway"]);
  });

  it("are renewed by the organisation's own authority, with new keys, and then are due no more", async () => {
    for (const part of PARTS) {
      const before = await read(part);
      await renewPart(network, source, part);
      for (const [index, { certificate, key }] of pairsOf(part).entries()) {
        const now = new X509Certificate(await readFile(certificate));
        expect([now.subject, now.subjectAltName, now.issuer], part).to.deep.equal([
          before[index]?.subject,
          before[index]?.subjectAltName,
          before[index]?.issuer,
        ]);
        expect(now.serialNumber, part).not.to.equal(before[index]?.serialNumber);
        expect(now.checkPrivateKey(createPrivateKey(await readFile(key))), part).to.equal(true);
        expect(now.publicKey.equals(before[index]!.publicKey), part).to.equal(part === "orderer");
      }
    }
    expect(await partsDue(network, source)).to.deep.equal([]);
  });

  it("of the orderer keep its keys, and are published, so that they can be written into the channel", async () => {
    await renewPart(network, source, "orderer");
    const { consenter } = publicFiles(network.directory, source);
    const { msp, tls } = new OrganisationFiles(network.directory, source).node("orderer");
    expect(await readFile(consenter.identity, "utf8")).to.equal(await readFile(signer(msp).certificate, "utf8"));
    expect(await readFile(consenter.tls, "utf8")).to.equal(await readFile(tls.certificate, "utf8"));
  });

  it("are renewed by the command, those that are due or those that are named", async () => {
    await renewPart(network, source, "admin", issuedSoThatItEndsIn(-3));
    const due = await renew();
    expect([due.code, (documents(due) as { part: string }[]).map(({ part }) => part)]).to.deep.equal([0, ["admin"]]);
    expect(documents(await renew())).to.deep.equal([]);
    const named = documents(await renew("gateway")) as { part: string; until: string; restarted: string[] }[];
    expect(named.map(({ part, restarted }) => [part, restarted])).to.deep.equal([["gateway", []]]);
    expect(Date.parse(named[0]!.until) - Date.now()).to.be.above(729 * DAY_MS);
    const unknown = await renew("kitchen");
    expect([errorCode(unknown), unknown.code]).to.deep.equal(["value-invalid", 2]);
  });

  it("are finished by the next one where a renewal was broken off between key and certificate", async () => {
    const [gateway] = pairsOf("gateway");
    const [peer] = pairsOf("peer");
    await copyFile(peer!.key, gateway!.key);
    expect(await partsDue(network, source)).to.deep.equal(["gateway"]);
    await renew();
    expect(await partsDue(network, source)).to.deep.equal([]);
  });

  it("keep the network from starting once they have ended, and the error says whose, which, and what to do", async () => {
    await renewPart(network, source, "peer", issuedSoThatItEndsIn(-1));
    const ran = await suyuan(["network", "up", "--dir", network.directory, "--json"]);
    const [{ error }] = documents(ran) as [{ error: { code: string; message: string; next: string } }];
    expect([error.code, ran.code]).to.deep.equal(["certificate-expired", 5]);
    expect(error.message).to.contain(join("source", "peer"));
    expect(error.next).to.contain("suyuan network renew --org source");
  });
});
