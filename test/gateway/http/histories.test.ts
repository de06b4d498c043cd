import { expect } from "chai";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { canonicalText } from "../../../chaincode/proof/canonical";
import { fromBase64, toHex } from "../../../chaincode/proof/bytes";
import { leafHash } from "../../../chaincode/proof/rfc6962";
import { SUBJECT_KINDS } from "../../../chaincode/events/definition";
import { EvidenceError } from "../../../gateway/evidence/errors";
import type { EventLine, StreamVerdict } from "../../../gateway/evidence/event-stream";
import { parseTrust, type TrustFile } from "../../../gateway/evidence/trust";
import { verifyStream } from "../../../gateway/evidence/verify-stream";
import type { EventRecord } from "../../../gateway/index/events";
import type { Trace } from "../../../gateway/index/trace";
import {
  AUTHORITY,
  AUTHORIZATION,
  DEVELOPER,
  example,
  FLIGHTS,
  METEOROLOGY,
  OPERATOR,
  PRODUCT,
  SCENARIO,
  STRANGER,
  TRANSPORT,
} from "../../chaincode/events/world";
import { type Asking, asking, Telling } from "./telling";

describe("the complete history of a subject", function () {
  this.timeout(60_000);
  let telling: Telling;
  let trust: TrustFile;

  before(async () => {
    telling = await Telling.start();
    await telling.tell(example("data.pulled", OPERATOR, { fields: ["date", "destination"] }));
    for (let i = 0; i < 5; i++) await telling.tell(example("product.called", DEVELOPER));
    trust = parseTrust(await readFile(join(telling.data, "trust.json")));
  });
  after(() => telling.stop());

  const ask = async (kind: string, id: string, by?: Asking): Promise<Response> =>
    fetch(`${telling.url}/v1/subjects/${kind}/${encodeURIComponent(id)}/events`, {
      headers: { accept: "application/x-ndjson", authorization: `Bearer ${await telling.token(by ?? asking(AUTHORITY))}` },
    });
  const history = async (kind: string, id: string, by?: Asking): Promise<string> => {
    const response = await ask(kind, id, by);
    expect([response.status, response.headers.get("content-type")]).to.deep.equal([200, "application/x-ndjson"]);
    return response.text();
  };

  async function verified(file: string | Uint8Array, piece = 1000): Promise<StreamVerdict[]> {
    const bytes = typeof file === "string" ? Buffer.from(file) : file;
    const pieces = (async function* () {
      await Promise.resolve();
      for (let at = 0; at < bytes.length; at += piece) yield bytes.subarray(at, at + piece);
    })();
    const verdicts: StreamVerdict[] = [];
    for await (const verdict of verifyStream(pieces, trust)) verdicts.push(verdict);
    return verdicts;
  }

  /** The code of what is wrong, and the line. */
  async function failed(file: string | Uint8Array): Promise<string> {
    try {
      await verified(file);
      return "verified";
    } catch (error) {
      if (!(error instanceof EvidenceError)) throw error;
      return `${error.code} ${error.line}`;
    }
  }

  /** @param change of the lines; the first is the header */
  const changed = (file: string, change: (lines: string[]) => readonly string[]): string =>
    change(file.trimEnd().split("\n"))
      .map((line) => `${line}\n`)
      .join("");

  it("is every event that the ledger counts of it, in every journal, and nothing else", async () => {
    for (const kind of SUBJECT_KINDS) {
      const { subjects } = await telling.json<{ subjects: { id: string }[] }>(`/v1/subjects/${kind}?limit=5`);
      for (const { id } of subjects) {
        const file = await history(kind, id);
        const { events } = await telling.json<{ events: EventRecord[] }>(`/v1/subjects/${kind}/${id}/events?order=oldest&limit=1000`);
        const lines = file.trimEnd().split("\n").slice(1);
        const hashes = lines.map((line) => toHex(leafHash(fromBase64((JSON.parse(line) as EventLine).leaf!)!)));
        expect(hashes).to.have.members(events.map((event) => event.leafHash));
        const [verdict] = await verified(file);
        expect(verdict).to.deep.include({ format: "suyuan-history/1", subject: { kind, id }, events: events.length, withheld: 0 });
        expect(verdict?.proven).to.deep.equal(["records-in-journals", "every-record-of-subject", "head-attested-by-node"]);
        expect(verdict?.notProven).to.include("several-parties");
      }
    }
  });

  it("is empty, and provably so, of what no event names", async () => {
    const [verdict] = await verified(await history("product", "unheard-of"));
    expect(verdict).to.deep.include({ events: 0, journals: [], subject: { kind: "product", id: "unheard-of" } });
  });

  it("verifies in pieces of any size, and several one after the other", async () => {
    const file = (await history("product", PRODUCT)) + (await history("scenario", SCENARIO));
    for (const piece of [1, 7, 65_536])
      expect((await verified(file, piece)).map(({ subject }) => subject?.id)).to.deep.equal([PRODUCT, SCENARIO]);
  });

  it("shows when an event is missing, added, moved, changed or exchanged, and where", async () => {
    const file = await history("product", PRODUCT);
    const lines = file.trimEnd().split("\n");
    const last = lines.length;
    // Of the same journal: an event that does not name the product, with a path of its own.
    const others = (await history("resource", FLIGHTS)).trimEnd().split("\n").slice(1);
    const told = lines.map((line) => JSON.parse(line) as EventLine);
    const stranger = (journal: string | undefined, ...between: readonly number[]): string =>
      others.find((line) => {
        const { journal: name, index } = JSON.parse(line) as EventLine;
        return name === journal && index > between[0]! && index < between[1]!;
      }) ?? "";
    const facts = told.findIndex(({ journal }) => journal === "SuyuanMSP/facts");
    const foreign = stranger("SuyuanMSP/facts", -1, told[facts]!.index);
    expect(foreign, "the story has such an event").not.to.equal("");

    for (let i = 1; i < last; i++) expect(await failed(changed(file, (all) => all.toSpliced(i, 1)))).to.match(/^events-missing /);
    expect(await failed(changed(file, (all) => all.toSpliced(facts, 0, foreign)))).to.equal(`events-excess ${last + 1}`);
    expect(await failed(changed(file, (all) => all.toSpliced(facts, 1, foreign)))).to.equal(`events-differ ${last}`);
    expect(await failed(changed(file, (all) => [...all.slice(0, -2), all.at(-1)!, all.at(-2)!]))).to.equal(`events-out-of-order ${last}`);
    expect(await failed(changed(file, (all) => [...all, all.at(-1)!]))).to.equal(`events-out-of-order ${last + 1}`);
    const edited = (change: Partial<EventLine>): string => canonicalText({ ...told.at(-1)!, ...change });
    expect(await failed(changed(file, (all) => [...all.slice(0, -1), edited({ index: told.at(-1)!.index + 1 })]))).to.equal(
      `inclusion-wrong ${last}`,
    );
    expect(await failed(changed(file, (all) => [...all.slice(0, -1), edited({ leaf: told.at(-2)!.leaf! })]))).to.equal(
      `inclusion-wrong ${last}`,
    );
    expect(await failed(changed(file, (all) => [...all.slice(0, -1), edited({ journal: "OtherMSP/facts" })]))).to.equal(
      `events-excess ${last}`,
    );
    // The journals in another order; another subject's head.
    expect(await failed(changed(file, ([head, ...all]) => [head!, ...all.slice(facts - 1), ...all.slice(0, facts - 1)]))).to.match(
      /^events-(missing|out-of-order) /,
    );
    const renamed = { ...(JSON.parse(lines[0]!) as object), id: "another" };
    expect(await failed(changed(file, ([, ...all]) => [canonicalText(renamed), ...all]))).to.equal("attestation-differs 1");
    const [other] = (await history("scenario", SCENARIO)).split("\n");
    expect(await failed(changed(file, ([, ...all]) => [other!, ...all]))).to.match(/^(events|inclusion)-/);
  });

  it("does not verify with any byte changed, cut off anywhere, or with something behind it", async () => {
    await expectNoChange(Buffer.from(await history("product", PRODUCT)));
  });

  async function expectNoChange(file: Buffer): Promise<void> {
    let at = 0;
    while (at < file.length) {
      const damaged = Buffer.from(file);
      damaged[at]! ^= 1 << (at % 7);
      expect(await failed(damaged), `byte ${at}`).not.to.equal("verified");
      at += 1 + Math.floor(file.length / 400);
    }
    for (let length = 0; length < file.length; length += 1 + Math.floor(file.length / 100))
      expect(await failed(file.subarray(0, length)), `cut to ${length}`).not.to.equal("verified");
    expect(await failed(`${file.toString()}\n`)).to.match(/^stream-malformed /);
    expect(await failed(`${file.toString()}{}\n`)).to.match(/^stream-malformed /);
  }

  it("is for those who may see the subject; what else they may not see is there without its content", async () => {
    expect((await ask("product", PRODUCT, asking(STRANGER, "developer"))).status).to.equal(404);
    const file = await history("scenario", SCENARIO, asking(METEOROLOGY));
    const shown = file
      .trimEnd()
      .split("\n")
      .slice(1)
      .map((line) => JSON.parse(line) as EventLine);
    const [whole] = await verified(await history("scenario", SCENARIO));
    const [verdict] = await verified(file);
    expect(verdict?.events).to.equal(whole?.events);
    expect(verdict?.withheld).to.equal(shown.filter(({ leaf }) => leaf === undefined).length);
    expect(verdict?.withheld).to.be.greaterThan(0);
    const { events } = await telling.json<{ events: EventRecord[] }>(
      `/v1/subjects/scenario/${SCENARIO}/events?limit=1000`,
      asking(METEOROLOGY),
    );
    const seen = shown.flatMap(({ leaf }) => (leaf === undefined ? [] : [toHex(leafHash(fromBase64(leaf)!))]));
    expect(seen).to.have.members(events.map((event) => event.leafHash));
  });

  describe("and a trace, with those of everything on its way", () => {
    const trace = async (path: string, by?: Asking): Promise<string> => {
      const headers = { accept: "application/x-ndjson", authorization: `Bearer ${await telling.token(by ?? asking(AUTHORITY))}` };
      const response = await fetch(`${telling.url}/v1/trace/${path}`, { headers });
      expect([response.status, response.headers.get("content-type")]).to.deep.equal([200, "application/x-ndjson"]);
      return response.text();
    };

    it("proves each event and act that was shown, and names everything that these used or made", async () => {
      for (const path of [`product/${PRODUCT}`, `resource/${FLIGHTS}?direction=products`]) {
        const shown = await telling.json<Trace>(`/v1/trace/${path}`);
        const file = await trace(path);
        const [first, ...others] = await verified(file);
        const places = new Set([...shown.activities, ...shown.acts].map(({ journal, index }) => `${journal}/${index}`));
        expect(first).to.deep.include({ format: "suyuan-trace/1", events: places.size, withheld: 0 });
        const lines = file.split("\n").slice(1, 1 + places.size);
        const hashes = lines.map((line) => toHex(leafHash(fromBase64((JSON.parse(line) as EventLine).leaf!)!)));
        expect(new Set(hashes)).to.deep.equal(new Set([...shown.activities, ...shown.acts].map(({ leafHash }) => leafHash)));
        const nodes = shown.entities.filter(({ kind }) => kind !== "holding").map(({ kind, id }) => ({ kind, id }));
        expect(others.map(({ subject }) => subject)).to.deep.include.members([...nodes, { kind: "authorization", id: AUTHORIZATION }]);
      }
    });

    it("shows when anything of it is missing, added, moved or changed", async () => {
      const file = await trace(`product/${PRODUCT}`);
      const lines = file.trimEnd().split("\n");
      const heads = lines.flatMap((line, i) => (line.includes('"format":') ? [i] : []));
      const [, second = 0, third = 0] = heads;
      expect(second).to.be.greaterThan(4);
      expect(await failed(changed(file, (all) => all.slice(0, second))), "no history").to.match(/^events-missing/);
      expect(await failed(changed(file, (all) => all.toSpliced(second, third - second))), "one history too few").to.match(
        /^events-missing/,
      );
      expect(await failed(changed(file, (all) => all.slice(0, heads.at(-1)))), "the last one").to.match(/^events-missing/);
      expect(await failed(changed(file, (all) => all.toSpliced(1, 2, all[2]!, all[1]!)))).to.equal("events-out-of-order 3");
      expect(await failed(changed(file, (all) => all.toSpliced(2, 0, all[1]!)))).to.equal("events-out-of-order 3");
      const header = JSON.parse(lines[0]!) as { nodes: { kind: string; id: string }[] };
      const fewer = canonicalText({ ...header, nodes: header.nodes.slice(0, -1) });
      expect(await failed(changed(file, (all) => all.with(0, fewer)))).to.match(/^events-missing/);
      for (let i = 1; i < second; i++)
        expect(await failed(changed(file, (all) => all.toSpliced(i, 1))), `line ${i}`).to.match(/^events-missing/);
      const one = JSON.parse(lines[1]!) as EventLine;
      expect(await failed(changed(file, (all) => all.with(1, canonicalText({ ...one, index: one.index + 1 }))))).to.equal(
        "inclusion-wrong 2",
      );
      const other = JSON.parse(lines[2]!) as EventLine;
      expect(await failed(changed(file, (all) => all.with(1, canonicalText({ ...one, leaf: other.leaf! }))))).to.equal("inclusion-wrong 2");
    });

    it("does not verify with any byte changed, cut off anywhere, or with something behind it", async () => {
      const file = await trace(`product/${PRODUCT}`);
      // What follows the first part are histories.
      await expectNoChange(Buffer.from(file));
      const [header = ""] = file.split("\n", 1);
      const at = header.lastIndexOf('"nodes"');
      for (let i = at; i < header.length; i++) {
        const damaged = Buffer.from(file);
        damaged[i]! ^= 1;
        expect(await failed(damaged), `byte ${i}`).not.to.equal("verified");
      }
    });

    it("of a holding, is that of the authorization under which it is held", async () => {
      const { entities } = await telling.json<Trace>(`/v1/trace/product/${PRODUCT}`);
      const holding = entities.find(({ kind }) => kind === "holding")!;
      const [first, second] = await verified(await trace(`holding/${encodeURIComponent(holding.id)}`));
      expect(first?.format).to.equal("suyuan-trace/1");
      expect(second?.subject).to.deep.equal({ kind: "authorization", id: AUTHORIZATION });
    });

    it("leaves out what the asker may not see, and says so", async () => {
      const [verdict, ...others] = await verified(await trace(`resource/${FLIGHTS}?direction=products`, asking(TRANSPORT)));
      expect(verdict?.withheld).to.be.greaterThan(0);
      expect(others.map(({ subject }) => subject?.kind)).not.to.include("product");
    });
  });

  it("grows with what is told", async () => {
    const [before] = await verified(await history("authorization", AUTHORIZATION));
    await telling.tell(example("data.pulled", OPERATOR));
    const [after] = await verified(await history("authorization", AUTHORIZATION));
    expect(after?.events).to.equal((before?.events ?? 0) + 1);
  });
});
