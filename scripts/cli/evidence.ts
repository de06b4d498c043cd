/** Commands that need no gateway. */
import { Failure } from "../failure";
import { text } from "../texts";
import { command, ended, output } from "./command";
import { trustedGateway, trustFile } from "./options";

command("verify")
  .argument("[files...]", text("verify.files"))
  .option("--promise <file>", text("verify.promise"))
  .addOption(trustFile())
  .addOption(trustedGateway())
  .action(async (files: readonly string[], { promise, ...options }: { trust?: string; data?: string; promise?: string }) => {
    const { verify, verifyPromise } = await import("../verify.js");
    if (promise === undefined && files.length === 0) throw new Failure("argument-missing", { name: "files", command: "verify" });
    ended(promise === undefined ? await verify(files, options, output) : await verifyPromise(promise, files, options, output));
  });

command("trust")
  .argument("<files...>", text("trust.files"))
  .option("--out <file>", text("trust.out"))
  .action(async (files: readonly [string, ...string[]], options: { out?: string }) => {
    const { trust } = await import("../trust.js");
    ended(await trust(files, options, output));
  });
