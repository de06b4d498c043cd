/**
 * What a query is: one declaration, from which come its route, its check of parameters and tokens, and its place in OpenAPI.
 * Whoever adds one writes it down in the file of its noun and, for a new noun, names that file in `queries.ts`.
 */
import type { JsonSchema } from "../../chaincode/events/schema";
import type { Clock } from "../config";
import type { Asker } from "../index/access";
import type { Inventories } from "../exit/inventory-thread";
import type { Reader } from "../index/reader";
import type { Label } from "../labels";
import { height, type Members, object } from "./answer-schemas";
import type { Cursors } from "./cursors";
import { caughtUpWithAll } from "./lookup";
import type { OperationsOptions } from "./operations";
import type { Given, Parameters } from "./parameters";
import type { GatewayCode } from "./problem";
import type { Receipts, ReceiptSources } from "./receipts";
import type { Watching } from "./watching";

/** Where answers come from. */
export interface Sources extends ReceiptSources, OperationsOptions {
  readonly receipts: Receipts;
  readonly watching: Watching;
  readonly cursors: Cursors;
  readonly inventories: Inventories;
  /** From which the keys of authorizations follow. */
  readonly fingerprinting: Buffer;
  /** Of the configuration. */
  readonly publicUrl?: string | undefined;
  readonly clock: Clock;
  /** What `/openapi.json` answers. */
  readonly description: string;
}

/** What every query says of itself. */
interface Declared<P extends Parameters> extends Label {
  /** Its name in generated clients. */
  readonly id: string;
  readonly tag: Tag;
  /** What else one should know, for OpenAPI. */
  readonly detail?: string;
  /** For everyone. Without it a query is for readers: whoever has a token and is known by more than being `public`. */
  readonly open?: true;
  /** Also for who has left (退出) and is told nothing else: what its exit and its own reports ask for. */
  readonly toLeavers?: true;
  /** Instead, where some of its answers are for everyone: whether this one is. */
  openTo?(given: Given<P>): boolean;
  readonly parameters: P;
  /** Beyond those that follow from the rest: of tokens, of parameters, and `not-found` where the path names something. */
  readonly problems?: readonly GatewayCode[];
}

export interface Query<P extends Parameters = Parameters, A = unknown> extends Declared<P> {
  /** `/v1/subjects/{kind}` */
  readonly path: string;
  readonly forms: Forms<A>;
  /** @param asker undefined where it is open to everyone. @returns undefined for `not-found` */
  answer(given: Given<P>, sources: Sources, asker: Asker | undefined, request: Requested): A | undefined | Promise<A | undefined>;
  /** Whether it goes out with status 503 in place of 200. */
  unavailable?(sources: Sources): boolean;
  /** How long a cache may keep it: `Cache-Control`. */
  caching?(given: Given<P>): string;
}

/** What a stream goes by. */
export interface Requested {
  /** Where the gateway is reached: its public address, or where none is set the one that whoever asks used. */
  readonly origin: string;
  /** The header `Last-Event-ID`. */
  readonly lastEventId: string | undefined;
  /** Aborted once nobody reads any more. */
  readonly signal: AbortSignal;
  /** Whether the token is still good. */
  readonly isAllowed: () => Promise<boolean>;
}

/** The ways in which an answer is written, by media type; the first is for those who accept none of them. */
export type Forms<A> = Readonly<Record<string, Form<A>>>;
interface Form<A> {
  readonly schema?: JsonSchema;
  /** Of a page: its Content Security Policy. */
  readonly policy?: string;
  /** Where it says more than the media type. */
  readonly contentType?: string;
  /** What comes bit by bit is sent as fast as it is read. */
  write(answer: A): string | Uint8Array | AsyncIterable<string>;
}

/** A line for each thing, and what proves them. */
export const NDJSON = "application/x-ndjson";

export const asJson = <A extends object>(schema: JsonSchema): Forms<A> => ({
  "application/json": { schema, write: (answer) => JSON.stringify(answer) },
});

/** Groups of operations, for those who read OpenAPI. */
export const TAGS = {
  events: "上报与查询事件 · Reporting events and asking what became of them",
  trace: "溯源与查询 · Tracing and looking things up",
  exit: "退出与删除 · Leaving: progress, inventory, certificate",
  evidence: "存证凭证与账簿 · Receipts and journals, for any verifier",
  operations: "运行维护 · For those who run the gateway",
} as const;
export type Tag = keyof typeof TAGS;

interface Asking<P extends Parameters> extends Declared<P> {
  /** Its first page shows whatever was acknowledged before it was asked. */
  readonly caughtUp?: true;
  /** Members of what it answers; the height that they reflect is added. */
  readonly answers: Members;
  /** @returns undefined for `not-found` */
  ask(reader: Reader, given: Given<P>): object | undefined | Promise<object | undefined>;
}

/** A query of the read model. One that takes `asOf` gets a reader of that time; what one page names as `next`, it gets as `cursor` of the next one. */
export const query = <const P extends Parameters>(path: string, it: Asking<P>): Query<P, object> =>
  custom(path, {
    ...it,
    forms: asJson(object({ height, ...it.answers })),
    async answer(given, sources, asker) {
      const { readModel, cursors } = sources;
      const { asOf, cursor: sealed } = given as { readonly asOf?: number; readonly cursor?: string };
      if (it.caughtUp === true && sealed === undefined) await caughtUpWithAll(sources);
      const reader = await readModel.reader(asOf, asker);
      const answer = await cursors.page<object & { readonly next?: string }>(path, sealed, (cursor) =>
        it.ask(reader, cursor === undefined ? given : { ...given, cursor }),
      );
      return answer && { height: reader.height, ...answer };
    },
  });

/** A query that finds its answer elsewhere too, or writes it in forms of its own. */
export const custom = <const P extends Parameters, A>(path: string, it: Omit<Query<P, A>, "path">): Query<P, A> => ({ path, ...it });
