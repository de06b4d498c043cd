/** Options that several commands take, and what their values may be. */
import { Option } from "commander";
import { Failure } from "../failure";
import type { Gateway } from "../request";
import { text, type TextKey } from "../texts";

/** What several commands take. New for each: an option belongs to its command. */
export const data = (): Option => new Option("--data <dir>", text("option.data")).env("SUYUAN_DATA").makeOptionMandatory();
export const url = (): Option => new Option("--url <url>", text("option.url")).env("SUYUAN_URL").default(DEFAULT_URL).argParser(address);
export const token = (): Option => new Option("--token <token>", text("option.token")).env("SUYUAN_TOKEN").makeOptionMandatory();
export const port = (unset: number): Option => new Option("--port <n>", text("serve.port")).default(unset).argParser(portNumber);
/** Whom to trust: a trust file, or the one of a gateway's directory. */
export const trustFile = (): Option => new Option("--trust <file>", text("verify.trust")).env("SUYUAN_TRUST");
export const trustedGateway = (): Option => new Option("--data <dir>", text("verify.data")).env("SUYUAN_DATA");

export const DEFAULT_PORT = 8080;
const DEFAULT_URL = `http://127.0.0.1:${DEFAULT_PORT}`;

function portNumber(value: string): number {
  if (!/^\d{1,5}$/.test(value) || Number(value) > 65_535) throw invalid("--port", value, "expected.port");
  return Number(value);
}

export const count =
  (name: string) =>
  (value: string): number => {
    if (!/^[1-9]\d{0,5}$/.test(value)) throw invalid(name, value, "expected.count");
    return Number(value);
  };

/** One of a few values; unlike the library's own check it speaks the reader's language. */
export function oneOf<const V extends string>(name: string, choices: readonly V[]): (value: string) => V {
  return (value) => {
    const chosen = choices.find((choice) => choice === value);
    if (chosen !== undefined) return chosen;
    throw new Failure("value-invalid", { name, value, expected: text("help.choices", { values: choices.join(", ") }) });
  };
}

export const choice = (flags: string, description: string, choices: readonly string[]): Option =>
  new Option(flags, description).choices(choices).argParser(oneOf(flags.split(" ")[0] as string, choices));

function address(value: string): string {
  if (!URL.canParse(value) || !/^https?:$/.test(new URL(value).protocol)) throw invalid("--url", value, "expected.url");
  return value;
}

export const invalid = (name: string, value: string, expected: TextKey): Failure =>
  new Failure("value-invalid", { name, value, expected: text(expected) });

/** Options of whatever asks a gateway. */
export interface ToGateway {
  readonly url: string;
  readonly token: string;
}
export const gatewayOf = (options: ToGateway): Gateway => ({ url: new URL(options.url), token: options.token });

/** Of a network. */
export const directory = (): Option =>
  new Option("--dir <dir>", text("network.directory")).env("SUYUAN_NETWORK_DIR").default("suyuan-network");
