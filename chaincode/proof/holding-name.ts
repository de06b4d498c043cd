/** Names of journals, `MSPID/name`, and of holdings, `MSPID/name/index/ordinal`: the event that declared it, known as soon as that event has its index. */

export interface HoldingName {
  /** `MSPID/name` */
  readonly journal: string;
  /** Index in the journal of the event that declared the holding. */
  readonly index: number;
  /** Which of the holdings that event declared, from 0. */
  readonly ordinal: number;
}

const PART = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}";
const NUMBER = "0|[1-9][0-9]{0,15}";
const JOURNAL = new RegExp(`^${PART}/${PART}$`);
const HOLDING = new RegExp(`^(${PART}/${PART})/(${NUMBER})/(${NUMBER})$`);

/** `MSPID/name`: two parts of 1-64 letters, digits, `.`, `_`, `-`, the first a letter or digit. */
export function isJournalName(text: string): boolean {
  return JOURNAL.test(text);
}

export function formatHoldingName(name: HoldingName): string {
  return `${name.journal}/${name.index}/${name.ordinal}`;
}

/** @returns undefined for anything {@link formatHoldingName} does not return */
export function parseHoldingName(text: string): HoldingName | undefined {
  const [, journal, index, ordinal] = HOLDING.exec(text) ?? [];
  if (journal === undefined) return undefined;
  const name = { journal, index: Number(index), ordinal: Number(ordinal) };
  return Number.isSafeInteger(name.index) && Number.isSafeInteger(name.ordinal) ? name : undefined;
}
