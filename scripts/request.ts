/** One request to a gateway, and what its refusal means to a command. */
import { visible } from "../gateway/visible";
import { Failure, reasonOf } from "./failure";
import { language, text } from "./texts";

export interface Gateway {
  readonly url: URL;
  readonly token: string;
}

/** The words of a problem document (RFC 9457), which carries them in both languages. */
export interface ProblemDocument {
  readonly type: string;
  readonly code: string;
  readonly status: number;
  readonly zh: Words;
  readonly en: Words;
}
interface Words {
  readonly title: string;
  readonly detail: string;
  readonly next: string;
}

export const wordsOf = (problem: ProblemDocument): Words => problem[language];

export interface Asked {
  readonly path: string;
  readonly accept?: string;
  readonly body?: { readonly type: string; readonly bytes: Uint8Array<ArrayBuffer> };
  /** Gives it up, its answer included. */
  readonly signal?: AbortSignal;
}

/** Longest refusal that is read, in bytes. */
const MAX_PROBLEM = 64 * 1024;

/** @throws Failure `gateway-unreachable`, `gateway-unavailable`, `gateway-refused`, `not-found`, `not-a-gateway` */
export async function request(gateway: Gateway, asked: Asked): Promise<Response> {
  const response = await send(gateway, asked);
  if (!response.ok) throw failureOfProblem(response.status, await problemOf(response));
  return response;
}

/** What a response holds. @throws Failure `gateway-unreachable` where the connection ends before it does */
export async function bodyOf(response: Response): Promise<string> {
  try {
    return await response.text();
  } catch (error) {
    throw unreachable(new URL(response.url), error);
  }
}

/** The same in pieces, for what is long. @throws Failure `gateway-unreachable` where the connection ends before it does */
export async function* piecesOf(response: Response): AsyncGenerator<Uint8Array, void> {
  try {
    for await (const piece of response.body ?? []) yield piece;
  } catch (error) {
    throw unreachable(new URL(response.url), error);
  }
}

async function send({ url, token }: Gateway, { path, accept, body, signal }: Asked): Promise<Response> {
  const headers = {
    authorization: `Bearer ${token}`,
    "accept-language": language,
    ...(accept === undefined ? {} : { accept }),
    ...(body === undefined ? {} : { "content-type": body.type }),
  };
  try {
    // No gateway sends its callers elsewhere.
    const init: RequestInit = { headers, redirect: "manual", ...(signal === undefined ? {} : { signal }) };
    return await fetch(new URL(path, url), body === undefined ? init : { ...init, method: "POST", body: body.bytes });
  } catch (error) {
    throw unreachable(url, error);
  }
}

/** The reason is the cause of what `fetch` throws. */
export const unreachable = ({ origin }: URL, error: unknown): Failure =>
  new Failure(
    "gateway-unreachable",
    { url: origin, reason: reasonOf(error instanceof Error ? (error.cause ?? error) : error) },
    { cause: error },
  );

/** @returns undefined for what is none of ours, which anybody may have sent */
async function problemOf(response: Response): Promise<ProblemDocument | undefined> {
  if (!/^application\/(?:problem\+)?json/.test(response.headers.get("content-type") ?? ""))
    return response.body?.cancel().then(() => undefined);
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of piecesOf(response)) {
    if ((length += piece.length) > MAX_PROBLEM) return undefined;
    pieces.push(piece);
  }
  try {
    const problem = JSON.parse(Buffer.concat(pieces).toString("utf8")) as Partial<ProblemDocument> | null;
    return isProblem(problem) ? problem : undefined;
  } catch {
    return undefined;
  }
}

function isProblem(problem: Partial<ProblemDocument> | null): problem is ProblemDocument {
  const isWords = (words: Partial<Words> | null | undefined): boolean =>
    [words?.title, words?.detail, words?.next].every((word) => typeof word === "string");
  return typeof problem?.code === "string" && isWords(problem.zh) && isWords(problem.en);
}

export function failureOfProblem(status: number, problem: ProblemDocument | undefined): Failure {
  if (problem === undefined) return new Failure("not-a-gateway", { status });
  const { title, detail, next } = wordsOf(problem);
  const reason = detail === title ? title : text("title-detail", { title, detail });
  const values = { problem: visible(problem.code), reason: visible(reason), next: visible(next) };
  if (status === 503) return new Failure("gateway-unavailable", values);
  return new Failure(status === 404 ? "not-found" : "gateway-refused", values);
}
