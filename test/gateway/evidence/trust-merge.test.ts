import { expect } from "chai";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { formatVerifierKey, generateSignerKey, type VerifierKey } from "../../../gateway/evidence/note-key";
import {
  formatTrust,
  parseTrust,
  type TrustedJournal,
  type TrustedKey,
  type TrustedNetwork,
  type TrustFile,
} from "../../../gateway/evidence/trust";
import { mergeTrust } from "../../../gateway/evidence/trust-merge";
import { Authority, codeOf } from "./ledger";

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

  describe("of one maker, at several times", () => {
    const named = (validFrom: string, validUntil?: string, { key } = journal.keys[0]!): TrustedKey => ({
      key,
      validFrom,
      ...(validUntil === undefined ? {} : { validUntil }),
    });
    const of = (...keys: readonly TrustedKey[]): TrustFile => ({ ...trust, journals: [{ ...journal, keys }] });
    const [start, turn, end] = ["2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"];
    let [next, third]: VerifierKey[] = [];
    before(async () => {
      [next, third] = await Promise.all([1, 2].map(async () => (await generateSignerKey(journal.origin)).key.verifier));
    });
    const following = (validFrom: string, key = next, validUntil?: string): TrustedKey =>
      named(validFrom, validUntil, { key: formatVerifierKey(key!), validFrom });
    const both = (one: TrustFile, other: TrustFile, whole: TrustFile): void => {
      expect(mergeTrust(one, other)).to.deep.equal(whole);
      expect(mergeTrust(other, one)).to.deep.equal(whole);
    };

    it("have the keys of all times, whichever file is older", () => {
      const old = of(named(start));
      const rotated = of(named(start, turn), following(turn));
      both(old, rotated, rotated);
      const again = of(named(start, turn), following(turn, next, end), following(end, third));
      both(old, again, again);
      both(rotated, again, again);
      // Only the newer key is left in it, say, since somebody wrote it again; what was before is in the other.
      both(of(following(turn)), rotated, rotated);
      both(of(following(turn, next, end), following(end, third)), rotated, again);
    });

    it("end a key at the earlier time: it was stolen, as became known later", () => {
      const stolen = of(named(start, start), following(turn));
      both(of(named(start, turn), following(turn)), stolen, stolen);
    });

    it("have one beginning of a key, though an older version dated it to the millisecond", () => {
      both(of(named(start)), of(named("2026-01-01T00:00:00.999Z")), of(named(start)));
    });

    it("do not let two keys be in force at a time, nor begin another than the one that is known", async () => {
      for (const other of [of(named(start), following(turn)), of(named(start, end), following(turn)), of(following(turn)), of(named(turn))])
        expect(await codeOf(() => mergeTrust(of(named(start)), other))).to.equal("trust-conflict");
    });

    it("have the authorities of all times, where both know one of them", async () => {
      const [first, ...others] = network.organisations;
      const authority = await Authority.create("CN=ca2,O=x");
      const renewed = organisations(() => [{ ...first!, certificates: [...first!.certificates, authority.pem] }, ...others]);
      both(trust, { ...trust, ...renewed }, { ...trust, ...renewed });
      expect(await conflict(organisations(() => [{ ...first!, certificates: [authority.pem] }, ...others]))).to.equal("trust-conflict");
    });

    it("end a witness's key as they do a journal's", () => {
      const witness = { key: "w", validFrom: start };
      const seen = (...witnesses: readonly TrustedKey[]): TrustFile => ({ ...trust, witnesses });
      both(seen(witness), seen({ ...witness, validUntil: turn }), seen({ ...witness, validUntil: turn }));
    });
  });
});
