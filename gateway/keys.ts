/** The gateway's own keys, in a directory that only its user can read; made when they are first needed. */
import { createHash, randomBytes } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from "jose";
import type { Role } from "../chaincode/events/definition";
import { generateSignerKey, parseSignerKey, type SignerKey } from "./evidence/note-key";
import { readOrMake } from "./durable-file";
import { AUDIENCE } from "./http/auth";

export interface Keys {
  /** Signs promises, and checkpoints of the journal of facts. */
  readonly facts: SignerKey;
  /** Signs checkpoints of the journal of acts. */
  readonly acts: SignerKey;
  /** Salts the hashes of withheld texts, and makes the key of cursors: 32 bytes. */
  readonly withholding: Buffer;
  /** File with the key set of the development issuer. */
  readonly jwks: string;
}

/** @param origins names of the journals' keys. @throws Error where a file does not hold the key that it should */
export async function openKeys(directory: string, origins: { readonly facts: string; readonly acts: string }): Promise<Keys> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const jwks = join(directory, "issuer.jwks.json");
  const issuer = JSON.parse(await readOrMake(issuerFile(directory), makeIssuer)) as JWK;
  await readOrMake(jwks, () => JSON.stringify({ keys: [publicPart(issuer)] }));
  return {
    facts: await journalKey(join(directory, "facts.key"), origins.facts),
    acts: await journalKey(join(directory, "acts.key"), origins.acts),
    withholding: await withholdingKey(join(directory, "withholding.key")),
    jwks,
  };
}

/** What is hashed with it names it nowhere: the file itself tells whether it is as it was made. */
async function withholdingKey(file: string): Promise<Buffer> {
  const key = parseWithholdingKey(await readOrMake(file, () => checked(randomBytes(32).toString("hex"))));
  if (key === undefined) throw new Error(`${file} is damaged`);
  return key;
}

/** @returns undefined for a file that is not as it was made. Those of before there was a check value have none */
export function parseWithholdingKey(text: string): Buffer | undefined {
  const [, key] = /^([0-9a-f]{64})(?:\.[0-9a-f]{8})?$/.exec(text) ?? [];
  return key !== undefined && (text === key || text === checked(key)) ? Buffer.from(key, "hex") : undefined;
}

const checked = (key: string): string => `${key}.${createHash("sha256").update(key).digest("hex").slice(0, 8)}`;

/**
 * A bearer token of the development issuer: what `suyuan token` prints, good on the machine where the gateway runs.
 * @param data the gateway's directory
 * @param seconds how long it is valid
 * @throws Error ENOENT where no gateway has ever been started
 */
export async function issueToken(
  data: string,
  { party, roles, seconds }: { readonly party: string; readonly roles: readonly Role[]; readonly seconds: number },
): Promise<string> {
  const jwk = JSON.parse(await readFile(issuerFile(join(data, "keys")), "utf8")) as JWK;
  return new SignJWT({ party, role: [...roles] })
    .setProtectedHeader({ alg: "EdDSA", kid: jwk.kid ?? "" })
    .setIssuer("suyuan-development")
    .setAudience(AUDIENCE)
    .setIssuedAt()
    .setExpirationTime(Math.floor(Date.now() / 1000) + seconds)
    .sign(await importJWK(jwk, "EdDSA"));
}

const issuerFile = (directory: string): string => join(directory, "issuer.key.json");

async function makeIssuer(): Promise<string> {
  const { privateKey } = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true });
  return JSON.stringify({ ...(await exportJWK(privateKey)), alg: "EdDSA", use: "sig", kid: randomBytes(8).toString("hex") });
}

function publicPart({ d: _, ...key }: JWK): JWK {
  return key;
}

/** @param origin name of the key. @throws Error where the file holds another */
export async function journalKey(file: string, origin: string): Promise<SignerKey> {
  const key = await parseSignerKey(await readOrMake(file, async () => (await generateSignerKey(origin)).text));
  if (key?.verifier.name !== origin) throw new Error(`${file} does not hold the key of ${origin}`);
  return key;
}
