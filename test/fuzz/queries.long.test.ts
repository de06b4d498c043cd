import { expect } from "chai";
import { AUTHORITY, AUTHORIZATION, FLIGHTS, OPERATOR, PRODUCT, SCENARIO } from "../chaincode/events/world";
import { mutatedOften } from "./bytes";
import { cases, type Chance, many } from "./chance";
import type { Operation, Parameter } from "./described";
import { Fuzzed, PARTIES } from "./fuzzed";
import { request } from "./wire";

const ACCEPT = ["application/json", "text/csv", "application/prov+json", "*/*", "text/html", "application/json;q=0", ";;,q=x", ""];
const LANGUAGES = ["zh", "en-GB,en;q=0.9", "fr;q=x,en;;", "*", "", "zh;q=0,en;q=1.0001"];
const TEXTS = [
  "",
  " ",
  "0",
  "-1",
  "1",
  "1e3",
  "999999999999999999999",
  "NaN",
  "null",
  "[]",
  "a".repeat(300),
  "%",
  "%00",
  "溯源",
  "😀",
  "../..",
  "__proto__",
];

describe("whatever is asked", function () {
  this.timeout(1800_000);

  it("is answered as /openapi.json says, or refused with a code that it names there", () =>
    Fuzzed.during(async (gateway) => {
      const paths = Object.entries(gateway.described.paths).flatMap(([path, { get }]) =>
        get === undefined || isEndless(get) ? [] : [{ path, get }],
      );
      expect(paths.length).to.be.greaterThan(10);
      const known = [
        ...KNOWN,
        ...gateway.told.flatMap(({ journal, index, leafHash }) => [leafHash, `${journal}/${index}/0`, String(index)]),
      ];
      const statuses = new Map<number, number>();
      await cases("queries", many(20_000, 2000), 8, async (chance) => {
        const { path, get } = chance.pick(paths);
        const method = chance.odds(0.05) ? "HEAD" : "GET";
        const target = targetOf(path, get, chance, known);
        const headers = {
          ...(chance.odds(0.95) ? gateway.authorization(chance.pick(PARTIES)) : {}),
          ...(chance.odds(0.3) ? { Accept: chance.pick(ACCEPT) } : {}),
          ...(chance.odds(0.2) ? { "Accept-Language": chance.pick(LANGUAGES) } : {}),
        };
        const answer = await gateway.exchange(request(method, target, headers), method);
        statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
        check(`${method} ${target} ${JSON.stringify(headers)}`, () => {
          expect(answer.status).to.be.lessThan(500);
          if (answer.status >= 400 && method === "GET") gateway.checkProblem(answer);
          // A path that was bent may be another's, or nobody's.
          if (answer.status !== 404 && isStraight(path, target)) gateway.described.checkAnswer(get, answer);
        });
      });
      process.stdout.write(`      ${[...statuses].map(([status, n]) => `${status}: ${n}`).join(", ")}\n`);
      for (const status of [200, 400, 401, 404]) expect(statuses.get(status), String(status)).to.be.greaterThan(0);
    }));

  it("by another method than there is, is refused with a code", () =>
    Fuzzed.during(async (gateway) => {
      const paths = Object.keys(gateway.described.paths);
      await cases("methods", many(1000, 200), 8, async (chance) => {
        const method = chance.pick(["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "POST", "PROPFIND", "QUERY"]);
        const path = chance.pick(paths.filter((it) => method !== "POST" || gateway.described.paths[it]?.["post"] === undefined));
        const target = path.replace(/\{\w+\}/g, () => encodeURIComponent(chance.pick(KNOWN)));
        const answer = await gateway.exchange(request(method, target, { ...gateway.authorization(AUTHORITY) }));
        expect(gateway.checkProblem(answer), `${method} ${target}`).to.be.oneOf(["not-found", "method-not-allowed"]);
      });
    }));
});

/** Streams go on for as long as somebody listens: they have tests of their own. */
const isEndless = ({ responses }: Operation): boolean => Object.hasOwn(responses["200"]?.content ?? {}, "text/event-stream");

/** What stands on the ledger after the story, so that some questions have answers. */
const KNOWN = [
  ...[OPERATOR, AUTHORITY, AUTHORIZATION, SCENARIO, FLIGHTS, PRODUCT, "SuyuanMSP/facts", "SuyuanMSP/acts", "SuyuanMSP/facts/1/0"],
  ...["resource", "product", "party", "holding", "scenario", "authorization", "0/000", "entries/000", "0/000.p/5", "1/x001/067"],
  ...["//platform.example/access", "story-1", "公共", "航班", "2026-03-10T10:00:00+08:00", "9999-12-31T23:59:59Z"],
];

/** Whether the target is below the path as it is described: only then its description is bound to hold. */
function isStraight(path: string, target: string): boolean {
  const [asked = ""] = target.split("?", 1);
  return new RegExp(`^${path.replaceAll(".", "\\.").replace(/\{\w+\}/g, "[^/]+")}$`).test(asked);
}

function check(shown: string, action: () => void): void {
  try {
    action();
  } catch (cause) {
    throw new Error(`${shown}: ${cause instanceof Error ? cause.message : ""}`, { cause });
  }
}

function targetOf(path: string, { parameters = [] }: Operation, chance: Chance, known: readonly string[]): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = valueOf(
      parameters.find((it) => it.name === name && it.in === "path"),
      chance,
      known,
    );
    // Slashes of a tile's path stay as they are.
    return name === "path" && chance.odds(0.8) ? encodeURI(value) : encodeURIComponent(value);
  });
  const asked = parameters.filter((it) => it.in === "query" && (it.required === true ? chance.odds(0.9) : chance.odds(0.4)));
  const pairs = asked.map((it) => `${it.name}=${encodeURIComponent(valueOf(it, chance, known))}`);
  if (chance.odds(0.1))
    pairs.push(`${chance.pick(["q", "limit", "extra", "__proto__", "constructor", "%00", ""])}=${encodeURIComponent(chance.pick(TEXTS))}`);
  if (chance.odds(0.05) && pairs.length > 0) pairs.push(chance.pick(pairs));
  const target = pairs.length === 0 ? filled : `${filled}?${pairs.join("&")}`;
  if (chance.odds(0.85)) return target;
  // Whatever goes over the wire as one word, and begins as an address does.
  return `/${mutatedOften(Buffer.from(target), chance)
    .toString("latin1")
    .replace(/[^\x21-\x7e]/g, "")}`.replace("//", "/");
}

/** A value that fits, that stands on the ledger, or that is strange. */
function valueOf(parameter: Parameter | undefined, chance: Chance, known: readonly string[]): string {
  const {
    enum: values,
    minimum = 0,
    maximum = 1000,
  } = (parameter?.schema ?? {}) as { enum?: readonly string[]; minimum?: number; maximum?: number };
  const kind = chance.below(10);
  if (kind < 6 && values !== undefined) return chance.pick(values);
  if (kind < 6 && parameter?.schema["type"] === "integer") return String(minimum + chance.below(Math.min(maximum, 20)));
  if (kind < 8) return chance.pick(known);
  return kind === 8 ? chance.pick(TEXTS) : chance.bytes(chance.below(30)).toString("utf8");
}
