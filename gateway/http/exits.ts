/** Exits (退出): how far each has come, its inventory, its certificate, and the ledger's word on what is still held. */
import { canonicalText } from "../../chaincode/proof/canonical";
import { aboutOf, type Said, STATEMENT_FORMAT } from "../evidence/exit-statement";
import type { CertificateAnswer } from "../exit/inventory-messages";
import { authorityActs } from "../exit/authority-acts";
import { certificatePage, POLICY } from "../exit/certificate-page";
import { certificateDigest, type ExitStatement, formatExit, signExit, type Since } from "../evidence/exit-certificate";
import type { Exit } from "../../chaincode/events/exit-record";
import { backupsDue, certifiedOf } from "../exit/certificate-reading";
import { actableOf, foundOf, recordOf, sinceOf, stateOf, verificationOf } from "../exit/state";
import { developersSince, ofDevelopers } from "../exit/developers";
import { laterCodesOf } from "../exit/successions";
import { partOfExit } from "../exit/what-ends";
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

/** Those of which one is the next step of an exit. */
const OF_EXITS = { kind: "exit" } as const;
const EXITS = "/v1/exits";
const INVENTORY = "/v1/exits/{id}/inventory";

interface Listing {
  readonly page: object;
  readonly lines: Uint8Array;
}

interface Issued {
  readonly jws: string;
  /** Not asked of the ledger before it is read. */
  readonly history: AsyncGenerator<string, void>;
  readonly page: string;
}

const OF_CERTIFICATES = {
  id,
  source: optional(text("Credit code of one source: who asks for its own items need not see the rest", creditCode.schema)),
};

