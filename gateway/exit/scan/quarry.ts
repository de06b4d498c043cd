/** What a scan looks for, made of the holdings' digests and sidecars. */
import { FingerprintIndex } from "./fingerprint-index";
import type { FingerprintKey } from "./fingerprint-key";
import type { Quarry } from "./matcher";
import { fingerprintsOf, parseSidecar, type Sidecar } from "./sidecar";

export interface Wanted {
  readonly holding: string;
  readonly digest: string;
  /** The sidecar's bytes; without one only the very bytes of the holding are found. */
  readonly sidecar?: Buffer;
}

/** A sidecar that cannot be used: not one, of another key, or of another holding. */
export class SidecarError extends Error {
  override readonly name = "SidecarError";
  constructor(
    readonly code: "sidecar-malformed" | "sidecar-of-another-key" | "sidecar-of-another-holding",
    readonly holding: string,
  ) {
    super(`${code}: ${holding}`);
  }
}

/** @throws SidecarError */
export function quarryOf(wanted: readonly Wanted[], key: FingerprintKey): Quarry {
  const sidecars = new Map<number, Sidecar>();
  const sought = wanted.map(({ holding, digest, sidecar: bytes }, i) => {
    if (bytes === undefined) return { holding, digest, chunkBytes: 0, rows: 0 };
    const sidecar = parseSidecar(bytes);
    if (sidecar === undefined) throw new SidecarError("sidecar-malformed", holding);
    if (sidecar.head.key !== key.id) throw new SidecarError("sidecar-of-another-key", holding);
    if (sidecar.head.digest !== digest) throw new SidecarError("sidecar-of-another-holding", holding);
    sidecars.set(i, sidecar);
    let chunkBytes = 0;
    for (const { length } of fingerprintsOf(sidecar)) chunkBytes += length;
    return { holding, digest, chunkBytes, rows: sidecar.head.rows };
  });
  return { sought, index: new FingerprintIndex(sidecars), key };
}
