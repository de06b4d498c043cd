import { expect } from "chai";
import type { RecordedEvent } from "../../../chaincode/events/envelope";
import { MAX_HANDLINGS } from "../../../gateway/evidence/exit-certificate";
import { checkItems } from "../../../gateway/evidence/exit-items";
import { type Made, makeCertificate } from "../../../gateway/exit/certificate";
import { itemsOf, rootOf } from "../../../gateway/exit/inventory";
import { partOf } from "../../../gateway/exit/source-part";
import type { Change, EverHeld } from "../../../gateway/index/ever-held";

const HOLDINGS = 100_000;
const SOURCES = 31;
/** Which all of them come from, beside another. */
const COMMON = "source-common";

/** Each of the first tenth is pulled from a resource; the others are made of one that came before. */
function held(n: number): EverHeld {
  const holding = `SuyuanMSP/facts/${n}/0`;
  const digest = n.toString(16).padStart(64, "0");
  const raw = n < HOLDINGS / 10;
  const change: Change = {
    ...{
      journal: "SuyuanMSP/facts",
      index: HOLDINGS + n,
      state: "deleted",
      party: "91990000MA1A00024N",
      block: 2_000_000 + n,
      recorded: n,
    },
    data: { method: "purge", standard: "NIST SP 800-88", tool: "suyuan exit erase", executor: "平台运维岗", backups: { state: "none" } },
  };
  return {
    slot: { slot: n, holding, digest, form: raw ? "raw" : "intermediate", party: "91990000MA1A00024N", scenario: `scenario-${n % 40}` },
    place: `/data/${digest}`,
    madeOf: raw
      ? [`resource-${n % 300}`, COMMON].map((id) => ({ kind: "resource", id }))
      : [{ kind: "holding", id: `SuyuanMSP/facts/${Math.floor(n / 2)}/0` }],
    declared: { journal: "SuyuanMSP/facts", index: n, block: n },
    changes: [change],
  };
}

/** Of what was frozen before any of it was deleted. */
function made(all: readonly EverHeld[]): Made {
  const items = itemsOf(all, [{ part: undefined }], { journal: "SuyuanMSP/acts", index: 9, block: 1_000_000 });
  const verified = { at: 0, act: "SuyuanMSP/acts/10", party: "11990000MB1A000443" };
  const event = { party: verified.party, data: { report: { digest: "a".repeat(64) } } } as unknown as RecordedEvent;
  return makeCertificate({
    exit: "E",
    record: { leaving: "operator", authorization: "A", since: 0, hands: ["91990000MA1A00024N"], steps: { verified: [verified] } },
    items,
    inventory: rootOf(items),
    sourceOf: (resource) => (resource === COMMON ? COMMON : `source-${Number(resource.split("-")[1]) % SOURCES}`),
    scans: [],
    strangersScans: 0,
    voided: new Set(),
    events: new Map([[verified.act, event]]),
    operator: "91990000MA1A00024N",
    at: 1,
  });
}

async function* pieces(lines: readonly string[]): AsyncGenerator<Uint8Array, void> {
  for (let i = 0; i < lines.length; i += 200) yield await Promise.resolve(Buffer.from(`${lines.slice(i, i + 200).join("\n")}\n`));
}

/** What reading the store, fetching the history and checking its attestations takes beside this is a matter of the network. */
describe(`the certificate of an exit with ${HOLDINGS.toLocaleString("en")} holdings`, function () {
  this.timeout(120_000);

  it("is made within ten seconds, and its items are checked within three", async () => {
    const all = Array.from({ length: HOLDINGS }, (_, n) => held(n));
    const begun = performance.now();
    const { certificate, lines, items } = made(all);
    const making = performance.now() - begun;

    const checkedFrom = performance.now();
    expect(await checkItems(certificate, pieces(lines))).to.deep.equal({ items: HOLDINGS });
    const checking = performance.now() - checkedFrom;

    const size = JSON.stringify(certificate).length;
    process.stdout.write(
      `      made in ${making.toFixed(0)} ms, items checked in ${checking.toFixed(0)} ms; ` +
        `certificate ${size} bytes, items ${certificate.items.bytes} bytes\n`,
    );
    for (const source of ["source-0", COMMON]) {
      const partFrom = performance.now();
      const part = partOf({ certificate, lines, items }, source) ?? [];
      const parting = performance.now() - partFrom;
      const checkedFrom = performance.now();
      const shown = (await checkItems(certificate, pieces(part))).items;
      const checking = performance.now() - checkedFrom;
      const bytes = part.reduce((sum, line) => sum + line.length + 1, 0);
      process.stdout.write(
        `      part of ${shown} items made in ${parting.toFixed(0)} ms, checked in ${checking.toFixed(0)} ms; ${bytes} bytes in ${part.length} lines\n`,
      );
      expect(shown)
        .to.equal(items.filter(({ sources }) => sources.includes(source)).length)
        .and.above(0);
      expect(checking).to.be.below(3_000);
      expect(bytes).to.be.at.most(certificate.items.bytes + 100);
    }
    expect(making).to.be.below(10_000);
    expect(checking).to.be.below(3_000);
    expect(size).to.be.below(64 * 1024);
  });

  it("stays small where each of 20,000 was deleted in a way of its own", async () => {
    const all = Array.from({ length: 20_000 }, (_, n) => {
      const it = held(n);
      const [change] = it.changes;
      return {
        ...it,
        changes: [{ ...change!, data: { ...change!.data, tool: `tool ${n}`, backups: { state: "beyond-use", purged: day(n) } } }],
      };
    });
    const { certificate, lines } = made(all);
    expect(await checkItems(certificate, pieces(lines))).to.deep.equal({ items: all.length });
    const [last] = [...certificate.handlings].sort((a, b) => b.items - a.items);
    expect(certificate.handlings).to.have.length.below(MAX_HANDLINGS);
    // Of those that are told together, the last day on which a backup goes.
    expect(last?.how).to.deep.equal({ backups: "beyond-use", purged: day(all.length - 1) });
    expect(JSON.stringify(certificate).length).to.be.below(1024 * 1024);
  });
});

const day = (n: number): string => new Date(Date.UTC(2026, 0, 1) + n * 86_400_000).toISOString().slice(0, 10);
