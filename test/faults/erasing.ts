/** The real `suyuan exit erase`, killed over and over, and what must hold of it then. */
import { expect } from "chai";
import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Level } from "level";
import { Database } from "node-sqlite3-wasm";
import { AUTHORIZATION, example, OPERATOR } from "../chaincode/events/world";
import { EXIT, Exiting } from "../gateway/exit/leaving";
import { asking } from "../gateway/http/telling";

const CLI = join(__dirname, "..", "..", "scripts", "cli.js");

/** In everything that is to be erased, and nowhere else. */
const SECRET = "what nobody may find afterwards";

interface Told {
  readonly event: { readonly type: string; readonly data: { readonly holding: string } };
  readonly findings: readonly unknown[];
}

export class Erasing {
  #declared: string[] = [];
  #place = "";

  private constructor(
    private readonly exiting: Exiting,
    private readonly folder: string,
  ) {}

  static async during(work: (erasing: Erasing) => Promise<void>): Promise<void> {
    const folder = mkdtempSync(join(tmpdir(), "suyuan-erasing-"));
    const exiting = await Exiting.start();
    try {
      await work(new Erasing(exiting, folder));
    } finally {
      await exiting.stop();
      rmSync(folder, { recursive: true });
    }
  }

  get #data(): string {
    return join(this.folder, "data");
  }
  get #journal(): string {
    return join(this.folder, "state", "journal.ndjson");
  }

  /** Files, and a table among others in a database of each kind, all of them declared; then the inventory is frozen. */
  async declare(files: number): Promise<void> {
    mkdirSync(join(this.#data, "files"), { recursive: true });
    for (let i = 0; i < files; i++) {
      const content = `${SECRET} ${i} `.repeat(2000);
      // One of them is put aside under a name of its own.
      const name = i === 0 ? "0".repeat(250) : String(i);
      writeFileSync(join(this.#data, "files", name), content);
      await this.#declare(`files/${name}`, content);
    }
    const rows = Array.from({ length: 500 }, (_, i) => [`k${String(i).padStart(4, "0")}`, `${SECRET} ${i}`] as const);
    const csv = `key,value\n${rows.map((row) => `${row.join(",")}\n`).join("")}`;
    const database = new Database(join(this.#data, "work.db"));
    for (const [table, value] of [
      ["people", SECRET],
      ["kept", "stays"],
    ] as const) {
      database.exec(`begin; create table ${table}(key text, value text)`);
      for (const [i, [key]] of rows.entries()) database.run(`insert into ${table} values (?, ?)`, [key, `${value} ${i}`]);
      database.exec("commit");
    }
    database.close();
    await this.#declare("work/people", csv);
    const level = new Level(join(this.#data, "cache"));
    await level.sublevel("people").batch(rows.map(([key, value]) => ({ type: "put", key, value })));
    await level.sublevel("kept").batch(rows.map(([key], i) => ({ type: "put", key, value: `stays ${i}` })));
    await level.close();
    await this.#declare("cache/people", csv);
    this.#place = join(this.folder, "places.json");
    const places = [
      { place: "files/", file: `${join(this.#data, "files")}/` },
      { place: "work/people", sqlite: join(this.#data, "work.db"), table: "people" },
      { place: "cache/people", level: join(this.#data, "cache"), table: "people" },
    ];
    writeFileSync(this.#place, JSON.stringify({ executor: "data security officer", roots: [this.#data], places }));
    await this.exiting.open();
  }

  async #declare(place: string, content: string): Promise<void> {
    const digest = createHash("sha256").update(content).digest("hex");
    const holding = { digest, bytes: content.length, rows: 1, form: "raw", place, platform: "on" };
    const { journal, index } = await this.exiting.telling.tell(example("data.pulled", OPERATOR, { holding }));
    this.#declared.push(`${journal}/${index}/0`);
  }

  async #start(url = this.exiting.telling.url): Promise<{ readonly child: ChildProcess; readonly gone: Promise<unknown> }> {
    const token = await this.exiting.telling.token(asking(OPERATOR));
    const args = [CLI, "exit", "erase", EXIT, "--places", this.#place, "--state", join(this.folder, "state"), "--url", url, "--json"];
    const child = spawn(process.execPath, args, {
      env: { PATH: process.env["PATH"], SUYUAN_TOKEN: token },
      stdio: ["ignore", "ignore", "inherit"],
    });
    return { child, gone: once(child, "exit") };
  }

  /** @param bytes by which the journal has grown when it is killed. @returns whether it ended before */
  async killedAfter(bytes: number): Promise<boolean> {
    const size = (): number => (existsSync(this.#journal) ? statSync(this.#journal).size : 0);
    const until = size() + bytes;
    const { child, gone } = await this.#start();
    while (child.exitCode === null && size() < until) await sleep(1);
    // Between two lines as well as at one.
    await sleep(Math.random() * 8);
    child.kill("SIGKILL");
    await gone;
    return child.signalCode === null;
  }

  /** Killed when the gateway has been sent a report: which it has not got, or has got while the answer is lost. */
  async killedReporting(reported: boolean): Promise<void> {
    const waiting: ServerResponse[] = [];
    let posted = (): void => undefined;
    const isPosted = new Promise<void>((resolve) => (posted = resolve));
    const proxy = createServer((request, response) => {
      void (async () => {
        const parts: Buffer[] = [];
        for await (const part of request) parts.push(part as Buffer);
        const isReport = request.method === "POST";
        if (!isReport || reported) {
          const answer = await fetch(this.exiting.telling.url + (request.url ?? ""), {
            method: request.method ?? "GET",
            headers: {
              authorization: request.headers.authorization ?? "",
              accept: request.headers.accept ?? "*/*",
              "content-type": "application/json",
            },
            ...(isReport ? { body: Buffer.concat(parts) } : {}),
          });
          const body = await answer.text();
          if (!isReport) {
            response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "" }).end(body);
            return;
          }
        }
        waiting.push(response);
        posted();
      })();
    });
    proxy.listen(0, "127.0.0.1");
    await once(proxy, "listening");
    const { child, gone } = await this.#start(`http://127.0.0.1:${(proxy.address() as AddressInfo).port}`);
    await isPosted;
    child.kill("SIGKILL");
    await gone;
    for (const response of waiting) response.destroy();
    proxy.closeAllConnections();
    await new Promise((resolve) => proxy.close(resolve));
  }

  /** Once more without a kill; then everything is gone, and each deletion is on the ledger once. */
  async settle(): Promise<void> {
    const { child, gone } = await this.#start();
    await gone;
    // What the story itself holds has no place here.
    expect(child.exitCode).to.equal(1);
    const { events } = await this.exiting.telling.json<{ events: Told[] }>(`/v1/subjects/authorization/${AUTHORIZATION}/events?limit=1000`);
    const told = events.filter(({ event }) => event.type === "suyuan.holding.deleted");
    expect(told.map(({ event }) => event.data.holding).sort()).to.deep.equal([...this.#declared].sort());
    expect(told.flatMap(({ findings }) => findings)).to.deep.equal([]);

    expect(readdirSync(this.#data).sort()).to.deep.equal(["cache", "files", "work.db"]);
    expect(readdirSync(join(this.#data, "files"))).to.deep.equal([]);
    for (const file of readdirSync(this.#data, { recursive: true, withFileTypes: true }))
      if (file.isFile()) expect(readFileSync(join(file.parentPath, file.name)).includes(SECRET), file.name).to.equal(false);
    const database = new Database(join(this.#data, "work.db"));
    expect(database.all("select count(*) n, min(value) least from kept")).to.deep.equal([{ n: 500, least: "stays 0" }]);
    expect(database.get("pragma integrity_check")).to.deep.equal({ integrity_check: "ok" });
    database.close();
    const level = new Level(join(this.#data, "cache"));
    expect(await level.sublevel("kept").keys().all()).to.have.length(500);
    await level.close();
    expect(readdirSync(join(this.folder, "state"))).to.deep.equal(["journal.ndjson"]);
  }
}
