/** What can be asked of the past. Every answer says which height of the ledger it reflects. */
import { type NextFunction, type Request, type Response, Router } from "express";
import type { Subject } from "../../chaincode/events/definition";
import { parseHoldingName } from "../../chaincode/proof/holding-name";
import { HOLDING_STATES } from "../index/holdings";
import { isCursor, type PageQuery } from "../index/places";
import type { ReadModel } from "../index/read-model";
import type { Reader } from "../index/reader";
import { SUBJECT_KINDS } from "../index/subjects";
import { ruleCodes } from "../labels";
import type { Auth } from "./auth";
import { type AcceptedFacts, events } from "./events";
import { journals } from "./journals";
import { Parameters } from "./parameters";
import { Problem } from "./problem";
import { Receipts, type ReceiptSources } from "./receipts";
import { sendJson } from "./send";
import { traces } from "./traces";

export interface QueryOptions extends ReceiptSources {
  readonly auth: Auth;
  /** Facts that are durable here and not in the read model yet. */
  readonly accepted: AcceptedFacts;
}

/** Asks a reader; the answer's height is added. */
type Ask = (reader: Reader) => Promise<object>;
type Named = Readonly<Record<string, string>>;

export function queries(options: QueryOptions): Router {
  const { readModel, auth } = options;
  const receipts = new Receipts(options);
  const router = Router();
  const reading = readersOnly(auth);
  router.use(journals(readModel, receipts, reading));
  // Whatever is added below is for readers only, unless somebody says otherwise above.
  router.use("/v1", reading);
  router.use(events(readModel, options.ledger, options.accepted));
  router.use(traces(readModel));

  router.get("/v1/receipts/:leafHash", async (request, response) => {
    new Parameters(request).end();
    sendJson(response, 200, await receipts.receipt(request.params.leafHash));
  });

  answer(router, readModel, "/v1/subjects/:kind", (parameters, named) => {
    const kind = subjectKind(named);
    const limit = parameters.limit();
    const { cursor } = parameters.cursor(() => true);
    return (reader) => reader.subjects(kind, limit, cursor);
  });

  answer(router, readModel, "/v1/subjects/:kind/:id", (_, named) => {
    const subject = { kind: subjectKind(named), id: named["id"] ?? "" };
    return async (reader) => found(await reader.subject(subject));
  });

  answerAsOf(router, readModel, "/v1/subjects/:kind/:id/events", (parameters, named) => {
    const subject = { kind: subjectKind(named), id: named["id"] ?? "" };
    const page = pageOf(parameters);
    return (reader) => reader.history(subject, page);
  });

  answer(router, readModel, "/v1/search", (parameters) => {
    const text = parameters.required("q");
    const limit = parameters.limit();
    return (reader) => reader.search(text, limit);
  });

  answer(router, readModel, "/v1/holdings", (parameters) => {
    const authorization = parameters.required("authorization");
    const state = parameters.choice("state", HOLDING_STATES) ?? "outstanding";
    const limit = parameters.limit();
    const { cursor } = parameters.cursor((text) => parseHoldingName(text) !== undefined);
    return (reader) => reader.holdings(authorization, state, limit, cursor);
  });

  answerAsOf(router, readModel, "/v1/findings", (parameters) => {
    const code = parameters.choice("code", ruleCodes);
    const party = parameters.optional("party");
    const subject = aboutOf(parameters);
    const page = pageOf(parameters);
    const filter = { ...(code === undefined ? {} : { code }), ...(party === undefined ? {} : { party }), ...(subject && { subject }) };
    return (reader) => reader.findings(filter, page);
  });

  answerAsOf(router, readModel, "/v1/stats", () => (reader) => reader.counts());

  return router;
}

/** Everyone whom a member knows by more than being public. */
const readersOnly =
  (auth: Auth) =>
  async (request: Request, _: Response, next: NextFunction): Promise<void> => {
    const { roles } = await auth.principal(request.headers.authorization);
    if (roles.every((role) => role === "public")) throw new Problem("not-allowed");
    next();
  };

/** @param read takes from the parameters what it needs. @throws Problem `query-invalid` for a parameter that it leaves */
function answer(
  router: Router,
  readModel: ReadModel,
  path: string,
  read: (parameters: Parameters, named: Named) => Ask,
  asOf = false,
): void {
  router.get(path, async (request, response) => {
    const parameters = new Parameters(request);
    const ask = read(parameters, request.params as Named);
    const time = asOf ? parameters.time("asOf") : undefined;
    parameters.end();
    const reader = await readModel.reader(time);
    sendJson(response, 200, JSON.stringify({ height: reader.height, ...(await ask(reader)) }));
  });
}

/** What can also be asked as the ledger stood at a time. */
const answerAsOf = (router: Router, readModel: ReadModel, path: string, read: (parameters: Parameters, named: Named) => Ask): void =>
  answer(router, readModel, path, read, true);

const pageOf = (parameters: Parameters): PageQuery => ({
  order: parameters.choice("order", ["newest", "oldest"]) ?? "newest",
  limit: parameters.limit(),
  ...parameters.cursor(isCursor),
});

function subjectKind({ kind }: Named): Subject["kind"] {
  const known = SUBJECT_KINDS.find((subject) => subject === kind);
  if (known === undefined) throw new Problem("not-found");
  return known;
}

/** `kind` and `id`, both or neither. */
function aboutOf(parameters: Parameters): Subject | undefined {
  const kind = parameters.choice("kind", SUBJECT_KINDS);
  const id = kind === undefined ? undefined : parameters.required("id");
  return kind === undefined || id === undefined ? undefined : { kind, id };
}

function found<T>(value: T | undefined): T {
  if (value === undefined) throw new Problem("not-found");
  return value;
}
