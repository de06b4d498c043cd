#!/usr/bin/env node
/** `suyuan`: which commands there are and what they take. What they do is loaded only when they run. */
import { Argument, Command, CommanderError, type Help, Option } from "commander";
import { type Role, ROLES, SUBJECT_KINDS } from "../chaincode/events/definition";
import { isJournalName } from "../chaincode/proof/holding-name";
import type { Rotated } from "../gateway/key-rotation";
import { type ChangeKind, CHANGE_KINDS } from "../network/change/kind";
import { type Part, PARTS } from "../network/directory";
import { version } from "../package.json";
import type { CertifyOptions } from "./exit-certify";
import type { EraseOptions } from "./exit-erase";
import type { ScanOptions } from "./exit-scan";
import type { ExportOptions } from "./export";
import { Exit, Failure, failureOf } from "./failure";
import type { MirrorOptions } from "./mirror";
import { Output } from "./output";
import type { Gateway } from "./request";
import { text, type TextKey, widthOf } from "./texts";
import type { TokenOptions } from "./token";
import type { TraceOptions } from "./trace";

const output = new Output(process.argv.includes("--json"));

const titles = new Map<string, TextKey>([
  ["Usage:", "help.usage"],
  ["Arguments:", "help.arguments"],
  ["Options:", "help.options"],
  ["Commands:", "help.commands"],
]);

const help: Partial<Help> = {
  displayWidth: widthOf,
  styleTitle: (title) => {
    const key = titles.get(title);
    return key === undefined ? title : text(key);
  },
  argumentDescription: ({ description, argChoices }) => noted(description, choicesNote(argChoices)),
  optionDescription: ({ description, envVar, argChoices, defaultValue, mandatory }) =>
    noted(
      description,
      mandatory ? text("help.required") : undefined,
      envVar === undefined ? undefined : text("help.environment", { variable: envVar }),
      choicesNote(argChoices),
      defaultValue === undefined || defaultValue === false ? undefined : text("help.default", { value: String(defaultValue) }),
    ),
};

const choicesNote = (choices: readonly string[] | undefined): string | undefined =>
  choices && text("help.choices", { values: choices.join(", ") });

function noted(description: string, ...notes: readonly (string | undefined)[]): string {
  const given = notes.filter((note) => note !== undefined);
  return given.length === 0 ? description : `${description} (${given.join("; ")})`;
}

type Name =
  | "demo"
  | "serve"
  | "token"
  | "submit"
  | "trace"
  | "verify"
  | "trust"
  | "rotate-key"
  | "fsck"
  | "export"
  | "exit"
  | `exit.${"plan" | "digest" | "erase" | "fingerprint" | "scan" | "certify"}`
  | "mirror"
  | "digest"
  | "calendar"
  | "calendar.propose"
  | "migrate"
  | `migrate.${"plan" | "admit" | "run"}`
  | "network"
  | `network.${"init" | "accept" | "up" | "upgrade" | "status" | "logs" | "down" | "renew" | "enrol" | "revoke" | "backup" | "restore" | "units" | "trust" | "change"}`
  | `network.change.${"propose" | "show" | "sign" | "apply"}`;

const program = new Command("suyuan")
  .description(text("program.description"))
  .configureHelp(help)
  .configureOutput({ writeErr: () => undefined })
  .exitOverride()
  .helpOption("-h, --help", text("option.help"))
  .helpCommand("help [command]", text("help.summary"))
  .version(version, "-V, --version", text("option.version"))
  .option("--json", text("option.json"))
  .addHelpText("after", `\n${text("help.exits")}`);

/** @param name of a command of a group: after the group's and a dot */
function command(name: Name, group: Command = program): Command {
  const examples = text(`${name}.examples`)
    .split("\n")
    .map((line) => `  ${line}`);
  return group
    .command(name.slice(name.lastIndexOf(".") + 1))
    .summary(text(`${name}.summary`))
    .description(text(`${name}.description`))
    .helpOption("-h, --help", text("option.help"))
    .option("--json", text("option.json"))
    .addHelpText("after", ["", text("help.examples"), ...examples].join("\n"));
}

