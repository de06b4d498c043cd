import "reflect-metadata";
import { expect } from "chai";
import * as x509 from "@peculiar/x509";
import { spawnSync } from "node:child_process";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OrganisationFiles, publicFiles } from "../../network/directory";
import { isLowS } from "../../network/identities/authority";
import { firstToEnd } from "../../network/identities/expiry";
import { certificatesOf, signer } from "../../network/identities/organisation";
import { enrol } from "../../network/identities/enrolment";
import { revoke } from "../../network/identities/revocation";
import { Network } from "../../network/network";
import type { Organisation } from "../../network/topology";
import { suyuan } from "../scripts/suyuan";

const ATTRIBUTES = "1.2.3.4.5.6.7.8.1";
const PARTY = "11990000MB1A000443";
const DAY_MS = 24 * 3600_000;

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "done",
    (error: unknown) => (error as { code: string }).code,
  );

describe("identities of a network", () => {
  let base: string;
  let network: Network;
  before(async () => {
    base = await mkdtemp(join(tmpdir(), "suyuan-identities-"));
    network = await Network.init(join(base, "network"), join("network", "topology.yaml"));
  });
  after(() => rm(base, { recursive: true, force: true }));

  const certificates = (): Promise<readonly { file: string; pem: string; parsed: X509Certificate }[]> =>
    Promise.all(
      network.topology.organisations
        .flatMap((one) => certificatesOf(network.directory, network.topology, one))
        .map(async (file) => {
          const pem = await readFile(file, "utf8");
          return { file, pem, parsed: new X509Certificate(pem) };
        }),
    );

  it("last: authorities 15 years, all others 2", async () => {
    const now = Date.now();
    for (const { file, parsed } of await certificates()) {
      const days = (new Date(parsed.validTo).getTime() - now) / DAY_MS;
      expect(Math.round(days / 365.25), file).to.equal(parsed.ca ? 15 : 2);
      expect(new Date(parsed.validFrom).getTime(), file).to.be.below(now);
    }
    const files = (await certificates()).map(({ file }) => file);
    expect((await firstToEnd(files)).days).to.be.within(729, 731);
    expect((await firstToEnd(files, now + 731 * DAY_MS)).days).to.equal(-1);
  });

  it("are P-256, name their subject's key, and carry the lower of the two signatures", async () => {
    for (const { file, pem, parsed } of await certificates()) {
      expect(parsed.publicKey.asymmetricKeyDetails?.namedCurve, file).to.equal("prime256v1");
      const certificate = new x509.X509Certificate(pem);
      expect(certificate.getExtension(x509.SubjectKeyIdentifierExtension), file).not.to.equal(null);
      expect(isLowS(Buffer.from(certificate.signature)), file).to.equal(true);
    }
  });

  it("are issued by their own organisation's authority and by no other", async () => {
    const { organisations } = network.topology;
    const authorities = await Promise.all(
      organisations.map(async (one) => new X509Certificate(await readFile(publicFiles(network.directory, one).authority))),
    );
    for (const [index, one] of organisations.entries()) {
      const node = new X509Certificate(await readFile(signer(new OrganisationFiles(network.directory, one).node("peer").msp).certificate));
      expect(authorities.map((authority) => node.verify(authority.publicKey))).to.deep.equal(
        organisations.map((_, other) => other === index),
      );
    }
  });

  it("say what part they have, the gateway's also its party and role, in an extension that need not be understood", async () => {
    for (const one of network.topology.organisations) {
      const own = new OrganisationFiles(network.directory, one);
      const units = await Promise.all(
        [own.node("peer").msp, own.node("orderer").msp, own.admin.msp].map(async (msp) => {
          const { subject } = new X509Certificate(await readFile(signer(msp).certificate));
          return /OU=(\w+)/.exec(subject)?.[1];
        }),
      );
      expect(units).to.deep.equal(["peer", "orderer", "admin"]);
      const gateway = new x509.X509Certificate(await readFile(own.gateway.identity.certificate, "utf8"));
      const extension = gateway.getExtension(ATTRIBUTES);
      expect(extension?.critical).to.equal(false);
      const attributes: unknown = JSON.parse(Buffer.from(extension?.value ?? new ArrayBuffer()).toString("utf8"));
      expect(attributes).to.deep.equal({ attrs: { party: one.party.code, role: "gateway" } });
    }
  });

  it("keep private keys to their owner's folder, in files that only their owner reads", async () => {
    const entries = await readdir(network.directory, { recursive: true, withFileTypes: true });
    let keys = 0;
    for (const entry of entries.filter((one) => one.isFile())) {
      const file = join(entry.parentPath, entry.name);
      const content = await readFile(file, "utf8");
      if (!content.includes("PRIVATE KEY")) continue;
      keys++;
      expect((await stat(file)).mode & 0o077, file).to.equal(0);
      expect(file.startsWith(join(network.directory, "public")), file).to.equal(false);
      expect(createPrivateKey(content).asymmetricKeyType, file).to.equal("ec");
    }
    expect(keys).to.equal(4 * 12);
  });

  it("are an enrolled party's by the attributes of party and role, where its organisation hosts that role", async () => {
    const { directory, topology } = network;
    const source = topology.organisations[3]!;
    const { identity, tls } = await enrol(directory, topology, source, PARTY, "source");
    expect(new X509Certificate(await readFile(identity.certificate)).subject).to.contain("OU=client");
    const extension = new x509.X509Certificate(await readFile(identity.certificate, "utf8")).getExtension(ATTRIBUTES);
    const attributes: unknown = JSON.parse(Buffer.from(extension?.value ?? new ArrayBuffer()).toString("utf8"));
    expect(attributes).to.deep.equal({ attrs: { party: PARTY, role: "source" } });
    for (const { certificate, key } of [identity, tls])
      expect(new X509Certificate(await readFile(certificate)).checkPrivateKey(createPrivateKey(await readFile(key)))).to.equal(true);
    for (const role of ["authority", "gateway"]) {
      expect(await codeOf(enrol(directory, topology, source, PARTY, role)), role).to.equal("role-not-hosted");
      const told = await suyuan(["network", "enrol", "--dir", directory, "--org", "source", "--party", PARTY, "--role", role, "--json"]);
      expect(told.code, role).to.equal(role === "authority" ? 3 : 2);
    }
  });

  it("are taken back in a list that their authority signs, one after the other, and only by who issued them", async () => {
    const { directory, topology } = network;
    const [, operator, developer] = topology.organisations as [Organisation, Organisation, Organisation];
    const certificatesTaken = [operator, operator].map(
      (one, index) => signer(new OrganisationFiles(directory, one).node(index === 0 ? "peer" : "orderer").msp).certificate,
    );
    for (const file of certificatesTaken) await revoke(directory, operator, file);
    const list = publicFiles(directory, operator).revocations;
    // As another program reads it.
    const read = spawnSync("openssl", ["crl", "-in", list, "-noout", "-text", "-CAfile", publicFiles(directory, operator).authority], {
      encoding: "utf8",
    });
    expect(read.stderr).to.contain("verify OK");
    for (const file of certificatesTaken)
      expect(read.stdout.replaceAll(":", "")).to.contain(new X509Certificate(await readFile(file)).serialNumber);
    expect(await codeOf(revoke(directory, developer, certificatesTaken[0]!))).to.equal("certificate-of-another");
  });

  it("leave nothing half-made, and are never made over", async () => {
    expect(await readdir(base)).to.deep.equal(["network"]);
    expect(await codeOf(Network.init(network.directory, join("network", "topology.yaml")))).to.equal("network-exists");
  });
});
