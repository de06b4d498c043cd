/** What a certificate says of the acts of its exit, against the events themselves. */
import type { RecordedEvent } from "../../chaincode/events/envelope";
import { canonicalText } from "../../chaincode/proof/canonical";
import { demand, given } from "./errors";
import { type Countersignature, countersignatureIn, officerIn, verificationIn } from "./exit-acts";
import type { ExitCertificate } from "./exit-certificate";
import { checkParticulars } from "./exit-particulars";
import { CLOCKS_MS } from "./head";

/** An event of the exit's history. Acts that broke a rule are in none: the ledger refuses them. */
export interface Act {
  /** `MSPID/journal/index` */
  readonly at: string;
  readonly event: RecordedEvent;
}

export const typeOf = (step: string): string => `suyuan.exit.${step}`;
const BACK: ReadonlySet<string> = new Set(["annulled", "withdrawn", "voided"].map((how) => `suyuan.correction.${how}`));
const ENDING: ReadonlySet<string> = new Set([typeOf("inventory-frozen"), typeOf("certified"), ...BACK]);

/** Whether a certificate tells of an act, or what the act says may count against it. */
export const isTold = ({ at, event }: Act, { timeline }: ExitCertificate): boolean =>
  ENDING.has(event.type) || timeline.some(({ act }) => act === at);

/** Without these there is nothing to certify. */
const NEEDED = ["opened", "permissions-closed", "inventory-frozen", "reconciled", "residue-scanned", "verified"];
/** What was done on an older inventory holds no longer. */
const AFTER_FREEZING = ["reconciled", "residue-scanned", "verified"];
const WHAT_ENDS = ["leaving", "developer", "scenario", "product"] as const;

/** The certificate says of the acts what they say. @throws EvidenceError `exit-acts-differ`, `exit-inventory-differs`, `exit-superseded` */
export function checkActs(certificate: ExitCertificate, acts: readonly Act[]): void {
  const { timeline, inventory, verification, exit } = certificate;
  const byPlace = new Map(acts.map((act) => [act.at, act]));
  for (const { step, act, party, happened, taken, officer } of timeline) {
    const event = byPlace.get(act)?.event;
    demand(event?.type === typeOf(step) && event.party === party && isOf(event, certificate), "exit-acts-differ");
    demand(happened === undefined || (happened === event.time && taken === event.recordedtime), "exit-acts-differ");
    demand(officer === undefined || isSame(officer, officerIn(event.data)), "exit-acts-differ");
  }
  const steps = new Map(timeline.map(({ step, act }) => [step, byPlace.get(act)]));
  demand(steps.size === timeline.length && NEEDED.every((step) => steps.has(step)), "exit-acts-differ");
  const done = (step: string): Act => given(steps.get(step), "exit-acts-differ");
  const [opened, frozen, verified] = [done("opened"), done("inventory-frozen"), done("verified")];
  const ends = opened.event.data as ExitCertificate;
  demand(
    WHAT_ENDS.every((name) => certificate[name] === ends[name]) && certificate.agency === done("permissions-closed").event.party,
    "exit-acts-differ",
  );
  checkParticulars(certificate, opened.event, done("reconciled").event);
  demand(certificate.number === `${exit}@${verified.at}`, "exit-acts-differ");
  demand(isSame(verification, verificationIn(verified.event)), "exit-acts-differ");
  const { root, count } = frozen.event.data as { readonly root?: string; readonly count?: number };
  demand(root === inventory.root && count === inventory.count, "exit-inventory-differs");
  demand(!AFTER_FREEZING.some((step) => isLater(frozen, done(step), CLOCKS_MS)), "exit-acts-differ");
  // What is frozen anew begins anew, and what the authority or who did it took back was as good as not done.
  demand(!acts.some((act) => act.event.type === typeOf("inventory-frozen") && isLater(act, frozen)), "exit-superseded");
  const back = takenBack(acts);
  demand(!timeline.some(({ act }) => back.has(act)), "exit-superseded");
}

export const isOf = ({ data }: RecordedEvent, { exit, authorization }: ExitCertificate): boolean => {
  const said = data as { readonly exit?: string; readonly authorization?: string };
  return said.exit === exit && said.authorization === authorization;
};

/** Where the acts stand that were annulled (撤销) or withdrawn (撤回). */
const takenBack = (acts: readonly Act[]): ReadonlySet<unknown> =>
  new Set(acts.filter(({ event: { type } }) => BACK.has(type)).map(({ event }) => (event.data as { readonly event?: unknown }).event));

export const verifiedIn = (acts: readonly Act[], timeline: ExitCertificate["timeline"]): Act | undefined => {
  const place = timeline.find(({ step }) => step === "verified")?.act;
  return acts.find(({ at }) => at === place);
};

/** The authority's act that names this certificate, unless it was taken back. @throws EvidenceError `exit-countersignature-differs` where the newest names another */
export function countersignature(acts: readonly Act[], { timeline }: ExitCertificate, digest: string): Countersignature | undefined {
  const verified = verifiedIn(acts, timeline);
  const back = takenBack(acts);
  const last = acts.findLast(
    (act) =>
      act.event.type === typeOf("certified") &&
      !back.has(act.at) &&
      verified !== undefined &&
      (isLater(act, verified) || !isOfOneJournal(act, verified)),
  );
  if (last === undefined) return undefined;
  const { certificate } = last.event.data as { readonly certificate?: { readonly digest?: string } };
  demand(certificate?.digest === digest, "exit-countersignature-differs");
  return countersignatureIn(last.at, last.event);
}

export const isSame = (one: object, other: object | undefined): boolean =>
  other !== undefined && canonicalText(one) === canonicalText(other);

/** Of two journals, only their gateways' clocks tell. @param leeway by how much these may differ, milliseconds */
export const isLater = (one: Act, other: Act, leeway = 0): boolean =>
  isOfOneJournal(one, other)
    ? splitPlace(one.at)[1] > splitPlace(other.at)[1]
    : Date.parse(one.event.recordedtime) > Date.parse(other.event.recordedtime) + leeway;

export const isOfOneJournal = (one: Act, other: Act): boolean => splitPlace(one.at)[0] === splitPlace(other.at)[0];

export const splitPlace = (at: string): readonly [journal: string, index: number] => {
  const end = at.lastIndexOf("/");
  return [at.slice(0, end), Number(at.slice(end + 1))];
};
