/** A plain file server over the directory of a copy, as there are many; one that is told to lie does so. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

/** @param file its path below the directory. @returns whether it has answered in the server's place */
export type Lie = (file: string, response: ServerResponse, request: IncomingMessage) => boolean | Promise<boolean>;

export class FileServer {
  /** Bytes of bodies that were sent. */
  sent = 0;
  readonly asked: string[] = [];
  lie: Lie = () => false;

  private constructor(
    private readonly server: Server,
    public directory: string,
  ) {}

  static async start(directory: string): Promise<FileServer> {
    const server = createServer((request, response) => void files.#answer(request, response));
    const files = new FileServer(server, directory);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return files;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, "close");
  }

  /** Sends for as long as somebody listens. @returns true */
  async endless(response: ServerResponse, piece: Uint8Array, pause = 0): Promise<true> {
    let goOn = (): void => undefined;
    response.on("drain", () => goOn()).on("close", () => goOn());
    while (!response.destroyed && !response.closed) {
      if (!response.write(piece)) await new Promise<void>((resolve) => (goOn = resolve));
      this.sent += piece.length;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
    return true;
  }

  /** At a gateway's addresses too. */
  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = decodeURIComponent(request.url ?? "").replace(/^\/(?:v1\/)?/, "");
    const file = path === "journals" ? path : path.replace(/^journals\//, "");
    this.asked.push(file);
    response.on("error", () => undefined);
    if (await this.lie(file, response, request)) return;
    const bytes = await readFile(join(this.directory, file)).catch(() => undefined);
    if (bytes === undefined) response.writeHead(404, { "content-type": "text/html" }).end("<h1>404</h1>");
    else response.end(bytes);
  }
}
