/** What the page shows of a file. Everything is text: what strangers wrote makes no element. */
import errorLabels from "../evidence/errors.labels.json";
import type { Examined, Found } from "../evidence/examine";
import { type Step, STEPS } from "../evidence/steps";
import { type Language, outcomeOf, rowsOf, worthOf } from "../evidence/told";
import verdictLabels from "../evidence/verdict.labels.json";
import type { Label } from "../labels";
import texts from "./texts.json";

/** Parts of a stream that are listed; a trace may have thousands. */
const MAX_PARTS = 200;

export function element(name: string, className = "", ...children: readonly (Node | string)[]): HTMLElement {
  const made = document.createElement(name);
  made.className = className;
  made.append(...children);
  return made;
}

export const facts = (rows: readonly (readonly [name: string, value: string])[]): HTMLElement =>
  element("dl", "", ...rows.flatMap(([name, value]) => [element("dt", "", name), element("dd", "", value)]));

/** In one language. */
export class Cards {
  /** @param named digest of the certificate of an exit that the page's address names, to compare what is given with */
  constructor(
    private readonly language: Language,
    private readonly named?: string,
  ) {}

  readonly say = (label: Label): string => label[this.language];

  said(key: keyof typeof texts, values: Readonly<Record<string, string | number>> = {}): string {
    return this.say(texts[key]).replace(/\{(\w+)\}/g, (name, key: string) => String(values[key] ?? name));
  }

  /** Of one file, with all that came out. */
  file(name: string, examined: readonly Examined[]): HTMLElement {
    const good = examined.filter((one) => one.verified);
    const bad = examined.find((one) => !one.verified);
    if (bad !== undefined) return this.#failure(name, bad, good);
    const [first, ...others] = good;
    return first === undefined ? element("article", "card") : this.#found(name, first, others);
  }

  #found(name: string, { found, passed }: Good, others: readonly Good[]): HTMLElement {
    const title = outcomeOf(found);
    const isNamed = found.kind !== "exit" || this.named === undefined ? undefined : found.verdict.digest === this.named;
    // However good it is, it is not what was asked for.
    if (isNamed === false)
      return element("article", "card bad", element("h3", "", `${this.said("not-named")}  ${name}`), ...this.#body(found));
    return element(
      "article",
      `card ${worthOf(found)}`,
      element("h3", "", `${title === undefined ? this.said("good") : this.say(title)}  ${name}`),
      ...(isNamed === true ? [element("p", "", this.said("is-named"))] : []),
      ...this.#body(found),
      ...(passed.length === 0 ? [] : [element("h4", "", this.said("steps")), this.#steps(passed)]),
      ...(found.kind === "receipt" && found.event !== undefined ? [this.#record(found.event)] : []),
      ...this.#parts(others),
    );
  }

  #failure(name: string, { failed, passed }: Bad, before: readonly Good[]): HTMLElement {
    const { code, step, line } = failed;
    const words = errorLabels[code];
    const at = line === undefined ? "" : `${this.said("line", { line })}  `;
    return element(
      "article",
      "card bad",
      element("h3", "", `${this.said("bad")}  ${name}`),
      element("p", "", `${at}${this.say(words)} (${code})`),
      element("p", "", this.say(words.next)),
      ...(step === undefined ? [] : [element("h4", "", this.said("steps")), this.#steps(passed, step)]),
      ...(before.length === 0 ? [] : [element("h4", "", this.said("parts")), ...this.#parts(before)]),
    );
  }

  #body(found: Found): readonly HTMLElement[] {
    const { verdict } = found;
    return [
      facts(rowsOf(found, this.language)),
      ...("proven" in verdict ? this.#list("proven", "passed", verdict.proven, verdictLabels.proven) : []),
      ...this.#list("not-proven", "not", verdict.notProven, verdictLabels.notProven),
      ...(found.kind === "exit" ? this.#list("residual", "not", found.verdict.certificate.residual, verdictLabels.residual) : []),
    ];
  }

  /** Of a stream, those beside the first. */
  #parts(parts: readonly Good[]): readonly HTMLElement[] {
    const more = parts.length - MAX_PARTS;
    return [
      ...parts.slice(0, MAX_PARTS).map(({ found }) => {
        const [first] = rowsOf(found, this.language);
        return element("details", "", element("summary", "", first?.join("  ") ?? ""), ...this.#body(found));
      }),
      ...(more > 0 ? [element("p", "quiet", this.said("more-parts", { parts: more }))] : []),
    ];
  }

  #record(event: object): HTMLElement {
    return element("details", "", element("summary", "", this.said("record")), element("pre", "", JSON.stringify(event, null, 2)));
  }

  #list<C extends string>(
    title: keyof typeof texts,
    className: string,
    codes: readonly C[],
    words: Readonly<Record<C, Label>>,
  ): readonly HTMLElement[] {
    if (codes.length === 0) return [];
    return [element("h4", "", this.said(title)), list(codes.map((code) => [className, this.say(words[code])]))];
  }

  /** How far it got; of a file that failed, with the steps that were left. */
  #steps(passed: readonly Step[], failed?: Step): HTMLElement {
    const isLeft = (step: Step): boolean => failed !== undefined && step !== "promise" && !passed.includes("promise");
    const own = STEPS.filter((step) => passed.includes(step) || step === failed || isLeft(step));
    const stateOf = (step: Step): string => (step === failed ? "failed" : passed.includes(step) ? "passed" : "untried");
    return list(own.map((step) => [stateOf(step), this.say(verdictLabels.steps[step])]));
  }
}

type Good = Extract<Examined, { readonly verified: true }>;
type Bad = Extract<Examined, { readonly verified: false }>;

const list = (items: readonly (readonly [className: string, text: string])[]): HTMLElement =>
  element("ul", "", ...items.map(([className, text]) => element("li", className, text)));
