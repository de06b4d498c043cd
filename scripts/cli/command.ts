/** What every command has: its words in the reader's language, its examples, its help. */
import { Command, type Help } from "commander";
import { version } from "../../package.json";
import { Output } from "../output";
import { text, type TextKey, widthOf } from "../texts";

export const output = new Output(process.argv.includes("--json"));

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

type NameIn<K extends string> = K extends `${infer N}.examples` ? N : never;
/** As `texts.json` has it; of a command of a group: after the group's and a dot. */
export type Name = Exclude<NameIn<TextKey>, "help">;

export const program = new Command("suyuan")
  .description(text("program.description"))
  .configureHelp(help)
  .configureOutput({ writeErr: () => undefined })
  .exitOverride()
  .helpOption("-h, --help", text("option.help"))
  .helpCommand("help [command]", text("help.summary"))
  .version(version, "-V, --version", text("option.version"))
  .option("--json", text("option.json"))
  .addHelpText("after", `\n${text("help.exits")}`);

export function command(name: Name, group: Command = program): Command {
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

/** How the process ends. @param exit its code */
export const ended = (exit: number): void => {
  process.exitCode = exit;
};
