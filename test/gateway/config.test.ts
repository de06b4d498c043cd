import { expect } from "chai";
import { resolve } from "node:path";
import { ConfigError, readConfig } from "../../gateway/config";

describe("configuration", () => {
  it("needs no more than a directory", () => {
    expect(readConfig({ data: "data" }, {})).to.deep.equal({
      data: resolve("data"),
      port: 8080,
      host: "127.0.0.1",
      mspId: "SuyuanMSP",
      authority: { code: "11990000MB1A0001XD", name: "市数据主管部门" },
      promiseMinutes: 60,
      outboxMiB: 512,
    });
  });

  it("takes the rest from the environment", () => {
    const environment = {
      SUYUAN_HOST: "::1",
      SUYUAN_PUBLIC_URL: "https://suyuan.example/ledger/",
      SUYUAN_JWKS: "https://issuer.example/jwks",
      SUYUAN_MSP: "Operator_1",
      SUYUAN_AUTHORITY: "91990000MA1A00024N",
      SUYUAN_AUTHORITY_NAME: "某市数据局",
      SUYUAN_PROMISE_MINUTES: "5",
      SUYUAN_OUTBOX_MIB: "64",
    };
    expect(readConfig({ data: "/d", port: 0 }, environment)).to.deep.equal({
      data: "/d",
      port: 0,
      host: "::1",
      publicUrl: "https://suyuan.example/ledger",
      keys: { url: "https://issuer.example/jwks" },
      mspId: "Operator_1",
      authority: { code: "91990000MA1A00024N", name: "某市数据局" },
      promiseMinutes: 5,
      outboxMiB: 64,
    });
    expect(readConfig({ data: "/d" }, { SUYUAN_JWKS: "keys.json" }).keys).to.deep.equal({ file: resolve("keys.json") });
  });

  it("names what cannot be", () => {
    const wrong: readonly [string, string][] = [
      ["SUYUAN_PUBLIC_URL", ""],
      ["SUYUAN_PUBLIC_URL", "suyuan.example"],
      ["SUYUAN_PUBLIC_URL", "ftp://suyuan.example"],
      ["SUYUAN_PUBLIC_URL", "https://suyuan.example/?a"],
      ["SUYUAN_JWKS", ""],
      ["SUYUAN_JWKS", "https://"],
      ["SUYUAN_MSP", "a/b"],
      ["SUYUAN_MSP", "_a"],
      ["SUYUAN_MSP", "x".repeat(65)],
      ["SUYUAN_AUTHORITY", "91990000MA1A00024X"],
      ["SUYUAN_AUTHORITY_NAME", ""],
      ["SUYUAN_HOST", "a b"],
      ["SUYUAN_PROMISE_MINUTES", "0"],
      ["SUYUAN_PROMISE_MINUTES", "1.5"],
      ["SUYUAN_OUTBOX_MIB", "much"],
    ];
    const settingOf = (work: () => unknown): string => {
      try {
        work();
        return "taken";
      } catch (error) {
        if (error instanceof ConfigError) return error.setting;
        throw error;
      }
    };
    for (const [name, value] of wrong)
      expect(
        settingOf(() => readConfig({ data: "d" }, { [name]: value })),
        `${name}=${value}`,
      ).to.equal(name);
    expect(settingOf(() => readConfig({ data: "" }, {}))).to.equal("--data");
    for (const port of [-1, 65_536, 1.5]) expect(settingOf(() => readConfig({ data: "d", port }, {}))).to.equal("--port");
  });
});
