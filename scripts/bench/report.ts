/** What a benchmark prints: a figure a line, with the bar it is held against. */

export interface Row {
  readonly name: string;
  readonly value: number | string;
  readonly unit: string;
  /** At least this. */
  readonly bar?: number;
  /** At most this. */
  readonly most?: number;
}

export function printRow({ name, value, unit, bar, most }: Row): void {
  const shown = typeof value === "string" ? value : value >= 1000 ? Math.round(value).toLocaleString("en") : value.toPrecision(3);
  const held = bar === undefined && most === undefined ? "" : met(Number(value), bar, most) ? "  met" : "  NOT MET";
  const wanted = bar === undefined ? (most === undefined ? "" : `(at most ${most})`) : `(at least ${bar.toLocaleString("en")})`;
  process.stdout.write(`${name.padEnd(58)} ${shown.padStart(12)} ${unit} ${wanted}${held}\n`);
}

const met = (value: number, bar = -Infinity, most = Infinity): boolean => value >= bar && value <= most;
