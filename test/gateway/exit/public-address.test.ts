import { expect } from "chai";
import { readConfig } from "../../../gateway/config";
import { startGateway } from "../../../gateway/main";
import { AUTHORITY } from "../../chaincode/events/world";
import { asking } from "../http/telling";
import { EXIT, Exiting } from "./leaving";
import { modulesOf, readQr } from "./qr-reader";

describe("the QR code of a certificate that is fetched through a proxy", function () {
  this.timeout(60_000);

  /** @returns to where it leads, up to the certificate's digest */
  async function addressOf(environment: Readonly<Record<string, string>>): Promise<string> {
    const exiting = await Exiting.start((data) => startGateway(readConfig({ data, port: 0 }, environment)));
    try {
      await exiting.open();
      await exiting.clear();
      await exiting.verify();
      const { telling } = exiting;
      const headers = { accept: "text/html", authorization: `Bearer ${await telling.token(asking(AUTHORITY))}` };
      const response = await fetch(`${telling.url}/v1/exits/${EXIT}/certificate`, { headers });
      const [address = "", digest = ""] = readQr(modulesOf(await response.text()))
        .replace(telling.url, "as asked")
        .split("#");
      expect(digest).to.match(/^[0-9a-f]{64}$/);
      return address;
    } finally {
      await exiting.stop();
    }
  }

  it("leads to the gateway's public address, and where none is set to the one that was asked", async () => {
    expect(await addressOf({ SUYUAN_PUBLIC_URL: "https://suyuan.example/ledger/" })).to.equal("https://suyuan.example/ledger/verify");
    expect(await addressOf({})).to.equal("as asked/verify");
  });
});
