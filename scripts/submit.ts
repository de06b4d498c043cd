/** `suyuan submit`: sends the events of a file to a gateway, and says of each what became of it. */
import { createReadStream } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { visible } from "../gateway/visible";
import { Exit, Failure, reasonOf } from "./failure";
import { batches, items } from "./items";
import type { Output } from "./output";
import { bodyOf, type Gateway, type ProblemDocument, request, wordsOf } from "./request";
import { padTo, text, widthOf } from "./texts";

type State = "accepted" | "anchored" | "pending" | "refused" | "quarantined";

/** What the gateway answers for one event. */
interface Result {
  readonly source?: string;
  readonly id?: string;
  readonly state: State;
  readonly leafHash?: string;
  readonly journal?: string;
  readonly index?: number;
  readonly problem?: ProblemDocument;
}

/** Of one request. */
const MOST = { items: 500, bytes: 512 * 1024 };

/** What the gateway could not take for now is sent again so often, at these intervals, before it is given up. */
const ATTEMPTS = 30;
const PAUSE_MS = 2000;

const good: ReadonlySet<State> = new Set(["accepted", "anchored"]);

/** @param file `-` for standard input. @returns exit code; `refused` where a rule refused an event, `failed` where one failed otherwise */
export async function submit(file: string, gateway: Gateway, output: Output): Promise<number> {
  const counts = new Map<State, number>();
  let done = 0;
  let refused = false;
  /** What to do about a refusal is said once. */
  const advised = new Set<string>();
  const progress = output.progress(() => text("submit.progress", { done }));
  try {
    for await (const batch of batches(items(read(file), file), MOST)) {
      for (const result of await send(batch, gateway)) {
        counts.set(result.state, (counts.get(result.state) ?? 0) + 1);
        refused ||= isRefusedByRule(result);
        done++;
        output.document({ item: done, ...result });
        output.line(line(done, result, output));
        const { problem } = result;
        if (problem !== undefined && !advised.has(problem.code)) output.line(`  ${visible(wordsOf(problem).next)}`);
        if (problem !== undefined) advised.add(problem.code);
      }
      progress.tick();
    }
  } finally {
    progress.end();
  }
  const states = [...counts].map(([state, count]) => `${count} ${text(`state.${state}`)}`).join(text("list-separator"));
  output.note(done === 0 ? text("submit.none", { file }) : text("submit.total", { total: done, states }));
  if (refused) return Exit.refused;
  return [...counts.keys()].every((state) => good.has(state)) ? Exit.done : Exit.failed;
}

/** One result an event, in their order. */
async function send(batch: readonly Buffer[], gateway: Gateway): Promise<readonly Result[]> {
  const results: Result[] = [];
  let waiting = batch.map((_, position) => position);
  for (let attempt = 1; ; attempt++) {
    const lines = waiting.map((position) => batch[position] as Buffer);
    const answers = await post(lines, gateway).catch((error: unknown) => {
      if (error instanceof Failure && error.code === "gateway-unavailable" && attempt < ATTEMPTS) return [];
      throw error;
    });
    waiting.forEach((position, i) => (results[position] = answers[i] as Result));
    waiting = waiting.filter((position) => results[position] === undefined || results[position].problem?.status === 503);
    if (waiting.length === 0 || attempt === ATTEMPTS) return results;
    await sleep(PAUSE_MS);
  }
}

async function post(lines: readonly Buffer[], gateway: Gateway): Promise<readonly Result[]> {
  const bytes = Buffer.concat(lines.flatMap((line) => [line, LINE_FEED]));
  const response = await request(gateway, { path: "/v1/events", body: { type: "application/x-ndjson", bytes } });
  const answers = (await bodyOf(response)).split("\n").filter((answer) => answer !== "");
  if (answers.length < lines.length)
    throw new Failure("gateway-unreachable", { url: gateway.url.origin, reason: text("reason.ECONNRESET") });
  return answers.map((answer) => JSON.parse(answer) as Result);
}

const LINE_FEED = Buffer.of(0x0a);

/** Personal information is looked for at the gateway's door, but it is a rule of the ledger. */
const isRefusedByRule = ({ problem }: Result): boolean =>
  problem !== undefined && (problem.type.startsWith("urn:suyuan:rule:") || problem.code === "personal-information");

const stateWidth = (): number =>
  Math.max(...(["accepted", "anchored", "pending", "refused", "quarantined"] as const).map((state) => widthOf(text(`state.${state}`))));

function line(item: number, { state, source, id, journal, index, leafHash, problem }: Result, output: Output): string {
  const style = good.has(state) ? "green" : state === "pending" ? "yellow" : "red";
  const word = output.style(style, padTo(text(`state.${state}`), stateWidth()));
  const name = id === undefined ? text("submit.item", { item }) : `${source ?? ""} ${id}`;
  if (problem !== undefined) {
    const { title, detail } = wordsOf(problem);
    return [word, problem.code, name, detail === title ? title : text("title-detail", { title, detail })]
      .filter((part) => part !== "")
      .join("  ");
  }
  const place = index === undefined ? (journal ?? "") : `${journal ?? ""}/${index}`;
  return [word, place, leafHash ?? "", name].filter((part) => part !== "").join("  ");
}

async function* read(file: string): AsyncGenerator<Buffer> {
  const input = file === "-" ? process.stdin : createReadStream(file, { highWaterMark: 1024 * 1024 });
  try {
    for await (const chunk of input) yield chunk as Buffer;
  } catch (error) {
    throw new Failure("file-unreadable", { file, reason: reasonOf(error) }, { cause: error });
  }
}
