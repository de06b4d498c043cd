/** Answers, written at once: no ETag, no content negotiation, no rendering. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { limits } from "./limits";
import type { AnyProblem, Language } from "./problem";

export function sendJson(response: ServerResponse, status: number, json: string, type = "application/json"): void {
  response.writeHead(status, { "Content-Type": type, "Content-Length": Buffer.byteLength(json) });
  // As text, which goes out together with the head in one piece.
  response.end(json);
}

/** A problem document (RFC 9457), with the headers that its status asks for. */
export function sendProblem(request: IncomingMessage, response: ServerResponse, problem: AnyProblem): void {
  const { status } = problem;
  if (status === 401) response.setHeader("WWW-Authenticate", 'Bearer realm="suyuan"');
  if (status === 503) response.setHeader("Retry-After", limits.retrySeconds);
  const language = languageOf(request);
  response.setHeader("Content-Language", language);
  sendJson(response, status, JSON.stringify(problem.document(language)), "application/problem+json");
}

/** The one of our two languages that the sender prefers; Chinese where it does not say. RFC 9110, section 12.5.4. */
export function languageOf({ headers }: IncomingMessage): Language {
  const wanted = { zh: 0, en: 0, "*": 0 };
  for (const range of (headers["accept-language"] ?? "").toLowerCase().split(",")) {
    const [tag = "", q] = range.split(";");
    const language = tag.trim().split("-")[0] ?? "";
    const weight = q === undefined ? 1 : Number(/^\s*q=([01](?:\.\d{1,3})?)\s*$/.exec(q)?.[1] ?? 0);
    if (language === "zh" || language === "en" || language === "*") wanted[language] = Math.max(wanted[language], weight);
  }
  return wanted.en > Math.max(wanted.zh, wanted["*"]) ? "en" : "zh";
}
