/** `suyuan demo`: the main job on real input, from the catalogue to a traced, verified product. */
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Breach } from "../chaincode/events/judge";
import { parseReceipt } from "../gateway/evidence/receipt";
import { parseTrust } from "../gateway/evidence/trust";
import { verifyReceipt } from "../gateway/evidence/verify-receipt";
import type { Trace } from "../gateway/index/trace";
import { eventLabel, ruleLabel } from "../gateway/labels";
import { NetworkError } from "../network/errors";
import { answerCall } from "./demo/call";
import { aggregated, called, OUT_OF_SCOPE_PURPOSE, permissions, processed, pulled, release, type Report, supplied } from "./demo/events";
import { leave } from "./demo/exit";
import { DemoGateway, type Place, type Venue } from "./demo/gateway";
import { DemoNetwork } from "./demo/network";
import { pipeline } from "./demo/pipeline";
import { pull } from "./demo/pull";
import type { Step } from "./demo/step";
import { call, exit, outOfScope, parties, product, resources } from "./demo/story";
import type { DataFile } from "./demo/table";
import { Exit, Failure } from "./failure";
import { fsck } from "./fsck";
import { Output } from "./output";
import { language, padTo, text } from "./texts";
import { trace } from "./trace";

export interface DemoOptions {
  /** Stay up afterwards, with the API. */
  readonly serve: boolean;
  readonly port: number;
  /** On a network of four organisations, brought up for it and taken down after. */
  readonly network: boolean;
}

/** @returns exit code: `failed` unless everything that is claimed at the end was seen */
export async function demo(options: DemoOptions, output: Output): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), "suyuan-demo-"));
  try {
    return await (options.network ? onNetwork : onOneGateway)(options, directory, output);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function onOneGateway({ serve, port }: DemoOptions, directory: string, output: Output): Promise<number> {
  const gateway = await DemoGateway.start(join(directory, "data"), port);
  // A terminal's Ctrl-C reaches the gateway by itself; who ends this process alone would leave it running.
  process.once("SIGTERM", () => void gateway.stop());
  try {
    const story = await Demo.begin(gateway, directory, output);
    await story.tell();
    await story.verify();
    if (!serve) await gateway.whileStopped(() => story.tamper());
    await story.leave();
    return serve ? await story.serve() : story.conclude("demo.not-proven");
  } finally {
    await gateway.stop();
  }
}

/** Its processes would go on when this one ends: whoever interrupts it has them ended first. */
async function onNetwork({ serve, port }: DemoOptions, directory: string, output: Output): Promise<number> {
  const stopping = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => stopping.abort());
  const interrupted = once(stopping.signal, "abort").then(() => (serve ? Exit.done : Exit.failed));

  output.line(output.style("bold", text("demo.network-up")));
  const began = performance.now();
  const network = await DemoNetwork.start(directory, port, (step) => {
    stopping.signal.throwIfAborted();
    output.line(`  ${text(step === "gateways" ? "demo.network-gateways" : `network.step-${step}`)}`);
  }).catch((error: unknown) => {
    if (stopping.signal.aborted) return undefined;
    throw error instanceof NetworkError ? new Failure(error.code, error.values, { cause: error }) : error;
  });
  if (network === undefined) return interrupted;
  output.line(`  ${text("demo.network-ready", { seconds: ((performance.now() - began) / 1000).toFixed(1) })}`);
  const told = async (): Promise<number> => {
    const story = await Demo.begin(network, directory, output);
    await story.tell();
    await story.agree(network);
    await story.leave();
    return serve ? story.serve() : story.conclude("demo.not-proven-network");
  };
  try {
    return await Promise.race([told(), interrupted]);
  } finally {
    await network.stop();
  }
}

class Demo {
  readonly #recorded: Place[] = [];
  /** Name of the holding under which a file is kept, by the file's digest. */
  readonly #holdings = new Map<string, string>();
  readonly #seen: { claim: string; true: boolean }[] = [];
  #product: DataFile | undefined;
  #chapter = 0;

  private constructor(
    private readonly gateway: Venue,
    /** Where the data lies that is worked with. */
    private readonly workspace: string,
    /** Where papers are written. */
    private readonly directory: string,
    private readonly output: Output,
  ) {}

  static async begin(gateway: Venue, directory: string, output: Output): Promise<Demo> {
    const workspace = join(directory, "workspace");
    await mkdir(workspace);
    return new Demo(gateway, workspace, directory, output);
  }

  /** From the catalogue to the trace. */
  async tell(): Promise<void> {
    await this.permit();
    await this.run();
    await this.overstep();
    await this.release();
    await this.trace();
  }

  /** Catalogue, authorization, scenario: acts, each checked by the ledger before it takes effect. */
  async permit(): Promise<void> {
    this.#title("demo.permit");
    for (const report of permissions(new Date(), document)) await this.#send(report);
  }

