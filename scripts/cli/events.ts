/** Commands that send events to a gateway, and ask it. */
import { Argument, Option } from "commander";
import { SUBJECT_KINDS } from "../../chaincode/events/definition";
import { isJournalName } from "../../chaincode/proof/holding-name";
import type { ExportOptions } from "../export";
import { Failure } from "../failure";
import type { MirrorOptions } from "../mirror";
import type { Gateway } from "../request";
import { text } from "../texts";
import type { TraceOptions } from "../trace";
import { command, ended, type Name, output } from "./command";
import { choice, count, gatewayOf, invalid, oneOf, type ToGateway, token, trustFile, url } from "./options";

/** What a trace can start from. */
const KINDS = ["product", "holding", "resource"];

command("submit")
  .argument("<file>", text("submit.file"))
  .addOption(url())
  .addOption(token())
  .action(async (file: string, options: ToGateway) => {
    const { submit } = await import("../submit.js");
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
    const { trace } = await import("../trace.js");
    ended(await trace(kind, id, options, gatewayOf(options), output));
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
    const { exportEvents } = await import("../export.js");
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
  .addOption(trustFile().makeOptionMandatory())
  .addOption(journals())
  .option("--cosign <file>", text("mirror.cosign"))
  .option("--name <name>", text("mirror.name"))
  .option("--repair", text("mirror.repair"))
  .action(async (options: MirrorOptions & FromAnywhere) => {
    const { mirror } = await import("../mirror.js");
    const { copySource, gatewaySource } = await import("../journals/source.js");
    const place = placeOf(options, "mirror");
    ended(await mirror(options, typeof place === "string" ? copySource(place) : gatewaySource(place), output));
  });

command("digest")
  .argument("<file>", text("digest.file"))
  .option("--salt <hex>", text("digest.salt"))
  .option("--check <digest>", text("digest.check"))
  .action(async (file: string, options: { salt?: string; check?: string }) => {
    const { digest } = await import("../digest.js");
    ended(await digest(file, options, output));
  });

export function year(value: string): string {
  if (!/^20\d\d$/.test(value)) throw invalid("year", value, "expected.year");
  return value;
}

const calendar = command("calendar").helpCommand(false);

command("calendar.propose", calendar)
  .argument("<year>", text("calendar.propose.year"), year)
  .action(async (year: string) => {
    const { propose } = await import("../calendar.js");
    ended(propose(year, output));
  });
