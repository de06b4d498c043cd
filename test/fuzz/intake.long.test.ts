import { expect } from "chai";
import type { Told } from "../scripts/story";
import { mutatedOften } from "./bytes";
import { cases, many } from "./chance";
import { Fuzzed, PARTIES } from "./fuzzed";
import { type Report, Reports } from "./reports";
import { request, type WireAnswer } from "./wire";

type Result = Told & { readonly problem?: { readonly code: string; readonly status: number } };

/** How events travel: the content type, how several are joined, and whether it can be one or many. */
const FORMS = [
  { type: "application/json", join: undefined },
  { type: "application/cloudevents+json", join: undefined },
  { type: "application/cloudevents+json; charset=UTF-8", join: undefined },
  { type: "application/json", join: ["[", ",", "]"] },
  { type: "application/json;charset=utf-8", join: [" \n[ ", " ,\r\n\t", "]\n"] },
  { type: "application/cloudevents-batch+json", join: ["[", ",", "]"] },
  { type: "application/x-ndjson", join: ["", "\n", ""] },
  { type: "application/ndjson", join: ["\n\n", " \r\n\n", "\n"] },
] as const;

describe("whatever is reported", function () {
  this.timeout(1800_000);

  it("is taken as it was said, once, at the place that was answered, or refused with a code; and the gateway lives", () =>
    Fuzzed.during(async (gateway) => {
      const reports = new Reports();
      const states = new Map<string, number>();
      await cases("intake", many(5000, 400), 6, async (chance, number) => {
        const party = chance.pick(PARTIES);
        const form = chance.pick(FORMS);
        const count = form.join === undefined ? 1 : chance.below(chance.odds(0.1) ? 200 : 20);
        const sent = Array.from({ length: count }, (_, i) => reports.next(party, `case-${number}-${i}`, chance));
        const [first, between, last] = form.join ?? ["", "", ""];
        const whole = Buffer.concat([
          Buffer.from(first),
          ...sent.flatMap(({ bytes }, i) => (i === 0 ? [bytes] : [Buffer.from(between), bytes])),
          Buffer.from(last),
        ]);
        const body = chance.odds(0.2) ? mutatedOften(whole, chance) : whole;
        const isMutated = !body.equals(whole);
        const binary =
          count === 1 && !isMutated && sent[0]!.spoiled === undefined && chance.odds(0.5) ? inBinaryMode(sent[0]!.bytes) : undefined;
        const headers = { ...gateway.authorization(party), "Content-Type": form.type, ...binary?.headers };
        const answer = await gateway.exchange(request("POST", "/v1/events", headers, binary?.body ?? body));

        const results = resultsOf(gateway, answer);
        if (!isMutated && form.join !== undefined && binary === undefined) expect(results).to.have.length(count);
        const values = isMutated ? valuesOf(body, form.type) : undefined;
        for (const [i, result] of results.entries()) {
          const report = isMutated ? undefined : sent[i];
          const state = result.problem?.code ?? result.state;
          states.set(state, (states.get(state) ?? 0) + 1);
          check(result, report);
          if (result.problem !== undefined) continue;
          const event: unknown = isMutated ? values?.[i] : JSON.parse(report!.bytes.toString("utf8"));
          gateway.acknowledge(result, event === undefined ? undefined : { event, party });
          if (report !== undefined) reports.remember(party, report.bytes, result);
        }
      });
      process.stdout.write(
        `      ${[...states]
          .sort(([, a], [, b]) => b - a)
          .map(([state, n]) => `${state} ${n}`)
          .join(", ")}\n`,
      );
    }));
});

/** The same event with its attributes in headers, where they fit there. */
function inBinaryMode(bytes: Buffer): { readonly headers: Readonly<Record<string, string>>; readonly body: Buffer } | undefined {
  const { data, ...attributes } = JSON.parse(bytes.toString("utf8")) as Readonly<Record<string, unknown>>;
  const entries = Object.entries(attributes).filter(([name]) => name !== "datacontenttype");
  const fits = entries.every(([name, value]) => /^[a-z0-9]+$/.test(name) && typeof value === "string" && value.length < 1000);
  if (data === undefined || !fits || attributes["specversion"] === undefined) return undefined;
  const headers: Record<string, string> = { "Content-Type": "application/json" };
  for (const [name, value] of entries) headers[`ce-${name}`] = encodeURIComponent(value as string);
  return { headers, body: Buffer.from(JSON.stringify(data)) };
}

/** What was answered for each event; of a request that failed as a whole, one result. */
function resultsOf(gateway: Fuzzed, answer: WireAnswer): readonly Result[] {
  const { status, headers, body } = answer;
  if (status >= 400) return [{ problem: { status, code: gateway.checkProblem(answer) } } as Result];
  const text = body.toString("utf8");
  const isStream = headers.get("content-type") === "application/x-ndjson";
  const value: unknown = JSON.parse(isStream ? `[${text.trimEnd().replaceAll("\n", ",")}]` : text);
  const results = (Array.isArray(value) ? value : [value]) as readonly Result[];
  expect(status).to.be.oneOf(Array.isArray(value) ? [200] : [201, 202]);
  for (const { problem } of results) if (problem !== undefined) gateway.described.checkProblem(problem);
  return results;
}

function check(result: Result, report: Report | undefined): void {
  const { problem } = result;
  if (problem !== undefined) expect(problem.status, JSON.stringify(problem)).to.be.within(400, 499);
  if (report?.spoiled !== undefined) expect(problem?.code, report.bytes.toString("utf8", 0, 2000)).to.equal(report.spoiled);
  if (report?.before !== undefined) expect(result).to.deep.equal(report.before);
}

/** The events that a body still is, by another reader than the gateway's; undefined where it is none. */
function valuesOf(body: Buffer, type: string): readonly unknown[] | undefined {
  const text = body.toString("utf8");
  try {
    if (type.endsWith("ndjson"))
      return text
        .split("\n")
        .filter((line) => line.trim() !== "")
        .map((line) => JSON.parse(line) as unknown);
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? (value as readonly unknown[]) : [value];
  } catch {
    return undefined;
  }
}
