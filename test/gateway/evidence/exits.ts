/** The exit of an operator on the small ledger: its acts, its items and its certificate. */
import { fromHex, toBase64, toHex } from "../../../chaincode/proof/bytes";
import { canonicalText } from "../../../chaincode/proof/canonical";
import { certificateDigest, type ExitCertificate, formatExit, ITEM_STATES, signExit } from "../../../gateway/evidence/exit-certificate";
import { type ExitItem, formatCut, formatPart } from "../../../gateway/evidence/exit-items";
import { aboutOf, type Said, STATEMENT_FORMAT, type StatementFile } from "../../../gateway/evidence/exit-statement";
import { mth } from "../../chaincode/proof/forest";
import { forked } from "./attacks";
import { ATTESTED, attest, base64, JOURNAL, statement, type World } from "./ledger";
import { historyOf, type Lines } from "./streams";

export const EXIT = "yz-exit";
const AUTHORIZATION = "yz-authorization";
const SCENARIO = "yz-scenario";
export const AGENCY = "agency";
const [OPERATOR, SOURCE, OTHER] = ["operator", "source", "other-source"] as const;
const AT = "2025-05-30T00:00:00.000Z";

const ITEMS: readonly ExitItem[] = [SOURCE, OTHER, SOURCE].map((source, i) => ({
  held: { slot: i, holding: `${JOURNAL}/${i}/0`, digest: String(i).repeat(64), form: "raw", party: OPERATOR },
  place: "/data",
  resources: ["yz-resource"],
  sources: [source],
  state: "deleted",
  by: `${JOURNAL}/1`,
  at: AT,
  how: 0,
}));
const LINES = ITEMS.map((item) => canonicalText(item));
const HELD = ITEMS.map(({ held }) => canonicalText(held));
/** The file of items. */
export const ITEMS_FILE = LINES.map((line) => `${line}\n`).join("");

const rootOf = (texts: readonly string[]): string => toHex(mth(texts.map((text) => Buffer.from(text))));
/** Nothing was annulled, and so nothing is said of it. */
const STATES = ITEM_STATES.filter((state) => state !== "annulled");
const countsOf = (deleted: number) => Object.fromEntries(STATES.map((state) => [state, state === "deleted" ? deleted : 0])) as never;

/** In this order, from index 2 on. */
const STEPS = ["opened", "permissions-closed", "inventory-frozen", "reconciled", "residue-scanned", "verified"];
const INDEXES = new Map(["before", ...STEPS, "certified", "last", "other"].map((step, i) => [step, 1 + i]));
export const placeOf = (step: string): string => `${JOURNAL}/${INDEXES.get(step)}`;
const report = { digest: "a".repeat(64) };
export const scan = { tool: "scan", residues: 0, scanned: 100, report };

export const CERTIFICATE: ExitCertificate = {
  ...{
    number: `${EXIT}@${placeOf("verified")}`,
    exit: EXIT,
    authorization: AUTHORIZATION,
    leaving: "operator",
    basis: "五(四)",
    operator: OPERATOR,
    agency: AGENCY,
  },
  timeline: STEPS.map((step) => ({ step, act: placeOf(step), party: AGENCY, at: AT })),
  inventory: { count: HELD.length, root: rootOf(HELD) },
  items: { count: LINES.length, root: rootOf(LINES), bytes: ITEMS_FILE.length },
  origins: [
    { source: SOURCE, expected: 2, counts: countsOf(2) },
    { source: OTHER, expected: 1, counts: countsOf(1) },
  ],
  counts: countsOf(3),
  handlings: [{ state: "deleted", party: OPERATOR, items: 3, how: { method: "purge" } }],
  scans: [{ act: placeOf("residue-scanned"), party: AGENCY, at: AT, tool: "scan", scanned: 100, residues: 0, report: scan.report.digest }],
  verification: { party: AGENCY, report: report.digest },
  residual: ["unrecorded-copies", "word-of-executor", "verification-extent-unknown"],
};

