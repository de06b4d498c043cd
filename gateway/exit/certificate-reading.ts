/** What the certificate of an exit is made of and shown with, read from the read model. */
import type { Authorization } from "../../chaincode/events/agreement";
import { type Resource, sourceAt } from "../../chaincode/events/catalogue";
import { NOT_YOUR_EVENT } from "../../chaincode/events/codes";
import type { RecordedEvent } from "../../chaincode/events/envelope";
import type { Exit } from "../../chaincode/events/exit-record";
import { standing } from "../../chaincode/events/steps";
import type { Inventory } from "../../chaincode/proof/inventory";
import { type Countersignature, countersignatureIn, scanIn } from "../evidence/exit-acts";
import { type BackupsDue, backupsOf, PURGED } from "../evidence/exit-backups";
import { certificateDigest, type ExitCertificate, type ExitScan, MAX_SCANS } from "../evidence/exit-certificate";
import { everyPage } from "../index/every-page";
import { lists } from "../index/lists";
import { type Position, positionOf } from "../index/place";
import type { Reader } from "../index/reader";
import { type Made, makeCertificate, type Sources } from "./certificate";
import { restsOn } from "./ground-reading";
import { itemsOf, rootOf } from "./inventory";
import { actAt } from "./inventory-reading";
import { partyNames } from "./party-names";
import { TIMELINE } from "./progress";
import { uncountedOf } from "./uncounted";
import { partsOf } from "./what-ends";

const EXIT = "exit";

/**
 * The certificate, made of the ledger as it stood when the exit was verified.
 * @param at when that was, milliseconds since 1970 @param then a reader of that time who sees everything
 * @param certified the digest that the authority certified: where an older version made that certificate, it is made as it was
 * @throws Error where the read model does not make the root that the ledger has frozen
 */
export async function certificateOf(then: Reader, exit: string, record: Exit, at: number, certified?: string): Promise<Made> {
  const mark = standing(record, "inventory-frozen", at);
  const frozen = mark && (await actAt(then, mark.act));
  const [ever, parts] = [await then.everHeld(record.authorization), await partsOf(then, record)];
  const items = itemsOf(ever, parts, frozen);
  const [inventory, said] = [rootOf(items), frozen?.data as Partial<Inventory> | undefined];
  if (said?.root !== inventory.root) throw new Error(`the inventory of ${exit} is not the one that was frozen`);
  const sources = new Map<string, string | undefined>();
  for (const resource of new Set(items.flatMap(({ resources }) => resources))) sources.set(resource, await sourceThen(then, resource, at));
  const authorization = (await then.subject({ kind: "authorization", id: record.authorization }))?.state as Authorization | undefined;
  const agreement = authorization?.agreements.findLast(({ from }) => from <= at);
  const [signed, rests] = [await eventAt(then, agreement?.act), await restsOn(then, record)];
  const { agreement: paper } = (signed?.data ?? {}) as { readonly agreement?: { readonly digest: string } };
  const told = await scansOf(then, exit, record.authorization, standing(record, "residue-scanned", at)?.act);
  const reports = [...items.flatMap(({ change }) => change ?? []), ...told.scans.map(({ act }) => positionOf(act))];
  const of: Sources = {
    ...{ exit, record, items, inventory, at, operator: record.hands[0] ?? "" },
    sourceOf: (resource) => sources.get(resource),
    ...told,
    voided: await then.voided(distinct(reports)),
    ...(await uncountedOf(then, record, parts.at(-1)?.part, ever)),
    events: await eventsOf(then, record, at),
    ...(agreement === undefined ? {} : { agreement: { act: agreement.act, until: agreement.until, ...paper } }),
    ...(rests === undefined ? {} : { rests }),
  };
  const made = makeCertificate(of);
  if (certified === undefined || certificateDigest(made.certificate) === certified) return made;
  const older = makeCertificate(of, "older");
  return certificateDigest(older.certificate) === certified ? older : made;
}

const distinct = (events: readonly Position[]): readonly Position[] => [
  ...new Map(events.map((event) => [`${event.journal}/${event.index}`, event])).values(),
];

