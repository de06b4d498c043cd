/** Figures of a chaincode service for Prometheus: what its peer asked of it, how long that took, how many lines it judged. No answer depends on them. */
import type { Contract } from "fabric-contract-api";
import type { ChaincodeInterface, ChaincodeResponse } from "fabric-shim";
import { createServer, type Server } from "node:http";
import { collectDefaultMetrics, Counter, Histogram, Registry } from "prom-client";
import type { Appended } from "./append";

/** Upper bounds of the classes of times, seconds; a peer waits 30 s at most. */
const BOUNDS = [0.001, 0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30];
/** Whoever may call may call anything: what the contract does not have shares a label. */
const UNKNOWN = "unknown";
/** Transactions that answer with {@link Appended}. */
const APPENDING: ReadonlySet<string> = new Set(["append", "import"]);
/** Of a response's status: what a peer endorses. */
const ENDORSED_BELOW = 400;

type Stub = Parameters<ChaincodeInterface["Invoke"]>[0];

export class Figures {
  readonly #registry = new Registry();
  readonly #transactions: ReadonlySet<string>;
  readonly #seconds = new Histogram({
    name: "suyuan_chaincode_transaction_seconds",
    help: "From a transaction's arrival to its answer",
    labelNames: ["transaction", "outcome"],
    buckets: BOUNDS,
    registers: [this.#registry],
  });
  readonly #lines = new Counter({
    name: "suyuan_chaincode_lines_total",
    help: "Lines judged in transactions that were answered",
    registers: [this.#registry],
  });

  constructor(contract: new () => Contract) {
    this.#transactions = new Set(Object.getOwnPropertyNames(contract.prototype));
    collectDefaultMetrics({ register: this.#registry });
  }

  /** The same chaincode, with an eye on it. */
  of(chaincode: ChaincodeInterface): ChaincodeInterface {
    return { Init: (stub) => this.#timed(stub, chaincode.Init(stub)), Invoke: (stub) => this.#timed(stub, chaincode.Invoke(stub)) };
  }

  /** Serves them at `/metrics` as long as the process lives. Where that cannot be, it says so: the chaincode is needed without them too. @param address host:port */
  serve(address: string): Server {
    const at = address.lastIndexOf(":");
    const server = createServer((request, response) => {
      if (request.method !== "GET" || request.url !== "/metrics") {
        response.writeHead(404).end();
        return;
      }
      void this.#registry.metrics().then((text) => response.writeHead(200, { "content-type": this.#registry.contentType }).end(text));
    });
    server.on("error", ({ message }) => process.stderr.write(`no figures: ${message}\n`));
    return server.listen(Number(address.slice(at + 1)), address.slice(0, at));
  }

  async #timed(stub: Stub, answer: Promise<ChaincodeResponse>): Promise<ChaincodeResponse> {
    const began = performance.now();
    const response = await answer;
    const { fcn } = stub.getFunctionAndParameters();
    const done = response.status < ENDORSED_BELOW;
    const labels = { transaction: this.#transactions.has(fcn) ? fcn : UNKNOWN, outcome: done ? "done" : "refused" };
    this.#seconds.observe(labels, (performance.now() - began) / 1000);
    if (done && response.payload !== undefined && APPENDING.has(fcn)) {
      const { from, size } = JSON.parse(Buffer.from(response.payload).toString("utf8")) as Appended;
      this.#lines.inc(size - from);
    }
    return response;
  }
}
