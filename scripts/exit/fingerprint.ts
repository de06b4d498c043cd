/** `suyuan exit fingerprint`: the fingerprints of data that is about to be declared, as files beside it, and what the declaration says of them. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { writeDurably } from "../../gateway/durable-file";
import { FingerprintKey } from "../../gateway/exit/scan/fingerprint-key";
import { Fingerprinter, FolderFingerprinter, type Made } from "../../gateway/exit/scan/fingerprinter";
import type { SidecarHead } from "../../gateway/exit/scan/sidecar";
import type { Taker } from "../../gateway/exit/erase/eraser";
import { type Place, selectorOf } from "../../gateway/exit/erase/places";
import { lookAtPlaces, namedBy, sayUnseen } from "./look";
import { Exit, Failure, reasonOf } from "../failure";
import type { Output } from "../output";
import { bodyOf, type Gateway, request } from "../request";
import { text } from "../texts";

export interface FingerprintOptions {
  readonly authorization: string;
  /** Directory of the sidecars. */
  readonly out: string;
  /** Places file: each of its places is fingerprinted. */
  readonly places?: string;
}

/** @returns exit code: `failed` where any place has nothing that could be fingerprinted */
export async function fingerprint(
  files: readonly string[],
  options: FingerprintOptions,
  gateway: Gateway,
  output: Output,
): Promise<number> {
  const { authorization, out, places } = options;
  if (files.length === 0 && places === undefined) throw new Failure("argument-missing", { name: "files", command: "exit.fingerprint" });
  const key = await keyOf(authorization, gateway);
  await mkdir(out, { recursive: true, mode: 0o700 });
  for (const file of files) {
    let done = 0;
    const progress = output.progress(() => text("exit.fingerprint.progress", { file, megabytes: Math.floor(done / 1e6) }));
    const written = await writeSidecar(file, key, out, (bytes) => {
      done += bytes;
      progress.tick();
    }).finally(() => progress.end());
    say({ file }, file, written, output);
  }
  const isWhole = places === undefined || (await fingerprintPlaces(places, key, out, output));
  output.note(text("exit.fingerprint.declare"));
  return isWhole ? Exit.done : Exit.failed;
}

/** @returns whether all places have sidecars */
async function fingerprintPlaces(places: string, key: FingerprintKey, out: string, output: Output): Promise<boolean> {
  let [bytes, isWhole] = [0, true];
  const progress = output.progress(() => text("digest.progress", { megabytes: Math.floor(bytes / 1e6) }));
  const onBytes = (count: number): void => {
    bytes += count;
    progress.tick();
  };
  try {
    for await (const [place, told, maker] of lookAtPlaces(places, [out], onBytes, (place) => makerOf(place, key))) {
      progress.clear();
      if ("digest" in told) say(namedBy(place), selectorOf(place), await written(maker.end(told.digest), out), output);
      else {
        isWhole = false;
        sayUnseen(place, told, output);
      }
    }
  } finally {
    progress.end();
  }
  return isWhole;
}

const makerOf = ({ file, directory }: Place, key: FingerprintKey): Taker & { end(digest: string): Made } =>
  directory === undefined ? new Fingerprinter(key, file === undefined) : new FolderFingerprinter(key);

interface Written {
  readonly head: SidecarHead;
  readonly sidecar: string;
  /** The digest that the declaration gives. */
  readonly fingerprints: string;
}

function say(of: object, name: string, { head, sidecar, fingerprints }: Written, output: Output): void {
  const { digest, bytes, files, chunks, rows } = head;
  output.document({ ...of, digest, bytes, fingerprints, sidecar, ...(files === undefined ? {} : { files }), chunks, rows });
  output.line(text("exit.fingerprint.made", { file: name, sidecar, chunks, rows }));
  output.line(`  digest        ${digest}`);
  output.line(`  bytes         ${bytes}`);
  output.line(`  fingerprints  ${fingerprints}`);
}

/**
 * @param directory an existing one. @param onBytes told of bytes that are done
 * @throws Failure `file-unreadable`
 */
export async function writeSidecar(
  file: string,
  key: FingerprintKey,
  directory: string,
  onBytes: (bytes: number) => void = () => undefined,
): Promise<Written> {
  const maker = new Fingerprinter(key);
  try {
    for await (const block of createReadStream(file, { highWaterMark: 1024 * 1024 })) {
      maker.write(block as Buffer);
      onBytes((block as Buffer).length);
    }
  } catch (error) {
    throw new Failure("file-unreadable", { file, reason: reasonOf(error) }, { cause: error });
  }
  return written(maker.end(), directory);
}

async function written({ head, bytes }: Made, directory: string): Promise<Written> {
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
