import { expect } from "chai";
import { formatReceipt, MAX_RECEIPT, parseReceipt, type Receipt } from "../../../gateway/evidence/receipt";
import { codeOf, receiptFor, world } from "./ledger";

describe("receipt as a file", () => {
  let receipt: Receipt;
  let file: string;
  before(async () => {
    receipt = await receiptFor(5, await world());
    file = formatReceipt(receipt);
  });

  const code = (text: string | Uint8Array): Promise<string | undefined> => codeOf(() => parseReceipt(text));

  it("is read as it was written, as text or bytes, with a newline at its end or not", () => {
    for (const text of [file, `${file}\n`, Buffer.from(file)]) expect(parseReceipt(text)).to.deep.equal(receipt);
  });

  it("has one spelling", async () => {
    for (const text of [
      ` ${file}`,
      `${file}\n\n`,
      `${file} `,
      `${file}\r\n`,
      JSON.stringify(JSON.parse(file), null, 1),
      file.replace('"leaf"', '"\\u006ceaf"'),
    ])
      expect(await code(text)).to.equal("receipt-malformed");
    const { format, ...others } = receipt;
    expect(await code(JSON.stringify({ ...others, format }))).to.equal("receipt-malformed");
  });

  it("is closed: nothing more, nothing less, nothing of another kind", async () => {
    const bad: object[] = [
      { format: "suyuan-receipt/2" },
      { leaf: "AAA" },
      { leaf: "A".repeat(100_000) },
      { leaf: null },
      { journal: "facts" },
      { index: -1 },
      { index: "5" },
      { index: 0.5 },
      { size: 0 },
      { inclusion: "" },
      { inclusion: ["AAAA"] },
      { inclusion: Array<string>(54).fill(receipt.inclusion[0]!) },
      { checkpoint: 7 },
      { checkpoint: "x".repeat(100_001) },
      { attestation: null },
      { attestation: { ...receipt.attestation, kind: "nodes" } },
      { attestation: { ...receipt.attestation, signature: "!" } },
      { attestation: { ...receipt.attestation, more: 1 } },
      { attestation: { ...receipt.attestation, statement: "x".repeat(20_000) } },
      { more: 1 },
    ];
    for (const change of bad)
      expect(await code(formatReceipt({ ...receipt, ...change })), JSON.stringify(change).slice(0, 80)).to.equal("receipt-malformed");
    for (const name of Object.keys(receipt)) {
      const others = Object.fromEntries(Object.entries(receipt).filter(([other]) => other !== name));
      expect(await code(formatReceipt(others as unknown as Receipt)), name).to.equal("receipt-malformed");
    }
  });

  it("is refused when it is something else", async () => {
    for (const text of ["", "{}", "[]", "null", '"x"', "7", "<html>", Uint8Array.of(0xff, 0xfe), Buffer.from(file).fill(0xff, 20, 21)])
      expect(await code(text)).to.equal("receipt-malformed");
    expect(await code(" ".repeat(MAX_RECEIPT + 1))).to.equal("receipt-too-large");
    expect(await code("溯".repeat(MAX_RECEIPT / 2))).to.equal("receipt-too-large");
  });

  it("holds the longest leaf", async () => {
    const longest = { ...receipt, leaf: Buffer.alloc(65_535, 1).toString("base64") };
    expect(parseReceipt(formatReceipt(longest))).to.deep.equal(longest);
    expect(Buffer.byteLength(file)).to.be.lessThan(20_000);
    expect(await code(formatReceipt(longest))).to.equal(undefined);
  });
});
