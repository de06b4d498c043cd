/** The certificate of an exit (退出数据清除核验证明), made of what the ledger has: the same, byte for byte, whenever it is made once the exit is verified. Pure. */
import { canonicalText } from "../../chaincode/proof/canonical";
import { toHex } from "../../chaincode/proof/bytes";
import { CompactRange } from "../../chaincode/proof/compact-range";
import type { Inventory } from "../../chaincode/proof/inventory";
import { leafHash } from "../../chaincode/proof/rfc6962";

import type { RecordedEvent } from "../../chaincode/events/envelope";
import { leavingOf } from "../../chaincode/events/exit-ground";
import type { Exit } from "../../chaincode/events/exit-record";
import { standing } from "../../chaincode/events/steps";
import { dayOf } from "../../chaincode/events/time";
import type { ExitCertificate, ExitScan, ExitStep, Handling } from "../evidence/exit-certificate";
import { add, count, type ExitItem, newCounts } from "../evidence/exit-items";
import { officerIn, textIn, verificationIn } from "../evidence/exit-acts";
import { reasonIn, reconciliationIn, Summed, type Trigger } from "../evidence/exit-particulars";
import { residualOf } from "../evidence/exit-residual";
import type { Change } from "../index/ever-held";
import type { ListedItem } from "./inventory";
import { TIMELINE } from "./progress";

/** What it is made of, as it stood when the exit was verified. */
export interface Sources {
  readonly exit: string;
  readonly record: Exit;
  readonly items: readonly ListedItem[];
  /** Of the items, as the ledger has frozen it. */
  readonly inventory: Inventory;
  /** Credit code of the source of a resource, where it is known. */
  readonly sourceOf: (resource: string) => string | undefined;
  readonly scans: readonly ExitScan[];
  /** How many more there are by strangers to the exit. */
  readonly strangersScans: number;
  /** Events that their reporters voided: `MSPID/journal/index`. */
  readonly voided: ReadonlySet<string>;
  readonly declaredWithoutPart?: number;
  readonly heldForAnother?: number;
  /** The events of the steps, by where they stand: `MSPID/journal/index`. */
  readonly events: ReadonlyMap<string, RecordedEvent>;
  /** Of the authorization in force last. */
  readonly agreement?: { readonly act: string; readonly until: number; readonly digest?: string };
  /** On which the exit rests, where that is known. */
  readonly rests?: NonNullable<Trigger["rests"]>;
  readonly operator: string;
  /** When it was verified, milliseconds since 1970. */
  readonly at: number;
}

export interface Made {
  readonly certificate: ExitCertificate;
  /** Canonical JSON of each item, in the order of the leaves. */
  readonly lines: readonly string[];
  readonly items: readonly ExitItem[];
}

/** In the form that versions before 0.7.0 made, too, so that what the authority certified of theirs stays what it certified. */
export type Form = "present" | "older";

export function makeCertificate(sources: Sources, form: Form = "present"): Made {
  const { exit, record, items: listed, inventory, sourceOf, strangersScans, declaredWithoutPart, heldForAnother } = sources;
  const { events, agreement, rests, operator, at } = sources;
  const voided = form === "older" ? NOTHING : sources.voided;
  const scans = sources.scans.map((scan): ExitScan => (voided.has(scan.act) ? { ...scan, voided: true } : scan));
  const handlings = new Handlings();
  const items = listed.map((item): ExitItem => itemOf(item, sourceOf, handlings, voided, form));
  const lines = items.map((item) => canonicalText(item));
  const origins = new Map<string | undefined, { expected: number; readonly counts: ReturnType<typeof newCounts> }>();
  const [counts, summed] = [newCounts(), new Summed()];
  for (const item of items) {
    count(counts, item.state);
    summed.add(item);
    for (const source of item.sources.length === 0 ? [undefined] : item.sources) add(origins, source, item);
  }
  const timeline = TIMELINE.flatMap((step): ExitStep[] => {
    const mark = standing(record, step, at);
    if (mark === undefined) return [];
    const event = events.get(mark.act);
    const officer = officerIn(event?.data);
    return [
      {
        ...{ step, act: mark.act, party: mark.party, at: new Date(mark.at).toISOString() },
        ...(event === undefined ? {} : { happened: event.time, taken: event.recordedtime }),
        ...(officer === undefined ? {} : { officer }),
      },
    ];
  });
  const actOf = (name: string): string => timeline.find(({ step }) => step === name)?.act ?? "";
  const verified = actOf("verified");
  const verification = verificationIn(events.get(verified));
  if (verification === undefined) throw new Error(`the verification of ${exit} is not where it should be`);
  const reason = reasonIn(events.get(actOf("opened")));
  const trigger = { ...(reason === "" ? {} : { reason }), ...(rests === undefined ? {} : { rests }) };
  const told = { trigger, reconciliation: reconciliationIn(events.get(actOf("reconciled"))), ...summed.all() };
  const agency = timeline.find(({ step }) => step === "permissions-closed")?.party ?? "";
  const said: Omit<ExitCertificate, "residual"> = {
    number: `${exit}@${verified}`,
    exit,
    ...leavingOf(record),
    ...(record.maker === undefined ? {} : { maker: record.maker }),
    ...{ basis: "六(五)6", operator, agency },
    ...(agreement === undefined
      ? {}
      : {
          agreement: {
            ...{ act: agreement.act, until: dayOf(agreement.until - 1) },
            ...(agreement.digest === undefined || form === "older" ? {} : { digest: agreement.digest }),
          },
        }),
    ...(form === "older" ? {} : told),
    timeline,
    inventory,
    items: { count: lines.length, root: manifestRoot(lines), bytes: lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0) },
    origins: [...origins]
      .map(([source, { expected, counts }]) => ({ ...(source === undefined ? {} : { source }), expected, counts }))
      .sort((a, b) => ((a.source ?? "") < (b.source ?? "") ? -1 : 1)),
    ...{ counts, handlings: handlings.all(), scans, ...(strangersScans === 0 ? {} : { strangersScans }) },
    ...(declaredWithoutPart === undefined ? {} : { declaredWithoutPart }),
    ...(heldForAnother === undefined ? {} : { heldForAnother }),
    verification,
  };
  const certificate = { ...said, residual: residualOf(said) };
  return { certificate, lines, items };
}

