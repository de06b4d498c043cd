/** The routes of queries. */
import { once } from "node:events";
import type { OutgoingHttpHeaders } from "node:http";
import { type Request, type Response, Router } from "express";
import type { Auth, Principal } from "./auth";
import { Problem } from "./problem";
import type { Query, Requested, Sources } from "./query";
import { taking } from "./taking";

/** The router's answer to all that is declared: nothing is open that does not say so. */
export function queryRouter(queries: readonly Query[], sources: Sources, auth: Auth): Router {
  const router = Router({ caseSensitive: true, strict: true });
  for (const query of queries) {
    router.get(routeOf(query), handler(query, sources, auth));
    router.all(routeOf(query), otherMethods("GET", "HEAD"));
  }
  return router;
}

/** Answers whatever comes to an address that takes only these methods. */
export const otherMethods =
  (...allowed: readonly string[]) =>
  (_: Request, response: Response): never => {
    response.setHeader("Allow", allowed.join(", "));
    throw new Problem("method-not-allowed");
  };

/** A path as Express writes it. */
const routeOf = ({ path, parameters }: Query): string =>
  path.replaceAll(/\{(\w+)\}/g, (_, name: string) => `${parameters[name]?.rest === true ? "*" : ":"}${name}`);

function handler(query: Query, sources: Sources, auth: Auth): (request: Request, response: Response) => Promise<void> {
  const take = taking(query.path, query.parameters);
  const types = Object.keys(query.forms);
  return async (request, response) => {
    // First of all, unless it depends on the parameters.
    let asker = query.open !== true && query.openTo === undefined ? await demandReader(query, request, sources, auth) : undefined;
    const given = take(request);
    if (query.openTo !== undefined && !query.openTo(given)) asker = await demandReader(query, request, sources, auth);
    const answer = await query.answer(given, sources, asker, requested(request, response, auth, sources));
    if (answer === undefined) throw new Problem("not-found");
    const type = ((types.length > 1 && request.accepts(types)) || types[0]) ?? "";
    const form = query.forms[type];
    const body = form?.write(answer) ?? "";
    const headers = {
      "Content-Type": form?.contentType ?? type,
      ...(types.length > 1 && { Vary: "Accept" }),
      ...(form?.policy !== undefined && { "Content-Security-Policy": form.policy, "X-Content-Type-Options": "nosniff" }),
      ...(query.caching && { "Cache-Control": query.caching(given) }),
    };
    if (isStream(body)) return send(body, headers, request, response);
    response.writeHead(query.unavailable?.(sources) === true ? 503 : 200, { ...headers, "Content-Length": Buffer.byteLength(body) });
    response.end(body);
  };
}

const isStream = (body: string | Uint8Array | AsyncIterable<string>): body is AsyncIterable<string> =>
  typeof body === "object" && Symbol.asyncIterator in body;

/** Sends as fast as it is read: never more waits here than one bit and what the socket holds. */
async function send(bits: AsyncIterable<string>, headers: OutgoingHttpHeaders, request: Request, response: Response): Promise<void> {
  const ended = once(response, "close");
  for await (const bit of bits) {
    if (!response.headersSent) response.writeHead(200, headers);
    if (request.method === "HEAD" || response.destroyed) break;
    if (!response.write(bit)) await Promise.race([once(response, "drain"), ended]);
  }
  if (!response.headersSent) response.writeHead(200, headers);
  response.end();
}

function requested({ headers, protocol }: Request, response: Response, auth: Auth, { publicUrl }: Sources): Requested {
  const closed = new AbortController();
  response.once("close", () => closed.abort());
  const lastEventId = headers["last-event-id"];
  return {
    origin: publicUrl ?? `${protocol}://${headers.host ?? ""}`,
    lastEventId: typeof lastEventId === "string" ? lastEventId : undefined,
    signal: closed.signal,
    isAllowed: async () => {
      try {
        await auth.principal(headers.authorization);
        return true;
      } catch (error) {
        if (error instanceof Problem) return false;
        throw error;
      }
    },
  };
}

/** Everyone whom a member knows by more than being public, and who has not left. @throws Problem of the token; `not-allowed`, `permissions-closed` */
async function demandReader({ toLeavers }: Query, { headers }: Request, { readModel }: Sources, auth: Auth): Promise<Principal> {
  const principal = await auth.principal(headers.authorization);
  if (principal.roles.every((role) => role === "public")) throw new Problem("not-allowed");
  if (toLeavers !== true && (await (await readModel.reader(undefined, principal)).hasLeft(Date.now())))
    throw new Problem("permissions-closed");
  return principal;
}
