/** What went wrong, for machines (a stable code) and people (words in both languages): RFC 9457 problem documents. */
import { randomUUID } from "node:crypto";
import type { Breach } from "../../chaincode/events/judge";
import { ruleClauses } from "../../chaincode/events/codes";
import { type Label, ruleLabel } from "../labels";
import labels from "./problem.labels.json";

/** Every code that the gateway itself answers with, and its HTTP status. */
export const STATUS = {
  "malformed-request": 400,
  "malformed-json": 400,
  "invalid-utf8": 400,
  "lone-surrogate": 400,
  "duplicate-key": 400,
  "prototype-key": 400,
  "inexact-number": 400,
  "too-deep": 400,
  "query-invalid": 400,
  "token-missing": 401,
  "token-invalid": 401,
  "token-expired": 401,
  "foreign-party": 403,
  "role-not-allowed": 403,
  "not-allowed": 403,
  "permissions-closed": 403,
  "key-withheld": 403,
  "not-found": 404,
  "method-not-allowed": 405,
  "request-timeout": 408,
  "conflicting-report": 409,
  "exit-not-verified": 409,
  "too-large": 413,
  "too-many-items": 413,
  "unsupported-charset": 415,
  "unsupported-media-type": 415,
  "unsupported-encoding": 415,
  "unknown-type": 422,
  "schema-invalid": 422,
  "recordedtime-given": 422,
  "personal-information": 422,
  "headers-too-large": 431,
  "internal-error": 500,
  "outbox-full": 503,
  "ledger-unavailable": 503,
  "ledger-busy": 503,
  "storage-unavailable": 503,
  "keys-unavailable": 503,
  stopping: 503,
} as const;

export type GatewayCode = keyof typeof STATUS;

/** An act that the ledger refuses conflicts with what stands on it; the code is the broken rule's. */
const REFUSED_BY_RULE = 409;

export type Language = "zh" | "en";

/** What a problem says beyond its code. */
export interface Details {
  /** JSON Pointer (RFC 6901) into the event, or the name of a query parameter. */
  readonly pointer?: string;
  /** What is wrong there: a keyword of JSON Schema. */
  readonly reason?: string;
  readonly limit?: number;
  /** Roles that may. */
  readonly allowed?: readonly string[];
}

interface Words {
  readonly title: string;
  readonly detail: string;
  readonly next: string;
}

export interface ProblemDocument extends Words {
  readonly type: string;
  readonly status: number;
  readonly code: string;
  /** Names this occurrence; failures of the gateway stand in its log under it. */
  readonly instance: string;
  readonly zh: Words;
  readonly en: Words;
  readonly pointer?: string;
  readonly reason?: string;
  /** Clause of the plan, where a rule has one. */
  readonly clause?: string;
  /** What is missing or too much, where the rule tells. */
  readonly missing?: readonly string[];
  /** Every rule that the act broke; the document speaks of the first. */
  readonly breaches?: readonly (Breach & { readonly clause?: string })[];
}

export class Problem extends Error {
  override readonly name = "Problem";
  readonly instance = `urn:uuid:${randomUUID()}`;

  constructor(
    readonly code: GatewayCode,
    readonly details: Details = {},
    options?: ErrorOptions,
  ) {
    super(code, options);
  }

  get status(): number {
    return STATUS[this.code];
  }

  document(language: Language): ProblemDocument {
    const { code, details, status, instance } = this;
    const [zh, en] = [words(code, details, "zh"), words(code, details, "en")];
    const { pointer, reason } = details;
    return {
      type: `urn:suyuan:problem:${code}`,
      ...(language === "zh" ? zh : en),
      status,
      code,
      instance,
      ...(pointer === undefined ? {} : { pointer }),
      ...(reason === undefined ? {} : { reason }),
      zh,
      en,
    };
  }
}

/** The ledger refused an act: the document's code is the first broken rule's. */
export class RuleProblem extends Error {
  override readonly name = "RuleProblem";
  readonly instance = `urn:uuid:${randomUUID()}`;
  readonly status = REFUSED_BY_RULE;
  readonly code: string;

  constructor(readonly breaches: readonly [Breach, ...Breach[]]) {
    super(breaches[0].code);
    this.code = breaches[0].code;
  }

  document(language: Language): ProblemDocument {
    const { code, status, instance } = this;
    const breaches = this.breaches.map((breach) => ({ ...breach, ...clauseOf(breach.code) }));
    const [zh, en] = [ruleWords(this.breaches, "zh"), ruleWords(this.breaches, "en")];
    const { missing } = this.breaches[0];
    return {
      type: `urn:suyuan:rule:${code}`,
      ...(language === "zh" ? zh : en),
      status,
      code,
      instance,
      ...clauseOf(code),
      ...(missing === undefined ? {} : { missing }),
      breaches,
      zh,
      en,
    };
  }
}

export type AnyProblem = Problem | RuleProblem;

const texts: Readonly<Record<GatewayCode, Readonly<Record<keyof Words, Label>>>> = labels.problems;
const reasons: Readonly<Record<string, Label>> = labels.reasons;

function words(code: GatewayCode, { pointer, reason, limit, allowed }: Details, language: Language): Words {
  const { title, detail, next } = texts[code];
  const values: Readonly<Record<string, string | undefined>> = {
    pointer: pointer === "" ? "/" : pointer,
    reason: reason === undefined ? undefined : (reasons[reason] ?? labels.reasons.other)[language],
    limit: limit?.toLocaleString("en"),
    allowed: allowed?.join(", "),
  };
  const filled = detail[language].replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? "-");
  return { title: title[language], detail: filled, next: next[language] };
}

function ruleWords([first, ...others]: readonly [Breach, ...Breach[]], language: Language): Words {
  const label = ruleLabel(first.code);
  const title = label?.[language] ?? first.code;
  const missing = first.missing?.join(", ");
  const more = others.map(({ code }) => ruleLabel(code)?.[language] ?? code);
  return { title, detail: [missing ?? title, ...more].join(language === "zh" ? "；" : "; "), next: label?.next[language] ?? "" };
}

function clauseOf(code: string): { readonly clause?: string } {
  const clause = ruleClauses.get(code);
  return clause === undefined ? {} : { clause };
}
