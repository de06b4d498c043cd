/** The page `/verify` in a real browser, with no network: it says of every published vector what the command line says. */
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect } from "chai";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { sha256 } from "../../gateway/console/sha256";
import { sha256 as nodes } from "../../chaincode/proof/sha256";
import type { EvidenceErrorCode } from "../../gateway/evidence/errors";
import pageTexts from "../../gateway/console/texts.json";
import { certificateDigest } from "../../gateway/evidence/exit-certificate";
import errorLabels from "../../gateway/evidence/errors.labels.json";
import { formatTrust } from "../../gateway/evidence/trust";
import verdictLabels from "../../gateway/evidence/verdict.labels.json";
import { CERTIFICATE, exiting, exitOf, exitText, ITEMS_FILE, PART } from "../gateway/evidence/exits";
import { kinds } from "../gateway/evidence/kinds";
import { NOW, world } from "../gateway/evidence/ledger";
import { longJournal } from "../gateway/evidence/streams";
import { inDirectory, Served } from "../scripts/suyuan";
import { DIRECTORY, readVectors } from "../vectors/made";
import { openChromium } from "./chromium";

/** As `npm run build` puts it together. */
const BUILT = join(__dirname, "..", "..", "gateway", "console", "verify.html");
const SCREENSHOTS = process.env["SUYUAN_SCREENSHOTS"];

describe("SHA-256 for pages", () => {
  it("is the one of Node, for every length about the block's", () => {
    for (let length = 0; length < 300; length++) {
      const data = Uint8Array.from({ length }, (_, i) => (i * 7 + length) & 0xff);
      expect(Buffer.from(sha256(data)).toString("hex"), `${length} bytes`).to.equal(Buffer.from(nodes(data)).toString("hex"));
    }
    const long = new Uint8Array(1_000_003).fill(0xa7);
    expect(Buffer.from(sha256(long))).to.deep.equal(nodes(long));
  });
});

