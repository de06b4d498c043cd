import { expect } from "chai";
import { traceCsv } from "../../../gateway/http/trace-csv";
import type { Trace } from "../../../gateway/index/trace";

const position = { journal: "M/facts", index: 7, leafHash: "00", party: "P", time: "T", recorded: "R", subjects: [] };
const traceOf = (name: string): Trace => ({
  height: 1,
  start: { kind: "product", id: "p" },
  direction: "sources",
  entities: [{ kind: "product", id: "p", name }],
  activities: [
    { ...position, type: "suyuan.product.released", activity: "release", findings: [{ code: "a" }, { code: "b" }], decisions: [0] },
  ],
  edges: [{ activity: 0, role: "generated", entity: 0, as: { version: "v1", rows: 3 } }],
  acts: [{ ...position, index: 3, type: "suyuan.product.listed" }],
  truncated: false,
});
const cells = (name: string): string => traceCsv(traceOf(name)).split("\r\n")[1]!;

describe("a trace as a table", () => {
  it("has a line for each thing that an event used or generated", () => {
    expect(cells("房价指数")).to.equal(
      "M/facts,7,suyuan.product.released,release,T,R,P,a b,M/facts/3,generated,product,p,房价指数,v1,,3,,,,",
    );
    expect(traceCsv(traceOf("x")).endsWith("\r\n")).to.equal(true);
  });

  it("quotes what would break a line, and disarms what a spreadsheet would take for a formula", () => {
    expect(cells('a "b", c')).to.include(',"a ""b"", c",');
    for (const formula of ["=1+1", "+1", "-1", "@x"]) expect(cells(formula)).to.include(`,'${formula},`);
  });
});
