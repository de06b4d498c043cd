/**
 * What fuzzers draw from. A run has one seed, and each of its cases draws from a sequence of its own, so that a failing case can be repeated alone:
 * `SUYUAN_SEED=seed` repeats a run, `SUYUAN_SEED=seed:case` one case of it.
 */
import { randomInt } from "node:crypto";
import { random } from "../../scripts/bench/mix";
import { SAMPLE } from "../sample";

const [seed, only] = (process.env["SUYUAN_SEED"] ?? String(SAMPLE ? 1 : randomInt(2 ** 31))).split(":").map(Number) as [number, number?];
export const SEED = seed;

export class Chance {
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = random(seed);
  }

  /** 0 to n - 1. */
  below(n: number): number {
    return Math.floor(this.#next() * n);
  }

  /** True that often. */
  odds(share: number): boolean {
    return this.#next() < share;
  }

  /** @throws RangeError where there is nothing to pick from */
  pick<T>(from: readonly T[]): T {
    if (from.length === 0) throw new RangeError("nothing to pick from");
    return from[this.below(from.length)] as T;
  }

  bytes(n: number): Buffer {
    return Buffer.from(Array.from({ length: n }, () => this.below(256)));
  }
}

/** How many cases: all, or a sample of them. */
export const many = (all: number, sample: number): number => (SAMPLE ? sample : all);

/**
 * Tries cases, several at once. @param name of the kind of case: each kind draws differently from the same seed
 * @throws Error naming the case that failed and how to repeat it
 */
export async function cases(name: string, count: number, atOnce: number, work: (chance: Chance, number: number) => unknown): Promise<void> {
  process.stdout.write(`      ${only === undefined ? `${count} cases` : `case ${only}`}, seed ${SEED}\n`);
  let next = only ?? 0;
  const end = only === undefined ? count : only + 1;
  const worker = async (): Promise<void> => {
    while (next < end) {
      const number = next++;
      try {
        await work(new Chance(SEED ^ Math.imul(number + 1, 0x9e3779b1) ^ Math.imul(name.length, 0x85ebca6b)), number);
      } catch (cause) {
        next = end;
        throw new Error(
          `SUYUAN_SEED=${SEED}:${number} (${name}): ${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}`,
          {
            cause,
          },
        );
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