/** The digest that the authority certified, and its act. */
export async function certifiedOf(
  all: Reader,
  record: Exit,
  now: number,
): Promise<(Countersignature & { readonly digest: string }) | undefined> {
  const act = standing(record, "certified", now)?.act;
  const event = await eventAt(all, act);
  if (act === undefined || event === undefined) return undefined;
  const { certificate } = event.data as { readonly certificate?: { readonly digest?: string } };
  return { ...countersignatureIn(act, event), digest: certificate?.digest ?? "" };
}

const eventAt = async (all: Reader, act: string | undefined): Promise<RecordedEvent | undefined> =>
  act === undefined ? undefined : (await all.event(positionOf(act)))?.event;

/** What was reported since of backups that were beyond use. Others may report as much as they like. */
export async function backupsDue(all: Reader, exit: string, certificate: ExitCertificate): Promise<readonly BackupsDue[]> {
  const list = lists.followed.of({ kind: `${PURGED} ${EXIT}`, id: exit });
  let due = backupsOf(certificate, []);
  const isOpen = (): boolean => due.some(({ purged }) => purged === undefined);
  if (!isOpen()) return due;
  for await (const { events } of everyPage((cursor) => all.listed(list, { order: "oldest", limit: 500, cursor }))) {
    const found = backupsOf(
      certificate,
      events.flatMap(({ event, journal, index, corrections = [] }) => [
        ...(event === undefined ? [] : [{ at: `${journal}/${index}`, event }]),
        ...corrections.map(({ type, party, event }) => ({ at: "", event: { type, party, data: { event } } })),
      ]),
    );
    due = due.map((one, i) => (one.purged === undefined ? { ...one, ...found[i] } : one));
    if (!isOpen()) break;
  }
  return due;
}

/** Names of the parties that it tells of, by credit code. */
export async function namesOf(all: Reader, certificate: ExitCertificate): Promise<Readonly<Record<string, string>>> {
  const { operator, agency, developer, maker, trigger, timeline, origins, handlings, scans } = certificate;
  const codes = [operator, agency, developer, maker, trigger?.rests?.party, ...timeline.map(({ party }) => party)];
  for (const { party, custodian, how } of handlings) codes.push(party, custodian, how["executorParty"], how["to"]);
  codes.push(...origins.map(({ source }) => source), ...scans.map(({ party }) => party));
  return partyNames(all, codes);
}

async function sourceThen(all: Reader, resource: string, at: number): Promise<string | undefined> {
  const record = (await all.subject({ kind: "resource", id: resource }))?.state as Resource | undefined;
  return record && sourceAt(record, at);
}

/** The events of the steps that stand at a time. */
async function eventsOf(all: Reader, record: Exit, at: number): Promise<ReadonlyMap<string, RecordedEvent>> {
  const events = new Map<string, RecordedEvent>();
  for (const step of TIMELINE) {
    const mark = standing(record, step, at);
    const event = await eventAt(all, mark?.act);
    if (mark !== undefined && event !== undefined) events.set(mark.act, event);
  }
  return events;
}

/**
 * Scans in the ledger's order, the newest if there are too many, with the one that counts. What strangers scanned is counted alone.
 * @param counted where that stands
 */
async function scansOf(
  all: Reader,
  exit: string,
  authorization: string,
  counted: string | undefined,
): Promise<Pick<Sources, "scans" | "strangersScans">> {
  const scans: ExitScan[] = [];
  let strangersScans = 0;
  const history = lists.history.of({ kind: EXIT, id: exit });
  for await (const { events } of everyPage((cursor) => all.listed(history, { order: "newest", limit: 500, cursor })))
    for (const { event, journal, index, recorded, findings } of events) {
      if (event?.type !== "suyuan.exit.residue-scanned") continue;
      if ((event.data as { readonly authorization?: string }).authorization !== authorization) continue;
      const act = `${journal}/${index}`;
      const objected = findings.some(({ code }) => AGAINST.has(code));
      if (findings.some(({ code }) => code === NOT_YOUR_EVENT)) strangersScans++;
      else if (scans.length < MAX_SCANS) scans.push({ act, at: recorded, ...scanIn(event), ...(objected ? { objected } : {}) });
      else if (act === counted) scans.splice(-1, 1, { act, at: recorded, ...scanIn(event) });
    }
  return { scans: scans.reverse(), strangersScans };
}

/** Then it may count for nothing. */
const AGAINST: ReadonlySet<string> = new Set(["exit-unknown", "step-out-of-order", "nothing-scanned"]);
