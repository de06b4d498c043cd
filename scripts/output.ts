/** What a command says: results on stdout, for people or as JSON; progress and errors of the human form on stderr; colours on a terminal only. */
import type { WriteStream } from "node:tty";
import { styleText } from "node:util";
import type { Failure } from "./failure";
import { text } from "./texts";

type Style = "red" | "green" | "yellow" | "dim" | "bold";

const PROGRESS_AFTER_MS = 2000;
/** Where lines cannot be overwritten, fewer of them. */
const PROGRESS_EVERY_MS = { terminal: 200, log: 5000 };

export class Output {
  constructor(readonly json: boolean) {}

  /** One line of the human form; nothing under `--json`. */
  line(shown = ""): void {
    if (!this.json) process.stdout.write(`${shown}\n`);
  }

  /** One document or NDJSON line of the machine form; nothing without `--json`. */
  document(value: unknown): void {
    if (this.json) process.stdout.write(`${JSON.stringify(value)}\n`);
  }

  /** Something besides the result that a person should read; not part of the machine form. */
  note(shown: string): void {
    if (!this.json) process.stderr.write(`${shown}\n`);
  }

  failure({ code, message, next }: Failure): void {
    if (this.json) this.document({ error: { code, message, ...(next === undefined ? {} : { next }) } });
    else process.stderr.write(`suyuan: ${styled("red", message, process.stderr)}${next === undefined ? "" : text("next", { next })}\n`);
  }

  style(style: Style, shown: string): string {
    return styled(style, shown, process.stdout);
  }

  /** Says on stderr how far work has come, once it has taken two seconds. @param state what to say now */
  progress(state: () => string): Progress {
    return new Progress(state);
  }
}

const styled = (style: Style, shown: string, stream: WriteStream): string =>
  stream.isTTY && !process.env["NO_COLOR"] ? styleText(style, shown, { validateStream: false }) : shown;

export class Progress {
  readonly #timer: NodeJS.Timeout;
  readonly #terminal = process.stderr.isTTY;
  #shown = false;
  #next = performance.now() + PROGRESS_AFTER_MS;

  constructor(private readonly state: () => string) {
    this.#timer = setInterval(() => this.tick(), PROGRESS_EVERY_MS.terminal);
    this.#timer.unref();
  }

  /** For work that leaves no room for timers: call it now and then. */
  tick(): void {
    if (performance.now() < this.#next) return;
    this.#next = performance.now() + (this.#terminal ? PROGRESS_EVERY_MS.terminal : PROGRESS_EVERY_MS.log);
    process.stderr.write(this.#terminal ? `\r\u001b[K${this.state()}` : `${this.state()}\n`);
    this.#shown = true;
  }

  /** Makes room for a line of output. */
  clear(): void {
    if (this.#shown && this.#terminal) process.stderr.write("\r\u001b[K");
  }

  end(): void {
    clearInterval(this.#timer);
    this.clear();
  }
}
