/** `suyuan token`: a bearer token of the development issuer, whose key lies in the gateway's data directory. */
import { creditCodeValid } from "../chaincode/events/party";
import { type Role } from "../chaincode/events/definition";
import { issueToken } from "../gateway/keys";
import { Exit, Failure, reasonOf, systemCode } from "./failure";
import type { Output } from "./output";
import { text } from "./texts";

export interface TokenOptions {
  readonly data: string;
  /** Unified social credit code. */
  readonly party: string;
  /** `public` alone if missing: reading what anyone may read. */
  readonly role?: readonly Role[];
  /** A number and its unit: s, m, h, d. */
  readonly ttl: string;
}

const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 };
const LONGEST_S = 366 * SECONDS.d;

/** Prints the token alone. @returns exit code. @throws Failure `value-invalid`, `no-ledger`, `keys-unreadable` */
export async function token({ data, party, role = ["public"], ttl }: TokenOptions, output: Output): Promise<number> {
  if (!/^[0-9A-HJ-NPQRTUWXY]{18}$/.test(party) || !creditCodeValid(party))
    throw new Failure("value-invalid", { name: "--party", value: party, expected: text("expected.credit-code") });
  const seconds = secondsOf(ttl);
  const issued = await issueToken(data, { party, roles: role, seconds }).catch((error: unknown) => {
    if (systemCode(error) === "ENOENT") throw new Failure("no-ledger", { directory: data }, { cause: error });
    throw new Failure("file-unreadable", { file: `${data}/keys`, reason: reasonOf(error) }, { cause: error });
  });
  output.document({ token: issued, party, role, expires: new Date(Math.floor(Date.now() / 1000 + seconds) * 1000).toISOString() });
  output.line(issued);
  return Exit.done;
}

function secondsOf(ttl: string): number {
  const [, number, unit] = /^([1-9]\d{0,7})([smhd])$/.exec(ttl) ?? [];
  const seconds = Number(number) * SECONDS[(unit ?? "s") as keyof typeof SECONDS];
  if (!(seconds <= LONGEST_S)) throw new Failure("value-invalid", { name: "--ttl", value: ttl, expected: text("expected.ttl") });
  return seconds;
}
