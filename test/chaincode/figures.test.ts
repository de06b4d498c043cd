/** What a chaincode service counts of what its peer asks, and that nothing depends on it. */
import { expect } from "chai";
import type { ChaincodeInterface, ChaincodeResponse, ChaincodeStub } from "fabric-shim";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import SuyuanContract from "../../chaincode/contract";
import { Figures } from "../../chaincode/figures";

/** Answers each transaction with what is given for it. */
const answering = (answer: (name: string) => ChaincodeResponse): ChaincodeInterface => {
  const respond = (stub: ChaincodeStub): Promise<ChaincodeResponse> => Promise.resolve(answer(stub.getFunctionAndParameters().fcn));
  return { Init: respond, Invoke: respond };
};
const done = (payload: string): ChaincodeResponse => ({ status: 200, message: "", payload: Buffer.from(payload) });
const refused: ChaincodeResponse = { status: 500, message: "not-next", payload: Buffer.alloc(0) };

const asking = (fcn: string): ChaincodeStub => ({ getFunctionAndParameters: () => ({ fcn, params: [] }) }) as unknown as ChaincodeStub;

async function onAnyPort(): Promise<{ readonly server: Server; readonly address: string }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, address: `127.0.0.1:${(server.address() as AddressInfo).port}` };
}
const closed = (server: Server): Promise<unknown> => new Promise((resolve) => server.close(resolve));

describe("figures of a chaincode service", () => {
  it("count transactions by what came of them, and the lines of those that append; whatever has no name shares one", async () => {
    const figures = new Figures(SuyuanContract);
    const appended = (from: number, size: number): ChaincodeResponse => done(JSON.stringify({ from, size }));
    const answers: Record<string, ChaincodeResponse> = { append: appended(100, 140), import: appended(0, 2), head: done("{}") };
    const chaincode = figures.of(answering((name) => answers[name] ?? refused));
    for (const name of ["append", "append", "import", "head", "journals", "a", "b"])
      expect(await chaincode.Invoke(asking(name)), name).to.equal(answers[name] ?? refused);
    expect(await chaincode.Init(asking("head"))).to.equal(answers["head"]);

    const { server, address } = await onAnyPort();
    await closed(server);
    const served = figures.serve(address);
    try {
      const text = await (await fetch(`http://${address}/metrics`)).text();
      const count = (transaction: string, outcome: string): number =>
        Number(
          new RegExp(
            `^suyuan_chaincode_transaction_seconds_count\\{transaction="${transaction}",outcome="${outcome}"\\} (\\d+)$`,
            "m",
          ).exec(text)?.[1] ?? 0,
        );
      expect([count("append", "done"), count("import", "done"), count("head", "done")]).to.deep.equal([2, 1, 2]);
      expect([count("journals", "refused"), count("unknown", "refused"), count("a", "refused")]).to.deep.equal([1, 2, 0]);
      expect(text)
        .to.match(/^suyuan_chaincode_lines_total 82$/m)
        .and.to.match(/^nodejs_heap_size_used_bytes \d+/m);
      expect((await fetch(`http://${address}/`)).status).to.equal(404);
      expect((await fetch(`http://${address}/metrics`, { method: "POST" })).status).to.equal(404);
    } finally {
      await closed(served);
    }
  });

  it("are done without where another has their port", async () => {
    const { server, address } = await onAnyPort();
    try {
      const figures = new Figures(SuyuanContract);
      const failed = new Promise((resolve) => figures.serve(address).once("error", resolve));
      expect(await failed).to.have.property("code", "EADDRINUSE");
      expect(await figures.of(answering(() => refused)).Invoke(asking("head"))).to.equal(refused);
    } finally {
      await closed(server);
    }
  });
});
