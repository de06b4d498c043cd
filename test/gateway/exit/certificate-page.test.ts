import { expect } from "chai";
import { certificatePage, type Page } from "../../../gateway/exit/certificate-page";
import type { Counts, ExitStep, Handling } from "../../../gateway/evidence/exit-certificate";
import { openChromium } from "../../browser/chromium";
import { OPERATOR, TRANSPORT } from "../../chaincode/events/world";
import { modulesOf, readQr } from "./qr-reader";

const DIGEST = "98".repeat(32);
const LONG_NAME = "云州市城市公共数据资源授权运营与数据要素流通服务促进中心（云州市大数据发展管理与政务信息化保障中心）";
const HOSTILE = `<script>alert("1")</script>`;

const counts: Counts = { outstanding: 0, deleted: 99_900, retained: 100, transferred: 0, struck: 0, "logs-disposed": 0 };
const step = (name: string): ExitStep => ({
  ...{ step: name, act: "SuyuanMSP/acts/7", party: OPERATOR, at: "2026-03-10T02:00:00.000Z" },
  ...{ happened: "2026-03-10T10:00:00+08:00", taken: "2026-03-10T02:00:00.000Z" },
  officer: { post: "第一责任人", person: "a".repeat(64) },
});
const retained = Array.from({ length: 100 }, (_, i): Handling => ({
  state: "retained",
  party: OPERATOR,
  items: 1,
  how: { basis: "statute", statute: `第${i}条`, until: "2031-03-10" },
}));

const page = (origin: string): Page => ({
  certificate: {
    ...{ number: "yz-exit@SuyuanMSP/acts/7", exit: "yz-exit", authorization: "yz-authorization", leaving: "operator", basis: "六(五)6" },
    ...{ operator: OPERATOR, agency: TRANSPORT, timeline: ["opened", "verified"].map(step), scans: [], origins: [], counts },
    inventory: { count: 100_000, root: "c".repeat(64) },
    items: { count: 100_000, root: "e".repeat(64), bytes: 44_000_000 },
    handlings: [
      ...retained,
      { state: "deleted", party: OPERATOR, items: 99_899, how: { method: "purge", executor: HOSTILE } },
      { state: "deleted", party: OPERATOR, items: 1, how: { backups: "none" } },
    ],
    strangersScans: 22_000,
    verification: { party: TRANSPORT, extent: "sample", holdings: 1000, approach: "抽查", report: "f".repeat(64) },
    residual: ["unrecorded-copies", "verified-by-sample"],
  },
  names: { [OPERATOR]: LONG_NAME },
  ...{ journal: "SuyuanMSP/acts", iat: 1_773_000_000, digest: DIGEST, origin },
  backups: [
    { party: OPERATOR, due: "2026-06-01", purged: "SuyuanMSP/facts/99" },
    { party: TRANSPORT, due: "2026-07-01" },
  ],
});

describe("the certificate as a page", () => {
  it("has a code that leads to the verifier, as another reader reads it", () => {
    for (const origin of ["http://127.0.0.1:8080", "https://suyuan.yunzhou.example", `https://${"long-name.".repeat(8)}example`]) {
      const modules = modulesOf(certificatePage(page(origin)));
      expect(readQr(modules)).to.equal(`${origin}/verify#${DIGEST}`);
      // One module of the text turned over.
      const [row, column] = [modules.length - 3, modules.length - 2];
      const turned = modules.map((line, i) => line.map((dark, j) => (i === row && j === column ? !dark : dark)));
      expect(readQr(turned)).not.to.equal(`${origin}/verify#${DIGEST}`);
    }
  });

  it("says in both languages what became of each, who stands for it, and what is open", () => {
    const html = certificatePage(page("https://suyuan.example"));
    for (const said of [
      "依法保留 Retained",
      "净化 purge",
      "第99条",
      LONG_NAME,
      "第一责任人",
      "抽样 by sample, 1000",
      "一级主体退出授权",
      "核验为抽样",
      "停用备份的最终清除",
      "SuyuanMSP/facts/99",
      "尚未上报 not reported yet",
      "各件不同，见各事件 each in its own way: see its event",
      "22000",
    ])
      expect(html).to.include(said);
    expect(html).to.include("&lt;script&gt;").and.not.include("<script");
  });

  it("keeps within a sheet of A4, long names and a hundred retained items included", async function () {
    this.timeout(60_000);
    const browser = await openChromium();
    if (browser === undefined) return this.skip();
    try {
      const tab = await browser.newPage({ viewport: { width: 688, height: 1000 } });
      await tab.setContent(certificatePage(page("https://suyuan.example")));
      await tab.emulateMedia({ media: "print" });
      const wide = `[...document.querySelectorAll("*")].filter((it) => it.getBoundingClientRect().right > innerWidth + 1).map((it) => it.tagName)`;
      expect(await tab.evaluate(wide)).to.deep.equal([]);
      const pages = (await tab.pdf({ preferCSSPageSize: true })).toString("latin1").match(/\/Type \/Page\b(?!s)/g) ?? [];
      expect(pages.length).to.be.within(3, 16);
    } finally {
      await browser.close();
    }
  });
});
