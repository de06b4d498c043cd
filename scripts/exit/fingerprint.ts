/** `suyuan exit fingerprint`: the fingerprints of data that is about to be declared, as files beside it, and what the declaration says of them. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { writeDurably } from "../../gateway/durable-file";
import { FingerprintKey } from "../../gateway/exit/scan/fingerprint-key";
import { Fingerprinter, type SidecarHead } from "../../gateway/exit/scan/sidecar";
import { Exit, Failure, reasonOf } from "../failure";
import type { Output } from "../output";
import { bodyOf, type Gateway, request } from "../request";
import { text } from "../texts";

export async function fingerprint(
  files: readonly string[],
  options: { readonly authorization: string; readonly out: string },
  gateway: Gateway,
  output: Output,
): Promise<number> {
  const key = await keyOf(options.authorization, gateway);
  await mkdir(options.out, { recursive: true, mode: 0o700 });
  for (const file of files) {
    let done = 0;
    const progress = output.progress(() => text("exit.fingerprint.progress", { file, megabytes: Math.floor(done / 1e6) }));
    const { head, sidecar, fingerprints } = await writeSidecar(file, key, options.out, (bytes) => {
      done += bytes;
      progress.tick();
    }).finally(() => progress.end());
    output.document({ file, digest: head.digest, bytes: head.bytes, fingerprints, sidecar, chunks: head.chunks, rows: head.rows });
    output.line(text("exit.fingerprint.made", { file, sidecar, chunks: head.chunks, rows: head.rows }));
    output.line(`  digest        ${head.digest}`);
    output.line(`  bytes         ${head.bytes}`);
    output.line(`  fingerprints  ${fingerprints}`);
  }
  output.note(text("exit.fingerprint.declare"));
  return Exit.done;
}

/**
 * @param directory an existing one. @param onBytes told of bytes that are done
 * @returns besides the sidecar's head its file, and the digest that the declaration gives
 * @throws Failure `file-unreadable`
 */
export async function writeSidecar(
  file: string,
  key: FingerprintKey,
  directory: string,
  onBytes: (bytes: number) => void = () => undefined,
): Promise<{ readonly head: SidecarHead; readonly sidecar: string; readonly fingerprints: string }> {
  const maker = new Fingerprinter(key);
  try {
    for await (const block of createReadStream(file, { highWaterMark: 1024 * 1024 })) {
      maker.write(block as Buffer);
      onBytes((block as Buffer).length);
    }
  } catch (error) {
    throw new Failure("file-unreadable", { file, reason: reasonOf(error) }, { cause: error });
  }
  const { head, bytes } = maker.end();
  const sidecar = join(directory, sidecarName(head.digest));
  await writeDurably(sidecar, bytes);
  return { head, sidecar, fingerprints: createHash("sha256").update(bytes).digest("hex") };
}

/** A sidecar's file is named by the digest of what it is about. */
export const sidecarName = (digest: string): string => `${digest}.fingerprints`;

export async function keyOf(authorization: string, gateway: Gateway): Promise<FingerprintKey> {
  const response = await request(gateway, { path: `/v1/authorizations/${encodeURIComponent(authorization)}/key` });
  return new FingerprintKey(Buffer.from((JSON.parse(await bodyOf(response)) as { key: string }).key, "hex"));
}
