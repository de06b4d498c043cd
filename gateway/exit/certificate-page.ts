/** The certificate of an exit as a page to read and to print, in Chinese and English. It runs nothing and loads nothing. */
import { createHash } from "node:crypto";
import qrcode from "qrcode-generator";
import type { BackupsDue } from "../evidence/exit-backups";
import { type Counts, type ExitStatement, ITEM_STATES, type Verification } from "../evidence/exit-certificate";
import verdictLabels from "../evidence/verdict.labels.json";
import { eventLabel, fieldLabel, type Label, valueLabel } from "../labels";
import { policyText } from "../console/policy";
import words from "./certificate-page.labels.json";

export interface Page extends ExitStatement {
  readonly digest: string;
  /** Where the authority's act stands that names the digest. */
  readonly countersigned?: string;
  /** Backups that were beyond use, and whether they were reported gone since. */
  readonly backups: readonly BackupsDue[];
  /** Of the gateway, where its verifier is. */
  readonly origin: string;
}

const STYLE = `
body{font:14px/1.5 "Noto Serif CJK SC","Songti SC",SimSun,serif;color:#111;max-width:190mm;margin:12mm auto;padding:0 6mm}
h1{font-size:22px;text-align:center;margin:0}h1+p{text-align:center;margin:0 0 6mm;color:#444}
h2{font-size:15px;border-bottom:1px solid #888;margin:6mm 0 2mm}h3{font-size:13px;margin:2mm 0 1mm}h2 small,h3 small,th small,dt small{color:#555;font-weight:normal}
table{border-collapse:collapse;width:100%;font-size:12px}th,td{border:1px solid #999;padding:1mm 2mm;text-align:left}td.long{overflow-wrap:anywhere}
dl{display:grid;grid-template-columns:48mm 1fr;column-gap:2mm;margin:0}dt{font-weight:bold}dd{margin:0;overflow-wrap:anywhere}
svg{width:32mm;height:32mm;float:right;margin:0 0 2mm 4mm}tr,dl{break-inside:avoid}
@page{size:A4;margin:14mm}@media print{body{margin:0;padding:0;max-width:none}}
`;

/** Content Security Policy. */
export const POLICY = policyText({
  "default-src": ["'none'"],
  "style-src": [`'sha256-${createHash("sha256").update(STYLE).digest("base64")}'`],
  "base-uri": ["'none'"],
  "form-action": ["'none'"],
  "frame-ancestors": ["'none'"],
});

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

const both = ({ zh, en }: Label): string => `${escaped(zh)} <small>${escaped(en)}</small>`;
const word = (key: keyof typeof words): string => both(words[key]);
const list = (rows: readonly (readonly [name: string, value: string | undefined])[]): string =>
  `<dl>${rows.map(([name, value]) => (value === undefined ? "" : `<dt>${name}</dt><dd>${escaped(value)}</dd>`)).join("")}</dl>`;
/** Digests, and numbers that somebody made long: elsewhere a word is not broken. */
const LONG = /[\x21-\x7e]{33,}/;
const table = (heads: readonly string[], rows: readonly (readonly string[])[]): string =>
  `<table><thead><tr>${heads.map((head) => `<th>${head}</th>`).join("")}</tr></thead>${rows
    .map((row) => `<tr>${row.map((cell) => `<td${LONG.test(cell) ? ' class="long"' : ""}>${escaped(cell)}</td>`).join("")}</tr>`)
    .join("")}</table>`;
const section = (key: keyof typeof words, content: string): string => `<h2>${word(key)}</h2>${content}`;

