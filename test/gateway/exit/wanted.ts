/** Holdings that a scan looks for, made of what they hold. */
import { createHash, createHmac } from "node:crypto";
import type { FingerprintKey } from "../../../gateway/exit/scan/fingerprint-key";
import { Fingerprinter, FolderFingerprinter } from "../../../gateway/exit/scan/fingerprinter";

export interface Wanted {
  readonly holding: string;
  readonly digest: string;
  readonly sidecar: Buffer;
}

/** Bytes that nobody else has, the same at every run. */
export function noise(name: string, length: number): Buffer {
  const parts: Buffer[] = [];
  for (let i = 0; i * 32 < length; i++) parts.push(createHmac("sha256", name).update(String(i)).digest());
  return Buffer.concat(parts).subarray(0, length);
}

export function sidecarOf(content: Buffer, key: FingerprintKey): Buffer {
  const maker = new Fingerprinter(key);
  for (let at = 0; at < content.length; at += 100_000) maker.write(content.subarray(at, at + 100_000));
  return maker.end().bytes;
}

export const wantedOf = (holding: string, content: Buffer, key: FingerprintKey): Wanted => ({
  holding,
  digest: createHash("sha256").update(content).digest("hex"),
  sidecar: sidecarOf(content, key),
});

/** @param digest any that nothing else has: what it is of, no scan looks for */
export function folderOf(holding: string, digest: string, files: readonly Buffer[], key: FingerprintKey): Wanted {
  const maker = new FolderFingerprinter(key);
  for (const content of files) {
    for (let at = 0; at < content.length; at += 100_000) maker.write(content.subarray(at, at + 100_000));
    maker.endFile();
  }
  return { holding, digest, sidecar: maker.end(digest).bytes };
}
