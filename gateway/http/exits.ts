/** Exits (退出): how far each has come, its inventory, its certificate, and the ledger's word on what is still held. */
import { standing } from "../../chaincode/events/steps";
import { canonicalText } from "../../chaincode/proof/canonical";
import { partOf } from "../exit/certificate";
import { STATEMENT_FORMAT } from "../evidence/exit-statement";
import { certificatePage, POLICY } from "../exit/page";
import { certificateDigest, EXIT_FORMAT, type ExitFile, type ExitStatement, formatExit, signExit } from "../evidence/exit-certificate";
import { type ExitInventory, certificateOf, countersignature, inventoryOf, namesOf, recordOf, stateOf } from "../exit/read";
import type { Asker } from "../index/access";
import { height, object, page, ref } from "./answer-schemas";
import { history, inPieces } from "./histories";
import { caughtUp } from "./lookup";
import { creditCode } from "../../chaincode/events/schema";
import { cursor, limit, optional, text } from "./parameters";
import { Problem } from "./problem";
import { custom, NDJSON, type Sources } from "./query";
import { attested } from "./receipts";

const id = text("Number of the exit");

const EXITS = "/v1/exits";
const INVENTORY = "/v1/exits/{id}/inventory";

interface Listing {
  readonly page: object;
  readonly lines: AsyncIterable<string>;
}

interface Issued {
  readonly file: string;
  readonly page: string;
  readonly lines: AsyncIterable<string>;
}

export const exitQueries = [
  custom(EXITS, {
    id: "exits",
    tag: "exit",
    zh: "退出",
    en: "Exits and how far each has come",
    parameters: { limit, cursor },
    forms: {
      "application/json": { schema: object({ height, ...page("exits", "Exit") }), write: (answer: object) => JSON.stringify(answer) },
    },
    async answer({ limit, cursor }, { readModel, cursors }, asker) {
      const [reader, all] = [await readModel.reader(undefined, asker), await readModel.reader()];
      const { subjects = [], next } = (await cursors.page(EXITS, cursor, (from) => reader.subjects("exit", limit, from))) ?? {};
      const now = Date.now();
      const exits = [];
      for (const { id } of subjects) {
        const state = await stateOf(reader, all, id, now);
        if (state !== undefined) exits.push(state);
      }
      return { height: reader.height, exits, ...(next === undefined ? {} : { next }) };
    },
  }),

  custom("/v1/exits/{id}", {
    id: "exit",
    tag: "exit",
    zh: "退出进展",
    en: "How far an exit has come: what is done, what can be done next and by whom, what is missing, what is due when",
    parameters: { id },
    forms: { "application/json": { schema: ref("Exit"), write: (answer: object) => JSON.stringify(answer) } },
    async answer({ id }, { readModel }, asker) {
      return stateOf(await readModel.reader(undefined, asker), await readModel.reader(), id, Date.now());
    },
  }),

  custom(INVENTORY, {
    id: "exitInventory",
    tag: "exit",
    zh: "退出清单",
    en: "The inventory of an exit as the ledger has it, with the count and the root that freezing it takes",
    detail: "Once it is frozen: as it was then, and what became of each holding since. As NDJSON: every item, a line each.",
    parameters: { id, limit, cursor },
    forms: {
      "application/json": { schema: ref("ExitInventory"), write: ({ page }: Listing) => JSON.stringify(page) },
      [NDJSON]: { schema: { type: "string", description: "An item a line" }, write: ({ lines }) => lines },
    },
    async answer({ id, limit, cursor }, { readModel, cursors }, asker) {
      const record = await recordOf(await readModel.reader(undefined, asker), id);
      if (record === undefined) return undefined;
      const all = await readModel.reader();
      const { items, ...inventory } = await inventoryOf(all, id, record, Date.now());
      const shown = items.map(shownItem);
      const page = await cursors.page(INVENTORY, cursor, (from) => {
        const start = from === undefined ? 0 : Number(from);
        const next = start + limit < shown.length ? { next: String(start + limit) } : {};
        return Promise.resolve({ height: all.height, ...inventory, items: shown.slice(start, start + limit), ...next });
      });
      return page && { page, lines: inPieces(linesOf(shown.map((item) => JSON.stringify(item)))) };
    },
  }),

  custom("/v1/exits/{id}/certificate", {
    id: "exitCertificate",
    tag: "exit",
    zh: "退出核验证明",
    en: "The certificate of an exit that is verified; `suyuan verify` checks it offline",
    detail:
      "Canonical JSON: keep it as it is. As NDJSON: the items, a line each. With `source`: that source's items alone, with their proof; a source may ask for its own. " +
      "`exit-not-verified` until the exit is verified.",
    parameters: { id, source: optional(text("Credit code of one source", creditCode.schema)) },
    forms: {
      "application/json": { schema: ref("ExitCertificate"), write: ({ file }: Issued) => file },
      "text/html": {
        schema: { type: "string", description: "To read and to print" },
        contentType: "text/html; charset=utf-8",
        policy: POLICY,
        write: ({ page }) => page,
      },
      [NDJSON]: { schema: { type: "string", description: "An item a line, in the order of the leaves" }, write: ({ lines }) => lines },
    },
    problems: ["ledger-unavailable", "exit-not-verified"],
    answer: ({ id, source }, sources, asker, { origin }) => issue(id, source, sources, asker, origin),
  }),

  custom("/v1/exits/{id}/statement", {
    id: "exitStatement",
    tag: "exit",
    zh: "留存情况账本证明",
    en: "The ledger's word on what is still held of what ends: it takes no act of the authority",
    detail: "Canonical JSON: keep it as it is, `suyuan verify` checks it.",
    parameters: { id },
    forms: { "application/json": { schema: ref("ExitStatement"), write: (file: string) => file } },
    problems: ["ledger-unavailable"],
    async answer({ id }, { readModel, ledger }, asker) {
      const record = await recordOf(await readModel.reader(undefined, asker), id);
      if (record === undefined) return undefined;
      const { authorization, leaving, developer, scenario, product } = record;
      const part = leaving === "product" ? ["product", product] : leaving === "operator" ? undefined : ["scenario", scenario];
      const args = part === undefined ? [authorization] : [authorization, ...part.map((name) => name ?? "")];
      const attestation = await attested(ledger, part === undefined ? "outstanding" : "part", ...args);
      const party = leaving === "developer" ? { developer: developer ?? "" } : {};
      return canonicalText({ format: STATEMENT_FORMAT, exit: id, authorization, ...party, attestation });
    },
  }),
];

