import { expect } from "chai";
import fc from "fast-check";
import { formatVerifierKey, generateSignerKey, isKeyName, parseSignerKey, parseVerifierKey } from "../../../gateway/evidence/note-key";
import { MAX_NOTE, parseNote, signNote, verifyNote } from "../../../gateway/evidence/note";

// The example of Go's golang.org/x/mod/sumdb/note.
const VERIFIER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const SIGNER = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
const TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const LINE = "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
const NOTE = `${TEXT}\n${LINE}`;

describe("keys of notes", () => {
  it("are spelled as Go spells them", async () => {
    const key = (await parseSignerKey(SIGNER))!;
    expect(formatVerifierKey(key.verifier)).to.equal(VERIFIER);
    expect(formatVerifierKey(parseVerifierKey(VERIFIER)!)).to.equal(VERIFIER);
    const others = [
      "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
      "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
    ];
    for (const text of others) expect(formatVerifierKey(parseVerifierKey(text)!)).to.equal(text);
  });

  it("can be made, kept as text, and read again", async () => {
    const { key, text } = await generateSignerKey("ledger.example/operator/facts");
    const again = (await parseSignerKey(text))!;
    expect(again.verifier).to.deep.equal(key.verifier);
    expect(await signNote(TEXT, again)).to.equal(await signNote(TEXT, key));
    expect((await generateSignerKey("ledger.example/operator/facts")).text).not.to.equal(text);
  });

  it("are refused when any character of them is changed", async () => {
    for (let i = 0; i < VERIFIER.length; i++) {
      const replacement = VERIFIER[i] === "A" ? "B" : "A";
      expect(parseVerifierKey(VERIFIER.slice(0, i) + replacement + VERIFIER.slice(i + 1)), `character ${i}`).to.equal(undefined);
    }
    const bad = ["", "a", "a+b", "a+b+c", `${VERIFIER}A`, VERIFIER.toUpperCase(), VERIFIER.replace("+", " +"), SIGNER];
    for (const text of bad) expect(parseVerifierKey(text), text).to.equal(undefined);
    for (const text of [
      "",
      VERIFIER,
      SIGNER.replace("c74f20a3", "c74f20a4"),
      SIGNER.replace("AYEK", "AYEL"),
      SIGNER.replace("Peter", "Pieter"),
    ])
      expect(await parseSignerKey(text), text).to.equal(undefined);
  });

  it("have names without spaces, plus or anything invisible", () => {
    expect(isKeyName("ledger.example/operator/facts")).to.equal(true);
    for (const name of ["", "a b", "a+b", "a\n", "é", "a\u00a0b", "a".repeat(256)]) expect(isKeyName(name), name).to.equal(false);
  });
});

describe("signed note", () => {
  it("is what Go signs", async () => {
    expect(await signNote(TEXT, (await parseSignerKey(SIGNER))!)).to.equal(NOTE);
    expect(parseNote(NOTE)?.text).to.equal(TEXT);
    expect(await verifyNote(parseNote(NOTE)!, [parseVerifierKey(VERIFIER)!])).to.deep.equal([parseVerifierKey(VERIFIER)]);
  });

  it("is what others sign", async () => {
    const note =
      "This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";
    const key = parseVerifierKey("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")!;
    expect(await verifyNote(parseNote(note)!, [key])).to.deep.equal([key]);
  });

  it("may have empty lines in its text: the last one ends it", async () => {
    const { key } = await generateSignerKey("a.example");
    const note = parseNote(await signNote("one\n\n\ntwo\n", key))!;
    expect(note.text).to.equal("one\n\n\ntwo\n");
    expect(await verifyNote(note, [key.verifier])).to.deep.equal([key.verifier]);
  });

  it("counts signatures of known keys only", async () => {
    const known = parseVerifierKey(VERIFIER)!;
    const stranger = (await generateSignerKey("PeterNeumann")).key;
    const theirs = (await signNote(TEXT, stranger)).slice(TEXT.length + 1);
    const witness = `— 見證.example ${Buffer.alloc(4000, 1).toString("base64")}\n`;
    expect(await verifyNote(parseNote(NOTE + theirs + witness.repeat(15))!, [known])).to.deep.equal([known]);
    expect(await verifyNote(parseNote(NOTE + theirs)!, [known, stranger.verifier])).to.deep.equal([known, stranger.verifier]);
    expect(await verifyNote(parseNote(`${TEXT}\n${theirs}`)!, [known])).to.deep.equal([]);
    expect(await verifyNote(parseNote(NOTE)!, [])).to.deep.equal([]);
  });

  it("is wrong as a whole if the signature of a known key is", async () => {
    const known = parseVerifierKey(VERIFIER)!;
    expect(await verifyNote(parseNote(`T${NOTE}`)!, [known])).to.equal("wrong");
    const { key } = await generateSignerKey("a.example");
    const mixed = `t${NOTE}${(await signNote(`t${TEXT}`, key)).slice(TEXT.length + 2)}`;
    expect(await verifyNote(parseNote(mixed)!, [key.verifier])).to.deep.equal([key.verifier]);
    expect(await verifyNote(parseNote(mixed)!, [key.verifier, known])).to.equal("wrong");
  });

  it("is never verified with a byte of it changed", async () => {
    const bytes = Buffer.from(NOTE);
    const known = [parseVerifierKey(VERIFIER)!];
    for (let i = 0; i < bytes.length; i++) {
      const changed = Buffer.from(bytes);
      changed[i]! ^= 1;
      const note = parseNote(changed.toString());
      const signers = note === undefined ? [] : await verifyNote(note, known);
      expect(signers === "wrong" || signers.length === 0, `byte ${i}`).to.equal(true);
    }
  });

  it("is refused when malformed", () => {
    const bad = [
      "",
      "\n",
      "\n\n",
      TEXT,
      `${TEXT}\n`,
      NOTE.slice(0, -1),
      `${NOTE}\n`,
      `${NOTE} `,
      `${TEXT}${LINE}`,
      NOTE.replace("— ", "- "),
      NOTE.replace("— ", "—"),
      NOTE.replace("PeterNeumann x", "Peter Neumann x"),
      NOTE.replace("PeterNeumann x", "Peter+Neumann x"),
      NOTE.replace("PeterNeumann x", "Peter\u00a0Neumann x"),
      NOTE.replace("nAM=", "nAN="),
      NOTE.replace("nAM=", "nAM"),
      NOTE.replaceAll("\n", "\r\n"),
      `a\u0000${NOTE}`,
      `a\ud800${NOTE}`,
      `${TEXT}\n— a AAAA\n`,
      `${TEXT}\n— a AAAAAA==\n`,
      "x".repeat(MAX_NOTE) + NOTE,
    ];
    for (const note of bad) expect(parseNote(note), JSON.stringify(note.slice(-200))).to.equal(undefined);
  });

  it("never comes from a text that could not be read again", async () => {
    const { key } = await generateSignerKey("a.example");
    const refused = async (text: string): Promise<boolean> => {
      try {
        await signNote(text, key);
        return false;
      } catch (error) {
        expect(error).to.be.instanceOf(RangeError);
        return true;
      }
    };
    for (const text of ["", "no newline", "tab\t\n", "\ud800\n"]) expect(await refused(text), JSON.stringify(text)).to.equal(true);
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: fc.constantFrom("\n", "a", "— ", "\t", "\r", "é"), maxLength: 8 }), async (text) => {
        if (!(await refused(text))) expect(parseNote(await signNote(text, key))?.text).to.equal(text);
      }),
    );
  });
});
