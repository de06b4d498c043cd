/** Journals as other people's verifiers read them: checkpoints, consistency proofs and tiles (C2SP tlog-checkpoint, tlog-tiles). */
import { canonicalText } from "../../chaincode/proof/canonical";
import { toBase64 } from "../../chaincode/proof/bytes";
import { parseTilePath, type Tile, TILE_WIDTH } from "../../chaincode/proof/tile";
import { HEAD_FORMAT, type HeadFile } from "../evidence/journal-export";
import { consistency, listOf, ref } from "./answer-schemas";
import { integer, optional, rest, text, wrong } from "./parameters";
import { custom, query } from "./query";

const journal = text("`MSPID/name`, its slash percent-encoded: `SuyuanMSP%2Ffacts`");
const size = { minimum: 0, maximum: Number.MAX_SAFE_INTEGER };

/** A tile of some width never changes. */
const FOR_EVER = "max-age=31536000, immutable";

const tileIn = (path: string): Tile | undefined => parseTilePath(`tile/${path}`);

export const journalQueries = [
  query("/v1/journals", {
    id: "journals",
    tag: "evidence",
    zh: "账簿清单",
    en: "All journals with their heads",
    open: true,
    parameters: {},
    answers: { journals: listOf(ref("Journal")) },
    ask: async (reader) => ({ journals: await reader.heads() }),
  }),

  custom("/v1/journals/{journal}/checkpoint", {
    id: "checkpoint",
    tag: "evidence",
    zh: "账簿头",
    en: "The signed head of a journal of this gateway: C2SP tlog-checkpoint",
    open: true,
    parameters: { journal },
    forms: {
      "text/plain": { schema: { type: "string" }, contentType: "text/plain; charset=utf-8", write: (checkpoint: string) => checkpoint },
    },
    problems: ["ledger-unavailable"],
    answer: async ({ journal }, { receipts }) => (await receipts.head(journal)).checkpoint,
  }),

  custom("/v1/journals/{journal}/latest", {
    id: "latest",
    tag: "evidence",
    zh: "账簿最新状态的证明",
    en: "How far any journal of the ledger reaches now, on the ledger's word: what shows that a promised record is missing. Canonical JSON",
    open: true,
    parameters: { journal },
    forms: { "application/json": { schema: { type: "object" }, write: (file: string) => file } },
    problems: ["ledger-unavailable"],
    answer: ({ journal }, { receipts }) => receipts.latest(journal),
  }),

  custom("/v1/journals/{journal}/head", {
    id: "head",
    tag: "evidence",
    zh: "账簿头的核验材料",
    en: "The newest head of any journal on the ledger's word: canonical JSON, which `suyuan verify` checks",
    open: true,
    parameters: { journal },
    forms: { "application/json": { schema: ref("Head"), write: (file: string) => file } },
    problems: ["ledger-unavailable"],
    async answer({ journal }, { receipts }) {
      const { size, checkpoint, attestation } = await receipts.head(journal);
      const file: HeadFile = { format: HEAD_FORMAT, journal, size, ...(checkpoint === undefined ? {} : { checkpoint }), attestation };
      return `${canonicalText(file)}\n`;
    },
  }),

  query("/v1/journals/{journal}/consistency", {
    id: "consistency",
    tag: "evidence",
    zh: "账簿前后一致证明",
    en: "That a later head of a journal continues an earlier one: RFC 6962, 2.1.2",
    open: true,
    parameters: {
      journal,
      from: integer("Earlier size", { ...size, default: 0 }),
      to: optional(integer("Later size; the newest where it is left out", size)),
    },
    answers: consistency,
    async ask(reader, { journal, from, to }) {
      const head = await reader.head(journal);
      if (head === undefined) return undefined;
      const sizes = { from, to: to ?? head.size };
      const path = reader.consistency(journal, sizes.from, sizes.to);
      if (path === undefined) throw wrong(sizes.to > head.size ? "to" : "from", "maximum");
      return { journal, ...sizes, path: path.map(toBase64) };
    },
  }),

  custom("/v1/journals/{journal}/tile/{path}", {
    id: "tile",
    tag: "evidence",
    zh: "账簿分片",
    en: "A tile of a journal",
    detail: "C2SP tlog-tiles: `0/x001/067`, `1/000.p/5`, `entries/000`. Hashes are public; entries are for those who see everything.",
    // Asked of the decoded path: an address has many spellings, and entries are the events themselves.
    openTo: ({ path }) => tileIn(path)?.level !== "entries",
    parameters: { journal, path: rest(text("Level, index and width; its slashes stay as they are")) },
    forms: { "application/octet-stream": { write: (bytes: Uint8Array) => bytes } },
    async answer({ journal, path }, { readModel }, asker) {
      const tile = tileIn(path);
      return tile && (await readModel.reader(undefined, asker)).tile(journal, tile);
    },
    caching({ path }) {
      const tile = tileIn(path);
      return `${tile?.level === "entries" ? "private" : "public"}, ${tile?.width === TILE_WIDTH ? FOR_EVER : "max-age=60"}`;
    },
  }),
];
