/** How routes are written down for OpenAPI. */
import type { JsonSchema } from "../../chaincode/events/schema";
import type { Label } from "../labels";
import { ref } from "./answer-schemas";
import { both } from "./event-schemas";
import { isInPath, isRequired } from "./parameters";
import { type GatewayCode, STATUS } from "./problem";
import type { Query, Tag } from "./query";

export interface Operation extends Label {
  readonly tag: Tag;
  readonly detail?: string;
  /** Needs no token; `partly`: some of what it answers does. */
  readonly open?: true | "partly";
  readonly parameters?: readonly JsonSchema[];
  readonly body?: JsonSchema;
  /** By status: what it answers when it does what was asked. */
  readonly answers: Readonly<Record<string, JsonSchema>>;
  readonly problems: readonly GatewayCode[];
  /** Answers 409 with the code of the first rule that an act broke. */
  readonly refusedByRule?: true;
}

/** An act that breaks a rule conflicts with what stands on the ledger. */
const REFUSED_BY_RULE = STATUS["conflicting-report"];

const EVERY_REQUEST: readonly GatewayCode[] = ["token-missing", "token-invalid", "token-expired", "keys-unavailable", "internal-error"];

export function operation(id: string, it: Operation): JsonSchema {
  const { zh, en, tag, detail, open, parameters, body, answers, refusedByRule } = it;
  const problems = problemResponses(open === true ? it.problems : [...EVERY_REQUEST, ...it.problems], refusedByRule);
  return {
    operationId: id,
    tags: [tag],
    summary: both({ zh, en }),
    ...(detail === undefined ? {} : { description: detail }),
    ...(open === undefined ? {} : { security: open === true ? [] : [{}, { token: [] }] }),
    ...(parameters === undefined ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: body }),
    responses: { ...answers, ...problems },
  };
}

/** One response for each status, with the codes that it can have. */
function problemResponses(codes: readonly GatewayCode[], refusedByRule = false): Readonly<Record<string, JsonSchema>> {
  const byStatus = new Map<number, string[]>();
  for (const code of codes) byStatus.set(STATUS[code], [...(byStatus.get(STATUS[code]) ?? []), `\`${code}\``]);
  if (refusedByRule)
    byStatus.set(REFUSED_BY_RULE, [...(byStatus.get(REFUSED_BY_RULE) ?? []), "the code of the first rule that an act broke"]);
  return Object.fromEntries(
    [...byStatus].map(([status, its]) => [
      String(status),
      { description: its.join(", "), content: { "application/problem+json": { schema: ref("Problem") } } },
    ]),
  );
}

/** What a query says of itself. */
export function queryOperation({ path, parameters, forms, toLeavers, problems = [], ...query }: Query): JsonSchema {
  const open = query.openTo === undefined ? query.open : "partly";
  const content = Object.fromEntries(Object.entries(forms).map(([type, { schema }]) => [type, schema === undefined ? {} : { schema }]));
  const answer = { description: query.en, content };
  const named = path.includes("{") ? (["not-found"] as const) : [];
  const guarded = open === true ? [] : (["not-allowed", ...(toLeavers === true ? [] : (["permissions-closed"] as const))] as const);
  return operation(query.id, {
    ...query,
    ...(open === undefined ? {} : { open }),
    parameters: Object.entries(parameters).map(([name, { description, schema, ...parameter }]) => ({
      name,
      in: isInPath(path, name) ? "path" : "query",
      description,
      schema,
      ...(isRequired({ description, schema, ...parameter }) ? { required: true } : {}),
    })),
    answers: { 200: answer, ...(query.unavailable && { 503: answer }) },
    problems: [...new Set<GatewayCode>([...problems, ...named, "query-invalid", ...guarded])],
  });
}
