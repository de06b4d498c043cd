import { expect } from "chai";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from "jose";
import { Auth, type KeySet } from "../../../gateway/http/auth";
import { Problem } from "../../../gateway/http/problem";

const PARTY = "91990000MA1A00024N";

class Issuer {
  private constructor(
    readonly kid: string,
    private readonly alg: string,
    private readonly keys: { readonly publicKey: CryptoKey; readonly privateKey: CryptoKey },
  ) {}

  static async create(kid: string, alg = "EdDSA"): Promise<Issuer> {
    return new Issuer(kid, alg, await generateKeyPair(alg, { extractable: true }));
  }

  async jwk(): Promise<object> {
    return { ...(await exportJWK(this.keys.publicKey)), kid: this.kid, alg: this.alg, use: "sig" };
  }

  /** @param claims change or, where undefined, take away the usual ones */
  token(claims: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const payload = { aud: "suyuan", exp: now + 60, party: PARTY, role: "platform", ...claims } as JWTPayload;
    return new SignJWT(payload).setProtectedHeader({ alg: this.alg, kid: this.kid }).sign(this.keys.privateKey);
  }
}

describe("tokens", () => {
  let directory: string;
  let file: string;
  let issuer: Issuer;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "suyuan-auth-"));
    file = join(directory, "jwks.json");
    issuer = await Issuer.create("first");
  });
  after(() => rm(directory, { recursive: true }));
  beforeEach(() => publish(issuer));

  const publish = async (...issuers: Issuer[]): Promise<void> =>
    writeFile(file, JSON.stringify({ keys: await Promise.all(issuers.map((it) => it.jwk())) }));

  const principal = async (authorization: string | undefined, keys: KeySet = { file }): Promise<unknown> =>
    new Auth(keys).principal(authorization);

  async function code(authorization: string | undefined, keys?: KeySet): Promise<string> {
    try {
      await principal(authorization, keys);
      return "taken";
    } catch (error) {
      if (error instanceof Problem) return error.code;
      throw error;
    }
  }
  const codeOf = async (claims: Readonly<Record<string, unknown>>): Promise<string> => code(`Bearer ${await issuer.token(claims)}`);

  it("say who reports, in which roles", async () => {
    expect(await principal(`Bearer ${await issuer.token()}`)).to.deep.include({ party: PARTY, roles: ["platform"] });
    expect(await principal(`bearer ${await issuer.token({ role: ["platform", "developer"] })}`)).to.deep.include({
      roles: ["platform", "developer"],
    });
  });

  it("may be signed with ES256", async () => {
    const other = await Issuer.create("second", "ES256");
    await publish(issuer, other);
    expect(await principal(`Bearer ${await other.token()}`)).to.include({ party: PARTY });
  });

  it("that are missing", async () => {
    for (const header of [undefined, "", "Bearer", "Bearer ", "Basic dTpw", "Bearer a b"])
      expect(await code(header), header).to.equal("token-missing");
  });

  it("that are no tokens, or not for this gateway", async () => {
    expect(await code("Bearer x.y.z")).to.equal("token-invalid");
    expect(await codeOf({ aud: "elsewhere" })).to.equal("token-invalid");
    expect(await codeOf({ aud: undefined })).to.equal("token-invalid");
    expect(await codeOf({ exp: undefined })).to.equal("token-invalid");
    expect(await codeOf({ nbf: Math.floor(Date.now() / 1000) + 60 })).to.equal("token-invalid");
    expect(await codeOf({ party: undefined })).to.equal("token-invalid");
    for (const party of [5, "", "X", PARTY.slice(1), `${PARTY}0`, PARTY.toLowerCase(), ` ${PARTY.slice(1)}`, `${PARTY.slice(1)}I`])
      expect(await codeOf({ party }), String(party)).to.equal("token-invalid");
    expect(await codeOf({ role: "emperor" })).to.equal("token-invalid");
    expect(await codeOf({ role: [] })).to.equal("token-invalid");
    expect(await codeOf({ role: ["platform", "emperor"] })).to.equal("token-invalid");
  });

  it("that another key signed, or none", async () => {
    const stranger = await Issuer.create("first");
    expect(await code(`Bearer ${await stranger.token()}`)).to.equal("token-invalid");
    expect(await code(`Bearer ${await (await Issuer.create("unknown")).token()}`)).to.equal("token-invalid");
    const unsecured = new UnsecuredJWT({ aud: "suyuan", party: PARTY, role: "platform" }).setExpirationTime("1m").encode();
    expect(await code(`Bearer ${unsecured}`)).to.equal("token-invalid");
    const [head = "", , signature = ""] = (await issuer.token()).split(".");
    const [, other = ""] = (await issuer.token({ role: "authority" })).split(".");
    expect(await code(`Bearer ${head}.${other}.${signature}`)).to.equal("token-invalid");
    const rsa = await Issuer.create("rsa", "RS256");
    await publish(issuer, rsa);
    expect(await code(`Bearer ${await rsa.token()}`)).to.equal("token-invalid");
  });

  it("that have expired, also after they were known", async () => {
    expect(await codeOf({ exp: Math.floor(Date.now() / 1000) - 1 })).to.equal("token-expired");
    const auth = new Auth({ file });
    const exp = Math.floor(Date.now() / 1000) + 1;
    const header = `Bearer ${await issuer.token({ exp })}`;
    await auth.principal(header);
    expect(auth.principal(header)).to.not.be.instanceOf(Promise);
    await new Promise((resolve) => setTimeout(resolve, exp * 1000 - Date.now() + 5));
    try {
      await auth.principal(header);
      expect.fail("an expired token was taken");
    } catch (error) {
      expect(error).to.include({ code: "token-expired" });
    }
  });

  it("of a key set at an address, which may be out of reach", async () => {
    const server = createServer((_, response) => void issuer.jwk().then((jwk) => response.end(JSON.stringify({ keys: [jwk] }))));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`;
    const header = `Bearer ${await issuer.token()}`;
    expect(await principal(header, { url })).to.include({ party: PARTY });
    server.close();
    server.closeAllConnections();
    expect(await code(header, { url })).to.equal("keys-unavailable");
  });

  it("of a key that was added to the file after the start", async () => {
    const auth = new Auth({ file }, { rereadAfter: 0 });
    await auth.principal(`Bearer ${await issuer.token()}`);
    const next = await Issuer.create("next");
    await publish(issuer, next);
    expect(await auth.principal(`Bearer ${await next.token()}`)).to.include({ party: PARTY });
  });
});
