import { expect } from "chai";
import fc from "fast-check";
import { SignJWT } from "jose";
import { leafHash } from "../../../chaincode/proof/rfc6962";
import type { Hash } from "../../../chaincode/proof/sha256";
import { signNote } from "../../../gateway/evidence/note";
import { generateSignerKey, publicCryptoKey, signBytes, type SignerKey } from "../../../gateway/evidence/note-key";
import { promiseGroup, type PromiseTerms, signPromise, verifyPromise } from "../../../gateway/evidence/promise";
import { leavesOf, mth } from "../../chaincode/proof/forest";
import { codeOf, JOURNAL, ORIGIN } from "./ledger";

const FROM = 1000;
const leaves = leavesOf(300);

describe("promise", () => {
  let key: SignerKey;
  before(async () => {
    ({ key } = await generateSignerKey(ORIGIN));
  });

  const terms = (size: number, changes: Partial<PromiseTerms> = {}): PromiseTerms => ({
    journal: JOURNAL,
    from: FROM,
    size,
    root: promiseGroup(leaves.slice(0, size).map(leafHash)).root,
    deadline: "2025-06-01T08:05:00+08:00",
    iat: 1_748_736_000,
    ...changes,
  });
  const path = (size: number, position: number): string => promiseGroup(leaves.slice(0, size).map(leafHash)).paths[position]!;
  const event = (position: number): { journal: string; index: number; leafHash: Hash } => ({
    journal: JOURNAL,
    index: FROM + position,
    leafHash: leafHash(leaves[position]!),
  });

  it("has the root of the tree of its leaves at every size", () => {
    for (let size = 0; size <= 300; size++)
      expect(promiseGroup(leaves.slice(0, size).map(leafHash)).root, `size ${size}`).to.equal(mth(leaves.slice(0, size)).toString("hex"));
  });

  it("holds for every event of a group", async () => {
    for (const size of [1, 2, 3, 7, 8, 33]) {
      const { paths } = promiseGroup(leaves.slice(0, size).map(leafHash));
      const jws = await signPromise(terms(size), key);
      for (const [position, path] of paths.entries())
        expect(await verifyPromise({ jws, path }, event(position), [key.verifier])).to.deep.equal({ ...terms(size), signer: key.verifier });
    }
  });

  it("holds for no other event, index or journal", async () => {
    const jws = await signPromise(terms(300), key);
    await fc.assert(
      fc.asyncProperty(fc.nat(299), fc.nat(299), async (position, other) => {
        fc.pre(position !== other);
        const promise = { jws, path: path(300, position) };
        expect(
          await codeOf(() => verifyPromise(promise, { ...event(position), leafHash: leafHash(leaves[other]!) }, [key.verifier])),
        ).to.equal("promise-differs");
        expect(await codeOf(() => verifyPromise(promise, { ...event(position), index: FROM + other }, [key.verifier]))).to.equal(
          "promise-differs",
        );
      }),
      { numRuns: 20 },
    );
    const promise = { jws, path: path(300, 0) };
    for (const change of [{ index: FROM - 1 }, { index: FROM + 300 }, { index: NaN }, { journal: "OperatorMSP/acts" }])
      expect(await codeOf(() => verifyPromise(promise, { ...event(0), ...change }, [key.verifier])), JSON.stringify(change)).to.equal(
        "promise-differs",
      );
  });

  it("is refused with any byte of it changed", async () => {
    const promise = { jws: await signPromise(terms(5), key), path: path(5, 2) };
    for (const part of ["jws", "path"] as const)
      for (let i = 0; i < promise[part].length; i++)
        for (const bit of [1, 2, 0x20]) {
          const character = String.fromCharCode(promise[part].charCodeAt(i) ^ bit);
          const changed = { ...promise, [part]: promise[part].slice(0, i) + character + promise[part].slice(i + 1) };
          expect(await codeOf(() => verifyPromise(changed, event(2), [key.verifier])), `${part} ${i}`).to.match(
            /^promise-|^key-not-in-trust$/,
          );
        }
  });

  it("is refused with a path that is cut or prolonged", async () => {
    const jws = await signPromise(terms(5), key);
    const whole = Buffer.from(path(5, 2), "base64");
    const refusals = [
      [whole.subarray(32), "promise-differs"],
      [Buffer.concat([whole, Buffer.alloc(32)]), "promise-differs"],
      [Buffer.alloc(32 * 54), "promise-differs"],
      [whole.subarray(1), "promise-malformed"],
      [Buffer.alloc(32 * 200), "promise-malformed"],
    ] as const;
    for (const [bytes, code] of refusals)
      expect(await codeOf(() => verifyPromise({ jws, path: bytes.toString("base64") }, event(2), [key.verifier]))).to.equal(code);
  });

  it("is refused from unknown keys", async () => {
    const { key: stranger } = await generateSignerKey(ORIGIN);
    const promise = { jws: await signPromise(terms(1), stranger), path: "" };
    expect(await codeOf(() => verifyPromise(promise, event(0), [key.verifier]))).to.equal("key-not-in-trust");
    expect(await codeOf(() => verifyPromise(promise, event(0), []))).to.equal("promise-key-unknown");
    const impostor: SignerKey = { verifier: key.verifier, privateKey: stranger.privateKey };
    expect(
      await codeOf(async () => verifyPromise({ jws: await signPromise(terms(1), impostor), path: "" }, event(0), [key.verifier])),
    ).to.equal("promise-signature-wrong");
  });

  it("is refused with terms of another shape, though signed", async () => {
    const changes: object[] = [
      { size: 0 },
      { from: -1 },
      { root: "AB" },
      { deadline: "tomorrow" },
      { deadline: "2025-06-01T08:05:00" },
      { more: 1 },
      { iat: undefined },
      { journal: "x" },
      { exp: 4_000_000_000 },
    ];
    for (const change of changes) {
      const jws = await signPromise({ ...terms(1), ...change }, key);
      expect(await codeOf(() => verifyPromise({ jws, path: "" }, event(0), [key.verifier])), JSON.stringify(change)).to.equal(
        "promise-malformed",
      );
    }
  });

  it("takes no token made for something else", async () => {
    const kid = `${key.verifier.name}+${key.verifier.id}`;
    const token = async (
      header: { alg: string; typ?: string; kid?: string; more?: string },
      secret: CryptoKey | Uint8Array,
    ): Promise<string> => new SignJWT({ ...terms(1) }).setProtectedHeader(header).sign(secret);
    const code = async (jws: string): Promise<string | undefined> =>
      codeOf(() => verifyPromise({ jws, path: "" }, event(0), [key.verifier]));
    const typ = "suyuan-promise+jwt";
    expect(await code(await token({ alg: "EdDSA", typ, kid }, key.privateKey))).to.equal(undefined);
    expect(await code(await token({ alg: "EdDSA", typ: "JWT", kid }, key.privateKey))).to.equal("promise-malformed");
    expect(await code(await token({ alg: "EdDSA", kid }, key.privateKey))).to.equal("promise-malformed");
    expect(await code(await token({ alg: "EdDSA", typ, kid, more: "" }, key.privateKey))).to.equal("promise-malformed");
    const publicKey = new Uint8Array(await crypto.subtle.exportKey("raw", await publicCryptoKey(key.verifier)));
    expect(await code(await token({ alg: "HS256", typ, kid }, publicKey))).to.equal("promise-malformed");
    for (const jws of ["", ".", "..", "a.b.c", "a.b.c.d", "x".repeat(10_000)]) expect(await code(jws), jws).to.equal("promise-malformed");
  });

  it("and notes cannot lend each other their signatures", async () => {
    const jws = await signPromise(terms(1), key);
    const [header = "", payload = ""] = jws.split(".");
    const note = await signNote(`${ORIGIN}\n1\n${payload}\n`, key);
    const borrowed = Buffer.from(note.slice(note.lastIndexOf(" ") + 1), "base64")
      .subarray(4)
      .toString("base64url");
    expect(await codeOf(() => verifyPromise({ jws: `${header}.${payload}.${borrowed}`, path: "" }, event(0), [key.verifier]))).to.equal(
      "promise-signature-wrong",
    );
    // What a promise signs has no newline, and what a note signs ends with one.
    const signed = await signBytes(key, Buffer.from(`${header}.${payload}`));
    expect(Buffer.from(signed).toString("base64url")).to.equal(jws.split(".")[2]);
    expect(note.split("\n\n")[0]).to.include("\n");
  });
});
