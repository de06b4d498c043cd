/** Commands of the network of four organisations. */
import { Argument, Option } from "commander";
import { ROLES } from "../../chaincode/events/definition";
import { type ChangeKind, CHANGE_KINDS } from "../../network/change/kind";
import { type Part, PARTS } from "../../network/directory";
import { text } from "../texts";
import { command, ended, output } from "./command";
import { choice, count, data, directory, oneOf } from "./options";

const organisation = (): Option => new Option("--org <name>", text("network.whose")).makeOptionMandatory();

const network = command("network").helpCommand(false);

command("network.init", network)
  .addOption(directory())
  .option("--topology <file>", text("network.topology"))
  .option("--bundles", text("network.bundles"), false)
  .addOption(new Option("--org <name>", text("network.init-org")).conflicts("bundles"))
  .action(async (options: { dir: string; topology?: string; bundles: boolean; org?: string }) => {
    const { init } = await import("../network/lifecycle.js");
    ended(await init(options, output));
  });

command("network.accept", network)
  .argument("<file>", text("network.first-block"))
  .addOption(directory())
  .action(async (file: string, options: { dir: string }) => {
    const { accept } = await import("../network/lifecycle.js");
    ended(await accept(file, options, output));
  });

for (const name of ["up", "upgrade", "status", "down"] as const)
  command(`network.${name}`, network)
    .addOption(directory())
    .option("--org <name>", text("network.org"))
    .action(async (options: { dir: string; org?: string }) => {
      const lifecycle = await import("../network/lifecycle.js");
      ended(await lifecycle[name](options, output));
    });

command("network.logs", network)
  .argument("[organisation]", text("network.organisation"))
  .addOption(directory())
  .addOption(new Option("--lines <n>", text("network.lines")).default(20).argParser(count("--lines")))
  .action(async (organisation: string | undefined, options: { dir: string; lines: number }) => {
    const { logs } = await import("../network/lifecycle.js");
    ended(await logs(organisation, options, output));
  });

command("network.renew", network)
  .addArgument(new Argument("[part]", text("network.part")).choices(PARTS).argParser(oneOf("part", PARTS)))
  .addOption(directory())
  .addOption(organisation())
  .action(async (part: Part | undefined, options: { dir: string; org: string }) => {
    const { renew } = await import("../network/renew.js");
    ended(await renew(part, options, output));
  });

command("network.enrol", network)
  .addOption(directory())
  .addOption(organisation())
  .requiredOption("--party <code>", text("network.party"))
  .addOption(choice("--role <role>", text("network.role"), ROLES).makeOptionMandatory())
  .action(async (options: { dir: string; org: string; party: string; role: string }) => {
    const { enrol } = await import("../network/enrol.js");
    ended(await enrol(options, output));
  });

command("network.revoke", network)
  .argument("<certificate>", text("network.certificate"))
  .addOption(directory())
  .addOption(organisation())
  .action(async (certificate: string, options: { dir: string; org: string }) => {
    const { revoke } = await import("../network/enrol.js");
    ended(await revoke(certificate, options, output));
  });

command("network.trust", network)
  .addOption(directory())
  .option("--out <file>", text("trust.out"))
  .action(async (options: { dir: string; out?: string }) => {
    const { networkTrust } = await import("../network/trust.js");
    ended(await networkTrust(options, output));
  });

command("network.backup", network)
  .addOption(directory())
  .addOption(organisation())
  .addOption(new Option("--data <dir>", text("network.backup-data")).env("SUYUAN_DATA"))
  .requiredOption("--out <file>", text("network.backup-file"))
  .action(async (options: { dir: string; org: string; data?: string; out: string }) => {
    const { backup } = await import("../network/service.js");
    ended(await backup(options, output));
  });

command("network.restore", network)
  .argument("<file>", text("network.backup-file"))
  .addOption(directory())
  .addOption(new Option("--data <dir>", text("network.backup-data")).env("SUYUAN_DATA"))
  .action(async (file: string, options: { dir: string; data?: string }) => {
    const { restore } = await import("../network/service.js");
    ended(await restore(file, options, output));
  });

command("network.units", network)
  .addOption(directory())
  .addOption(organisation())
  .addOption(data())
  .option("--user <name>", text("network.units-user"))
  .requiredOption("--out <dir>", text("network.units-out"))
  .action(async (options: { dir: string; org: string; data: string; user?: string; out: string }) => {
    const { units } = await import("../network/service.js");
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
    const { propose } = await import("../network/change.js");
    ended(await propose(kind, options, output));
  });

command("network.change.show", change)
  .argument("<file>", changeFile)
  .action(async (file: string) => {
    const { showFile } = await import("../network/change.js");
    ended(await showFile(file, output));
  });

command("network.change.sign", change)
  .argument("<file>", changeFile)
  .addOption(directory())
  .addOption(organisation())
  .action(async (file: string, options: { dir: string; org: string }) => {
    const { sign } = await import("../network/change.js");
    ended(await sign(file, options, output));
  });

command("network.change.apply", change)
  .argument("<file>", changeFile)
  .addOption(directory())
  .addOption(organisation())
  .action(async (file: string, options: { dir: string; org: string }) => {
    const { apply } = await import("../network/change.js");
    ended(await apply(file, options, output));
  });
