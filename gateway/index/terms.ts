/** The agreements of an authorization, from its first signing to its last renewal. */
import { type Agreement, agreementsOf, type Authorization } from "../../chaincode/events/agreement";

/** But for those that were annulled, in the order of the ledger. */
export const termsOf = (record: unknown): readonly Agreement[] => {
  const { agreements } = (record ?? {}) as Partial<Authorization>;
  return agreements === undefined ? [] : agreementsOf(record as Authorization);
};

/** The last one; undefined where none was signed. */
export const lastTerm = (record: unknown): Agreement | undefined => termsOf(record).at(-1);
