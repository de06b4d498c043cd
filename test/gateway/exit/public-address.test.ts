import { expect } from "chai";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { readConfig } from "../../../gateway/config";
import { startGateway } from "../../../gateway/main";
import { AUTHORITY } from "../../chaincode/events/world";
import { inDirectory, suyuan } from "../../scripts/suyuan";
import { asking } from "../http/telling";
import { EXIT, Exiting } from "./leaving";
import { modulesOf, readQr } from "./qr-reader";

describe("the QR code of a certificate that is fetched through a proxy", function () {
  this.timeout(60_000);

  /** @returns to where it leads on the page that the gateway makes, and on the command's, up to the certificate's digest */
  async function addressOf(environment: Readonly<Record<string, string>>): Promise<readonly string[]> {
    const exiting = await Exiting.start((data) => startGateway(readConfig({ data, port: 0 }, environment)));
    try {
      await exiting.open();
      await exiting.clear();
      await exiting.verify();
      const { telling } = exiting;
      const token = await telling.token(asking(AUTHORITY));
      const headers = { accept: "text/html", authorization: `Bearer ${token}` };
      const response = await fetch(`${telling.url}/v1/exits/${EXIT}/certificate`, { headers });
      const made = await inDirectory(async (directory) => {
        const [out, page] = [join(directory, "certificate.ndjson"), join(directory, "certificate.html")];
        const env = { SUYUAN_URL: telling.url, SUYUAN_TOKEN: token, SUYUAN_TRUST: join(telling.data, "trust.json") };
        const { code, stderr } = await suyuan(["exit", "certify", EXIT, "--out", out, "--page", page], { env });
        expect(code, stderr).to.equal(0);
        return readFile(page, "utf8");
      });
      return [await response.text(), made].map((html) => {
        const [address = "", digest = ""] = readQr(modulesOf(html)).split("#");
        expect(digest).to.match(/^[0-9a-f]{64}$/);
        return address;
      });
    } finally {
      await exiting.stop();
    }
  }

  it("leads to the gateway's public address", async () => {
    const address = "https://suyuan.example/ledger/verify";
    expect(await addressOf({ SUYUAN_PUBLIC_URL: "https://suyuan.example/ledger/" })).to.deep.equal([address, address]);
  });
});
