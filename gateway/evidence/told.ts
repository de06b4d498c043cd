/** What people are told of evidence that was verified, in the same words on the command line and on the page. */
import { eventLabel, type Label, valueLabel } from "../labels";
import { localTime } from "../local-time";
import { visible } from "../visible";
import type { Found } from "./examine";
import { type ExitCertificate, ITEM_STATES } from "./exit-certificate";
import { residueIn } from "./exit-residual";
import type { StreamVerdict } from "./event-stream";
import type { StatementVerdict } from "./exit-statement";
import { HEAD_FORMAT } from "./journal-export";
import { LATEST_FORMAT } from "./latest";
import type { PromiseOutcome } from "./promise-kept";
import labels from "./told.labels.json";
import verdictLabels from "./verdict.labels.json";
import type { Verdict } from "./verify-receipt";
import type { ExitVerdict } from "./verify-exit";

export type Language = "zh" | "en";
export type Row = readonly [name: string, value: string];
type RowName = keyof typeof labels.rows;

/** What it is worth: `open` where nothing is wrong, and something is left to be shown. */
export type Worth = "good" | "open" | "bad";

const PROMISES = {
  kept: "good",
  "kept-late": "open",
  "kept-time-unknown": "open",
  unsettled: "open",
  "two-histories": "bad",
  "broken-other-record": "bad",
  "broken-missing": "bad",
} as const satisfies Record<PromiseOutcome, Worth>;

export function worthOf(found: Found): Worth {
  if (found.kind === "promise") return PROMISES[found.verdict.outcome];
  return isSuperseded(found) || isStillHeld(found) ? "open" : "good";
}

/** A statement that is as good, and says that it is not over. */
const isStillHeld = ({ kind, verdict }: Found): boolean =>
  kind === "statement" && (verdict.outstanding > 0 || verdict.residue !== undefined);
const isSuperseded = (found: Found): boolean => found.kind === "exit" && found.verdict.since !== undefined;

/** What was found, where it is more than that it is good. */
export function outcomeOf(found: Found): Label | undefined {
  if (found.kind === "promise") return verdictLabels.promises[found.verdict.outcome];
  return isSuperseded(found) ? verdictLabels.superseded : undefined;
}

/** One after the other; none is empty. */
export function rowsOf(found: Found, language: Language): readonly Row[] {
  return ofKind(found, (name, values = {}) => filled(labels.values[name][language], values), language).flatMap(([name, value]) =>
    value === undefined || value === "" ? [] : [[labels.rows[name][language], visible(value)] as const],
  );
}

type Say = (name: keyof typeof labels.values, values?: Readonly<Record<string, string | number>>) => string;
type Cell = readonly [name: RowName, value: string | undefined];

function ofKind(found: Found, say: Say, language: Language): readonly Cell[] {
  switch (found.kind) {
    case "receipt":
      return receipt(found.verdict, found.event, say, language);
    case "promise": {
      const { network, journal, index, leafHash, promised, deadline, attestedBy } = found.verdict;
      return [
        ["place", `${network}  ${journal}/${index}`],
        ["leaf", leafHash],
        ["promised", promised],
        ["deadline", deadline],
        ["attested-by", attestedBy.join(", ") || say("nobody")],
      ];
    }
    case "latest": {
      const { network, latest, ...vouched } = found.verdict;
      return [
        ["journal", `${network}  ${latest.journal}  ${say("size", { size: latest.size })}`],
        ["recorded", latest.time],
        ...by(vouched),
      ];
    }
    case "checkpoint": {
      const { network, journal, size, root, cosigned } = found.verdict;
      return [
        ["journal", `${network}  ${journal}  ${say("head", { size, root })}`],
        ...cosigned.map(({ witness, time }) => ["witness", `${witness}  ${time}`] as const),
      ];
    }
    case "stream":
      return stream(found.verdict, say);
    case "exit":
      return exit(found.verdict, say, language);
    case "statement":
      return statement(found.verdict, say);
  }
}

function receipt(verdict: Verdict, event: Extract<Found, { kind: "receipt" }>["event"], say: Say, language: Language): readonly Cell[] {
  // The sender's, and of no shape that was looked at.
  const [type = "", source = "", id = "", party, time] = [event?.type, event?.source, event?.id, event?.party, event?.time].map(
    (member: unknown) => (typeof member === "string" ? member : undefined),
  );
  const named = [eventLabel(type)?.[language], type, source, id].filter((part) => part !== undefined).join("  ");
  return [
    ["event", event === undefined ? say("no-event") : named],
    ["party", party],
    ["happened", time],
    ["place", `${verdict.network}  ${verdict.journal}/${verdict.index}`],
    ["leaf", verdict.leafHash],
    ["recorded", verdict.recorded],
    ...by(verdict),
  ];
}

