/** Commands of an exit (退出). */
import { Option } from "commander";
import type { CertifyOptions } from "../exit/certify";
import type { EraseOptions } from "../exit/erase";
import type { FingerprintOptions } from "../exit/fingerprint";
import type { ScanOptions } from "../exit/scan";
import { text } from "../texts";
import { command, ended, output } from "./command";
import { gatewayOf, type ToGateway, token, trustedGateway, trustFile, url } from "./options";

const authorization = (): Option => new Option("--authorization <id>", text("exit.authorization")).makeOptionMandatory();

const exit = command("exit").helpCommand(false);

command("exit.plan", exit)
  .argument("<exit>", text("exit.id"))
  .addOption(url())
  .addOption(token())
  .action(async (id: string, options: ToGateway) => {
    const { exitPlan } = await import("../exit/plan.js");
    ended(await exitPlan(id, gatewayOf(options), output));
  });

command("exit.digest", exit)
  .requiredOption("--places <file>", text("exit.erase.places"))
  .action(async ({ places }: { places: string }) => {
    const { exitDigest } = await import("../exit/digest.js");
    ended(await exitDigest(places, output));
  });

command("exit.fingerprint", exit)
  .argument("[files...]", text("exit.fingerprint.files"))
  .option("--places <file>", text("exit.erase.places"))
  .addOption(authorization())
  .requiredOption("--out <dir>", text("exit.fingerprint.out"))
  .addOption(url())
  .addOption(token())
  .action(async (files: readonly string[], options: FingerprintOptions & ToGateway) => {
    const { fingerprint } = await import("../exit/fingerprint.js");
    ended(await fingerprint(files, options, gatewayOf(options), output));
  });

command("exit.erase", exit)
  .argument("<exit>", text("exit.id"))
  .requiredOption("--places <file>", text("exit.erase.places"))
  .option("--state <dir>", text("exit.erase.state"), "suyuan-exit-erase")
  .option("--dry-run", text("exit.erase.dry-run"), false)
  .addOption(url())
  .addOption(token())
  .action(async (id: string, options: EraseOptions & ToGateway) => {
    const { exitErase } = await import("../exit/erase.js");
    ended(await exitErase(id, options, gatewayOf(options), output));
  });

command("exit.scan", exit)
  .argument("[targets...]", text("exit.scan.targets"))
  .addOption(authorization())
  .option("--exit <id>", text("exit.scan.exit"))
  .option("--sidecars <dir>", text("exit.scan.sidecars"))
  .option("--places <file>", text("exit.scan.places"))
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
    const { exitScan } = await import("../exit/scan.js");
    ended(await exitScan(targets, options, gatewayOf(options), output));
  });

command("exit.certify", exit)
  .argument("<exit>", text("exit.id"))
  .addOption(url())
  .addOption(token())
  .addOption(trustFile())
  .addOption(trustedGateway())
  .option("--out <file>", text("exit.certify.out"))
  .addOption(new Option("--page <file>", text("exit.certify.page")).conflicts("statement"))
  .option("--source <code>", text("exit.certify.source"))
  .option("--statement", text("exit.certify.statement"), false)
  .action(async (id: string, options: CertifyOptions & ToGateway) => {
    const { exitCertify } = await import("../exit/certify.js");
    ended(await exitCertify(id, options, gatewayOf(options), output));
  });
