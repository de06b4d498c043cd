/**
 * `POST /v1/events`: one event, an array, a CloudEvents batch or a stream of lines. A single event is answered with 201 (an act that is on the
 * ledger), 202 (a fact that is durable here; an act of which the ledger has not spoken yet) or a problem; several always with 200 and one result
 * each, in their order: an array as an array, a stream as a stream of lines.
 *
 * What bounds it is the one thread it runs on, so each event is parsed once, checked once and written out once, and there is no promise, no timer
 * and no layer for each event.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Clock } from "../config";
import type { Acts } from "../outbox/acts";
import type { Outcome, Refused } from "../outbox/entry";
import type { Outbox } from "../outbox/outbox";
import type { Admission, Admitted } from "./admission";
import { problemOf, refusedResult, result, statusOf } from "./answers";
import type { Auth, Principal } from "./auth";
import { fromBinaryMode } from "./binary-mode";
import { contentOf, readBody, readLines } from "./body";
import { type Item, readItem, readItems } from "./items";
import { limits } from "./limits";
import type { Metrics } from "./metrics";
import { type AnyProblem, type Language, Problem } from "./problem";
import { languageOf, sendJson, sendProblem } from "./send";

export interface IntakeOptions {
  readonly clock: Clock;
  readonly auth: Auth;
  readonly admission: Admission;
  readonly outbox: Outbox;
  readonly acts: Acts;
  readonly metrics: Metrics;
}

/** What became of an item: an outcome, or the reason why it was not taken. */
type Verdict = { readonly admitted: Admitted; readonly outcome: Exclude<Outcome, Refused> } | AnyProblem;

export class Intake {
  constructor(private readonly options: IntakeOptions) {}

  /** @throws Problem where the request as a whole cannot be taken; Aborted */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const began = performance.now();
    const principal = await this.options.auth.principal(request.headers.authorization);
    const content = contentOf(request);
    if (content === "stream") return this.#stream(request, response, principal);
    const body = await readBody(request, limits.bodyBytes);
    if (content === "batch" || (content === "json" && isArray(body))) {
      const items = readItems(body);
      const verdicts = await this.#take(items, principal);
      sendJson(response, 200, `[${results(items, verdicts, languageOf(request)).join(",")}]`);
    } else {
      const item = content === "data" ? binaryItem(request, body) : readItem(body);
      const [verdict] = await this.#take([item], principal);
      sendOne(request, response, verdict as Verdict);
    }
    this.options.metrics.acknowledged((performance.now() - began) / 1000);
  }

  /** Takes lines as they arrive and answers them as they are done. */
  async #stream(request: IncomingMessage, response: ServerResponse, principal: Principal): Promise<void> {
    const language = languageOf(request);
    response.writeHead(200, { "Content-Type": "application/x-ndjson" });
    for await (const lines of readLines(request, limits.lineBytes)) {
      for (let start = 0; start < lines.length; start += limits.streamLines) {
        const items = lines.slice(start, start + limits.streamLines).map((line) => (line === undefined ? tooLong() : readItem(line)));
        const verdicts = await this.#take(items, principal);
        response.write(results(items, verdicts, language).join("\n") + "\n");
        if (response.writableLength > limits.streamAnswerBytes) await drained(response);
      }
    }
    response.end();
  }

  async #take(items: readonly Item[], principal: Principal): Promise<readonly Verdict[]> {
    const { admission, outbox, acts, metrics, clock } = this.options;
    const now = new Date(clock()).toISOString();
    const facts: Admitted[] = [];
    const waiting: Admitted[] = [];
    const admissions = items.map((item) => {
      const admitted = item.problem ?? admission.admit(item.value, principal, now);
      if (!(admitted instanceof Problem)) (admitted.kind === "fact" ? facts : waiting).push(admitted);
      return admitted;
    });
    const [accepted, recorded] = await Promise.all([
      facts.length === 0 ? [] : outbox.accept(facts),
      waiting.length === 0 ? [] : acts.record(waiting),
    ]);
    let [fact, act] = [0, 0];
    const verdicts = admissions.map((admitted) =>
      admitted instanceof Problem ? admitted : verdictOn(admitted, admitted.kind === "fact" ? accepted[fact++] : recorded[act++]),
    );
    metrics.taken(verdicts.map((verdict) => (verdict instanceof Error ? { refused: verdict.code } : verdict.outcome)));
    return verdicts;
  }
}

function verdictOn(admitted: Admitted, outcome: Outcome | undefined): Verdict {
  if (outcome === undefined) throw new Error("an event without an outcome");
  return outcome.state === "refused" ? problemOf(outcome) : { admitted, outcome };
}

/** Whether the first character is an opening bracket. */
function isArray(json: Uint8Array): boolean {
  return json.find((byte) => byte !== 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d) === 0x5b;
}

function binaryItem(request: IncomingMessage, body: Uint8Array): Item {
  const data = readItem(body, limits.depth - 1);
  return data.problem === undefined ? { value: fromBinaryMode(request.headers, data.value) } : data;
}

const tooLong = (): Item => ({ problem: new Problem("too-large", { limit: limits.lineBytes }) });

function sendOne(request: IncomingMessage, response: ServerResponse, verdict: Verdict): void {
  if (verdict instanceof Error) sendProblem(request, response, verdict);
  else sendJson(response, statusOf(verdict.outcome), result(verdict.admitted, verdict.outcome));
}

function results(items: readonly Item[], verdicts: readonly Verdict[], language: Language): string[] {
  return verdicts.map((verdict, i) =>
    verdict instanceof Error ? refusedResult(items[i]?.value, verdict, language) : result(verdict.admitted, verdict.outcome),
  );
}

/** The sender has read enough of its answers, or is gone. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off("drain", done).off("close", done);
      resolve();
    };
    response.on("drain", done).on("close", done);
  });
}
