/** Single events against the bare route: the same load on both, in turns, so that a change of the machine's speed touches both. */
import { quantile, run } from "./load";
import { drained, outbox } from "./flow";
import { Mix, OPERATOR } from "./mix";
import type { Row } from "./report";
import { Server } from "./server";
import { buildWorld } from "./world";

const ROUNDS = 5;
const SECONDS = 6;
const CONNECTIONS = 64;
const MOST_A_SECOND = 20_000;

export async function single(report: (row: Row) => void): Promise<void> {
  const bare = await Server.bare();
  const gateway = await Server.gateway();
  const mix = new Mix("single");
  const holdings = await buildWorld(gateway, mix);
  const bodies = (): (() => Buffer | undefined) => {
    const made = Array.from({ length: SECONDS * MOST_A_SECOND }, () => Buffer.from(JSON.stringify(mix.fact(holdings))));
    const end = performance.now() + SECONDS * 1000;
    return () => (performance.now() < end ? made.pop() : undefined);
  };
  const rates: { bare: number; gateway: number; behind: number; p50: number; p99: number }[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const plain = await run({ url: bare.url, token: "", connections: CONNECTIONS, next: bodies() });
    const ours = await run({ url: gateway.url, token: gateway.token(OPERATOR), connections: CONNECTIONS, next: bodies() });
    const behind = await outbox(gateway);
    await drained(gateway);
    if (round === 0) continue; // warm-up
    rates.push({
      bare: plain.requests / plain.seconds,
      gateway: ours.requests / ours.seconds,
      behind,
      p50: quantile(ours.latencies, 0.5),
      p99: quantile(ours.latencies, 0.99),
    });
  }
  const middle = (of: (rate: (typeof rates)[number]) => number): number => rates.map(of).sort((a, b) => a - b)[ROUNDS >> 1] ?? NaN;
  report({ name: "bare route, single events", value: middle((r) => r.bare), unit: "events/s" });
  report({ name: "gateway, single events", value: middle((r) => r.gateway), unit: "events/s" });
  report({ name: "gateway / bare route", value: middle((r) => r.gateway / r.bare), unit: "", bar: 0.8 });
  report({ name: "of each round", value: rates.map((r) => (r.gateway / r.bare).toFixed(2)).join(" "), unit: "" });
  report({ name: "acknowledgement of single events, p50", value: middle((r) => r.p50), unit: "ms" });
  report({ name: "acknowledgement of single events, p99", value: middle((r) => r.p99), unit: "ms" });
  report({ name: `outbox after ${SECONDS} s`, value: middle((r) => r.behind), unit: "events" });
  await gateway.stop();
  await bare.stop();
}