/** What several commands take. New for each: an option belongs to its command. */
const data = (): Option => new Option("--data <dir>", text("option.data")).env("SUYUAN_DATA").makeOptionMandatory();
const url = (): Option => new Option("--url <url>", text("option.url")).env("SUYUAN_URL").default(DEFAULT_URL).argParser(address);
const token = (): Option => new Option("--token <token>", text("option.token")).env("SUYUAN_TOKEN").makeOptionMandatory();
const port = (unset: number): Option => new Option("--port <n>", text("serve.port")).default(unset).argParser(portNumber);

const ROTATED = ["facts", "acts"] as const satisfies readonly Rotated[];
/** What a trace can start from. */
const KINDS = ["product", "holding", "resource"];
const DEFAULT_PORT = 8080;
const DEFAULT_URL = `http://127.0.0.1:${DEFAULT_PORT}`;

function portNumber(value: string): number {
  if (!/^\d{1,5}$/.test(value) || Number(value) > 65_535) throw invalid("--port", value, "expected.port");
  return Number(value);
}

const count =
  (name: string) =>
  (value: string): number => {
    if (!/^[1-9]\d{0,5}$/.test(value)) throw invalid(name, value, "expected.count");
    return Number(value);
  };

const moment =
  (name: string) =>
  (value: string): Date => {
    if (!/^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/.test(value) || Number.isNaN(Date.parse(value)))
      throw invalid(name, value, "expected.time");
    return new Date(value);
  };

function year(value: string): string {
  if (!/^20\d\d$/.test(value)) throw invalid("year", value, "expected.year");
  return value;
}

/** One of a few values; unlike the library's own check it speaks the reader's language. */
function oneOf<const V extends string>(name: string, choices: readonly V[]): (value: string) => V {
  return (value) => {
    const chosen = choices.find((choice) => choice === value);
    if (chosen !== undefined) return chosen;
    throw new Failure("value-invalid", { name, value, expected: text("help.choices", { values: choices.join(", ") }) });
  };
}

const role = oneOf("--role", ROLES);
const choice = (flags: string, description: string, choices: readonly string[]): Option =>
  new Option(flags, description).choices(choices).argParser(oneOf(flags.split(" ")[0] as string, choices));

function address(value: string): string {
  if (!URL.canParse(value) || !/^https?:$/.test(new URL(value).protocol)) throw invalid("--url", value, "expected.url");
  return value;
}

const invalid = (name: string, value: string, expected: TextKey): Failure =>
  new Failure("value-invalid", { name, value, expected: text(expected) });

const ended = (exit: number): void => {
  process.exitCode = exit;
};

interface ToGateway {
  readonly url: string;
  readonly token: string;
}
const gatewayOf = (options: ToGateway): Gateway => ({ url: new URL(options.url), token: options.token });

command("demo")
  .option("--serve", text("demo.serve"), false)
  .option("--network", text("demo.network"), false)
  .addOption(choice("--story <name>", text("demo.story"), ["product", "city"]).default("product"))
  .addOption(port(0))
  .action(async (options: { serve: boolean; network: boolean; story: string; port: number }) => {
    if (options.story === "city") {
      // Its clock is the story's, and a network's is not to be set.
      if (options.network) throw invalid("--story", options.story, "expected.story-on-network");
      const { city } = await import("./demo/city.js");
      ended(await city(options, output));
      return;
    }
    const { demo } = await import("./demo.js");
    ended(await demo(options, output));
  });

command("serve")
  .addOption(data())
  .addOption(port(DEFAULT_PORT))
  .option("--network <file>", text("serve.network"))
  .option("--org <name>", text("serve.org"))
  .action(async (options: { data: string; port: number; network?: string; org?: string }) => {
    const { serve } = await import("./serve.js");
    ended(await serve(options, output));
  });

command("token")
  .addOption(data())
  .requiredOption("--party <code>", text("token.party"))
  .addOption(
    new Option("--role <role>", text("token.role")).choices(ROLES).argParser((value, others?: Role[]) => [...(others ?? []), role(value)]),
  )
  .option("--ttl <time>", text("token.ttl"), "1h")
  .action(async (options: TokenOptions) => {
    const { token } = await import("./token.js");
    ended(await token(options, output));
  });

command("submit")
  .argument("<file>", text("submit.file"))
  .addOption(url())
  .addOption(token())
  .action(async (file: string, options: ToGateway) => {
    const { submit } = await import("./submit.js");
    ended(await submit(file, gatewayOf(options), output));
  });

