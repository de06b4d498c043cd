/** Names of journals, `MSPID/name`, and of holdings, `MSPID/name/index/ordinal`: the event that declared it, known as soon as that event has its index. */

export interface HoldingName {
  /** `MSPID/name` */
  readonly journal: string;
  /** Index in the journal of the event that declared the holding, below 10^15. */
  readonly index: number;
  /** Which of the holdings that event declared, from 0 and below 1000. */
  readonly ordinal: number;
}

/** Of an organisation of the network: 1 to 64 letters, digits, `.`, `_`, `-`, the first a letter or digit. */
export const MSP_ID = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}";
const JOURNAL = `${MSP_ID}/[a-z0-9][a-z0-9-]{0,31}`;
export const JOURNAL_NAME = `^${JOURNAL}$`;

/** The journal, the index and the ordinal are what it captures. */
export const HOLDING_NAME = `^(${JOURNAL})/(0|[1-9][0-9]{0,14})/(0|[1-9][0-9]{0,2})$`;

/** Where an event stands: the journal and its index there. */
export const PLACE = `^${JOURNAL}/(0|[1-9][0-9]{0,14})$`;

const mspId = new RegExp(`^${MSP_ID}$`);
const journalName = new RegExp(JOURNAL_NAME);
const holdingName = new RegExp(HOLDING_NAME);

export const isMspId = (text: string): boolean => mspId.test(text);

/** `MSPID/name`; a name has 1 to 32 lower-case letters, digits and `-`, the first no `-`. */
export const isJournalName = (text: string): boolean => journalName.test(text);

export function formatHoldingName(name: HoldingName): string {
  return `${name.journal}/${name.index}/${name.ordinal}`;
}

/** @returns undefined for anything {@link formatHoldingName} does not return */
export function parseHoldingName(text: string): HoldingName | undefined {
  const [, journal, index, ordinal] = holdingName.exec(text) ?? [];
  return journal === undefined ? undefined : { journal, index: Number(index), ordinal: Number(ordinal) };
}
