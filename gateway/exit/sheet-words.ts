/** The words of one language for a sheet of a certificate. */
import { fieldLabel, type Label, valueLabel } from "../labels";
import words from "./certificate-page.labels.json";
import { standardIn } from "./erase/standard";

export type Word = keyof typeof words;

export class SheetWords {
  /** @param names of parties, by credit code */
  constructor(
    private readonly language: keyof Label,
    private readonly names: Readonly<Record<string, string>>,
  ) {}

  say(key: Word, values: Readonly<Record<string, string | number>> = {}): string {
    return words[key][this.language].replace(/\{(\w+)\}/g, (name, value: string) => String(values[value] ?? name));
  }
  label = (label: Label | undefined, otherwise: string): string => label?.[this.language] ?? otherwise;
  heads = (...keys: readonly Word[]): readonly string[] => keys.map((key) => this.say(key));
  joined = (parts: readonly (string | undefined)[]): string =>
    parts.filter((part) => part !== undefined && part !== "").join(this.say("and"));
  named(code: string): string {
    const name = this.names[code];
    return name === undefined ? code : `${name} ${code}`;
  }

  /** Where each item was dealt with in a way of its own, its event says how. */
  ways(how: Readonly<Record<string, string>>): string {
    const told = Object.entries(how).map(([name, value]) => {
      const said = this.names[value] === undefined ? this.value(name, value) : this.named(value);
      return this.say("told", { name: this.label(fieldLabel("holding", name), name), said });
    });
    const isOwn = Object.keys(how).every((name) => name === "backups" || name === "purged");
    return this.joined(isOwn ? [this.say("in-events"), ...told] : told);
  }

  /** Of a field that takes one of a few values, or is written by what erases; any other text stands as it was reported. */
  private value(name: string, value: string): string {
    if (name === "standard") return standardIn(value, this.language);
    return this.label(valueLabel("holding", name === "backups" ? "state" : name, value), value);
  }
}