  /** The pipeline, each step reported as soon as it is done. */
  async run(): Promise<void> {
    this.#title("demo.run");
    for await (const step of pipeline(resources, this.workspace)) {
      if (step.step === "call") continue;
      if (step.step === "pull") {
        await this.#send(aggregated(step), weigh(step.inputs));
        await this.#send(supplied(step));
      }
      const place = await this.#send(
        step.step === "pull" ? pulled(step) : processed(step, (file) => this.#holdingOf(file)),
        `${weigh([step.output])}${dropped(step)}`,
      );
      this.#holdings.set(step.output.sha256, `${place.journal}/${place.index}/0`);
      this.#product = step.output;
    }
  }

  /** A pull beyond the demand list: it happened, so it is recorded, and what is wrong with it with it. */
  async overstep(): Promise<void> {
    this.#title("demo.overstep");
    const { demanded } = resources[outOfScope.resource];
    const step = await pull(outOfScope.resource, [...demanded, outOfScope.field], join(this.workspace, "beyond.csv"));
    const { leafHash } = await this.#send(pulled(step, OUT_OF_SCOPE_PURPOSE), weigh([step.output]));
    const client = await this.gateway.client("operator");
    await client.waitAnchored(leafHash);
    const findings = (await client.event(leafHash))["findings"] as readonly Breach[];
    for (const { code, missing = [] } of findings) {
      const label = ruleLabel(code);
      this.output.line(`    ${this.output.style("red", `! ${label?.[language] ?? code}`)}  ${code}  ${missing.join(" ")}`);
    }
    this.#claim(
      "demo.claim-finding",
      findings.some(({ code }) => code === "fields-beyond-scenario"),
    );
  }

  /** From the list to the release, and a call that the product really answers. */
  async release(): Promise<void> {
    this.#title("demo.release");
    const file = this.#made();
    await this.#anchored();
    for (const report of release(file, this.#holdingOf(file), document)) await this.#send(report);
    const { answer, output } = await answerCall(file.path, call.query, join(this.workspace, "answer.json"));
    await this.#send(
      called(output.rows),
      text("demo.answer", { origin: answer.query.origin, flights: answer.flights, delay: answer.meanDelay, usual: answer.expectedDelay }),
    );
  }

  async trace(): Promise<void> {
    this.#title("demo.trace");
    await this.#anchored();
    const asked = { url: new URL(this.gateway.url), token: await this.gateway.token("supervisor") };
    await trace("product", product.id, { direction: "sources", format: "text" }, asked, this.output);
    const client = await this.gateway.client("supervisor");
    const { entities } = (await client.trace("product", product.id, { direction: "sources" })) as Trace;
    const reached = entities.filter(({ kind }) => kind === "resource").map(({ id }) => id);
    this.#claim(
      "demo.claim-trace",
      Object.values(resources).every(({ id }) => reached.includes(id)),
    );
  }

  /** Every receipt, with nothing but the trust file. */
  async verify(): Promise<void> {
    this.#title("demo.verify");
    const trust = parseTrust(await readFile(join(this.gateway.data, "trust.json")));
    const client = await this.gateway.client("supervisor");
    let verified = 0;
    for (const { leafHash } of this.#recorded) {
      const receipt = await client.receipt(leafHash);
      const verdict = await verifyReceipt(parseReceipt(receipt), trust);
      if (verdict.leafHash === leafHash) verified++;
    }
    this.output.line(`  ${text("demo.verified", { verified, total: this.#recorded.length })}`);
    this.#claim("demo.claim-receipts", verified === this.#recorded.length);
  }

  /** Four gateways, each fed by its own organisation's peer: none takes another's word. */
  async agree(network: DemoNetwork): Promise<void> {
    this.#title("demo.agree");
    const heads = await network.heads();
    const [first = "", ...others] = heads.values();
    for (const { journal, size, root } of (JSON.parse(first) as { journals: { journal: string; size: number; root: string }[] }).journals)
      this.output.line(`  ${padTo(journal, ABOUT)} ${text("demo.head", { size, root: root.slice(0, 12) })}`);
    this.#claim("demo.claim-agreement", others.length === 3 && others.every((other) => other === first));
  }

  /** The operator leaves: nothing is certified before nothing is left. */
  async leave(): Promise<void> {
    this.#title("demo.leave");
    const { gateway, workspace, directory, output } = this;
    const scene = { venue: gateway, workspace, papers: directory, document, output };
    const seen = await leave(
      scene,
      (report, note) => this.#send(report, note),
      () => this.#anchored(),
    );
    this.#claim("demo.claim-residue", seen.found && seen.refused);
    this.#claim("demo.claim-exit", seen.certified);
  }

  async serve(): Promise<number> {
    const { url, data } = this.gateway;
    this.output.line();
    this.output.line(text("demo.serving", { url, data, product: product.id, exit: exit.id }));
    this.output.line(text("demo.token", { token: await this.gateway.token("supervisor") }));
    this.output.document({ url, data, token: await this.gateway.token("supervisor") });
    process.on("SIGINT", () => undefined); // the gateway gets it too; what is left is to tidy up
    await this.gateway.ended();
    return Exit.done;
  }

  /** One byte of a copy of the stopped gateway's ledger, changed as somebody with access to its disk could. */
  async tamper(): Promise<void> {
    this.#title("demo.tamper");
    const quiet = new Output(this.output.json);
    const whole = await fsck(this.gateway.data, quiet);
    const data = join(this.directory, "tampered");
    await cp(this.gateway.data, data, { recursive: true });
    const file = await largestFile(join(data, "ledger"));
    const bytes = await readFile(file);
    const at = Math.floor(bytes.length / 2);
    const changed = Buffer.from(bytes);
    changed[at] = (changed[at] ?? 0) ^ 1;
    await writeFile(file, changed);
    this.output.line(`  ${text("demo.changed", { file: file.slice(data.length + 1), at, size: bytes.length })}`);
    const broken = await fsck(data, this.output);
    this.#claim("demo.claim-tampering", whole === Exit.done && broken === Exit.unverified);
  }

  /** @param notProven what nobody should take from it */
  conclude(notProven: "demo.not-proven" | "demo.not-proven-network"): number {
    this.output.line();
    for (const { claim, true: isTrue } of this.#seen) {
      this.output.line(isTrue ? this.output.style("green", `✓ ${claim}`) : this.output.style("red", `✗ ${claim}`));
    }
    this.output.line(this.output.style("dim", text(notProven)));
    this.output.document({ claims: this.#seen });
    return this.#seen.every((claim) => claim.true) ? Exit.done : Exit.failed;
  }

  async #send(report: Report, note = ""): Promise<Place> {
    const place = await this.gateway.send(report);
    this.#recorded.push(place);
    const label = eventLabel(report.type)?.[language] ?? report.type;
    const who = parties[report.by].name[language];
    const { resource, product, scenario, authorization, code } = report.data as Record<string, string | undefined>;
    const about = resource ?? product ?? scenario ?? authorization ?? code ?? "";
    const { output } = this;
    output.line(`  ${padTo(label, LABEL)} ${padTo(about, ABOUT)} ${output.style("dim", who)}${note === "" ? "" : `  ${note}`}`);
    output.document({ ...report, ...place });
    return place;
  }

  /** Until everything sent so far is on the ledger and in the read model. */
  async #anchored(): Promise<void> {
    const last = this.#recorded.at(-1);
    if (last !== undefined) await (await this.gateway.client("supervisor")).waitAnchored(last.leafHash);
  }

  #holdingOf(file: DataFile): string {
    const name = this.#holdings.get(file.sha256);
    if (name === undefined) throw new Error(`${file.path} is held by nobody`);
    return name;
  }

  #made(): DataFile {
    if (this.#product === undefined) throw new Error("nothing was made");
    return this.#product;
  }

  #title(key: `demo.${"permit" | "run" | "overstep" | "release" | "trace" | "verify" | "tamper" | "agree" | "leave"}`): void {
    this.output.line();
    this.output.line(this.output.style("bold", `${++this.#chapter}  ${text(key)}`));
  }

  #claim(key: `demo.claim-${"finding" | "trace" | "receipts" | "tampering" | "agreement" | "residue" | "exit"}`, isTrue: boolean): void {
    this.#seen.push({ claim: text(key), true: isTrue });
  }
}

const LABEL = 44;
const ABOUT = 28;

/** A document that stays outside the ledger: of the demo's there is only the name. */
const document = (name: string): { digest: string } => ({
  digest: createHash("sha256").update(randomBytes(32)).update(name).digest("hex"),
});

const weigh = (files: readonly DataFile[]): string =>
  files.map(({ rows, sha256 }) => text("demo.weight", { rows: rows.toLocaleString("en"), digest: sha256.slice(0, 12) })).join(" ");

const dropped = ({ counts }: Step): string => {
  const notable = Object.entries(counts).filter(([, count]) => count > 0);
  return notable.length === 0 ? "" : `  (${notable.map(([name, count]) => `${name} ${count.toLocaleString("en")}`).join(", ")})`;
};

async function largestFile(directory: string): Promise<string> {
  const sized = await Promise.all(
    (await readdir(directory, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map(async (entry) => ({ file: join(entry.parentPath, entry.name), size: (await stat(join(entry.parentPath, entry.name))).size })),
  );
  const [largest] = sized.sort((a, b) => b.size - a.size);
  if (largest === undefined) throw new Error(`${directory} is empty`);
  return largest.file;
}
