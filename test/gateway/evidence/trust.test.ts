import { expect } from "chai";
import { canonicalText } from "../../../chaincode/proof/canonical";
import { formatTrust, parseTrust, type TrustFile } from "../../../gateway/evidence/trust";
import { Authority, codeOf, world, type World } from "./ledger";

describe("trust file", () => {
  let trust: TrustFile;
  let ledger: World;
  before(async () => {
    ledger = await world();
    ({ trust } = ledger);
  });

  const code = (change: object): Promise<string | undefined> => codeOf(() => parseTrust(canonicalText({ ...trust, ...change })));

  it("is read as it was written, however it is set out", () => {
    expect(parseTrust(formatTrust(trust))).to.deep.equal(trust);
    expect(parseTrust(Buffer.from(JSON.stringify(trust, null, 2)))).to.deep.equal(trust);
  });

  it("may say until when a key was valid", async () => {
    const [journal] = trust.journals;
    const keys = [{ ...journal!.keys[0]!, validUntil: "2025-12-31T23:59:59+08:00" }];
    expect(await code({ journals: [{ ...journal!, keys }] })).to.equal(undefined);
    expect(await code({ journals: [{ ...journal!, keys: [{ ...keys[0], validUntil: "2025-12-31" }] }] })).to.equal("trust-malformed");
  });

  it("is closed", async () => {
    const [network, journal] = [trust.networks[0]!, trust.journals[0]!];
    const bad: object[] = [
      { format: "suyuan-trust/2" },
      { more: 1 },
      { networks: {} },
      { networks: [{ ...network, kind: "other" }] },
      { networks: [{ ...network, network: "" }] },
      { networks: [{ ...network, more: 1 }] },
      { networks: [{ ...network, organisations: [{ mspId: "a/b", certificates: [] }] }] },
      { networks: [{ ...network, organisations: [{ mspId: "OperatorMSP" }] }] },
      ...["", "0a", "0A", "A"].map((serial) => ({
        networks: [
          { ...network, organisations: [{ mspId: "OperatorMSP", certificates: [], revoked: [{ serial, since: "2025-01-01T00:00:00Z" }] }] },
        ],
      })),
      { journals: [{ ...journal, journal: "facts" }] },
      { journals: [{ ...journal, origin: "a b" }] },
      { journals: [{ ...journal, keys: ["key"] }] },
    ];
    for (const change of bad) expect(await code(change), JSON.stringify(change).slice(0, 80)).to.equal("trust-malformed");
    for (const text of ["", "{", "{}", "null", '{"format":"suyuan-trust/1","format":"suyuan-trust/1"}'])
      expect(await codeOf(() => parseTrust(text)), text).to.equal("trust-malformed");
  });

  it("means one thing only", async () => {
    const [network, journal] = [trust.networks[0]!, trust.journals[0]!];
    expect(await code({ networks: [network, network] })).to.equal("trust-malformed");
    expect(await code({ journals: [journal, journal] })).to.equal("trust-malformed");
    expect(await code({ journals: [journal, { ...journal, journal: "OperatorMSP/acts" }] })).to.equal("trust-malformed");
    const [organisation] = network.organisations;
    expect(await code({ networks: [{ ...network, organisations: [organisation, organisation] }] })).to.equal("trust-malformed");
    expect(await code({ journals: [{ ...journal, network: "elsewhere.example" }] })).to.equal("trust-malformed");
    expect(await code({ journals: [{ ...journal, origin: "ledger.example/other" }] })).to.equal("trust-malformed");
  });

  it("names authorities, not those they issue certificates to", async () => {
    const [network] = trust.networks;
    const noAuthority = await Authority.create("CN=x,O=x", { ca: false });
    for (const pem of ["", "PEM", ledger.node.pem, noAuthority.pem, ledger.authority.pem.replace("MII", "MIJ")])
      expect(await code({ networks: [{ ...network!, organisations: [{ mspId: "OperatorMSP", certificates: [pem] }] }] })).to.equal(
        "trust-malformed",
      );
  });
});