command("trace")
  .addArgument(new Argument("<kind>", text("trace.kind")).choices(KINDS).argParser(oneOf("kind", KINDS)))
  .argument("<id>", text("trace.id"))
  .addOption(url())
  .addOption(token())
  .addOption(choice("--direction <way>", text("trace.direction"), ["sources", "products"]).default("sources"))
  .addOption(new Option("--depth <n>", text("trace.depth")).argParser(count("--depth")))
  .addOption(choice("--format <format>", text("trace.format"), ["text", "json", "prov", "csv", "proof"]).default("text"))
  .action(async (kind: string, id: string, options: TraceOptions & ToGateway) => {
    const { trace } = await import("./trace.js");
    ended(await trace(kind, id, options, gatewayOf(options), output));
  });

command("verify")
  .argument("[files...]", text("verify.files"))
  .option("--promise <file>", text("verify.promise"))
  .addOption(new Option("--trust <file>", text("verify.trust")).env("SUYUAN_TRUST"))
  .addOption(new Option("--data <dir>", text("verify.data")).env("SUYUAN_DATA"))
  .action(async (files: readonly string[], { promise, ...options }: { trust?: string; data?: string; promise?: string }) => {
    const { verify, verifyPromise } = await import("./verify.js");
    if (promise === undefined && files.length === 0) throw new Failure("argument-missing", { name: "files", command: "verify" });
    ended(promise === undefined ? await verify(files, options, output) : await verifyPromise(promise, files, options, output));
  });

command("trust")
  .argument("<files...>", text("trust.files"))
  .option("--out <file>", text("trust.out"))
  .action(async (files: readonly [string, ...string[]], options: { out?: string }) => {
    const { trust } = await import("./trust.js");
    ended(await trust(files, options, output));
  });

command("rotate-key")
  .addArgument(new Argument("<journal>", text("rotate-key.journal")).choices(ROTATED).argParser(oneOf("journal", ROTATED)))
  .addOption(data())
  .addOption(new Option("--stolen <time>", text("rotate-key.stolen")).argParser(moment("--stolen")))
  .action(async (journal: Rotated, options: { data: string; stolen?: Date }) => {
    const { rotate } = await import("./rotate-key.js");
    ended(await rotate(journal, options, output));
  });

command("fsck")
  .addOption(data())
  .option("--repair", text("fsck.repair"), false)
  .action(async (options: { data: string; repair: boolean }) => {
    const { fsck } = await import("./fsck.js");
    ended(await fsck(options.data, output, options.repair));
  });

function journalNames(value: string, others: readonly string[] = []): readonly string[] {
  if (!isJournalName(value)) throw invalid("--journal", value, "expected.journal");
  return [...others, value];
}
const journals = (): Option => new Option("--journal <name>", text("mirror.journal")).argParser(journalNames);

/** Whole journals are the same wherever they are, and a copy asks for no token. */
interface FromAnywhere extends Omit<ToGateway, "token"> {
  readonly token?: string;
  readonly from?: string;
}
const from = (): Option => new Option("--from <place>", text("mirror.from"));
const optionalToken = (): Option => token().makeOptionMandatory(false);

/** @param command for the message that something is missing */
function placeOf({ url, token, from }: FromAnywhere, command: Name): Gateway | string {
  if (from !== undefined) return from;
  if (token === undefined) throw new Failure("option-missing", { name: "--token", command });
  return gatewayOf({ url, token });
}

command("export")
  .addArgument(new Argument("[kind]", text("export.kind")).choices(SUBJECT_KINDS).argParser(oneOf("kind", SUBJECT_KINDS)))
  .argument("[id]", text("export.id"))
  .addOption(url())
  .addOption(optionalToken())
  .addOption(from())
  .addOption(journals())
  .addOption(choice("--format <format>", text("export.format"), ["proof", "events"]).default("proof"))
  .option("--out <file>", text("export.out"))
  .action(async (kind: string | undefined, id: string | undefined, options: ExportOptions & FromAnywhere) => {
    const { exportEvents } = await import("./export.js");
    if (kind !== undefined && id === undefined) throw new Failure("argument-missing", { name: "id", command: "export" });
    if (kind !== undefined && options.from !== undefined) throw new Failure("arguments-excess", { command: "export" });
    const subject = kind === undefined || id === undefined ? undefined : { kind, id };
    ended(await exportEvents(subject, options, placeOf(options, "export"), output));
  });

