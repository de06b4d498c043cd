/** How far a scan has come, and how long it still takes at the pace of what it has read itself. */
import type { Progress } from "../../gateway/exit/scan/scan";

/** Before so many milliseconds nothing is said of what is left: the first files say little of the others. */
const LEAST_MS = 2000;

export class Pace {
  #at = { bytes: 0, resumed: 0 };
  /** Since when it has been reading, and how many bytes it had read by then. */
  #since: { readonly time: number; readonly done: number };

  /** @param total bytes of all files. @param now milliseconds of a clock that goes evenly */
  constructor(
    private readonly total: number,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.#since = { time: now(), done: 0 };
  }

  add({ bytes, resumed }: Pick<Progress, "bytes" | "resumed">): void {
    // What an earlier run had looked through is taken at another pace.
    if (resumed > this.#at.resumed) this.#since = { time: this.now(), done: bytes - resumed };
    this.#at = { bytes, resumed };
  }

  get shown(): { readonly percent: number; readonly left: string } {
    const { bytes, resumed } = this.#at;
    const percent = Math.min(100, Math.floor((100 * bytes) / Math.max(1, this.total)));
    const [ms, done] = [this.now() - this.#since.time, bytes - resumed - this.#since.done];
    const left = (ms * Math.max(0, this.total - bytes)) / Math.max(1, done);
    return { percent, left: ms < LEAST_MS || done === 0 ? "…" : clock(Math.round(left / 1000)) };
  }
}

/** 1:05:09 */
function clock(seconds: number): string {
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const two = (number: number): string => String(number).padStart(2, "0");
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}