export const exitQueries = [
  custom(EXITS, {
    id: "exits",
    toLeavers: true,
    tag: "exit",
    zh: "退出",
    en: "Exits and how far each has come",
    parameters: { limit, cursor },
    forms: {
      "application/json": { schema: object({ height, ...page("exits", "Exit") }), write: (answer: object) => JSON.stringify(answer) },
    },
    async answer({ limit, cursor }, { readModel, cursors }, asker) {
      const [reader, all] = [await readModel.reader(undefined, asker), await readModel.reader()];
      const { subjects = [], next } = (await cursors.page(EXITS, cursor, (from) => reader.actables("exit", limit, from))) ?? {};
      const now = Date.now();
      const duties = subjects.length === 0 ? [] : await all.duties(OF_EXITS, now);
      const exits = [];
      for (const { id, state } of subjects) if (state !== undefined) exits.push(await stateOf(all, id, state as Exit, duties, now));
      return { height: reader.height, exits, ...(next === undefined ? {} : { next }) };
    },
  }),

  custom("/v1/exits/{id}", {
    id: "exit",
    toLeavers: true,
    tag: "exit",
    zh: "退出进展",
    en: "How far an exit has come: what is done, what can be done next and by whom, what is missing, what is due when",
    detail:
      "Also for who may be asked to take a step: sources that were asked for the data, and platforms. They are told this, and nothing of what is held.",
    parameters: { id },
    forms: { "application/json": { schema: ref("Exit"), write: (answer: object) => JSON.stringify(answer) } },
    async answer({ id }, { readModel, inventories }, asker) {
      const reader = await readModel.reader(undefined, asker);
      const record = await actableOf(reader, id);
      if (record === undefined) return undefined;
      const [all, now] = [await readModel.reader(), Date.now()];
      const state = await stateOf(all, id, record, await all.duties(OF_EXITS, now), now);
      const acts = await authorityActs(all, inventories, id, record, now);
      const isHeldSeen = (await recordOf(reader, id)) !== undefined;
      return { ...state, ...acts, ...(isHeldSeen ? await ofDevelopers(all, inventories, id, record, now) : {}) };
    },
  }),

  custom(INVENTORY, {
    id: "exitInventory",
    toLeavers: true,
    tag: "exit",
    zh: "退出清单",
    en: "The inventory of an exit as the ledger has it, with the count and the root that freezing it takes",
    detail: "Once it is frozen: as it was then, and what became of each holding since. As NDJSON: every item, a line each.",
    parameters: { id, limit, cursor },
    forms: {
      "application/json": { schema: ref("ExitInventory"), write: ({ page }: Listing) => JSON.stringify(page) },
      [NDJSON]: { schema: { type: "string", description: "An item a line" }, write: ({ lines }) => pieces(lines) },
    },
    async answer({ id, limit, cursor }, { readModel, inventories, cursors }, asker) {
      const reader = await readModel.reader(undefined, asker);
      if ((await recordOf(reader, id)) === undefined) return undefined;
      const answer = await inventories.inventory(id, reader.height);
      if (answer === undefined) return undefined;
      const { height, inventory, lines } = answer;
      const page = await cursors.page(INVENTORY, cursor, (from) => {
        const { shown, end } = linesFrom(lines, from === undefined ? 0 : Number(from), limit);
        const items = shown.map((line) => JSON.parse(line) as object);
        return { height, ...inventory, items, ...(end < lines.length ? { next: String(end) } : {}) };
      });
      return page && { page, lines };
    },
  }),

  custom("/v1/exits/{id}/certificate", {
    id: "exitCertificate",
    toLeavers: true,
    tag: "exit",
    zh: "退出数据清除核验证明",
    en: "The certificate of an exit that is verified; `suyuan verify` checks it offline",
    detail:
      "Lines: the certificate, signed, and the complete history of the exit. Keep them as they are. `exit-not-verified` until the exit is verified. Where something was declared or accounted for since, what is signed says so beside the certificate.",
    parameters: OF_CERTIFICATES,
    forms: {
      [NDJSON]: {
        schema: { type: "string", description: "Lines of canonical JSON" },
        write: ({ jws, history }: Issued) => inPieces(certificateLines(jws, history)),
      },
      "text/html": {
        schema: { type: "string", description: "To read and to print" },
        contentType: "text/html; charset=utf-8",
        policy: POLICY,
        write: ({ page }: Issued) => page,
      },
    },
    problems: ["ledger-unavailable", "exit-not-verified"],
    async answer({ id, source }, sources, asker, { origin }) {
      const made = await certificateOf(id, source, sources, asker);
      return made && issue(made, sources, origin);
    },
  }),

  custom("/v1/exits/{id}/certificate/items", {
    id: "exitItems",
    toLeavers: true,
    tag: "exit",
    zh: "退出数据清除核验证明逐件明细",
    en: "The items of the certificate of an exit, a line each, in the order of its leaves",
    detail: "With `source`: that source's items alone, and what proves that they are all of its. Verified beside the certificate.",
    parameters: OF_CERTIFICATES,
    forms: {
      [NDJSON]: { schema: { type: "string", description: "An item a line" }, write: ({ lines }: CertificateAnswer) => pieces(lines) },
    },
    problems: ["ledger-unavailable", "exit-not-verified"],
    answer: async ({ id, source }, sources, asker) => (await certificateOf(id, source, sources, asker))?.answer,
  }),

  custom("/v1/exits/{id}/statement", {
    id: "exitStatement",
    toLeavers: true,
    tag: "exit",
    zh: "留存情况账本证明",
    en: "The ledger's word on what is still held of what ends: it takes no act of the authority",
    detail: "Canonical JSON: keep it as it is, `suyuan verify` checks it. It tells of residue that stands, too, and of the verification.",
    parameters: { id },
    forms: { "application/json": { schema: ref("ExitStatement"), write: (file: string) => file } },
    problems: ["ledger-unavailable"],
    async answer({ id }, { readModel, ledger }, asker) {
      await caughtUp(readModel, await ledger.height());
      const record = await recordOf(await readModel.reader(undefined, asker), id);
      if (record === undefined) return undefined;
      const { authorization, developer } = record;
      const all = await readModel.reader();
      const part = await partOfExit(all, record);
      const of = part === undefined ? [] : "scenario" in part ? ["scenario", part.scenario] : ["product", part.product];
      const codes = part?.parties?.filter((code) => code !== developer) ?? [];
      const party = part?.parties === undefined ? {} : { developer: developer ?? "", ...(codes.length === 0 ? {} : { codes }) };
      const said: Said = { format: STATEMENT_FORMAT, exit: id, authorization, ...party, ...(await foundOf(all, record, Date.now())) };
      const attestation = await attested(ledger, part === undefined ? "outstanding" : "part", authorization, ...of, aboutOf(said));
      return canonicalText({ ...said, attestation });
    },
  }),
];