command("mirror")
  .addOption(url())
  .addOption(optionalToken())
  .addOption(from())
  .requiredOption("--out <dir>", text("mirror.out"))
  .addOption(new Option("--trust <file>", text("verify.trust")).env("SUYUAN_TRUST").makeOptionMandatory())
  .addOption(journals())
  .option("--cosign <file>", text("mirror.cosign"))
  .option("--name <name>", text("mirror.name"))
  .option("--repair", text("mirror.repair"))
  .action(async (options: MirrorOptions & FromAnywhere) => {
    const { mirror } = await import("./mirror.js");
    const { copySource, gatewaySource } = await import("./journals/source.js");
    const place = placeOf(options, "mirror");
    ended(await mirror(options, typeof place === "string" ? copySource(place) : gatewaySource(place), output));
  });

command("digest")
  .argument("<file>", text("digest.file"))
  .option("--salt <hex>", text("digest.salt"))
  .option("--check <digest>", text("digest.check"))
  .action(async (file: string, options: { salt?: string; check?: string }) => {
    const { digest } = await import("./digest.js");
    ended(await digest(file, options, output));
  });

const exit = command("exit").helpCommand(false);

command("exit.plan", exit)
  .argument("<exit>", text("exit.id"))
  .addOption(url())
  .addOption(token())
  .action(async (id: string, options: ToGateway) => {
    const { exitPlan } = await import("./exit-plan.js");
    ended(await exitPlan(id, gatewayOf(options), output));
  });

command("exit.digest", exit)
  .requiredOption("--places <file>", text("exit.erase.places"))
  .action(async ({ places }: { places: string }) => {
    const { exitDigest } = await import("./exit-digest.js");
    ended(await exitDigest(places, output));
  });

command("exit.erase", exit)
  .argument("<exit>", text("exit.id"))
  .requiredOption("--places <file>", text("exit.erase.places"))
  .option("--state <dir>", text("exit.erase.state"), "suyuan-exit-erase")
  .option("--dry-run", text("exit.erase.dry-run"), false)
  .addOption(url())
  .addOption(token())
  .action(async (id: string, options: EraseOptions & ToGateway) => {
    const { exitErase } = await import("./exit-erase.js");
    ended(await exitErase(id, options, gatewayOf(options), output));
  });

command("exit.certify", exit)
  .argument("<exit>", text("exit.id"))
  .addOption(url())
  .addOption(token())
  .addOption(new Option("--trust <file>", text("verify.trust")).env("SUYUAN_TRUST"))
  .addOption(new Option("--data <dir>", text("verify.data")).env("SUYUAN_DATA"))
  .option("--out <file>", text("exit.certify.out"))
  .option("--source <code>", text("exit.certify.source"))
  .option("--statement", text("exit.certify.statement"), false)
  .action(async (id: string, options: CertifyOptions & ToGateway) => {
    const { exitCertify } = await import("./exit-certify.js");
    ended(await exitCertify(id, options, gatewayOf(options), output));
  });
const authorization = (): Option => new Option("--authorization <id>", text("exit.authorization")).makeOptionMandatory();

command("exit.fingerprint", exit)
  .argument("<files...>", text("exit.fingerprint.files"))
  .addOption(authorization())
  .requiredOption("--out <dir>", text("exit.fingerprint.out"))
  .addOption(url())
  .addOption(token())
  .action(async (files: readonly string[], options: { authorization: string; out: string } & ToGateway) => {
    const { fingerprint } = await import("./exit-fingerprint.js");
    ended(await fingerprint(files, options, gatewayOf(options), output));
  });

command("exit.scan", exit)
  .argument("[targets...]", text("exit.scan.targets"))
  .addOption(authorization())
  .option("--exit <id>", text("exit.scan.exit"))
  .option("--sidecars <dir>", text("exit.scan.sidecars"))
  .option(
    "--postgresql <url>",
    text("exit.scan.postgresql"),
    (url: string, all: readonly string[]) => [...all, url],
    [] as readonly string[],
  )
  .option("--state <dir>", text("exit.scan.state"), "suyuan-exit-scan")
  .addOption(url())
  .addOption(token())
  .action(async (targets: readonly string[], options: ScanOptions & ToGateway) => {
    const { exitScan } = await import("./exit-scan.js");
    ended(await exitScan(targets, options, gatewayOf(options), output));
  });

const calendar = command("calendar").helpCommand(false);

command("calendar.propose", calendar)
  .argument("<year>", text("calendar.propose.year"), year)
  .action(async (year: string) => {
    const { propose } = await import("./calendar.js");
    ended(propose(year, output));
  });

