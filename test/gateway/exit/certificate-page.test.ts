import { expect } from "chai";
import words from "../../../gateway/exit/certificate-page.labels.json";
import { standardOf } from "../../../gateway/exit/erase/standard";
import { certificatePage, type Page } from "../../../gateway/exit/certificate-page";
import type { Counts, ExitScan, ExitStep, Handling } from "../../../gateway/evidence/exit-certificate";
import { openChromium } from "../../browser/chromium";
import { AUTHORITY, OPERATOR, TRANSPORT } from "../../chaincode/events/world";
import { modulesOf, readQr } from "./qr-reader";

const DIGEST = "98".repeat(32);
const LONG_NAME = "云州市城市公共数据资源授权运营与数据要素流通服务促进中心（云州市大数据发展管理与政务信息化保障中心）";
const HOSTILE = `<script>alert("1")</script>`;

const SUCCESSOR = "91440300000000001X";
const counts: Counts = { outstanding: 0, deleted: 99_901, retained: 100, transferred: 1, struck: 0, "logs-disposed": 0 };
const step = (name: string): ExitStep => ({
  ...{ step: name, act: "SuyuanMSP/acts/7", party: OPERATOR, at: "2026-03-10T02:00:00.000Z" },
  ...{ happened: "2026-03-10T10:00:00+08:00", taken: "2026-03-10T02:00:00.000Z" },
  officer: { post: "第一责任人", person: "a".repeat(64) },
});
const retained = Array.from({ length: 100 }, (_, i): Handling => ({
  state: "retained",
  // The authority says that it is retained; it lies with the operator.
  ...{ party: AUTHORITY, custodian: OPERATOR },
  items: 1,
  how: { basis: "statute", statute: `第${i}条`, until: "2031-03-10" },
}));

/** One is enough: nothing of it depends on where it is shown. */
const html = (): string => certificatePage(page(), "https://suyuan.example");

const scan = (party: string, at: string, scanned: number, residues: number): ExitScan => ({
  ...{ act: "SuyuanMSP/facts/5", party, at, tool: "suyuan exit scan", scanned, residues, report: "d".repeat(64) },
});
const scans = [scan(TRANSPORT, "2026-03-09T04:00:00Z", 20_018, 6), scan(TRANSPORT, "2026-03-09T05:00:00Z", 1, 0)];

const page = (): Page => ({
  certificate: {
    ...{ number: "yz-exit@SuyuanMSP/acts/7", exit: "yz-exit", authorization: "yz-authorization", leaving: "operator", basis: "六(五)6" },
    ...{ operator: OPERATOR, agency: TRANSPORT, timeline: ["opened", "verified"].map(step), scans, origins: [], counts },
    inventory: { count: 100_000, root: "c".repeat(64) },
    items: { count: 100_002, root: "e".repeat(64), bytes: 44_000_000 },
    handlings: [
      ...retained,
      { state: "deleted", party: OPERATOR, items: 99_899, how: { method: "purge", executor: HOSTILE } },
      { state: "deleted", party: OPERATOR, items: 1, how: { method: "clear", standard: standardOf(["freed-blocks", "medium"], false) } },
      { state: "deleted", party: OPERATOR, items: 1, how: { backups: "none" } },
      { state: "transferred", party: AUTHORITY, items: 1, how: { to: SUCCESSOR } },
    ],
    strangersScans: 22_000,
    trigger: {
      reason: "终止授权办理退出",
      rests: {
        act: "SuyuanMSP/acts/3",
        type: "suyuan.authorization.terminated",
        party: AUTHORITY,
        ground: "early-exit",
        reason: "业务调整",
      },
    },
    agreement: { act: "SuyuanMSP/acts/1", until: "2026-12-31", digest: "9".repeat(64) },
    reconciliation: { transfers: 3, explained: 1 },
    deletions: {
      first: { act: "SuyuanMSP/facts/1", at: "2026-03-09T01:00:00.000Z" },
      last: { act: "SuyuanMSP/facts/9", at: "2026-03-09T03:00:00.000Z" },
    },
    keys: [{ key: "kms/transport/7", record: "7".repeat(64), items: 1 }],
    verification: { party: TRANSPORT, extent: "sample", holdings: 1000, approach: "抽查", report: "f".repeat(64) },
    residual: ["unrecorded-copies", "verified-by-sample"],
  },
  names: { [OPERATOR]: LONG_NAME, [SUCCESSOR]: "接收单位" },
  ...{ journal: "SuyuanMSP/acts", issued: "2026-03-08T20:00:00.000Z", digest: DIGEST, network: "city.example", isOneParty: true },
  countersignature: {
    ...{ act: "SuyuanMSP/acts/9", party: AUTHORITY, happened: "2026-03-12T00:00:00Z", taken: "2026-03-12T00:00:01Z" },
    officer: { post: "处室负责人", person: "b".repeat(64) },
  },
  backups: [
    { party: OPERATOR, due: "2026-06-01", purged: "SuyuanMSP/facts/99" },
    { party: TRANSPORT, due: "2026-07-01" },
  ],
});