export const act = (step: string, data: object, { type = `suyuan.exit.${step}`, party = AGENCY } = {}): Buffer =>
  Buffer.from(canonicalText({ type, party, recordedtime: AT, data: { exit: EXIT, authorization: AUTHORIZATION, ...data } }));
const DATA: Readonly<Record<string, object>> = {
  opened: { leaving: "operator" },
  "inventory-frozen": CERTIFICATE.inventory,
  "residue-scanned": scan,
  verified: { report },
};

export const certifiedAs = (certificate: ExitCertificate): Buffer =>
  act("certified", { certificate: { digest: certificateDigest(certificate) } });

/** A ledger on which the exit took place; its last event is the authority's, or any other. @param changes by the step whose act is another */
export function exiting(ledger: World, last = certifiedAs(CERTIFICATE), changes: Readonly<Record<string, Buffer>> = {}): World {
  const steps = STEPS.map((step) => [placeOf(step), act(step, DATA[step] ?? {})] as const);
  const others = Object.entries(changes).map(([step, event]) => [placeOf(step), event] as const);
  const acts = new Map([...steps, ...others, [placeOf("last"), last]]);
  return { ...ledger, ...forked(ledger.leaves.map((leaf, i) => acts.get(`${JOURNAL}/${i}`) ?? leaf)) };
}
export const frozenAnew = act("inventory-frozen", CERTIFICATE.inventory);
export const certifiedOther = act("certified", { certificate: { digest: "b".repeat(64) } });

/** @param more of other steps than these and the last */
export const exitHistory = (ledger: World, id = EXIT, more: readonly string[] = []): Lines => {
  const indexes = [...STEPS, ...more, "last"].map((step) => INDEXES.get(step) ?? 0);
  return historyOf(
    ledger,
    { kind: "exit", id },
    [...new Set(indexes)].sort((a, b) => a - b),
  );
};

/** The lines of a certificate. */
export interface ExitFile {
  readonly jws: string;
  readonly history: readonly string[];
}

export const exitText = ({ jws, history }: ExitFile): string => [formatExit(jws), ...history].map((line) => `${line}\n`).join("");

export async function exitOf(
  ledger: World,
  { certificate = CERTIFICATE, key = ledger.journalKey, history = exitHistory(ledger) } = {},
): Promise<ExitFile> {
  const names = { [OPERATOR]: "运营机构" };
  const jws = await signExit({ certificate, names, journal: JOURNAL, iat: Date.parse(ATTESTED) / 1000 }, key);
  return { jws, history: history.map((line) => canonicalText(line)) };
}

const rootIn = (text: string): string => toBase64(fromHex(rootOf([text])) ?? new Uint8Array());
/** The lines that one source is shown: the second item is another's. */
export const PART: readonly string[] = [
  formatPart(SOURCE),
  LINES[0]!,
  formatCut({ level: 0, items: rootIn(LINES[1]!), inventory: rootIn(HELD[1]!) }),
  LINES[2]!,
];

/** The ledger's word on what is still held; of a developer, its own under a scenario. */
export function statementOf({ root, node }: World, outstanding = 0, of: Partial<Said> = {}): StatementFile {
  const said: Said = { format: STATEMENT_FORMAT, exit: EXIT, authorization: AUTHORIZATION, ...of };
  const held = { outstanding, retained: 1, logs: 0 };
  const part = said.developer === undefined ? [] : ["scenario", SCENARIO];
  const counts =
    said.developer === undefined
      ? { journal: JOURNAL, declared: 3, ...held }
      : { journal: JOURNAL, parties: { [said.developer]: held, [OPERATOR]: held } };
  const asked = {
    transaction: said.developer === undefined ? "outstanding" : "part",
    args: [said.authorization, ...part, aboutOf(said)].map(base64),
    result: base64(canonicalText([counts])),
  };
  return { ...said, attestation: attest(statement(root, asked), node) };
}