const directory = (): Option => new Option("--dir <dir>", text("network.directory")).env("SUYUAN_NETWORK_DIR").default("suyuan-network");

const migrate = command("migrate").helpCommand(false);

command("migrate.plan", migrate)
  .addOption(data())
  .action(async (options: { data: string }) => {
    const { plan } = await import("./migrate.js");
    ended(await plan(options.data, output));
  });

command("migrate.admit", migrate)
  .argument("<file>", text("migrate.file"))
  .addOption(directory())
  .requiredOption("--org <name>", text("migrate.org"))
  .action(async (file: string, options: { dir: string; org: string }) => {
    const { admit } = await import("./migrate.js");
    ended(await admit(file, options, output));
  });

command("migrate.run", migrate)
  .addOption(data())
  .requiredOption("--network <file>", text("serve.network"))
  .requiredOption("--org <name>", text("serve.org"))
  .action(async (options: { data: string; network: string; org: string }) => {
    const { run } = await import("./migrate.js");
    ended(await run(options, output));
  });

const network = command("network").helpCommand(false);

command("network.init", network)
  .addOption(directory())
  .option("--topology <file>", text("network.topology"))
  .option("--bundles", text("network.bundles"), false)
  .addOption(new Option("--org <name>", text("network.init-org")).conflicts("bundles"))
  .action(async (options: { dir: string; topology?: string; bundles: boolean; org?: string }) => {
    const { init } = await import("./network.js");
    ended(await init(options, output));
  });

command("network.accept", network)
  .argument("<file>", text("network.first-block"))
  .addOption(directory())
  .action(async (file: string, options: { dir: string }) => {
    const { accept } = await import("./network.js");
    ended(await accept(file, options, output));
  });

command("network.up", network)
  .addOption(directory())
  .option("--org <name>", text("network.org"))
  .action(async (options: { dir: string; org?: string }) => {
    const { up } = await import("./network.js");
    ended(await up(options, output));
  });

command("network.upgrade", network)
  .addOption(directory())
  .option("--org <name>", text("network.org"))
  .action(async (options: { dir: string; org?: string }) => {
    const { upgrade } = await import("./network.js");
    ended(await upgrade(options, output));
  });

command("network.status", network)
  .addOption(directory())
  .option("--org <name>", text("network.org"))
  .action(async (options: { dir: string; org?: string }) => {
    const { status } = await import("./network.js");
    ended(await status(options, output));
  });

command("network.logs", network)
  .argument("[organisation]", text("network.organisation"))
  .addOption(directory())
  .addOption(new Option("--lines <n>", text("network.lines")).default(20).argParser(count("--lines")))
  .action(async (organisation: string | undefined, options: { dir: string; lines: number }) => {
    const { logs } = await import("./network.js");
    ended(await logs(organisation, options, output));
  });

command("network.down", network)
  .addOption(directory())
  .option("--org <name>", text("network.org"))
  .action(async (options: { dir: string; org?: string }) => {
    const { down } = await import("./network.js");
    ended(await down(options, output));
  });

const organisation = (): Option => new Option("--org <name>", text("network.whose")).makeOptionMandatory();

command("network.renew", network)
  .addArgument(new Argument("[part]", text("network.part")).choices(PARTS).argParser(oneOf("part", PARTS)))
  .addOption(directory())
  .addOption(organisation())
  .action(async (part: Part | undefined, options: { dir: string; org: string }) => {
    const { renew } = await import("./network-renew.js");
    ended(await renew(part, options, output));
  });

command("network.enrol", network)
  .addOption(directory())
  .addOption(organisation())
  .requiredOption("--party <code>", text("network.party"))
  .addOption(choice("--role <role>", text("network.role"), ROLES).makeOptionMandatory())
  .action(async (options: { dir: string; org: string; party: string; role: string }) => {
    const { enrol } = await import("./network-enrol.js");
    ended(await enrol(options, output));
  });

command("network.trust", network)
  .addOption(directory())
  .option("--out <file>", text("trust.out"))
  .action(async (options: { dir: string; out?: string }) => {
    const { networkTrust } = await import("./network-trust.js");
    ended(await networkTrust(options, output));
  });

command("network.revoke", network)
  .argument("<certificate>", text("network.certificate"))
  .addOption(directory())
  .addOption(organisation())
  .action(async (certificate: string, options: { dir: string; org: string }) => {
    const { revoke } = await import("./network-enrol.js");
    ended(await revoke(certificate, options, output));
  });