interface Certified {
  readonly id: string;
  readonly record: Exit;
  readonly answer: CertificateAnswer;
  readonly since: Since | undefined;
  readonly byDevelopers: number;
}

/** @throws Problem `exit-not-verified`, `ledger-unavailable` */
async function certificateOf(
  id: string,
  source: string | undefined,
  { readModel, ledger, inventories }: Sources,
  asker: Asker | undefined,
): Promise<Certified | undefined> {
  await caughtUp(readModel, await ledger.height());
  const reader = await readModel.reader(undefined, asker);
  const isOwn = source !== undefined && (await reader.isAsker(source));
  const record = await recordOf(isOwn ? await readModel.reader() : reader, id);
  if (record === undefined) return undefined;
  const all = await readModel.reader();
  const verified = await verificationOf(all, record, Date.now());
  if (verified === undefined) {
    if (isOwn) return undefined;
    throw new Problem("exit-not-verified");
  }
  const certified = (await certifiedOf(all, record, Date.now()))?.digest;
  const answer = await inventories.certificate(id, { at: verified.at, ...(certified === undefined ? {} : { certified }) }, source);
  // Of what is not its own it is not told that it exists.
  if (answer === undefined || (source !== undefined && answer.lines.length === 0)) return undefined;
  const [since, byDevelopers] = [await sinceOf(all, record, verified), await developersSince(all, inventories, id, record, verified)];
  return { id, record, answer, since, byDevelopers };
}

async function issue({ id, record, answer, since, byDevelopers }: Certified, sources: Sources, origin: string): Promise<Issued> {
  const { certificate, names } = answer;
  const now = Date.now();
  const [journal, key] = Object.entries(sources.signers).find(([name]) => name.endsWith("/acts")) ?? [];
  if (journal === undefined || key === undefined) throw new Error("there is no key of the journal of acts");
  const all = await sources.readModel.reader();
  const codes = await laterCodesOf(all, certificate.operator);
  const { publicUrl: address } = sources;
  const ofGateway = address === undefined ? {} : { address };
  const late = byDevelopers === 0 ? {} : { byDevelopers };
  const beside = {
    ...(since === undefined ? {} : { since }),
    ...late,
    ...ofGateway,
    ...(codes.length === 0 ? {} : { operatorCodes: codes }),
  };
  const statement: ExitStatement = { certificate, ...beside, names, journal, iat: Math.floor(now / 1000) };
  const digest = certificateDigest(certificate);
  const [certified, backups] = [await certifiedOf(all, record, now), await backupsDue(all, id, certificate)];
  const { network, kind } = sources.ledger.network;
  return {
    jws: await signExit(statement, key),
    history: history({ kind: "exit", id }, sources, undefined),
    page: certificatePage(
      {
        ...{
          ...statement,
          digest,
          backups,
          network,
          isOneParty: kind === "embedded",
          issued: new Date(1000 * statement.iat).toISOString(),
        },
        ...(certified?.digest === digest ? { countersignature: certified } : {}),
      },
      origin,
    ),
  };
}

/** The ledger is asked for its word first: while it is out of reach nothing is sent. */
async function* certificateLines(jws: string, history: AsyncGenerator<string, void>): AsyncGenerator<string, void> {
  const first = await history.next();
  yield `${formatExit(jws)}\n`;
  if (first.done !== true) yield first.value;
  yield* history;
}

const NEWLINE = 0x0a;
/** Bytes that are sent together. */
const PIECE = 64 * 1024;
const decoder = new TextDecoder();

/** Lines from where one begins. @returns where the next begins */
function linesFrom(bytes: Uint8Array, start: number, count: number): { readonly shown: readonly string[]; readonly end: number } {
  const shown: string[] = [];
  let end = start;
  while (shown.length < count && end < bytes.length) {
    const next = bytes.indexOf(NEWLINE, end) + 1;
    shown.push(decoder.decode(bytes.subarray(end, next - 1)));
    end = next;
  }
  return { shown, end };
}

/** Whole lines put together, each piece its own text. */
// eslint-disable-next-line @typescript-eslint/require-await -- what streams are made of
async function* pieces(bytes: Uint8Array): AsyncGenerator<string, void> {
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(NEWLINE, Math.min(start + PIECE, bytes.length - 1)) + 1;
    yield decoder.decode(bytes.subarray(start, end));
    start = end;
  }
}
