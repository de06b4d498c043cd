/** How long certificates are still valid. */
import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";

const DAY_MS = 24 * 3600_000;
/** From when on the end of a certificate is near: it is told of, and the certificate renewed. */
export const NEAR_DAYS = 60;

export interface Expiry {
  /** PEM */
  readonly file: string;
  /** When it ends. */
  readonly date: Date;
  /** Whole days; negative once it is over. */
  readonly days: number;
}

/** Of these certificates the one that ends first. */
export async function firstToEnd(files: readonly string[], now = Date.now()): Promise<Expiry> {
  const all = await Promise.all(files.map((file) => expiryOf(file, now)));
  return all.reduce((first, other) => (other.date < first.date ? other : first));
}

async function expiryOf(file: string, now: number): Promise<Expiry> {
  const date = new Date(new X509Certificate(await readFile(file)).validTo);
  return { file, date, days: Math.floor((date.getTime() - now) / DAY_MS) };
}
