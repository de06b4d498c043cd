import { expect } from "chai";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { formatTrust, parseTrust, type TrustedJournal, type TrustedNetwork, type TrustFile } from "../../../gateway/evidence/trust";
import { mergeTrust } from "../../../gateway/evidence/trust-merge";
import { codeOf } from "./ledger";

describe("trust files of several makers", () => {
  const trust = parseTrust(readFileSync(join("test", "vectors", "network-trust.json")));
  const [network] = trust.networks as [TrustedNetwork];
  const [journal] = trust.journals as [TrustedJournal];
  const conflict = (other: Partial<TrustFile>): Promise<string | undefined> => codeOf(() => mergeTrust(trust, { ...trust, ...other }));
  const organisations = (change: (all: TrustedNetwork["organisations"]) => TrustedNetwork["organisations"]): Partial<TrustFile> => ({
    networks: [{ ...network, organisations: change(network.organisations) }],
  });

  it("are one that has the networks and journals of all", () => {
    expect(mergeTrust(trust, trust)).to.deep.equal(trust);
    expect(mergeTrust({ ...trust, journals: [] }, trust)).to.deep.equal(trust);
    expect(mergeTrust({ ...trust, networks: [], journals: [] }, trust)).to.deep.equal(trust);
    expect(parseTrust(formatTrust(mergeTrust({ ...trust, journals: [] }, trust)))).to.deep.equal(trust);
  });

  it("must not differ on an organisation, its authorities or a journal's keys", async () => {
    expect(await conflict(organisations(([, ...rest]) => rest))).to.equal("trust-conflict");
    expect(await conflict(organisations((all) => [...all, { mspId: "FifthMSP", certificates: [] }]))).to.equal("trust-conflict");
    expect(await conflict(organisations(([, ...rest]) => [{ mspId: "FifthMSP", certificates: [] }, ...rest]))).to.equal("trust-conflict");
    expect(await conflict(organisations((all) => all.map((one) => ({ ...one, certificates: [] }))))).to.equal("trust-conflict");
    expect(await conflict({ networks: [{ ...network, channel: "x" }] })).to.equal("trust-conflict");
    expect(await conflict({ journals: [{ ...journal, keys: [] }] })).to.equal("trust-conflict");
    expect(await conflict({ journals: [{ ...journal, journal: "OperatorMSP/acts" }] })).to.equal("trust-conflict");
  });

  it("add up what is revoked, from the earlier time on", () => {
    const since = (time: string): TrustFile => ({
      ...trust,
      ...organisations((all) => all.map((one) => ({ ...one, revoked: [{ serial: "7", since: time }] }))),
    });
    const [early, late] = [since("2026-01-01T00:00:00Z"), since("2026-02-01T00:00:00Z")];
    for (const [one, other] of [
      [early, late],
      [late, early],
      [trust, early],
    ] as const)
      expect(mergeTrust(one, other)).to.deep.equal(early);
  });
});
