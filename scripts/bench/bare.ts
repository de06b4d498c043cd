/**
 * The bare route that intake is measured against: Express, a JSON body, `level` with fsync by group commit, and nothing else. Reads and
 * answers as the gateway does, so that the difference is the gateway's own work. Prints `ready URL`; its argument is the directory of the store.
 */
import type { AddressInfo } from "node:net";
import express from "express";
import { Level } from "level";

async function main(directory: string): Promise<void> {
  const store = new Level<string, Buffer>(directory, { valueEncoding: "buffer" });
  await store.open();
  let waiting: { key: string; body: Buffer; done: () => void }[] = [];
  let writing = false;

  async function commit(): Promise<void> {
    writing = true;
    while (waiting.length > 0) {
      const group = waiting;
      waiting = [];
      const batch = store.batch();
      for (const { key, body } of group) batch.put(key, body);
      await batch.write({ sync: true });
      for (const { done } of group) done();
    }
    writing = false;
  }

  const app = express();
  app.disable("x-powered-by");
  app.post("/v1/events", (request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks);
      const parsed = JSON.parse(body.toString("utf8")) as { id: string } | { id: string }[];
      const events = Array.isArray(parsed) ? parsed : [parsed];
      let open = events.length;
      for (const { id } of events) {
        waiting.push({
          key: id,
          body: events.length === 1 ? body : Buffer.from(JSON.stringify(events[events.length - open])),
          done: () => {
            if (--open > 0) return;
            const answer = JSON.stringify({ accepted: events.length });
            response.writeHead(202, { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(answer) });
            response.end(answer);
          },
        });
      }
      if (!writing) void commit();
    });
  });
  const server = app.listen(0, "127.0.0.1", () => {
    process.stdout.write(`ready http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
  });
}

void main(process.argv[2] ?? "");
