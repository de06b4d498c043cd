#!/usr/bin/env node
/** `suyuan`: reads the command line, runs the command and says how it ended. Which commands there are stands in `cli/`; what they do is loaded only when they run. */
import { type Command, CommanderError } from "commander";
import { ended, output, program } from "./cli/command";
import "./cli/gateway";
import "./cli/events";
import "./cli/evidence";
import "./cli/exit";
import "./cli/network";
import { Exit, Failure, failureOf } from "./failure";
import { text } from "./texts";

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
