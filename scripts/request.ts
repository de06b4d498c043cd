/** One request to a gateway, and what its refusal means to a command. */
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
}

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

async function send({ url, token }: Gateway, { path, accept, body }: Asked): Promise<Response> {
  const headers = {
    authorization: `Bearer ${token}`,
    "accept-language": language,
    ...(accept === undefined ? {} : { accept }),
    ...(body === undefined ? {} : { "content-type": body.type }),
  };
  try {
    return await fetch(new URL(path, url), body === undefined ? { headers } : { headers, method: "POST", body: body.bytes });
  } catch (error) {
    throw unreachable(url, error);
  }
}

/** The reason is the cause of what `fetch` throws. */
const unreachable = ({ origin }: URL, error: unknown): Failure =>
  new Failure(
    "gateway-unreachable",
    { url: origin, reason: reasonOf(error instanceof Error ? (error.cause ?? error) : error) },
    { cause: error },
  );

async function problemOf(response: Response): Promise<ProblemDocument | undefined> {
  const body = await bodyOf(response);
  if (!/^application\/(?:problem\+)?json/.test(response.headers.get("content-type") ?? "")) return undefined;
  return JSON.parse(body) as ProblemDocument;
}

function failureOfProblem(status: number, problem: ProblemDocument | undefined): Failure {
  if (problem === undefined) return new Failure("not-a-gateway", { status });
  const { title, detail, next } = wordsOf(problem);
  const values = { problem: problem.code, reason: detail === title ? title : text("title-detail", { title, detail }), next };
  if (status === 503) return new Failure("gateway-unavailable", values);
  return new Failure(status === 404 ? "not-found" : "gateway-refused", values);
}
