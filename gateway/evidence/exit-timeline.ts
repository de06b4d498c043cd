/** What a certificate says of the acts and scans of its exit, against the events themselves. */
import type { RecordedEvent } from "../../chaincode/events/envelope";
import { canonicalText } from "../../chaincode/proof/canonical";
import { demand, given } from "./errors";
import { officerIn, scanIn, verificationIn } from "./exit-acts";
import { type ExitCertificate, MAX_SCANS } from "./exit-certificate";
import { CLOCKS_MS } from "./head";

/** An event of the exit's history. Acts that broke a rule are in none: the ledger refuses them. */
export interface Act {
  /** `MSPID/journal/index` */
  readonly at: string;
  readonly event: RecordedEvent;
}

const typeOf = (step: string): string => `suyuan.exit.${step}`;
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

const isOf = ({ data }: RecordedEvent, { exit, authorization }: ExitCertificate): boolean => {
  const said = data as { readonly exit?: string; readonly authorization?: string };
  return said.exit === exit && said.authorization === authorization;
};

/** Where the acts stand that were annulled (撤销) or withdrawn (撤回). */
const takenBack = (acts: readonly Act[]): ReadonlySet<unknown> =>
  new Set(
    acts
      .filter(({ event: { type } }) => type === "suyuan.correction.annulled" || type === "suyuan.correction.withdrawn")
      .map(({ event }) => (event.data as { readonly event?: unknown }).event),
  );

/**
 * The certificate names every scan of the exit up to its verification, the newest if there are too many. Later residue ends it, if it was found by
 * somebody whose scans the ledger is known to count.
 * @returns whether anybody else reported residue since
 * @throws EvidenceError `exit-acts-differ`, `exit-superseded`
 */
export function checkScans(certificate: ExitCertificate, acts: readonly Act[]): { readonly foundSince: boolean } {
  const { scans, timeline, operator, developer, agency } = certificate;
  const all = acts.filter(({ event }) => event.type === typeOf("residue-scanned") && isOf(event, certificate));
  const byPlace = new Map(all.map((act) => [act.at, act]));
  const listed = scans.map(({ act, at: _, objected: __, ...said }) => {
    const found = given(byPlace.get(act), "exit-acts-differ");
    demand(isSame(said, scanIn(found.event)), "exit-acts-differ");
    return found;
  });
  const places = new Set(listed.map(({ at }) => at));
  const spans = spansOf(listed);
  const counted = timeline.find(({ step }) => step === "residue-scanned")?.act;
  demand(places.size === scans.length && scans.some(({ act, objected }) => act === counted && objected !== true), "exit-acts-differ");
  const isFull = scans.length >= MAX_SCANS;
  const verified = verifiedIn(acts, timeline);
  const parties = [...timeline, ...scans.filter(({ objected }) => objected !== true)].map(({ party }) => party);
  const known = new Set<string | undefined>([operator, developer, agency, ...parties]);
  let foundSince = false;
  for (const act of all) {
    if (places.has(act.at)) continue;
    const [journal, index] = splitPlace(act.at);
    const [first, last] = spans.get(journal) ?? [-1, -1];
    const isBefore = index < last;
    demand(!isBefore || (isFull && index < first), "exit-acts-differ");
    if (isBefore || scanIn(act.event).residues === 0) continue;
    const isSince = verified !== undefined && isLater(act, verified);
    demand(isSince || isFull, "exit-acts-differ");
    if (!isSince) continue;
    demand(!known.has(act.event.party), "exit-superseded");
    foundSince = true;
  }
  return { foundSince };
}

const verifiedIn = (acts: readonly Act[], timeline: ExitCertificate["timeline"]): Act | undefined => {
  const place = timeline.find(({ step }) => step === "verified")?.act;
  return acts.find(({ at }) => at === place);
};

/** Of each journal the first and the last index. */
function spansOf(acts: readonly Act[]): ReadonlyMap<string, readonly [first: number, last: number]> {
  const spans = new Map<string, readonly [number, number]>();
  for (const { at } of acts) {
    const [journal, index] = splitPlace(at);
    const [first, last] = spans.get(journal) ?? [index, index];
    spans.set(journal, [Math.min(first, index), Math.max(last, index)]);
  }
  return spans;
}

/** Where the authority's act stands that names this certificate, unless it was taken back. @throws EvidenceError `exit-countersignature-differs` where the newest names another */
export function countersignature(acts: readonly Act[], { timeline }: ExitCertificate, digest: string): string | undefined {
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
  return last.at;
}

export const isSame = (one: object, other: object | undefined): boolean =>
  other !== undefined && canonicalText(one) === canonicalText(other);

/** Of two journals, only their gateways' clocks tell. @param leeway by how much these may differ, milliseconds */
const isLater = (one: Act, other: Act, leeway = 0): boolean =>
  isOfOneJournal(one, other)
    ? splitPlace(one.at)[1] > splitPlace(other.at)[1]
    : Date.parse(one.event.recordedtime) > Date.parse(other.event.recordedtime) + leeway;

const isOfOneJournal = (one: Act, other: Act): boolean => splitPlace(one.at)[0] === splitPlace(other.at)[0];

const splitPlace = (at: string): readonly [journal: string, index: number] => {
  const end = at.lastIndexOf("/");
  return [at.slice(0, end), Number(at.slice(end + 1))];
};