command("network.backup", network)
  .addOption(directory())
  .addOption(organisation())
  .addOption(new Option("--data <dir>", text("network.backup-data")).env("SUYUAN_DATA"))
  .requiredOption("--out <file>", text("network.backup-file"))
  .action(async (options: { dir: string; org: string; data?: string; out: string }) => {
    const { backup } = await import("./network-service.js");
    ended(await backup(options, output));
  });

command("network.restore", network)
  .argument("<file>", text("network.backup-file"))
  .addOption(directory())
  .addOption(new Option("--data <dir>", text("network.backup-data")).env("SUYUAN_DATA"))
  .action(async (file: string, options: { dir: string; data?: string }) => {
    const { restore } = await import("./network-service.js");
    ended(await restore(file, options, output));
  });

command("network.units", network)
  .addOption(directory())
  .addOption(organisation())
  .addOption(data())
  .option("--user <name>", text("network.units-user"))
  .requiredOption("--out <dir>", text("network.units-out"))
  .action(async (options: { dir: string; org: string; data: string; user?: string; out: string }) => {
    const { units } = await import("./network-service.js");
    ended(await units(options, output));
  });

const change = command("network.change", network).helpCommand(false);
const changeFile = text("network.change.file");

command("network.change.propose", change)
  .addArgument(new Argument("<kind>", text("network.change.kind")).choices(CHANGE_KINDS).argParser(oneOf("kind", CHANGE_KINDS)))
  .addOption(directory())
  .addOption(organisation())
  .requiredOption("--out <file>", changeFile)
  .action(async (kind: ChangeKind, options: { dir: string; org: string; out: string }) => {
    const { propose } = await import("./network-change.js");
    ended(await propose(kind, options, output));
  });

command("network.change.show", change)
  .argument("<file>", changeFile)
  .action(async (file: string) => {
    const { showFile } = await import("./network-change.js");
    ended(await showFile(file, output));
  });

command("network.change.sign", change)
  .argument("<file>", changeFile)
  .addOption(directory())
  .addOption(organisation())
  .action(async (file: string, options: { dir: string; org: string }) => {
    const { sign } = await import("./network-change.js");
    ended(await sign(file, options, output));
  });

command("network.change.apply", change)
  .argument("<file>", changeFile)
  .addOption(directory())
  .addOption(organisation())
  .action(async (file: string, options: { dir: string; org: string }) => {
    const { apply } = await import("./network-change.js");
    ended(await apply(file, options, output));
  });

/** A wrong usage, in the reader's language. The library names what it is about in quotes. */
function usage({ code, message }: CommanderError): Failure {
  const name = /'([^']*)'/.exec(message)?.[1]?.split(" ")[0] ?? "";
  const meant = /\(Did you mean (?:one of )?(.*)\?\)/.exec(message)?.[1];
  const suggestion = meant === undefined ? "" : text("suggestion", { name: meant });
  const values = { name, suggestion, command: program.args[0] ?? "" };
  switch (code) {
    case "commander.unknownCommand":
      return new Failure("command-unknown", values);
    case "commander.unknownOption":
      return new Failure("option-unknown", values);
    case "commander.conflictingOption":
      return new Failure("options-conflict", values);
    case "commander.missingMandatoryOptionValue":
      return new Failure("option-missing", values);
    case "commander.missingArgument":
      return new Failure("argument-missing", values);
    case "commander.optionMissingArgument":
      return new Failure("value-missing", values);
    case "commander.excessArguments":
      return new Failure("arguments-excess", values);
    default:
      return new Failure("command-missing", values);
  }
}

/** The command that is named by words, as far as there is one. */
function commandNamed(words: readonly string[]): Command {
  let named = program;
  for (const word of words) named = named.commands.find((each) => each.name() === word) ?? named;
  return named;
}

async function main(): Promise<void> {
  // A reader that has seen enough, such as `head`, closes the pipe: no error of ours.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit(Exit.failed);
  });
  try {
    await program.parseAsync();
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return;
    const failure = error instanceof CommanderError ? usage(error) : failureOf(error);
    if (failure.code === "command-missing" && !output.json) process.stderr.write(commandNamed(program.args).helpInformation());
    else output.failure(failure);
    ended(failure.exit);
  }
}

void main();
