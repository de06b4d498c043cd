/** A load generator that leaves the processor to the server: prepared bodies over plain sockets, HTTP/1.1 keep-alive, one request in flight on each. */
import { connect, type Socket } from "node:net";

export interface Load {
  readonly url: URL;
  readonly token: string;
  readonly connections: number;
  /** The next body, or undefined when there is no more. */
  readonly next: () => Buffer | undefined;
  /** Requests a second over all connections; as fast as the server answers if missing. */
  readonly rate?: number;
  /** Sees every answer. */
  readonly onAnswer?: (status: number, body: Buffer, sent: number) => void;
}

export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  /** Of each request, milliseconds, ascending. */
  readonly latencies: Float64Array;
  /** Answers by status. */
  readonly statuses: ReadonlyMap<number, number>;
}

export async function run(load: Load): Promise<LoadResult> {
  const latencies: number[] = [];
  const statuses = new Map<number, number>();
  const started = performance.now();
  let issued = 0;
  /** When the next request may go, at the agreed rate. */
  const due = (): number => (load.rate === undefined ? 0 : started + (issued * 1000) / load.rate);

  const one = async (): Promise<void> => {
    const connection = await Connection.open(load.url, load.token);
    for (;;) {
      const wait = due() - performance.now();
      const body = load.next();
      if (body === undefined) break;
      issued++;
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
      const sent = performance.now();
      const { status, answer } = await connection.post(body);
      latencies.push(performance.now() - sent);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      load.onAnswer?.(status, answer, sent);
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: load.connections }, one));
  return {
    requests: latencies.length,
    seconds: (performance.now() - started) / 1000,
    latencies: Float64Array.from(latencies).sort(),
    statuses,
  };
}

export const quantile = (sorted: Float64Array, q: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? NaN;

interface Answer {
  readonly status: number;
  readonly answer: Buffer;
}

class Connection {
  #chunks: Buffer[] = [];
  #length = 0;
  /** Bytes of the whole answer, once its head has been read. */
  #expected: number | undefined;
  #head = 0;
  #settle: { resolve: (answer: Answer) => void; reject: (error: Error) => void } | undefined;

  private constructor(
    private readonly socket: Socket,
    private readonly header: string,
  ) {
    socket.setNoDelay(true);
    socket.on("data", (chunk) => this.#read(chunk));
    socket.on("error", (error) => this.#settle?.reject(error));
    socket.on("close", () => this.#settle?.reject(new Error("the server closed the connection")));
  }

  static open(url: URL, token: string): Promise<Connection> {
    const header =
      `POST ${url.pathname} HTTP/1.1\r\nHost: ${url.host}\r\nAuthorization: Bearer ${token}\r\n` +
      `Content-Type: application/json\r\nContent-Length: `;
    return new Promise((resolve, reject) => {
      const socket = connect(Number(url.port), url.hostname, () => resolve(new Connection(socket, header)));
      socket.once("error", reject);
    });
  }

  post(body: Buffer): Promise<Answer> {
    this.socket.cork();
    this.socket.write(`${this.header}${body.length}\r\n\r\n`);
    this.socket.write(body);
    this.socket.uncork();
    return new Promise((resolve, reject) => (this.#settle = { resolve, reject }));
  }

  close(): void {
    this.#settle = undefined;
    this.socket.destroy();
  }

  #read(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    if (this.#expected === undefined) {
      const bytes = Buffer.concat(this.#chunks);
      const end = bytes.indexOf("\r\n\r\n");
      if (end === -1) return;
      this.#head = end + 4;
      const length = /^content-length: *(\d+)/im.exec(bytes.toString("latin1", 0, end))?.[1];
      if (length === undefined) {
        this.#settle?.reject(new Error("an answer without its length"));
        return;
      }
      this.#expected = this.#head + Number(length);
    }
    if (this.#length < this.#expected) return;
    const bytes = Buffer.concat(this.#chunks);
    const answer = { status: Number(bytes.toString("latin1", 9, 12)), answer: bytes.subarray(this.#head) };
    this.#chunks = [];
    this.#length = 0;
    this.#expected = undefined;
    this.#settle?.resolve(answer);
  }
}
