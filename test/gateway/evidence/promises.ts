/** Promises of the small ledger, and what its node says of how far a journal reaches. */
import { toHex } from "../../../chaincode/proof/bytes";
import { canonicalText } from "../../../chaincode/proof/canonical";
import { leafHash } from "../../../chaincode/proof/rfc6962";
import { LATEST_FORMAT, type LatestFile } from "../../../gateway/evidence/latest";
import { promiseGroup, signPromise } from "../../../gateway/evidence/promise";
import type { PromisedEvent } from "../../../gateway/evidence/promise-kept";
import type { AttestedStatement } from "../../../gateway/ledger/port";
import { attest, JOURNAL, RECORDED, statement, type World } from "./ledger";

export const DEADLINE = "2025-06-01T12:00:00.000Z";
const GIVEN = "2025-05-31T12:00:00.000Z";

/** Of the leaf at this index, in a group of its own; or of another leaf than the ledger's. */
export async function promiseFor(
  index: number,
  { leaves, journalKey }: World,
  { leaf = leaves[index]!, deadline = DEADLINE, given = GIVEN, journal = JOURNAL } = {},
): Promise<PromisedEvent> {
  const hash = leafHash(leaf);
  const { root, paths } = promiseGroup([hash]);
  const terms = { journal, from: index, size: 1, root, deadline, iat: Date.parse(given) / 1000 };
  return { journal, index, leafHash: toHex(hash), promise: { jws: await signPromise(terms, journalKey), path: paths[0]! } };
}

/** @param size that the journal has at `time` */
export function latestAt(
  size: number,
  time: string,
  { root, node }: World,
  changes: Partial<AttestedStatement> = {},
  answered: object = {},
): LatestFile {
  const answer = { journal: JOURNAL, size, ...(size === 0 ? {} : { root: toHex(root), time: RECORDED }), ...answered };
  const result = Buffer.from(canonicalText(answer)).toString("base64");
  const asked = { transaction: "head", args: [Buffer.from(JOURNAL).toString("base64")], result, time };
  return { format: LATEST_FORMAT, journal: JOURNAL, attestation: attest(statement(root, { ...asked, ...changes }), node) };
}
