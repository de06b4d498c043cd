/** A change file comes from others: whatever is none is said to be none. */
import { expect } from "chai";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Change, readChange, writeChange } from "../../network/change/change";
import { NetworkError } from "../../network/errors";
import { Authority } from "../../network/identities/authority";
import { inDirectory } from "../scripts/suyuan";

/** A list of an authority that is gone. */
const list = inDirectory(async (directory) => {
  const files = { certificate: join(directory, "ca.pem"), key: join(directory, "ca.key") };
  const authority = await Authority.create(files, "SourceMSP", "ca");
  return authority.revoke(undefined, authority.certificate);
});
const changeOf = async (): Promise<Change> => ({
  version: 1,
  network: "four-party.suyuan",
  channel: "suyuan",
  base: 3,
  organisation: "source",
  content: { kind: "revocation", list: await list },
  signatures: [{ organisation: "source", header: "AAAA", signature: "AAAA" }],
});
const GARBAGE = "\nMIIB\n";
const pem = (label: string): string => `-----BEGIN ${label}-----${GARBAGE}-----END ${label}-----\n`;

const codeOf = (file: string): Promise<string> =>
  readChange(file).then(
    () => "read",
    (error: unknown) => (error instanceof NetworkError ? error.code : "another error"),
  );

describe("a change file", () => {
  it("is read as it was written", () =>
    inDirectory(async (directory) => {
      const file = join(directory, "change.json");
      const change = await changeOf();
      await writeChange(file, change);
      expect(await readChange(file)).to.deep.equal(change);
    }));

  const none: Readonly<Record<string, (change: Change) => string>> = {
    "no JSON": () => "{",
    "another version": (change) => JSON.stringify({ ...change, version: 2 }),
    "something beside it": (change) => JSON.stringify({ ...change, note: "harmless" }),
    "an unknown kind": (change) => JSON.stringify({ ...change, content: { kind: "policy" } }),
    "a list that is no PEM": (change) => JSON.stringify({ ...change, content: { kind: "revocation", list: "list" } }),
    "a list that is none": (change) => JSON.stringify({ ...change, content: { kind: "revocation", list: pem("X509 CRL") } }),
    "certificates that are none": (change) =>
      JSON.stringify({ ...change, content: { kind: "consenter", identity: pem("CERTIFICATE"), tls: pem("CERTIFICATE") } }),
    "a name that moves the cursor": (change) => JSON.stringify({ ...change, organisation: "source\u001b[2A" }),
    "a negative base": (change) => JSON.stringify({ ...change, base: -1 }),
    "no signatures": (change) => JSON.stringify({ ...change, signatures: undefined }),
    "more than a megabyte": (change) => JSON.stringify(change) + " ".repeat(1024 * 1024),
  };
  for (const [what, written] of Object.entries(none))
    it(`is refused: ${what}`, () =>
      inDirectory(async (directory) => {
        const file = join(directory, "change.json");
        await writeFile(file, written(await changeOf()));
        expect(await codeOf(file)).to.equal("change-unreadable");
      }));

  it("is refused where there is none", () =>
    inDirectory(async (directory) => {
      expect(await codeOf(join(directory, "change.json"))).to.equal("change-unreadable");
    }));
});
