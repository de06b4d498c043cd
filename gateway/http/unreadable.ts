/** Requests that Node itself cannot read: they reach no route, and their senders get a problem document all the same. */
import { type Server, type ServerResponse, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { limits } from "./limits";
import { Problem } from "./problem";

/** Whoever still sends must come to read the answer: a connection that is closed on what was not read takes the answer with it. */
const LINGER_MS = 1000;

/** Makes a server answer them. */
export function answerUnreadable(server: Server): void {
  const latest = new WeakMap<Duplex, ServerResponse>();
  const refused = new WeakSet<Duplex>();
  server.on("request", ({ socket }, response) => latest.set(socket, response));
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
    // More of what has been answered already: read, so that the answer arrives, and dropped.
    if (refused.has(socket) && error.code !== "ECONNRESET") return;
    refused.add(socket);
    const response = latest.get(socket);
    const pending = response !== undefined && !response.writableEnded;
    // The sender is gone, or the answer has begun.
    if (!socket.writable || error.code === "ECONNRESET" || (pending && response.headersSent)) socket.destroy();
    // What came before is answered before.
    else if (pending && response.req.complete) response.once("finish", () => refuse(socket, error));
    else refuse(socket, error);
  });
}

function refuse(socket: Duplex, error: NodeJS.ErrnoException): void {
  socket.end(asText(problemOf(error)));
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}

function problemOf(cause: NodeJS.ErrnoException): Problem {
  switch (cause.code) {
    case "HPE_HEADER_OVERFLOW":
      return new Problem("headers-too-large", { limit: limits.headerBytes }, { cause });
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return new Problem("request-timeout", {}, { cause });
    default:
      return new Problem("malformed-request", {}, { cause });
  }
}

/** An answer with all that HTTP wants around it; nobody knows which language its sender reads. */
function asText(problem: Problem): string {
  const body = JSON.stringify(problem.document("zh"));
  return [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ""}`,
    "Connection: close",
    "Content-Type: application/problem+json",
    "Content-Language: zh",
    `Content-Length: ${Buffer.byteLength(body)}`,
    "",
    body,
  ].join("\r\n");
}