function stream({ format, subject, events, withheld, journals, follow, unfollowed = 0, ...of }: StreamVerdict, say: Say): readonly Cell[] {
  const isHead = format === HEAD_FORMAT || format === LATEST_FORMAT;
  return [
    ["subject", subject && `${subject.kind} ${subject.id}`],
    ["records", isHead ? undefined : say(withheld > 0 ? "withheld" : "events", { events, withheld })],
    ...journals.map(({ journal, ...size }) => ["journal", `${of.network}  ${journal}  ${say(isHead ? "size" : "part", size)}`] as const),
    ["follow", follow && say("histories", { histories: follow.length, withheld: unfollowed })],
    ["recorded", of.recorded],
    ...by(of),
  ];
}

function exit(
  { certificate, since, byDevelopers, names, digest, backups, issued, items, source, ...of }: ExitVerdict,
  say: Say,
  language: Language,
): readonly Cell[] {
  const { exit, number, authorization, operator, trigger } = certificate;
  const named = (code: string): string => `${names[code] ?? ""} ${code}`.trim();
  const { happened, party, officer } = of.countersignature ?? { happened: "", party: "" };
  const rests = trigger?.rests;
  const ground = [
    rests && (eventLabel(rests.type)?.[language] ?? rests.type),
    rests?.ground && labelIn("authorization", "ground", rests.ground, language),
  ];
  return [
    ["exit", `${exit}  ${number}`],
    ["of", `${authorization}  ${named(operator)}`],
    ["ends", endingOf(certificate, named, language)],
    ["ground", [...ground, rests?.reason, rests?.act].filter((part) => part !== undefined && part !== "").join("  ")],
    ["source", source === undefined ? undefined : say("source-part", { source: named(source) })],
    ["inventory", say("counts", countsOf(certificate, items, say))],
    ...foundBefore(certificate, named, say),
    ["since", since && say("since", { ...since })],
    ["by-developers", byDevelopers === undefined ? undefined : say("by-developers", { count: byDevelopers })],
    ["digest", digest],
    [
      "countersigned",
      of.countersigned === undefined
        ? say("pending")
        : [of.countersigned, localTime(happened), named(party), officer?.post ?? ""].join("  ").trim(),
    ],
    ...backups.map(({ party, due, purged }) => {
      const told = { party: named(party), due, purged: purged ?? "" };
      return ["backups", say(purged === undefined ? "unpurged" : "purged", told)] as const;
    }),
    ["issued", localTime(issued)],
    ...by({ ...of, attested: localTime(of.attested) }),
  ];
}

const labelIn = (family: string, field: string, value: string, language: Language): string =>
  valueLabel(family, field, value)?.[language] ?? value;

/** Whose exit it is, or of what. */
function endingOf({ leaving, developer, scenario, product }: ExitCertificate, named: (code: string) => string, language: Language): string {
  return [labelIn("exit", "leaving", leaving, language), product, developer && named(developer), scenario]
    .filter((part) => part !== undefined)
    .join("  ");
}

/** The newest findings of residue, and in how much it was looked for since. */
function foundBefore({ scans }: ExitCertificate, named: (code: string) => string, say: Say): readonly Cell[] {
  const before = residueIn(scans);
  return (before?.found.slice(-FINDINGS) ?? []).map(({ party, at, scanned, residues }) => {
    const told = { party: named(party), at: localTime(at), scanned, residues, since: before?.since ?? 0 };
    return ["residue", say(told.since === 0 ? "found-last" : "found-before", told)];
  });
}
const FINDINGS = 3;

/** What became of all of them, those that came late included: so that it adds up. */
function countsOf({ counts, items: all, inventory }: ExitCertificate, items: number, say: Say): Readonly<Record<string, string | number>> {
  const became = ITEM_STATES.flatMap((state) => ((counts[state] ?? 0) === 0 ? [] : [say(`state-${state}`, { items: counts[state] ?? 0 })]));
  return { total: all.count, count: inventory.count, late: all.count - inventory.count, became: became.join(say("comma")), items };
}

function statement(
  { exit, authorization, part, developer, residue, verification, ...verdict }: StatementVerdict,
  say: Say,
): readonly Cell[] {
  const { outstanding, retained } = verdict;
  return [
    ["exit", exit],
    ["of", [authorization, ...(part ?? []), developer].filter((word) => word !== undefined).join("  ")],
    ["held", say("outstanding", { outstanding, retained })],
    ["residue", residue && say("residue", { by: residue.by.join(", "), at: localTime(residue.at) })],
    ["verification", verification && say(verification)],
    ...by(verdict),
  ];
}

const by = ({ attested, attestedBy }: Pick<Verdict, "attested" | "attestedBy">): readonly Cell[] => [
  ["attested", attested],
  ["attested-by", attestedBy.join(", ")],
];

const filled = (text: string, values: Readonly<Record<string, string | number>>): string =>
  text.replace(/\{(\w+)\}/g, (name, key: string) => String(values[key] ?? name));
