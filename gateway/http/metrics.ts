/** Figures for Prometheus: counts of what intake does, levels of the moment, and what `prom-client` tells of the process. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";

/** Upper bounds of the classes of acknowledgement times, seconds. */
const BOUNDS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5, 30];

export class Metrics {
  static readonly contentType = Registry.PROMETHEUS_CONTENT_TYPE;
  readonly #registry = new Registry();
  readonly #events = new Counter({
    name: "suyuan_events_total",
    help: "Events by what became of them",
    labelNames: ["state", "code"],
    registers: [this.#registry],
  });
  readonly #acknowledgement = new Histogram({
    name: "suyuan_acknowledgement_seconds",
    help: "From the head of a request of events to its answer",
    buckets: BOUNDS,
    registers: [this.#registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.#registry });
  }

  /** Events of one request. @param outcomes `refused`: the code of the problem, one of a closed set, so that it can be a label */
  taken(outcomes: readonly ({ readonly state: string } | { readonly refused: string })[]): void {
    const states = new Map<string, number>();
    for (const outcome of outcomes) {
      if ("refused" in outcome) this.#events.inc({ state: "refused", code: outcome.refused });
      else states.set(outcome.state, (states.get(outcome.state) ?? 0) + 1);
    }
    for (const [state, count] of states) this.#events.inc({ state }, count);
  }

  /** A request of events has been answered. */
  acknowledged(seconds: number): void {
    this.#acknowledgement.observe(seconds);
  }

  /** A figure that is read when it is asked for. @param name after `suyuan_` */
  level(name: string, help: string, read: () => number): void {
    const collect = function (this: Gauge): void {
      this.set(read());
    };
    this.#registry.registerMetric(new Gauge({ name: `suyuan_${name}`, help, registers: [], collect }));
  }

  /** As {@link level}, for each of a few values of a label. */
  levels<V extends string>(name: string, help: string, label: string, values: readonly V[], read: (value: V) => number): void {
    const collect = function (this: Gauge): void {
      for (const value of values) this.set({ [label]: value }, read(value));
    };
    this.#registry.registerMetric(new Gauge({ name: `suyuan_${name}`, help, labelNames: [label], registers: [], collect }));
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }
}
