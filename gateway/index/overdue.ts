/** Overdue duties as findings (疑似问题): of no one event, but told by the same codes, explained and settled in the same way. */
import { ruleClauses } from "../../chaincode/events/codes";
import type { Access } from "./access";
import type { FindingFilter } from "./event-pages";
import { describeFindings, type FindingRecord } from "./handling";
import { type OpenDuty, openDuties } from "./open-duties";
import type { Store } from "./store";
import type { View } from "./view";

export interface Overdue extends OpenDuty {
  /** Named, where something is done about it, by the event that began the duty. */
  readonly finding: FindingRecord;
}

/**
 * Those that are overdue now and satisfy everything given; of the past nothing is told.
 * @param now milliseconds since 1970
 * @param after those alone that were due after this day, `YYYY-MM-DD`
 */
export async function overdueFindings(
  store: Store,
  view: View,
  access: Access,
  filter: FindingFilter,
  now: number,
  after = "",
): Promise<readonly Overdue[]> {
  if (view.isPast || filter.emergency) return [];
  const { party, subject, code, clause, state, from = -Infinity, until = Infinity } = filter;
  const all = await openDuties(store, view, access, { overdue: true }, now);
  const asked = all.filter(
    (duty) => duty.due > after && (code === undefined || duty.code === code) && (subject === undefined || isAbout(duty, subject)),
  );
  const standing = asked.map(({ event, code = "duty-overdue", duty, part, party }) => ({
    ...{ event: event ?? NOWHERE, party, duty: part === undefined ? duty : `${duty}:${part}` },
    breach: { code, missing: [duty] },
  }));
  const findings = await describeFindings(store, view, standing);
  const found = asked.flatMap((duty, i) => {
    const finding = findings[i];
    // The duty's own clause, where the plan asks for it.
    const clause = duty.clause ?? (duty.code && ruleClauses.get(duty.code));
    return finding === undefined ? [] : [{ ...duty, finding: { ...finding, ...(clause === undefined ? {} : { clause }) } }];
  });
  return found.filter(
    ({ finding, since }) =>
      (party === undefined || finding.party === party) &&
      (clause === undefined || finding.clause === clause) &&
      (state === undefined || finding.state === state) &&
      Date.parse(since) >= from &&
      Date.parse(since) < until,
  );
}

const NOWHERE = { journal: "", index: 0 };

const isAbout = ({ subject }: OpenDuty, { kind, id }: { readonly kind: string; readonly id: string }): boolean =>
  subject.kind === kind && subject.id === id;