export function certificatePage({ certificate, names, digest, countersigned, backups, journal, iat, origin }: Page): string {
  const { number, authorization, leaving, developer, scenario, product, operator, agency, basis, agreement } = certificate;
  const { timeline, inventory, items, origins, counts, handlings, scans, strangersScans, verification, residual } = certificate;
  const named = (code: string): string => (names[code] === undefined ? code : `${names[code]} ${code}`);
  const states = ITEM_STATES.filter((state) => counts[state] !== undefined);
  const numbers = (of: Counts): readonly string[] => states.map((state) => String(of[state] ?? 0));
  const identity = list([
    [word("number"), number],
    [word("authorization"), authorization],
    [
      word("leaving"),
      [plain(valueLabel("exit", "leaving", leaving), leaving), scenario, product].filter((part) => part !== undefined).join("; "),
    ],
    [word("operator"), named(operator)],
    [word("developer"), developer === undefined ? undefined : named(developer)],
    [word("agency"), named(agency)],
    [word("basis"), basis],
    [word("agreement"), agreement === undefined ? undefined : `${agreement.act} ${agreement.until}`],
  ]);
  const steps = timeline.map(({ step, act, party, at, happened, officer }) => [
    labelOf(step),
    timeOf(at),
    timeOf(happened ?? ""),
    officer === undefined ? named(party) : `${named(party)}; ${officer.post}`,
    act,
  ]);
  /** Where each item was dealt with in a way of its own, its event says how. */
  const ways = (how: Readonly<Record<string, string>>): readonly string[] => {
    const told = Object.entries(how).map(
      ([name, value]) =>
        `${plain(fieldLabel("holding", name), name)}: ${names[value] === undefined ? sayingOf(name, value) : named(value)}`,
    );
    return Object.keys(how).every((name) => name === "backups" || name === "purged")
      ? [`${words["in-events"].zh} ${words["in-events"].en}`, ...told]
      : told;
  };
  const handled = handlings.map(({ state, party, items, how }) => [
    `${words[state].zh} ${words[state].en}`,
    named(party),
    String(items),
    ways(how).join("; "),
  ]);
  const officers = timeline.flatMap(({ step, party, officer }) =>
    officer === undefined ? [] : [`${labelOf(step)}: ${named(party)}, ${officer.post}, ${officer.person}`],
  );
  const signatures = list([
    [word("executors"), [...new Set(handlings.map(({ party }) => party))].map(named).join("; ")],
    [word("verifier"), named(verification.party)],
    [word("officers"), officers.length === 0 ? undefined : officers.join("; ")],
    [word("authority"), countersigned ?? `${words.pending.zh} ${words.pending.en}`],
    [word("issuer"), `${journal} ${new Date(iat * 1000).toISOString()}`],
  ]);
  const purges = backups.map(({ party, due, purged }) => [named(party), due, purged ?? `${words.unpurged.zh} ${words.unpurged.en}`]);
  return `<!doctype html>
<html lang="zh"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(words.title.zh)} ${escaped(number)}</title><style>${STYLE}</style></head><body>
<h1>${escaped(words.title.zh)}</h1><p>${escaped(words.title.en)}</p>
${codeOf(`${origin}/verify#${digest}`)}
${section("identity", identity)}
${section("timeline", `${table([word("step"), word("at"), word("happened"), word("party"), word("act")], steps)}<p>${word("clock")}</p>`)}
${section(
  "inventory",
  list([
    [word("count"), String(inventory.count)],
    [word("root"), inventory.root],
    [word("items"), String(items.count)],
    [word("items-root"), items.root],
    [word("items-bytes"), String(items.bytes)],
  ]),
)}
${table(
  [word("source"), word("expected"), ...states.map(word)],
  [
    ...origins.map((one) => [one.source === undefined ? "—" : named(one.source), String(one.expected), ...numbers(one.counts)]),
    ["∑", String(inventory.count), ...numbers(counts)],
  ],
)}
${section("handled", table([word("state"), word("party"), word("count"), word("how")], handled))}
${section(
  "scans",
  table(
    [word("tool"), word("party"), word("at"), word("scanned"), word("residues"), word("unread"), word("report")],
    scans.map(({ tool, party, at, scanned, residues, unread, report }) => [
      tool,
      named(party),
      timeOf(at),
      String(scanned),
      String(residues),
      String(unread ?? "—"),
      report,
    ]),
  ),
)}
${strangersScans === undefined ? "" : list([[word("strangers-scans"), String(strangersScans)]])}
${section("verification", list(verified(verification)))}
${section("residual", `<ul>${residual.map((code) => `<li>${both(verdictLabels.residual[code])}</li>`).join("")}</ul>`)}
${backups.length === 0 ? "" : `<h3>${word("backups")}</h3>${table([word("party"), word("due"), word("purged")], purges)}`}
${section("signatures", signatures)}
${section(
  "check",
  list([
    [word("digest"), digest],
    [word("how-to-check"), "suyuan verify CERTIFICATE.ndjson --trust trust.json"],
  ]),
)}
</body></html>
`;
}

/** So that a line breaks between day and time. */
const timeOf = (moment: string): string => moment.replace("T", " ");

/** What the verifier says of how it was verified. */
const verified = ({ extent, holdings, approach, report, notExecutor }: Verification): Parameters<typeof list>[0] => [
  [
    word("extent"),
    extent === undefined
      ? `${words.unsaid.zh} ${words.unsaid.en}`
      : `${plain(valueLabel("exit", "extent", extent), extent)}, ${holdings ?? 0}`,
  ],
  [word("approach"), approach],
  [word("report"), report],
  [word("not-executor"), notExecutor],
];

const plain = (label: Label | undefined, otherwise: string): string => (label === undefined ? otherwise : `${label.zh} ${label.en}`);

/** Of a field that takes one of a few values. */
const sayingOf = (name: string, value: string): string => plain(valueLabel("holding", name === "backups" ? "state" : name, value), value);

const labelOf = (step: string): string => {
  const label = eventLabel(`suyuan.exit.${step}`);
  return label === undefined ? step : `${label.zh} ${label.en}`;
};

/** Of the lowest error correction that still reads from paper. */
function codeOf(text: string): string {
  const code = qrcode(0, "M");
  code.addData(text);
  code.make();
  return code.createSvgTag({ scalable: true });
}
