/** Commands that run a gateway and keep its store. */
import { Argument, Option } from "commander";
import { type Role, ROLES } from "../../chaincode/events/definition";
import type { Rotated } from "../../gateway/key-rotation";
import type { TokenOptions } from "../token";
import { text } from "../texts";
import { command, ended, output } from "./command";
import { choice, data, DEFAULT_PORT, directory, invalid, oneOf, port } from "./options";

const ROTATED = ["facts", "acts"] as const satisfies readonly Rotated[];
export const role = oneOf("--role", ROLES);

export const moment =
  (name: string) =>
  (value: string): Date => {
    if (!/^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/.test(value) || Number.isNaN(Date.parse(value)))
      throw invalid(name, value, "expected.time");
    return new Date(value);
  };

command("demo")
  .option("--serve", text("demo.serve"), false)
  .option("--network", text("demo.network"), false)
  .addOption(choice("--story <name>", text("demo.story"), ["product", "city"]).default("product"))
  .addOption(port(0))
  .action(async (options: { serve: boolean; network: boolean; story: string; port: number }) => {
    if (options.story === "city") {
      // Its clock is the story's, and a network's is not to be set.
      if (options.network) throw invalid("--story", options.story, "expected.story-on-network");
      const { city } = await import("../demo/city.js");
      ended(await city(options, output));
      return;
    }
    const { demo } = await import("../demo.js");
    ended(await demo(options, output));
  });

command("serve")
  .addOption(data())
  .addOption(port(DEFAULT_PORT))
  .option("--network <file>", text("serve.network"))
  .option("--org <name>", text("serve.org"))
  .action(async (options: { data: string; port: number; network?: string; org?: string }) => {
    const { serve } = await import("../serve.js");
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
    const { token } = await import("../token.js");
    ended(await token(options, output));
  });

command("rotate-key")
  .addArgument(new Argument("<journal>", text("rotate-key.journal")).choices(ROTATED).argParser(oneOf("journal", ROTATED)))
  .addOption(data())
  .addOption(new Option("--stolen <time>", text("rotate-key.stolen")).argParser(moment("--stolen")))
  .action(async (journal: Rotated, options: { data: string; stolen?: Date }) => {
    const { rotate } = await import("../rotate-key.js");
    ended(await rotate(journal, options, output));
  });

command("fsck")
  .addOption(data())
  .option("--repair", text("fsck.repair"), false)
  .action(async (options: { data: string; repair: boolean }) => {
    const { fsck } = await import("../fsck.js");
    ended(await fsck(options.data, output, options.repair));
  });

const migrate = command("migrate").helpCommand(false);

command("migrate.plan", migrate)
  .addOption(data())
  .action(async (options: { data: string }) => {
    const { plan } = await import("../migrate.js");
    ended(await plan(options.data, output));
  });

command("migrate.admit", migrate)
  .argument("<file>", text("migrate.file"))
  .addOption(directory())
  .requiredOption("--org <name>", text("migrate.org"))
  .action(async (file: string, options: { dir: string; org: string }) => {
    const { admit } = await import("../migrate.js");
    ended(await admit(file, options, output));
  });

command("migrate.run", migrate)
  .addOption(data())
  .requiredOption("--network <file>", text("serve.network"))
  .requiredOption("--org <name>", text("serve.org"))
  .action(async (options: { data: string; network: string; org: string }) => {
    const { run } = await import("../migrate.js");
    ended(await run(options, output));
  });
