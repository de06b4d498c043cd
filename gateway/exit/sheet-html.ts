/** Pieces of HTML of which the sheets of a certificate are put together. What comes from events is escaped. */

export const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/** @param rows those without a value are left out */
export const list = (rows: readonly (readonly [name: string, value: string | undefined])[]): string =>
  `<dl>${rows.map(([name, value]) => (value === undefined ? "" : `<dt>${escaped(name)}</dt><dd>${escaped(value)}</dd>`)).join("")}</dl>`;

/** Digests, and numbers that somebody made long: elsewhere a word is not broken. Nor is a number, a day or a short word of Chinese. */
const LONG = /[\x21-\x7e]{33,}/;
const SHORT = 10;
const classOf = (cell: string): string => (LONG.test(cell) ? ' class="long"' : cell.length <= SHORT ? ' class="short"' : "");

export const table = (heads: readonly string[], rows: readonly (readonly string[])[]): string =>
  `<table><thead><tr>${heads.map((head) => `<th>${escaped(head)}</th>`).join("")}</tr></thead>${rows
    .map((row) => `<tr>${row.map((cell) => `<td${classOf(cell)}>${escaped(cell)}</td>`).join("")}</tr>`)
    .join("")}</table>`;

export const paragraph = (text: string): string => `<p>${escaped(text)}</p>`;
export const bullets = (texts: readonly string[]): string => `<ul>${texts.map((text) => `<li>${escaped(text)}</li>`).join("")}</ul>`;
