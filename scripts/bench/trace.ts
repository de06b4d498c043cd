/** The same trace when the ledger holds 10,000 events and when it holds 1,000,000; and what the gateway's memory does meanwhile. */
import { drained, prepared } from "./flow";
import { quantile, run } from "./load";
import { Mix, OPERATOR } from "./mix";
import type { Row } from "./report";
import { Server } from "./server";
import { buildWorld } from "./world";

const REQUEST = 200;
const SMALL = 10_000;
const LARGE = 1_000_000;
const STEP = 50_000;
const TRACES = 300;
const PATH = "/v1/trace/product/prd-007?direction=sources";

export async function trace(report: (row: Row) => void): Promise<void> {
  const server = await Server.gateway();
  const mix = new Mix("trace");
  const holdings = await buildWorld(server, mix);
  const target = { url: server.url, token: server.token(OPERATOR), connections: 4 };

  await run({ ...target, next: prepared(mix, holdings, SMALL / REQUEST) });
  await drained(server);
  await traced(server); // warm-up
  const small = await traced(server);
  report({ name: `trace at ${SMALL} events, p50`, value: quantile(small, 0.5), unit: "ms" });
  report({ name: `trace at ${SMALL} events, p99`, value: quantile(small, 0.99), unit: "ms" });

  const memory: number[] = [];
  for (let sent = SMALL; sent < LARGE; sent += STEP) {
    await run({ ...target, next: prepared(mix, holdings, Math.min(STEP, LARGE - sent) / REQUEST), rate: 15_000 / REQUEST });
    memory.push(server.memory("RssAnon"));
    process.stderr.write(`\r${Math.min(sent + STEP, LARGE)} events, ${server.memory().toFixed(0)} MiB resident   `);
  }
  process.stderr.write("\n");
  await drained(server);
  await traced(server); // as warm as the other
  const large = await traced(server);
  report({ name: `trace at ${LARGE} events, p50`, value: quantile(large, 0.5), unit: "ms" });
  report({ name: `trace at ${LARGE} events, p99`, value: quantile(large, 0.99), unit: "ms" });
  report({ name: "p50 at the large ledger / at the small", value: quantile(large, 0.5) / quantile(small, 0.5), unit: "", most: 2 });
  const tenth = (k: number): string => Math.max(...memory.slice((k * memory.length) / 10, ((k + 1) * memory.length) / 10)).toFixed(0);
  report({
    name: "memory of the gateway without mapped files, by tenths of the million",
    value: Array.from({ length: 10 }, (_, k) => tenth(k)).join(" "),
    unit: "MiB",
  });
  await server.stop();
}

async function traced(server: Server): Promise<Float64Array> {
  const times: number[] = [];
  for (let i = 0; i < TRACES; i++) {
    const began = performance.now();
    await server.get(PATH);
    times.push(performance.now() - began);
  }
  return Float64Array.from(times).sort();
}