function shownItem({ held: { slot: _, until, ...held }, place, resources, state, late, change }: ExitInventory["items"][number]) {
  const by = change === undefined ? {} : { by: { journal: change.journal, index: change.index } };
  return { ...held, place, resources, state, ...(until === undefined ? {} : { until }), ...by, ...(late === true ? { late } : {}) };
}

/** @throws Problem `exit-not-verified`, `ledger-unavailable` */
async function issue(
  id: string,
  source: string | undefined,
  sources: Sources,
  asker: Asker | undefined,
  origin: string,
): Promise<Issued | undefined> {
  const { readModel, ledger, signers } = sources;
  await caughtUp(readModel, await ledger.height());
  const all = await readModel.reader();
  const reader = await readModel.reader(undefined, asker);
  const isOwn = source !== undefined && (await reader.isAsker(source));
  const record = await recordOf(isOwn ? all : reader, id);
  if (record === undefined) return undefined;
  const now = Date.now();
  const verified = standing(record, "verified", now);
  if (verified === undefined) {
    if (isOwn) return undefined;
    throw new Problem("exit-not-verified");
  }
  const made = await certificateOf(await readModel.reader(verified.at), id, record, verified.at);
  const part = source === undefined ? undefined : { source, items: partOf(made, source) };
  // Of what is not its own it is not told that it exists.
  if (isOwn && part?.items.length === 0) return undefined;
  const [journal, key] = Object.entries(signers).find(([name]) => name.endsWith("/acts")) ?? [];
  if (journal === undefined || key === undefined) throw new Error("there is no key of the journal of acts");
  const statement: ExitStatement = { certificate: made.certificate, names: await namesOf(all, made), journal, iat: Math.floor(now / 1000) };
  const lines: string[] = [];
  for await (const line of history({ kind: "exit", id }, sources, undefined)) lines.push(line.slice(0, -1));
  const file: ExitFile = {
    format: EXIT_FORMAT,
    jws: await signExit(statement, key),
    history: lines,
    ...(part === undefined ? {} : { part }),
  };
  const shown = part === undefined ? made.lines : part.items.map(({ line }) => line);
  const digest = certificateDigest(made.certificate);
  const countersigned = await countersignature(all, record, digest, now);
  const page = certificatePage({ ...statement, digest, origin, ...(countersigned === undefined ? {} : { countersigned }) });
  return { file: formatExit(file), page, lines: inPieces(linesOf(shown)) };
}

// eslint-disable-next-line @typescript-eslint/require-await -- what streams are made of
async function* linesOf(lines: readonly string[]): AsyncGenerator<string, void> {
  for (const line of lines) yield `${line}\n`;
}
