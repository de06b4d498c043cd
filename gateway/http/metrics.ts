/** Counts of what the gateway does, in the text format of Prometheus (exposition format 0.0.4). */
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Outcome } from "../outbox/entry";

/** Upper bounds of the classes of acknowledgement times, milliseconds. */
const BOUNDS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000, 30_000];

type State = Exclude<Outcome["state"], "refused">;

export class Metrics {
  readonly #recorded: Record<State, number> = { accepted: 0, anchored: 0, quarantined: 0, pending: 0 };
  readonly #refused = new Map<string, number>();
  readonly #classes = BOUNDS.map(() => 0);
  readonly #delay = monitorEventLoopDelay({ resolution: 20 });
  #requests = 0;
  #milliseconds = 0;

  constructor() {
    this.#delay.enable();
  }

  recorded(state: State): void {
    this.#recorded[state]++;
  }

  /** @param code of the problem: a closed set, so that it can be a label */
  refused(code: string): void {
    this.#refused.set(code, (this.#refused.get(code) ?? 0) + 1);
  }

  /** A request of events has been answered. */
  acknowledged(milliseconds: number): void {
    const fits = BOUNDS.findIndex((bound) => milliseconds <= bound);
    if (fits !== -1) this.#classes[fits] = (this.#classes[fits] ?? 0) + 1;
    this.#requests++;
    this.#milliseconds += milliseconds;
  }

  /** @param levels of the moment: name after `suyuan_`, what it is, and value or values by label */
  text(levels: readonly Level[]): string {
    const { rss } = process.memoryUsage();
    const { user, system } = process.cpuUsage();
    const families = [
      family("suyuan_events_total", "counter", "Events by what became of them", [
        ...Object.entries(this.#recorded).map(([state, count]): Sample => [`{state="${state}"}`, count]),
        ...[...this.#refused].map(([code, count]): Sample => [`{state="refused",code="${code}"}`, count]),
      ]),
      family("suyuan_acknowledgement_seconds", "histogram", "From the first byte of a request of events to its answer", this.#histogram()),
      ...levels.map(([name, help, samples]) => family(`suyuan_${name}`, "gauge", help, samples)),
      family("process_resident_memory_bytes", "gauge", "Resident memory", [["", rss]]),
      family("process_cpu_seconds_total", "counter", "Processor time of all threads", [["", (user + system) / 1e6]]),
      family("suyuan_event_loop_delay_p99_seconds", "gauge", "How long the main thread was busy at a stretch, since the last reading", [
        ["", this.#delay.count === 0 ? 0 : this.#delay.percentile(99) / 1e9],
      ]),
    ];
    this.#delay.reset();
    return families.join("");
  }

  #histogram(): readonly Sample[] {
    let sum = 0;
    const classes = BOUNDS.map((bound, i): Sample => [`_bucket{le="${bound / 1000}"}`, (sum += this.#classes[i] ?? 0)]);
    return [...classes, [`_bucket{le="+Inf"}`, this.#requests], ["_sum", this.#milliseconds / 1000], ["_count", this.#requests]];
  }
}

/** Suffix of the name, and value. */
type Sample = readonly [suffix: string, value: number];
export type Level = readonly [name: string, help: string, samples: readonly Sample[]];

const family = (name: string, type: string, help: string, samples: readonly Sample[]): string =>
  `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${samples.map(([suffix, value]) => `${name}${suffix} ${value}\n`).join("")}`;
