/** Requests of 200: how fast they are acknowledged, and whether anchoring and projection keep up for a minute. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Load, type LoadResult, quantile, run } from "./load";
import { Mix, OPERATOR } from "./mix";
import type { Row } from "./report";
import { type Result, Server } from "./server";
import { buildWorld } from "./world";

const REQUEST = 200;
const CONNECTIONS = 4;
const BURST_SECONDS = 10;
const FLOW_SECONDS = 60;
const FLOW_RATE = 15_400;

export async function flow(report: (row: Row) => void): Promise<void> {
  const bare = await Server.bare();
  const bareMix = new Mix("bare");
  const plain = await run({ url: bare.url, token: "", connections: CONNECTIONS, next: prepared(bareMix, [], 150) });
  await bare.stop();
  report({ name: "bare route, requests of 200", value: perSecond(plain), unit: "events/s" });

  const server = await Server.gateway();
  const mix = new Mix("flow");
  const holdings = await buildWorld(server, mix);
  const target = { url: server.url, token: server.token(OPERATOR), connections: CONNECTIONS };
  await run({ ...target, next: prepared(mix, holdings, 200) }); // warm-up
  await drained(server);

  const burst = await run({ ...target, next: prepared(mix, holdings, (BURST_SECONDS * 40_000) / REQUEST, BURST_SECONDS) });
  report({ name: "acknowledged, as fast as answers come", value: perSecond(burst), unit: "events/s", bar: 25_000 });
  latencies(report, "acknowledgement in a burst", burst.latencies);
  const behind = await outbox(server);
  const began = performance.now();
  await drained(server);
  report({ name: "outbox after the burst", value: behind, unit: "events" });
  report({ name: "drained at", value: (behind * 1000) / (performance.now() - began), unit: "events/s" });

  const levels: number[] = [];
  const sampling = new AbortController();
  const sampler = every(1000, sampling.signal, async () => void levels.push(await outbox(server)));
  const { taken: sustained, anchoring } = await followed(server, {
    ...target,
    next: prepared(mix, holdings, (FLOW_SECONDS * FLOW_RATE) / REQUEST),
    rate: FLOW_RATE / REQUEST,
  });
  sampling.abort();
  await sampler;
  await drained(server);
  report({
    name: `flow for ${FLOW_SECONDS} s, acknowledged, anchored and projected`,
    value: perSecond(sustained),
    unit: "events/s",
    bar: 15_000,
  });
  latencies(report, "acknowledgement in the flow", sustained.latencies);
  latencies(report, "acknowledged to anchored and projected", anchoring);
  const thirds = [0, 1, 2].map((k) => median(levels.slice((k * levels.length) / 3, ((k + 1) * levels.length) / 3)));
  report({ name: "outbox level, median of each third", value: thirds.map((level) => level.toFixed(0)).join(" / "), unit: "events" });
  report({ name: "memory of the gateway", value: server.memory(), unit: "MiB" });
  report({ name: "of it without mapped files", value: server.memory("RssAnon"), unit: "MiB" });
  await server.stop();
}

/** Runs a load; `anchoring`: from an acknowledgement until the gateway shows its last event as anchored, of one at a time, each once; milliseconds, ascending. */
export async function followed(server: Server, load: Load): Promise<{ readonly taken: LoadResult; readonly anchoring: Float64Array }> {
  const times: number[] = [];
  let over = false;
  let latest: { leafHash: string; at: number } | undefined;
  const follow = async (): Promise<void> => {
    while (!over) {
      const sample = latest;
      latest = undefined;
      if (sample !== undefined) times.push(await anchoredAfter(server, sample));
      await sleep(50);
    }
  };
  const following = follow();
  const onAnswer = (_status: number, body: Buffer): void => {
    const [, leafHash] =
      /"leafHash":"([0-9a-f]{64})"[^{}]*(?:\{[^{}]*\}[^{}]*)?\}\]$/.exec(body.toString("latin1", Math.max(0, body.length - 2000))) ?? [];
    if (leafHash !== undefined) latest = { leafHash, at: performance.now() };
  };
  const taken = await run({ ...load, onAnswer });
  over = true;
  await following;
  return { taken, anchoring: Float64Array.from(times).sort() };
}

/** Bodies made before the clock starts. @param size events in each */
export function prepared(
  mix: Mix,
  holdings: readonly string[],
  requests: number,
  seconds = Infinity,
  size = REQUEST,
): () => Buffer | undefined {
  const bodies = Array.from({ length: requests }, () => {
    const events = Array.from({ length: size }, () => mix.fact(holdings));
    return Buffer.from(JSON.stringify(events));
  });
  let end: number | undefined;
  return () => {
    end ??= performance.now() + seconds * 1000;
    return performance.now() < end ? bodies.pop() : undefined;
  };
}

const perSecond = ({ requests, seconds, statuses }: LoadResult): number => {
  const bad = [...statuses].filter(([status]) => status !== 200 && status !== 202);
  if (bad.length > 0) throw new Error(`unexpected answers: ${JSON.stringify(bad)}`);
  return (requests * REQUEST) / seconds;
};

export function latencies(report: (row: Row) => void, name: string, sorted: Float64Array): void {
  report({ name: `${name}, p50`, value: quantile(sorted, 0.5), unit: "ms" });
  report({ name: `${name}, p99`, value: quantile(sorted, 0.99), unit: "ms" });
}

async function anchoredAfter(server: Server, { leafHash, at }: { leafHash: string; at: number }): Promise<number> {
  while (((await server.get(`/v1/events/${leafHash}`)) as Result).state !== "anchored") await sleep(5);
  return performance.now() - at;
}

export async function outbox(server: Server): Promise<number> {
  const metrics = await (await fetch(new URL("/metrics", server.url))).text();
  const level = /^suyuan_outbox_facts (\d+)/m.exec(metrics)?.[1];
  if (level === undefined) throw new Error("no outbox level in /metrics");
  return Number(level);
}

export async function drained(server: Server): Promise<void> {
  while ((await outbox(server)) > 0) await sleep(250);
}

async function every(milliseconds: number, signal: AbortSignal, action: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    await action();
    await sleep(milliseconds);
  }
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
