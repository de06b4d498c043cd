/** Receipts (存证凭证) and checkpoints: the ledger is asked for its word on a journal, the journal's key signs the same, the read model gives the path. */
import { readAttestation } from "../evidence/attestation";
import { signCheckpoint } from "../evidence/checkpoint";
import type { SignerKey } from "../evidence/note-key";
import { formatLatest, LATEST_FORMAT } from "../evidence/latest";
import { formatReceipt, receiptOf } from "../evidence/receipt";
import { fromHex } from "../../chaincode/proof/bytes";
import { leafHash as hashOf, verifyInclusion } from "../../chaincode/proof/rfc6962";
import type { Hash } from "../../chaincode/proof/sha256";
import type { Asker } from "../index/access";
import type { Position } from "../index/place";
import type { ReadModel } from "../index/read-model";
import { type Attestation, type Ledger, LedgerError } from "../ledger/port";
import { ref } from "./answer-schemas";
import { lookUp } from "./lookup";
import { leafHash, oneOf } from "./parameters";
import { Problem } from "./problem";
import { custom } from "./query";

export const receipt = custom("/v1/receipts/{leafHash}", {
  id: "receipt",
  toLeavers: true,
  tag: "evidence",
  zh: "存证凭证",
  en: "The receipt of an event that is on the ledger",
  detail: "Canonical JSON: keep it as it is.",
  parameters: {
    leafHash,
    head: oneOf(
      "Proven against the newest head, or the first that held it, which tells when it was recorded",
      ["newest", "first"],
      "newest",
    ),
  },
  forms: { "application/json": { schema: ref("Receipt"), write: (file: string) => file } },
  problems: ["ledger-unavailable"],
  answer: ({ leafHash, head }, { receipts }, asker) => receipts.receipt(leafHash, asker, head === "first"),
});

export interface ReceiptSources {
  readonly readModel: ReadModel;
  readonly ledger: Ledger;
  /** Keys of this gateway's journals, by their names. */
  readonly signers: Readonly<Record<string, SignerKey>>;
}

/** What ledger and journal say of one size of the journal. */
interface AttestedHead {
  readonly size: number;
  readonly root: Hash;
  readonly attestation: Attestation;
  /** Undefined for a journal whose key another gateway has. */
  readonly checkpoint: string | undefined;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** How long a head's word is given out again: a thousand receipts need one. */
const FRESH_MS = 2000;

export class Receipts {
  readonly #heads = new Map<string, Promise<AttestedHead>>();
  readonly #latest = new Map<string, { readonly file: Promise<string>; readonly at: number }>();

  constructor(private readonly sources: ReceiptSources) {}

  /**
   * The receipt of an event, as a file's content.
   * @param hash of the leaf, hex
   * @param first against the head that first held it
   * @throws Problem `not-found` where it is not on the ledger, or the asker may not see it, or it is in a journal whose key another gateway has; `ledger-unavailable`
   */
  async receipt(hash: string, asker?: Asker, first = false): Promise<string> {
    const { readModel, ledger } = this.sources;
    const position = await lookUp(readModel, ledger, hash);
    if (position === undefined) throw new Problem("not-found");
    const { journal, index } = position;
    const reader = await readModel.reader(undefined, asker);
    if ((await reader.event(position)) === undefined) throw new Problem("not-found");
    const head = await (first ? this.#firstHead(position) : this.head(journal, index + 1));
    const leaf = await readModel.leaf(journal, index);
    const inclusion = (await readModel.reader()).inclusion(position, head.size);
    if (leaf === undefined || inclusion === undefined || !verifyInclusion(hashOf(leaf), index, head.size, inclusion, head.root)) {
      throw new Error(`the read model does not make the ledger's root of ${journal} at ${head.size}`);
    }
    const { size, checkpoint, attestation } = head;
    if (checkpoint === undefined) throw new Problem("not-found");
    return formatReceipt(receiptOf({ leaf, journal, index, size, inclusion, checkpoint, attestation }));
  }

  /**
   * The newest projected head of a journal, or one given out moments ago.
   * @param atLeast leaves that it must cover
   * @throws Problem `not-found`, `ledger-unavailable`
   */
  async head(journal: string, atLeast = 0): Promise<AttestedHead> {
    const known = await this.#heads.get(journal)?.catch(() => undefined);
    if (known !== undefined && known.size >= atLeast && Date.now() - known.at < FRESH_MS) return known;
    const head = this.#newest(journal);
    this.#heads.set(journal, head);
    return head;
  }

  /** How far the ledger says a journal reaches, whoever keeps it, as a file's content. @throws Problem `not-found`, `ledger-unavailable` */
  async latest(journal: string): Promise<string> {
    const { readModel, ledger, signers } = this.sources;
    // Only of journals that there are, so that strangers cannot have peers asked for ever new ones; each once in a while.
    if (signers[journal] === undefined && (await (await readModel.reader()).head(journal)) === undefined) throw new Problem("not-found");
    const known = this.#latest.get(journal);
    if (known !== undefined && Date.now() - known.at < FRESH_MS) return known.file;
    const file = attested(ledger, "head", journal).then((attestation) => formatLatest({ format: LATEST_FORMAT, journal, attestation }));
    file.catch(() => this.#latest.delete(journal));
    this.#latest.set(journal, { file, at: Date.now() });
    return file;
  }

  async #firstHead(position: Position): Promise<AttestedHead> {
    const head = await (await this.sources.readModel.reader()).firstHead(position);
    if (head === undefined) throw new Problem("not-found");
    return this.#attest(position.journal, head);
  }

  async #newest(journal: string): Promise<AttestedHead> {
    const head = await (await this.sources.readModel.reader()).head(journal);
    if (head === undefined) throw new Problem("not-found");
    return this.#attest(journal, head);
  }

  async #attest(journal: string, head: { readonly size: number; readonly root: string }): Promise<AttestedHead> {
    const { ledger, signers } = this.sources;
    const signer = signers[journal];
    const attestation = await attested(ledger, "root", journal, String(head.size));
    const { root } = readAttestation(attestation).head;
    const hash = fromHex(root);
    if (root !== head.root || hash === undefined)
      throw new Error(`the ledger's root of ${journal} at ${head.size} is not the one that was projected`);
    const checkpoint = signer && (await signCheckpoint(head.size, hash, signer));
    return { size: head.size, root: hash, attestation, checkpoint, at: Date.now() };
  }
}

/** The ledger's word. @throws Problem `ledger-unavailable` */
export async function attested(ledger: Ledger, transaction: string, ...args: readonly string[]): Promise<Attestation> {
  try {
    return await ledger.attest({ transaction, args: args.map((arg) => Buffer.from(arg, "utf8")) });
  } catch (cause) {
    if (cause instanceof LedgerError && cause.code === "unavailable") throw new Problem("ledger-unavailable", {}, { cause });
    throw cause;
  }
}
