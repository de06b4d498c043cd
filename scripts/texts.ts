/** The words of the command line, all of them in `texts.json`, and the language they are said in. */
import texts from "./texts.json";

export type Language = "zh" | "en";
export type TextKey = keyof typeof texts;
export type Values = Readonly<Record<string, string | number>>;

/** `SUYUAN_LANG` first, then what POSIX asks: `LC_ALL`, `LC_MESSAGES`, `LANG`. English unless it begins with `zh`. */
export function languageOf(environment: NodeJS.ProcessEnv): Language {
  const { SUYUAN_LANG, LC_ALL, LC_MESSAGES, LANG } = environment;
  const chosen = [SUYUAN_LANG, LC_ALL, LC_MESSAGES, LANG].find((value) => value !== undefined && value !== "");
  return /^zh(?:$|[^a-z])/i.test(chosen ?? "") ? "zh" : "en";
}

export const language = languageOf(process.env);

/** The text in the reader's language, its `{names}` replaced by values. */
export const text = (key: TextKey, values: Values = {}): string =>
  texts[key][language].replace(/\{(\w+)\}/g, (name, key: string) => String(values[key] ?? name));

/** The text of a code out of a family of texts (`error`, `fsck`), if it has one. */
export const textOf = (family: string, code: string, values: Values = {}): string | undefined => {
  const key = `${family}.${code}`;
  return Object.hasOwn(texts, key) ? text(key as TextKey, values) : undefined;
};

/** Columns that a text takes on a terminal: Chinese characters and full-width signs take two. */
export function widthOf(shown: string): number {
  let width = 0;
  for (const character of shown)
    width += /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/.test(character) ? 2 : 1;
  return width;
}

export const padTo = (shown: string, width: number): string => shown + " ".repeat(Math.max(0, width - widthOf(shown)));
