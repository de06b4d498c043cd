/** HTTP/1.1 as it goes over the wire: any bytes are sent, answers are read strictly. */
import { connect, type Socket } from "node:net";

export interface WireAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

/** How long an answer may take. */
const PATIENCE_MS = 20_000;

export class Wire {
  #bytes = Buffer.alloc(0);
  #ended = false;
  #told: () => void = () => undefined;

  private constructor(private readonly socket: Socket) {
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk]);
      this.#told();
    });
    const end = (): void => {
      this.#ended = true;
      this.#told();
    };
    // The other side may close while bytes are still on their way to it.
    socket.on("end", end).on("close", end).on("error", end);
  }

  static open(url: string): Promise<Wire> {
    const { hostname, port } = new URL(url);
    return new Promise((resolve, reject) => {
      const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true }, () => {
        socket.off("error", reject);
        resolve(new Wire(socket));
      });
      socket.once("error", reject);
    });
  }

  get ended(): boolean {
    return this.#ended;
  }

  write(bytes: Uint8Array): void {
    if (this.socket.writable) this.socket.write(bytes);
  }

  /** Says that nothing more will be sent. */
  finish(): void {
    this.socket.end();
  }

  /** Goes away without a word. */
  destroy(): void {
    this.socket.destroy();
  }

  /**
   * The next answer; `100 Continue` is passed over. @param method that it answers: one to HEAD has no body
   * @returns undefined where the connection ended before it began. @throws Error where the bytes are no answer, or stop within one
   */
  async answer(method = "GET"): Promise<WireAnswer | undefined> {
    for (;;) {
      const head = await this.#until((bytes) => bytes.indexOf("\r\n\r\n"), 4);
      if (head === undefined) {
        if (this.#bytes.length > 0) throw new Error(`half an answer: ${this.#bytes.toString("latin1", 0, 500)}`);
        return undefined;
      }
      const { status, headers } = headOf(head.toString("latin1"));
      if (status === 100) continue;
      const body = method === "HEAD" || status === 204 || status === 304 ? Buffer.alloc(0) : await this.#body(headers);
      return { status, headers, body };
    }
  }

  async #body(headers: ReadonlyMap<string, string>): Promise<Buffer> {
    const length = headers.get("content-length");
    if (length !== undefined && /^\d+$/.test(length)) return this.#take(Number(length));
    if (headers.get("transfer-encoding") === "chunked") return this.#chunks();
    if (headers.get("connection") !== "close") throw new Error("an answer without its length");
    await this.#until(() => -1, 0);
    return this.#take(this.#bytes.length);
  }

  async #chunks(): Promise<Buffer> {
    const chunks: Buffer[] = [];
    for (;;) {
      const line = await this.#until((bytes) => bytes.indexOf("\r\n"), 2);
      const size = /^([0-9a-f]+)\r\n$/i.exec(line?.toString("latin1") ?? "")?.[1];
      if (size === undefined) throw new Error("a chunk without its size");
      const chunk = await this.#take(parseInt(size, 16) + 2);
      if (size === "0") return Buffer.concat(chunks);
      chunks.push(chunk.subarray(0, -2));
    }
  }

  async #take(length: number): Promise<Buffer> {
    const bytes = await this.#until((all) => (all.length >= length ? length : -1), 0);
    if (bytes === undefined) throw new Error(`an answer cut off: ${this.#bytes.length} of ${length} bytes`);
    return bytes;
  }

  /** Bytes up to a place and some beyond it, as soon as `find` finds it; undefined where the connection ends before. */
  async #until(find: (bytes: Buffer) => number, beyond: number): Promise<Buffer | undefined> {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const at = find(this.#bytes);
      if (at !== -1) {
        const taken = this.#bytes.subarray(0, at + beyond);
        this.#bytes = this.#bytes.subarray(at + beyond);
        return taken;
      }
      if (this.#ended) return undefined;
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`no answer in ${PATIENCE_MS} ms`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#told = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
}

function headOf(head: string): Pick<WireAnswer, "status" | "headers"> {
  const [first = "", ...lines] = head.slice(0, -4).split("\r\n");
  const status = /^HTTP\/1\.1 (\d{3}) /.exec(first)?.[1];
  if (status === undefined) throw new Error(`no status: ${first}`);
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+): (.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined || headers.has(name.toLowerCase())) throw new Error(`no header: ${line}`);
    headers.set(name.toLowerCase(), value);
  }
  return { status: Number(status), headers };
}

/** A request as it goes over the wire, its length said. */
export function request(
  method: string,
  target: string,
  headers: Readonly<Record<string, string>> = {},
  body: Uint8Array = Buffer.alloc(0),
): Buffer {
  const length = body.length > 0 || method === "POST" ? { "Content-Length": String(body.length) } : {};
  const lines = Object.entries({ Host: "gateway", ...headers, ...length }).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines.join("")}\r\n`, "latin1"), body]);
}