describe("the page /verify", function () {
  this.timeout(120_000);
  let browser: Browser | undefined;
  let context: BrowserContext;
  let page: Page;
  let asked: string[];
  let wrong: string[];

  before(async function () {
    expect(existsSync(BUILT), "npm run build makes the page").to.equal(true);
    const found = await openChromium();
    if (found === undefined) {
      process.stdout.write("      skipped: there is no Chromium here (apt-get install chromium, or SUYUAN_CHROMIUM)\n");
      this.skip();
    }
    browser = found;
  });
  after(() => browser?.close());

  beforeEach(async () => {
    context = await browser!.newContext({ locale: "zh-CN", viewport: { width: 1000, height: 900 } });
    await context.setOffline(true);
    page = await context.newPage();
    [asked, wrong] = [[], []];
    page.on("request", (request) => asked.push(request.url()));
    page.on("pageerror", (error) => wrong.push(error.message));
    page.on("console", (message) => wrong.push(message.text()));
    await page.goto(pathToFileURL(BUILT).href);
  });
  afterEach(async () => {
    // The page itself, and nothing after it.
    expect(asked).to.deep.equal([pathToFileURL(BUILT).href]);
    expect(wrong).to.deep.equal([]);
    await context.close();
  });

  type Files = Readonly<Record<string, string | Buffer>>;
  const vector = (name: string): Buffer => readFileSync(join(DIRECTORY, name));

  /** @returns the results' text, once they are there. The page's clock stands at `now`. */
  async function given(files: Files, now: string): Promise<string> {
    await page.clock.setFixedTime(now);
    await page.locator("#results").evaluate((results) => results.replaceChildren());
    await page
      .locator("#files")
      .setInputFiles(
        Object.entries(files).map(([name, content]) => ({ name, mimeType: "application/json", buffer: Buffer.from(content) })),
      );
    await page.locator("#results > article").first().waitFor();
    return page.locator("#results").innerText();
  }
  const shot = async (name: string): Promise<unknown> =>
    SCREENSHOTS === undefined ? undefined : page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage: true });

  it("says what a receipt of a network proves and what it does not, in Chinese and English", async () => {
    const files = { "trust.json": vector("network-trust.json"), "receipt.json": vector("network-receipt.json") };
    const zh = await given(files, "2027-01-01T00:00:00Z");
    const { proven, notProven, steps } = verdictLabels;
    for (const { zh: words } of [proven["head-attested-by-organisations"], notProven["code-run"], steps.attestation])
      expect(zh).to.include(words);
    expect(zh).to.include("核验通过").and.to.include("SourceMSP");
    expect(await page.locator("#trust").innerText()).to.include(Buffer.from(nodes(vector("network-trust.json"))).toString("hex"));
    await shot("network-zh");
    await page.locator("#language").click();
    await page.getByRole("heading", { name: "Verified" }).waitFor();
    expect(await page.locator("#results").innerText()).to.include(proven["head-attested-by-organisations"].en);
    await shot("network-en");
  });

  it("shows of a ledger of one party that it proves nothing of several", async () => {
    const good = readVectors("receipts").find(({ name }) => name === "leaf 5")!;
    const text = await given({ "trust.json": vector("vector-trust.json"), "receipt.json": good.file }, good.now);
    expect(text).to.include("单方账本，不具多方证明力");
    await shot("embedded-zh");
  });

  it("names the step that failed, those passed before, and what to do", async () => {
    const bad = readVectors("receipts").find(({ name }) => name === "network, two organisations")!;
    const text = await given({ "trust.json": vector("network-trust.json"), "receipt.json": bad.file }, bad.now);
    const { zh, next } = errorLabels["attestation-insufficient"];
    for (const words of ["核验不通过", "attestation-insufficient", zh, next.zh]) expect(text).to.include(words);
    expect(await page.locator("li.passed").allInnerTexts()).to.deep.equal(
      (["form", "inclusion", "head", "known", "time"] as const).map((step) => verdictLabels.steps[step].zh),
    );
    expect(await page.locator("li.failed").allInnerTexts()).to.deep.equal([verdictLabels.steps.attestation.zh]);
    expect(await page.locator("li.untried").allInnerTexts()).to.deep.equal([verdictLabels.steps.checkpoint.zh]);
    await shot("bad-zh");
  });

  it("judges every vector of receipts as the command line does", async () => {
    for (const { name, file, trust, now, outcome } of readVectors("receipts")) {
      const text = await given({ "trust.json": vector(trust), "receipt.json": file }, now);
      expect(text, name).to.include(outcome === "verified" ? "核验通过" : `(${outcome})`);
    }
  });

  it("judges every vector of promises as the command line does", async () => {
    for (const { name, promise, shown, now, outcome } of readVectors("promises")) {
      const evidence = Object.fromEntries(shown.map((file, i) => [`shown-${i}.json`, file]));
      const text = await given({ "trust.json": vector("vector-trust.json"), "promise.json": promise, ...evidence }, now);
      const words = Object.hasOwn(verdictLabels.promises, outcome)
        ? verdictLabels.promises[outcome as keyof typeof verdictLabels.promises].zh
        : `(${outcome})`;
      expect(text, name).to.include(words);
      if (outcome === "broken-missing") await shot("promise-broken-zh");
    }
  });

  it("knows every kind of evidence by itself, good and bad, and says what the command line says", async () => {
    const ledger = await world();
    for (const { name, good, beside, attacks } of await kinds(ledger)) {
      if (beside === undefined) continue;
      const { trust, shown = [], now = NOW } = beside;
      const evidence = Object.fromEntries(shown.map((file, i) => [`shown-${i}.json`, Buffer.from(file)]));
      const judged = (file: string): Promise<string> =>
        given({ "trust.json": formatTrust(trust), "evidence.json": file, ...evidence }, now.toISOString());
      expect(await judged(good), name).to.match(/核验通过|已兑现/);
      await shot(`${name.replaceAll(/[^a-z]+/g, "-")}-zh`);
      const [bad] = Object.values(attacks).filter((attacked) => !("none" in attacked));
      const [file, code] = bad as readonly [string, EvidenceErrorCode];
      expect(await judged(file), name)
        .to.include(`(${code})`)
        .and.to.include(errorLabels[code].next.zh);
      await shot(`${name.replaceAll(/[^a-z]+/g, "-")}-bad-zh`);
    }
  });

  it("verifies items with their certificate, whatever the browser made of their names, and says that alone they prove nothing", async () => {
    const ledger = exiting(await world());
    const files = { "trust.json": formatTrust(ledger.trust), "exit.ndjson": exitText(await exitOf(ledger)) };
    const now = NOW.toISOString();
    const { proven, notProven } = verdictLabels;
    expect(await given(files, now)).to.include(notProven["items-whole"].zh);
    for (const name of ["exit.items.ndjson", "exit.items (1).ndjson"])
      expect(await given({ ...files, [name]: ITEMS_FILE }, now)).to.include(proven["items-of-inventory"].zh);
    const part = PART.map((line) => `${line}\n`).join("");
    expect(await given({ ...files, "exit.items.ndjson": part }, now)).to.include(proven["items-of-source"].zh);
    await given({ ...files, "exit.items.ndjson": ITEMS_FILE }, now);
    await shot("exit-with-items-zh");
    await page.locator("#language").click();
    expect(await page.locator("#results").innerText()).to.include(proven["items-of-inventory"].en);
    await shot("exit-with-items-en");
    await page.locator("#language").click();
    const cut = ITEMS_FILE.slice(0, ITEMS_FILE.lastIndexOf("\n", ITEMS_FILE.length - 2) + 1);
    expect(await given({ ...files, "exit.items.ndjson": cut }, now)).to.include("(exit-items-differ)");
    expect(await given({ "trust.json": formatTrust(ledger.trust), "items.ndjson": ITEMS_FILE }, now)).to.include("(no-evidence-alone)");
  });

  it("says whether a certificate is the one that the address names, as its QR code does", async () => {
    const ledger = exiting(await world());
    const files = { "trust.json": formatTrust(ledger.trust), "exit.ndjson": exitText(await exitOf(ledger)) };
    const digest = certificateDigest(CERTIFICATE);
    const named = page.locator("#named");
    const at = async (hash: string): Promise<string> => {
      await page.evaluate((hash) => (location.hash = hash), hash);
      return given(files, NOW.toISOString());
    };
    expect(await given(files, NOW.toISOString()), "without one").not.to.include("二维码");
    expect(await named.isVisible()).to.equal(false);
    expect(await at(digest))
      .to.include(pageTexts["is-named"].zh)
      .and.include("核验通过");
    expect(await named.innerText()).to.include(digest);
    await shot("exit-named-zh");
    const other = `aaaa${digest.slice(4)}`;
    expect(await at(other))
      .to.include(pageTexts["not-named"].zh)
      .and.include(digest)
      .and.not.include("核验通过");
    expect(await page.locator("#results > article").getAttribute("class")).to.include("bad");
    await shot("exit-not-named-zh");
    await page.locator("#language").click();
    expect(await page.locator("#results").innerText()).to.include(pageTexts["not-named"].en);
    await page.locator("#language").click();
    await at("<b>0</b>");
    expect(await named.innerText()).to.equal(pageTexts["named-malformed"].zh);
  });

  it("reads a long file in pieces, and keeps no more of it than a few", async () => {
    const ledger = await world();
    const now = NOW.toISOString();
    const events = 50_000;
    const heap = async (): Promise<number> => {
      const session = await context.newCDPSession(page);
      await session.send("HeapProfiler.collectGarbage");
      const { usedSize, backingStorageSize } = await session.send("Runtime.getHeapUsage");
      return usedSize + backingStorageSize;
    };
    const file = join(await mkdtemp(join(tmpdir(), "suyuan-page-")), "journal.ndjson");
    try {
      await writeFile(file, longJournal(ledger, events));
      await page.clock.setFixedTime(now);
      await page
        .locator("#files")
        .setInputFiles({ name: "trust.json", mimeType: "application/json", buffer: Buffer.from(formatTrust(ledger.trust)) });
      const before = await heap();
      await page.locator("#files").setInputFiles(file);
      let most = 0;
      while ((await page.locator("#results > article").count()) === 0) most = Math.max(most, await heap());
      expect(await page.locator("#results").innerText())
        .to.include(`${events} 条`)
        .and.to.include("核验通过");
      process.stdout.write(`      ${(await stat(file)).size >> 20} MB, heap at most ${(most - before) >> 20} MB more\n`);
      expect(most - before).to.be.below(24 << 20);
    } finally {
      await rm(dirname(file), { recursive: true });
    }
  });

  it("takes files that are dropped, and verifies nothing without a trust file", async () => {
    const drop = async (files: Files): Promise<void> => {
      const contents = Object.entries(files).map(([name, content]) => [name, content.toString()] as const);
      const transfer = await page.evaluateHandle((contents) => {
        const transfer = new DataTransfer();
        for (const [name, content] of contents) transfer.items.add(new File([content], name));
        return transfer;
      }, contents);
      await page.locator("#drop").dispatchEvent("drop", { dataTransfer: transfer });
    };
    await page.clock.setFixedTime("2027-01-01T00:00:00Z");
    await drop({ "receipt.json": vector("network-receipt.json") });
    expect(await page.locator("#trust").innerText()).to.include("没有信任文件就无从核验");
    expect(await page.locator("#results article").count()).to.equal(0);
    await drop({ "bad-trust.json": '{"format":"suyuan-trust/1"}' });
    await page.getByText(errorLabels["trust-malformed"].zh).waitFor();
    await drop({ "trust.json": vector("network-trust.json") });
    await page.getByText("核验通过").waitFor();
  });

  it("shows what strangers wrote as text", async () => {
    const name = `<img src=x onerror="document.title='owned'">.json`;
    const text = await given({ "trust.json": vector("network-trust.json"), [name]: "{}" }, "2027-01-01T00:00:00Z");
    expect(text).to.include(name);
    expect(await page.locator("img").count()).to.equal(0);
  });

  it("may run nothing but its own script, and reach nothing", async () => {
    const policy = await page.locator("meta[http-equiv]").getAttribute("content");
    expect(policy).to.match(
      /^default-src 'none'; script-src 'sha256-[^' ]+'; style-src 'sha256-[^' ]+'; base-uri 'none'; form-action 'none'/,
    );
    const refused = await page.evaluate(async () => {
      const script = document.createElement("script");
      let took = true;
      try {
        script.textContent = "document.title = 'owned'";
        document.head.append(script);
      } catch {
        took = false;
      }
      const reached = await fetch("https://example.com/").then(
        () => true,
        () => false,
      );
      return !took && !reached && document.title !== "owned";
    });
    expect(refused).to.equal(true);
    // The browser says of each that it refused it.
    expect(wrong.splice(0).length).to.be.at.least(2);
    asked.length = 1;
  });
});

describe("a gateway", () => {
  it("serves the page /verify to everyone, with the policy that the page has, and nobody may frame it", async () => {
    await inDirectory(async (directory) => {
      const served = await Served.start(join(directory, "data"));
      try {
        const response = await fetch(`${served.url}/verify`);
        expect([response.status, response.headers.get("content-type")]).to.deep.equal([200, "text/html; charset=utf-8"]);
        const text = await response.text();
        expect(text).to.equal(readFileSync(BUILT, "utf8"));
        const policy = response.headers.get("content-security-policy") ?? "";
        const own = /Security-Policy" content="([^"]*)"/.exec(text)?.[1] ?? "";
        const directives = (policy: string): string[] => policy.split(/;\s*/).sort();
        expect(directives(policy)).to.deep.equal([...directives(own), "frame-ancestors 'none'"].sort());
        expect(response.headers.get("x-content-type-options")).to.equal("nosniff");
        expect((await fetch(`${served.url}/verify`, { method: "POST" })).status).to.equal(405);
      } finally {
        await served.stop();
      }
    });
  });
});