describe("the certificate as a page", () => {
  it("has a code that leads to the verifier, as another reader reads it", () => {
    for (const origin of ["http://127.0.0.1:8080", "https://suyuan.yunzhou.example", `https://${"long-name.".repeat(8)}example`]) {
      const modules = modulesOf(certificatePage(page(), origin));
      expect(readQr(modules)).to.equal(`${origin}/verify#${DIGEST}`);
      // One module of the text turned over.
      const [row, column] = [modules.length - 3, modules.length - 2];
      const turned = modules.map((line, i) => line.map((dark, j) => (i === row && j === column ? !dark : dark)));
      expect(readQr(turned)).not.to.equal(`${origin}/verify#${DIGEST}`);
    }
  });

  it("says in both languages what became of each, who stands for it, and what is open", () => {
    const html = certificatePage(page(), "https://suyuan.example");
    for (const said of [
      ...["依法保留", "净化", "第99条", LONG_NAME, "第一责任人", "抽样，1000 件", "一级主体退出授权", "核验为抽样", "停用备份的最终清除"],
      ...[
        "SuyuanMSP/facts/99",
        "尚未上报",
        "not reported yet",
        "https://suyuan.example/verify，",
        "各件不同，见各事件",
        "each in its own way: see its event",
        "22000",
      ],
    ])
      expect(html).to.include(said);
    expect(html).to.include("&lt;script&gt;").and.not.include("<script");
  });

  it("says why, when and by whom, with whom what is kept lies, and which keys are gone", () => {
    for (const said of [
      ...["申请提前终止并经实施机构审核同意", "业务调整", "终止授权办理退出"],
      ...["首次删除入账", "2026-03-09 09:00:00 +08:00", "末次删除入账"],
      ...["3 批，其中经说明 1 批", "kms/transport/7", "7".repeat(64)],
      ...["保管单位", `接收方（统一社会信用代码）：接收单位 ${SUCCESSOR}`, "9".repeat(64), "处室负责人", "2026-03-12 08:00:00 +08:00"],
      ...["单方账本，不具多方证明力", "a ledger of one party"],
      "未触及：数据库交还而未覆写的数据块、介质保留的旧数据块",
    ])
      expect(html()).to.include(said);
    const executors = /执行删除的单位、岗位<\/dt><dd>([^<]*)/.exec(html())?.[1];
    expect(executors).to.include(OPERATOR).and.not.include(AUTHORITY);
    const kept = html().slice(html().indexOf("五、依法保留"), html().indexOf("六、残留检测"));
    expect(kept)
      .to.match(new RegExp(`<tr><td[^>]*>${LONG_NAME} ${OPERATOR}</td>`))
      .and.not.match(new RegExp(`<tr><td[^>]*>[^<]*${AUTHORITY}`));
  });

  it("has numbers that add up, what came late apart", () => {
    expect(html())
      .to.include("冻结的清单件数</dt><dd>100000")
      .and.include("冻结后另增件数</dt><dd>2")
      .and.include("合计件数</dt><dd>100002");
    const sum = /全部（每件计一次）<\/td>((?:<td[^>]*>\d+<\/td>)+)/.exec(html())?.[1] ?? "";
    const [frozen = 0, late = 0, together = 0, ...became] = Array.from(sum.matchAll(/\d+/g), ([found]) => Number(found));
    expect([frozen, late, together]).to.deep.equal([100_000, 2, 100_002]);
    expect(became.reduce((a, b) => a + b)).to.equal(together);
  });

  it("tells of residue that was found, by whom, and that it was looked for afterwards in less", () => {
    expect(html()).to.include(`2026-03-09 12:00:00 +08:00，${TRANSPORT} 检测 20018 项，报告残留 6 件。`);
    expect(html()).to.include("规模最大的一次只检测 1 项，少于报告残留时的 20018 项");
    expect(html()).to.include("the largest looked through 1 objects, fewer than the 20018");
    const { certificate, ...others } = page();
    const last = certificatePage({ ...others, certificate: { ...certificate, scans: scans.slice(0, 1) } }, "https://suyuan.example");
    expect(last).to.include("此后没有计入的检测").and.not.include("此后的检测未再报告残留");
  });

  it("has in each language no words of the other but names and what was reported", () => {
    const [, zh = "", en = ""] = html().split("<article");
    expect([zh, en].map((sheet) => /^ lang="(..)"/.exec(sheet)?.[1])).to.deep.equal(["zh", "en"]);
    const reported = [
      LONG_NAME,
      "接收单位",
      "第一责任人",
      "处室负责人",
      "抽查",
      "业务调整",
      "终止授权办理退出",
      "六(五)6",
      ...retained.map(({ how }) => how["statute"]!),
    ];
    const english = reported.sort((a, b) => b.length - a.length).reduce((text, one) => text.replaceAll(one, ""), en);
    expect(english.match(/[\u3000-\u9fff\uff00-\uffef]+/g) ?? []).to.deep.equal([]);
    for (const { en } of Object.values(words)) if (en.length > 4) expect(zh.includes(`>${en}`), en).to.equal(false);
    expect(zh).not.to.match(/not reached|freed-blocks|\(terms\)/);
  });

  it("keeps within a sheet of A4, long names and a hundred retained items included", async function () {
    this.timeout(60_000);
    const browser = await openChromium();
    if (browser === undefined) return this.skip();
    try {
      const tab = await browser.newPage({ viewport: { width: 688, height: 1000 } });
      await tab.setContent(certificatePage(page(), "https://suyuan.example"));
      await tab.emulateMedia({ media: "print" });
      const wide = `[...document.querySelectorAll("*")].filter((it) => it.getBoundingClientRect().right > innerWidth + 1).map((it) => it.tagName)`;
      expect(await tab.evaluate(wide)).to.deep.equal([]);
      const pages = (await tab.pdf({ preferCSSPageSize: true })).toString("latin1").match(/\/Type \/Page\b(?!s)/g) ?? [];
      expect(pages.length).to.be.within(6, 24);
    } finally {
      await browser.close();
    }
  });
});
