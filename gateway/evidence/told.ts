/** What people are told of evidence that was verified, in the same words on the command line and on the page. */
import { eventLabel, type Label } from "../labels";
import { visible } from "../visible";
import type { Found } from "./examine";
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
  return isSuperseded(found) ? "open" : "good";
}

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
      return exit(found.verdict, say);
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
  { certificate, since, names, digest, countersigned, backups, issued, items, ...vouched }: ExitVerdict,
  say: Say,
): readonly Cell[] {
  const { exit, number, authorization, operator, counts, inventory } = certificate;
  return [
    ["exit", `${exit}  ${number}`],
    ["of", `${authorization}  ${names[operator] ?? ""} ${operator}`],
    ["inventory", say("counts", { ...counts, count: inventory.count, items })],
    ["since", since && say("since", { ...since })],
    ["digest", digest],
    ["countersigned", countersigned ?? say("pending")],
    ...backups.map(({ party, due, purged }) => {
      const told = { party: `${names[party] ?? ""} ${party}`.trim(), due, purged: purged ?? "" };
      return ["backups", say(purged === undefined ? "unpurged" : "purged", told)] as const;
    }),
    ["issued", issued],
    ...by(vouched),
  ];
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
    ["residue", residue && say("residue", { by: residue.by.join(", "), at: residue.at })],
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
