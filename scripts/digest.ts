/** `suyuan digest`: the salted digest that stands on the ledger in place of a document. */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";
import { Exit, Failure, reasonOf } from "./failure";
import type { Output } from "./output";
import { text } from "./texts";

/** Of a salt: as many as of the digest, so that nobody finds a short document by trying. */
const SALT_BYTES = 32;

export interface DigestOptions {
  /** 32 bytes in hex; random if missing. */
  readonly salt?: string;
  /** A digest that the document must have. */
  readonly check?: string;
}

export interface SaltedDigest {
  /** SHA-256(salt || bytes), lower-case hex. */
  readonly digest: string;
  /** Lower-case hex. */
  readonly salt: string;
  readonly bytes: number;
}

/** @returns exit code; `unverified` where the digest is not the one given */
export async function digest(file: string, options: DigestOptions, output: Output): Promise<number> {
  const salt = options.salt === undefined ? randomBytes(SALT_BYTES) : hex("--salt", options.salt);
  const expected = options.check === undefined ? undefined : hex("--check", options.check);
  if (expected !== undefined && options.salt === undefined) throw new Failure("option-missing", { name: "--salt", command: "digest" });
  const found = await digestOf(file, salt, output);
  if (expected === undefined) {
    output.document(found);
    for (const name of ["digest", "salt", "bytes"] as const) output.line(`${name.padEnd(6)}  ${found[name]}`);
    output.note(text("digest.keep-salt"));
    return Exit.done;
  }
  const matches = timingSafeEqual(expected, Buffer.from(found.digest, "hex"));
  output.document({ ...found, matches });
  output.line(
    matches ? output.style("green", text("digest.matches")) : output.style("red", text("digest.differs", { digest: found.digest })),
  );
  return matches ? Exit.done : Exit.unverified;
}

async function digestOf(file: string, salt: Buffer, output: Output): Promise<SaltedDigest> {
  const hash = createHash("sha256").update(salt);
  let bytes = 0;
  const progress = output.progress(() => text("digest.progress", { megabytes: Math.floor(bytes / 1_000_000) }));
  try {
    for await (const chunk of read(file)) {
      hash.update(chunk as Buffer);
      bytes += (chunk as Buffer).length;
    }
  } catch (error) {
    throw new Failure("file-unreadable", { file, reason: reasonOf(error) }, { cause: error });
  } finally {
    progress.end();
  }
  return { digest: hash.digest("hex"), salt: salt.toString("hex"), bytes };
}

const read = (file: string): Readable => (file === "-" ? process.stdin : createReadStream(file, { highWaterMark: 1024 * 1024 }));

function hex(option: string, value: string): Buffer {
  if (!/^[0-9a-f]{64}$/i.test(value)) throw new Failure("value-invalid", { name: option, value, expected: text("expected.hex32") });
  return Buffer.from(value, "hex");
}
