/** Who is asking: a JWT (RFC 7519) signed with EdDSA or ES256 by a key of the configured set. */
import { readFileSync } from "node:fs";
import { createLocalJWKSet, createRemoteJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey, jwtVerify } from "jose";
import { type Role, ROLES } from "../../chaincode/events/definition";
import { creditCode } from "../../chaincode/events/schema";
import type { Asker } from "../index/access";
import { limits } from "./limits";
import { Problem } from "./problem";

export const AUDIENCE = "suyuan";

/** The party that the token speaks for, in the roles that it names. */
export type Principal = Asker;

interface Verified extends Principal {
  /** Seconds since 1970 up to which the token need not be verified again. */
  readonly until: number;
}

/** Where the keys are: a file is read anew when no key of it fits, at most every few seconds; a URL is fetched and kept by `jose`. */
export type KeySet = { readonly file: string } | { readonly url: string };

export class Auth {
  readonly #keys: JWTVerifyGetKey;
  /** Verifying costs more than all else that an event costs, so a token is verified once and then known. */
  readonly #known = new Map<string, Verified>();

  /** @param rereadAfter milliseconds after which a file of keys may be read again */
  constructor(keys: KeySet, { rereadAfter = 5000 }: { readonly rereadAfter?: number } = {}) {
    this.#keys = "url" in keys ? createRemoteJWKSet(new URL(keys.url)) : fileKeys(keys.file, rereadAfter);
  }

  /**
   * Whom a request speaks for; at once where the token is known.
   * @param authorization the header of that name
   * @throws Problem `token-missing`, `token-invalid`, `token-expired`, `keys-unavailable`
   */
  principal(authorization: string | undefined): Principal | Promise<Principal> {
    const token = /^Bearer +([\w.~+/-]+=*) *$/i.exec(authorization ?? "")?.[1];
    if (token === undefined) throw new Problem("token-missing");
    const known = this.#known.get(token);
    return known !== undefined && Date.now() < known.until * 1000 ? known : this.#verify(token);
  }

  async #verify(token: string): Promise<Principal> {
    this.#known.delete(token);
    const verified = await verify(token, this.#keys);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size < limits.tokens) break;
      this.#known.delete(oldest);
    }
    this.#known.set(token, verified);
    return verified;
  }
}

async function verify(token: string, keys: JWTVerifyGetKey): Promise<Verified> {
  let payload;
  try {
    ({ payload } = await jwtVerify(token, keys, {
      audience: AUDIENCE,
      algorithms: ["EdDSA", "ES256"],
      requiredClaims: ["exp", "party", "role"],
    }));
  } catch (cause) {
    if (cause instanceof errors.JWTExpired) throw new Problem("token-expired", {}, { cause });
    if (isTokensFault(cause)) throw new Problem("token-invalid", {}, { cause });
    throw new Problem("keys-unavailable", {}, { cause });
  }
  const { party, role, exp = 0 } = payload;
  const roles: unknown[] = Array.isArray(role) ? role : [role];
  if (typeof party !== "string" || !CREDIT_CODE.test(party) || roles.length === 0 || !roles.every(isRole))
    throw new Problem("token-invalid");
  return { party, roles, until: Math.min(exp, Date.now() / 1000 + limits.tokenSeconds) };
}

const CREDIT_CODE = new RegExp(String(creditCode.schema["pattern"]));

const isRole = (value: unknown): value is Role => (ROLES as readonly unknown[]).includes(value);

/** Anything else that verifying throws is the key set's fault: not reached, not a key set. */
const isTokensFault = (error: unknown): boolean =>
  error instanceof errors.JOSEError &&
  !(error instanceof errors.JWKSTimeout) &&
  !(error instanceof errors.JWKSInvalid) &&
  error.code !== "ERR_JOSE_GENERIC";

function fileKeys(file: string, rereadAfter: number): JWTVerifyGetKey {
  const read = (): JWTVerifyGetKey => createLocalJWKSet(JSON.parse(readFileSync(file, "utf8")) as JSONWebKeySet);
  let keys = read();
  let readAt = Date.now();
  return async (header, token) => {
    try {
      return await keys(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || Date.now() - readAt < rereadAfter) throw error;
      readAt = Date.now();
      keys = read();
      return keys(header, token);
    }
  };
}