function itemOf(
  { held, place, resources, state, change, late }: ListedItem,
  sourceOf: Sources["sourceOf"],
  handlings: Handlings,
  voided: ReadonlySet<string>,
  form: Form,
): ExitItem {
  const sources = resources.length === 0 ? NONE : [...new Set(resources.map(sourceOf))].filter((source) => source !== undefined).sort();
  // Written so that a hundred thousand of them cost little.
  const item: { -readonly [K in keyof ExitItem]: ExitItem[K] } = { held, place, resources, sources, state };
  if (late === true) item.late = late;
  if (change === undefined) return item;
  const { key, media } = change.data as {
    readonly key?: { readonly name: unknown; readonly record: { readonly digest: string } };
    readonly media?: { readonly make: unknown; readonly serial: unknown };
  };
  item.by = `${change.journal}/${change.index}`;
  if (voided.has(item.by)) item.voided = true;
  item.at = new Date(change.recorded).toISOString();
  item.how = handlings.number(state, change, state === "retained" && form === "present" ? held.party : undefined);
  if (key !== undefined) item.key = textIn(key.name);
  if (key !== undefined && form === "present") item.record = key.record.digest;
  if (media !== undefined) item.media = `${textIn(media.make)} ${textIn(media.serial)}`;
  return item;
}

const NONE: readonly string[] = [];
const NOTHING: ReadonlySet<string> = new Set();

/** What is the same for many items. */
const TOLD = [
  "method",
  "standard",
  "tool",
  "toolVersion",
  "executor",
  "executorParty",
  "basis",
  "statute",
  "until",
  "to",
  "scenario",
  "reason",
];

/** Characters of texts by which ways are told apart, of all together; what goes beyond stands in each event. Whoever deletes chooses them. */
const MOST_TOLD = 256 * 1024;

interface Known {
  readonly number: number;
  readonly handling: Omit<Handling, "items" | "how"> & { readonly how: Record<string, string> };
  items: number;
}

class Handlings {
  readonly #known = new Map<string, Known>();
  #told = 0;

  number(state: Handling["state"], change: Change, custodian: string | undefined): number {
    const { backups } = change.data as { readonly backups?: { readonly state: string; readonly purged?: string } };
    const parties = custodian === undefined ? change.party : `${change.party}\0${custodian}`;
    const common = `${state}\0${parties}\0${backups?.state ?? ""}`;
    let name = `${common}\0${backups?.purged ?? ""}`;
    for (const field of TOLD) name += `\0${textIn(change.data[field])}`;
    let known = this.#known.get(name);
    if (known === undefined) {
      const isTold = this.#told + name.length <= MOST_TOLD;
      known = (isTold ? undefined : this.#known.get(common)) ?? this.#begin(isTold ? name : common, state, change, custodian, isTold);
    }
    known.items++;
    const last = known.handling.how["purged"];
    if (backups?.purged !== undefined && (last === undefined || last < backups.purged)) known.handling.how["purged"] = backups.purged;
    return known.number;
  }

  #begin(name: string, state: Handling["state"], { party, data }: Change, custodian: string | undefined, isTold: boolean): Known {
    const { backups } = data as { readonly backups?: { readonly state: string } };
    const fields = isTold ? TOLD.filter((field) => textIn(data[field]) !== "") : [];
    const how = Object.fromEntries(fields.map((field) => [field, textIn(data[field])]));
    if (backups !== undefined) how["backups"] = backups.state;
    const known = {
      number: this.#known.size,
      handling: { state, party, how, ...(custodian === undefined ? {} : { custodian }) },
      items: 0,
    };
    this.#told += isTold ? name.length : 0;
    this.#known.set(name, known);
    return known;
  }

  all(): readonly Handling[] {
    return [...this.#known.values()].map(({ handling, items }) => ({ ...handling, items }));
  }
}

const encoder = new TextEncoder();

function manifestRoot(lines: readonly string[]): string {
  const range = CompactRange.empty();
  for (const line of lines) range.append(leafHash(encoder.encode(line)));
  return toHex(range.root());
}
