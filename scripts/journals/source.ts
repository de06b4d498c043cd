/** Where journals are read from: a gateway, or a copy that any file server holds, or a directory. All three have the same files under the same names. */
import { join } from "node:path";
import { Failure, reasonOf } from "../failure";
import { type Gateway, piecesOf, request } from "../request";
import { isMissing, readWithin } from "./bounded-file";

/** Nothing that it gives is verified. */
export interface Source {
  /** For messages. */
  readonly place: string;
  /**
   * @param journal whose file; undefined for `journals`, the list of all of them
   * @param file `head`, `latest`, or the path of a tile
   * @param most bytes
   * @throws Failure `not-found` or `source-lacks` where it is not there; `source-too-large`, `source-too-slow`; `source-unreachable` and those of requests
   */
  read(journal: string | undefined, file: string, most: number): Promise<Uint8Array>;
}

/** How long one file may take: of the longest, 17 MB, 300 kB/s. */
const PATIENCE_MS = 60_000;

/** @param patience ms that one file may take */
export function gatewaySource(gateway: Gateway, patience = PATIENCE_MS): Source {
  const place = gateway.url.origin;
  return {
    place,
    read: (journal, file, most) => {
      const path = journal === undefined ? `/v1/${file}` : `/v1/journals/${encodeURIComponent(journal)}/${file}`;
      return patiently(place, file, patience, async (signal) =>
        upTo(most, file, place, piecesOf(await request(gateway, { path, signal }))),
      );
    },
  };
}

/** @param place an address or a directory, whose subdirectories are `MSPID/name` */
export function copySource(place: string, patience = PATIENCE_MS): Source {
  return /^https?:\/\//i.test(place) && URL.canParse(place) ? serverSource(new URL(place), patience) : directorySource(place);
}

function serverSource(address: URL, patience: number): Source {
  const { username, password } = address;
  const headers =
    username === "" ? undefined : { authorization: `Basic ${btoa(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`)}` };
  const base = Object.assign(new URL(address), { username: "", password: "", search: "", hash: "" });
  const place = base.href.replace(/\/+$/, "");
  const fetched = async (file: string, journal: string | undefined, signal: AbortSignal): Promise<Response> => {
    const url = [place, journal, file].filter((part) => part !== undefined).join("/");
    // Whoever answers does not get to choose what else we ask for.
    const response = await fetch(url, { ...(headers === undefined ? {} : { headers }), redirect: "manual", signal });
    if (response.ok) return response;
    await response.body?.cancel();
    if (response.status === 404 || response.status === 410) throw new Failure("source-lacks", { place, file: nameOf(journal, file) });
    throw new Failure("source-unreachable", { place, reason: `HTTP ${response.status}` });
  };
  return {
    place,
    read: (journal, file, most) =>
      patiently(place, file, patience, async (signal) => upTo(most, file, place, (await fetched(file, journal, signal)).body ?? [])),
  };
}

function directorySource(place: string): Source {
  return {
    place,
    async read(journal, file, most) {
      const bytes = await readWithin(most, join(place, journal ?? "", file)).catch((cause: unknown) => {
        if (isMissing(cause)) throw new Failure("source-lacks", { place, file: nameOf(journal, file) }, { cause });
        throw new Failure("source-unreachable", { place, reason: reasonOf(cause) }, { cause });
      });
      if (bytes === undefined) throw new Failure("source-too-large", { place, file, most });
      return bytes;
    },
  };
}

const nameOf = (journal: string | undefined, file: string): string => (journal === undefined ? file : `${journal}/${file}`);

async function upTo(
  most: number,
  file: string,
  place: string,
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<Uint8Array> {
  const read: Uint8Array[] = [];
  let length = 0;
  for await (const piece of pieces) {
    if ((length += piece.length) > most) throw new Failure("source-too-large", { place, file, most });
    read.push(piece);
  }
  return Buffer.concat(read);
}

async function patiently<T>(place: string, file: string, patience: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  try {
    return await work(AbortSignal.timeout(patience));
  } catch (error) {
    if (isTimeout(error)) throw new Failure("source-too-slow", { place, file, seconds: patience / 1000 }, { cause: error });
    if (error instanceof Failure) throw error;
    const cause = error instanceof Error ? (error.cause ?? error) : error;
    throw new Failure("source-unreachable", { place, reason: reasonOf(cause) }, { cause: error });
  }
}

const isTimeout = (error: unknown): boolean => error instanceof Error && (error.name === "TimeoutError" || isTimeout(error.cause));
