/** The HTTP edge, put together. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import express, { type NextFunction, type Request, type Response } from "express";
import type { Inventories } from "../exit/inventory-thread";
import { Aborted } from "./body";
import type { Cursors } from "./cursors";
import { Intake, type IntakeOptions } from "./intake";
import { limits } from "./limits";
import { openApi } from "./openapi";
import { type OperationsOptions, showLevels } from "./operations";
import { pageRouter } from "./pages";
import { Problem, RuleProblem } from "./problem";
import { queries } from "./queries";
import { otherMethods, queryRouter } from "./query-router";
import { Receipts, type ReceiptSources } from "./receipts";
import { sendProblem } from "./send";
import { answerUnreadable } from "./unreadable";
import type { Watching } from "./watching";

export interface AppOptions extends IntakeOptions, OperationsOptions, ReceiptSources {
  readonly watching: Watching;
  /** From which the keys of authorizations follow. */
  readonly fingerprinting: Buffer;
  /** Of the configuration. */
  readonly publicUrl?: string | undefined;
  readonly cursors: Cursors;
  readonly inventories: Inventories;
  /** Told of every failure of the gateway's own, with the number that the sender got. */
  readonly onError: (error: unknown, instance: string) => void;
}

export function createApp(options: AppOptions): Server {
  const { auth, outbox, onError } = options;
  const sources = { ...options, receipts: new Receipts(options), description: JSON.stringify(openApi()) };
  showLevels(options);
  const intake = new Intake(options);
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  app.enable("case sensitive routing");
  app.enable("strict routing");
  app.all("/v1/events", (request, response, next) => {
    if (request.method === "GET" || request.method === "HEAD") next();
    else otherMethods("GET", "HEAD", "POST")(request, response);
  });
  app.use(pageRouter());
  app.use(queryRouter(queries, sources, auth));
  app.use(() => {
    throw new Problem("not-found");
  });
  const fail = (error: unknown, request: IncomingMessage, response: ServerResponse): void => {
    if (error instanceof Aborted) return;
    const problem = problemFor(error);
    if (problem.status === 500) onError(error, problem.instance);
    if (response.headersSent) response.destroy();
    else sendProblem(request, response, problem);
  };
  // Express knows an error handler by its four parameters.
  app.use((error: unknown, request: Request, response: Response, _: NextFunction) => fail(error, request, response));
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    if (outbox.closed) response.shouldKeepAlive = false;
    // RFC 9112, section 3.2.
    if (request.headers.host === undefined && request.httpVersion === "1.1")
      sendProblem(request, response, new Problem("malformed-request"));
    // An address as proxies are asked (`GET http://...`) is none of ours, and Express cannot read all of them.
    else if (request.url?.startsWith("/") !== true) sendProblem(request, response, new Problem("not-found"));
    // Past Express: a request that has gone through its router costs the main thread twice as much.
    else if (request.method === "POST" && /^\/v1\/events(?:\?|$)/.test(request.url))
      intake.handle(request, response).catch((error: unknown) => fail(error, request, response));
    else app(request as Request, response as Response);
  };
  const server = createServer({ maxHeaderSize: limits.headerBytes, requireHostHeader: false }, handle);
  // Node would refuse what it does not know; RFC 9110, section 10.1.1, lets us pass over it.
  server.on("checkExpectation", handle);
  answerUnreadable(server);
  server.requestTimeout = limits.requestSeconds * 1000;
  server.keepAliveTimeout = limits.idleSeconds * 1000;
  return server;
}

function problemFor(error: unknown): Problem | RuleProblem {
  if (error instanceof Problem || error instanceof RuleProblem) return error;
  // Express's own: an address that is not percent-encoded as it should be.
  if (error instanceof URIError) return new Problem("not-found");
  return new Problem("internal-error", {}, { cause: error });
}
