/** The gateway's configuration: read once at start, from the command line and the environment, and validated. */
import { resolve } from "node:path";
import { creditCodeValid } from "../chaincode/events/party";
import { isMspId } from "../chaincode/proof/holding-name";
import type { KeySet } from "./http/auth";
import { type FabricConnection, readConnection } from "./ledger/fabric-connection";

/** Milliseconds since 1970. */
export type Clock = () => number;

export interface Config {
  /** Directory of all that the gateway keeps: `ledger/`, `outbox/`, `index/`, `keys/`, `trust.json`, `past-journals.json`. Made when it does not exist. One process at a time. */
  readonly data: string;
  /** Port to listen on; 0 for any that is free. */
  readonly port: number;
  /** `SUYUAN_HOST`: address to listen on. 127.0.0.1 unless set: whatever faces a network terminates TLS in front of this. */
  readonly host: string;
  /** `SUYUAN_PUBLIC_URL`: http(s) URL, without a slash at its end, under which others reach the gateway: printed in QR codes. Unless set, whatever address the asker used. */
  readonly publicUrl?: string;
  /** `SUYUAN_JWKS`: file or http(s) URL of the key set (RFC 7517) that tokens are checked against. Unless set, that of the development issuer in `data`. */
  readonly keys?: KeySet;
  /** `--network`, `--org`: the organisation's way to a network of Fabric. Unless given, the ledger is the embedded one. */
  readonly connection?: FabricConnection;
  /**
   * `SUYUAN_MSP`: MSP ID of the organisation that runs this gateway, and so of its journals. That of the connection; without one SuyuanMSP
   * unless set, fixed when the ledger is made.
   */
  readonly mspId: string;
  /**
   * `SUYUAN_AUTHORITY`, `SUYUAN_AUTHORITY_NAME`: credit code and name of the municipal data authority (市数据主管部门), the first party of a new
   * ledger, who registers all others. That of the connection; without one that of the demo unless set, fixed when the ledger is made.
   */
  readonly authority: { readonly code: string; readonly name: string };
  /** `SUYUAN_PROMISE_MINUTES`: how soon a fact is promised to be on the ledger, minutes; 60 unless set. */
  readonly promiseMinutes: number;
  /**
   * `SUYUAN_OUTBOX_MIB`: MiB of facts that may wait in the outbox, from when intake answers 503 `outbox-full`. 512 unless set: about a million facts,
   * which take some 150 MiB of memory.
   */
  readonly outboxMiB: number;
}

export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly code = "config-invalid";
  constructor(
    /** Name of the setting, as its user knows it. */
    readonly setting: string,
    readonly value: string,
  ) {
    super(`${setting} cannot be ${JSON.stringify(value)}`);
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

/** What stands on the command line: a network and an organisation, or neither. */
export interface GivenConfig {
  readonly data: string;
  readonly port?: number;
  /** The connection file, and the name of the organisation whose it is. */
  readonly network?: string;
  readonly org?: string;
}

/** @throws ConfigError, ConnectionError */
export function readConfig(given: GivenConfig, environment: Environment = process.env): Config {
  const setting = (name: string, unset: string, valid: (value: string) => boolean): string => {
    const value = environment[name] ?? unset;
    if (!valid(value)) throw new ConfigError(name, value);
    return value;
  };
  const whole = (name: string, unset: number, most: number): number =>
    Number(setting(name, String(unset), (value) => /^[1-9]\d{0,8}$/.test(value) && Number(value) <= most));
  const { data, port = 8080 } = given;
  if (data === "") throw new ConfigError("--data", data);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new ConfigError("--port", String(port));
  if (given.network !== undefined && given.org === undefined) throw new ConfigError("--org", "");
  if (given.network === undefined && given.org !== undefined) throw new ConfigError("--network", "");
  const connection = given.network === undefined ? undefined : readConnection(given.network, given.org ?? "");
  const jwks = environment["SUYUAN_JWKS"];
  const publicUrl = environment["SUYUAN_PUBLIC_URL"];
  return {
    data: resolve(data),
    port,
    host: setting("SUYUAN_HOST", "127.0.0.1", (value) => /^[0-9A-Za-z.:-]+$/.test(value)),
    ...(publicUrl === undefined ? {} : { publicUrl: publicAddress(publicUrl) }),
    ...(jwks === undefined ? {} : { keys: keySet(jwks) }),
    ...(connection === undefined ? {} : { connection }),
    mspId: connection?.mspId ?? setting("SUYUAN_MSP", "SuyuanMSP", isMspId),
    authority: connection?.authority ?? {
      code: setting("SUYUAN_AUTHORITY", "11990000MB1A0001XD", creditCodeValid),
      name: setting("SUYUAN_AUTHORITY_NAME", "市数据主管部门", (value) => value.length > 0 && value.length <= 200),
    },
    promiseMinutes: whole("SUYUAN_PROMISE_MINUTES", 60, 31 * 24 * 60),
    outboxMiB: whole("SUYUAN_OUTBOX_MIB", 512, 65_536),
  };
}

function publicAddress(value: string): string {
  if (!/^https?:\/\/[^\s?#@]+$/.test(value) || !URL.canParse(value)) throw new ConfigError("SUYUAN_PUBLIC_URL", value);
  return value.replace(/\/+$/, "");
}

function keySet(value: string): KeySet {
  if (/^https?:/.test(value)) {
    if (!URL.canParse(value)) throw new ConfigError("SUYUAN_JWKS", value);
    return { url: value };
  }
  if (value === "") throw new ConfigError("SUYUAN_JWKS", value);
  return { file: resolve(value) };
}
