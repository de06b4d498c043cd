/** `suyuan fsck`: checks all that a stopped gateway keeps, and says of each difference where it is and what it means. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { inflate } from "../chaincode/batch";
import { ContractError } from "../chaincode/errors";
import { DatabaseInUse } from "../gateway/database-copy";
import { checkFiles, type FileDifference } from "../gateway/database-files";
import { parseVerifierKey } from "../gateway/evidence/note-key";
import { checkIndex, type IndexDifference } from "../gateway/index/check";
import { checkKeys, type KeyDifference, readTrust } from "../gateway/key-check";
import { readBlocks } from "../gateway/ledger/embedded/copy";
import { type Difference, verifyStore } from "../gateway/ledger/embedded/verify";
import { type Block, LedgerError } from "../gateway/ledger/port";
import { checkOutbox, type OutboxDifference } from "../gateway/outbox/check";
import { Exit, Failure, reasonOf, systemCode } from "./failure";
import type { Output, Progress } from "./output";
import { type Found, repair } from "./repair";
import { language, text } from "./texts";

const CONTRACT = require.resolve("../chaincode/contract");
/** Name of the journal of a gateway that keeps its facts. */
const FACTS = "/facts";

/** Differences of one part that are told; where there are more, the rest says nothing new. */
const MOST = 1000;

/** The read model lacks the last blocks, as after a crash: told, and no difference. */
const BEHIND = "index-behind" satisfies AnyDifference["code"];
const JUDGED_BEFORE = "judged-by-another-version" satisfies AnyDifference["code"];

type Part = "ledger" | "keys" | "outbox" | "index" | "files";
type AnyDifference = Difference | KeyDifference | OutboxDifference | IndexDifference | FileDifference;

/** Where the databases lie in a gateway's directory. */
const DATABASES = [join("ledger", "level"), "outbox", "index"];

/** @param isRepairing makes again what the ledger's blocks tell, then checks once more. @returns exit code; `unverified` where something differs. @throws Failure `no-ledger`, `directory-locked`, `directory-not-writable` */
export async function fsck(data: string, output: Output, isRepairing = false): Promise<number> {
  const ledger = join(data, "ledger");
  if (!existsSync(ledger)) throw new Failure("no-ledger", { directory: data });
  const report = new Report(data, output);
  try {
    let blocks = 0;
    await report.part("ledger", (tell) =>
      verifyStore(ledger, CONTRACT, (done, total) => {
        blocks = done;
        tell({ done, total });
      }),
    );
    await report.part("keys", () => checkKeys(data));
    await report.part("outbox", (tell) => outboxDifferences(data, ledger, tell));
    await report.part("index", (tell) =>
      checkIndex(join(data, "index"), { blocks: readBlocks(ledger), onProgress: (done) => tell({ done }) }),
    );
    await report.part("files", (tell) => filesDifferences(data, tell));
    const exit = report.end(blocks);
    if (!isRepairing || exit === Exit.done || !(await repair(data, report.found, output))) return exit;
    return await fsck(data, output);
  } catch (error) {
    throw failureOf(error, data);
  }
}

type Tell = (values: { readonly done: number; readonly total?: number }) => void;

class Report {
  #counts: Record<Part, number> = { ledger: 0, keys: 0, outbox: 0, index: 0, files: 0 };

  readonly found: Found[] = [];
  readonly #unchecked: Part[] = [];
  /** Transactions of other versions of the contract that today's would judge otherwise: no differences, since those rules applied then. */
  readonly #judgedBefore = new Map<string, number>();
  /** Whether all that differs is the read model, which can be built again. */
  #onlyIndex = true;

  constructor(
    private readonly data: string,
    private readonly output: Output,
  ) {}

  async part(part: Part, differences: (tell: Tell) => AsyncIterable<AnyDifference>): Promise<void> {
    const { output } = this;
    let [done, total] = [0, 0];
    const name = text(`fsck.part-${part}`);
    const progress: Progress = output.progress(() => text(total === 0 ? "fsck.progress" : "fsck.progress-of", { part: name, done, total }));
    try {
      const tell: Tell = (values) => {
        [done, total] = [values.done, values.total ?? 0];
        progress.tick();
      };
      for await (const difference of differences(tell)) {
        if (difference.code === JUDGED_BEFORE) {
          const { version = "" } = difference;
          this.#judgedBefore.set(version, (this.#judgedBefore.get(version) ?? 0) + 1);
          continue;
        }
        if (difference.code === BEHIND) {
          output.document({ part, ...difference, message: text(`fsck.${BEHIND}`) });
          output.line(output.style("yellow", text(`fsck.${BEHIND}`)));
          continue;
        }
        this.found.push({ part, ...difference });
        this.#counts[part]++;
        this.#onlyIndex &&= part === "index" || ("file" in difference && difference.file.startsWith(join(this.data, "index")));
        progress.clear();
        output.document({ part, ...difference, message: text(`fsck.${difference.code}`) });
        output.line(this.#line(difference));
        if (this.#counts[part] === MOST) {
          output.line(text("fsck.most", { most: MOST }));
          break;
        }
      }
    } catch (error) {
      // What the ledger part has already reported keeps the others from being checked.
      if (this.#counts.ledger === 0 || !(error instanceof LedgerError || error instanceof ContractError)) throw error;
      this.#unchecked.push(part);
      output.line(text("fsck.unchecked", { part: name }));
      return;
    } finally {
      progress.end();
    }
    const count = this.#counts[part];
    for (const [version, transactions] of this.#judgedBefore) {
      const unknown = version === "" ? text("fsck.version-untold") : version;
      output.document({ part, code: JUDGED_BEFORE, version, transactions, message: text(`fsck.${JUDGED_BEFORE}`) });
      output.line(output.style("yellow", text("fsck.judged-before", { part: name, count: transactions, version: unknown })));
    }
    this.#judgedBefore.clear();
    output.line(
      count === 0
        ? output.style("green", text("fsck.whole", { part: name }))
        : output.style("red", text("fsck.differs", { part: name, count })),
    );
  }

  /** What a database says of itself is English; all else has its words in both languages. */
  #line(difference: AnyDifference): string {
    const { code, detail } = difference;
    const { output } = this;
    const told = language === "en" || code.endsWith("-unreadable") ? output.style("dim", detail) : "";
    return [output.style("red", code), whereOf(difference), text(`fsck.${code}`), told].filter((part) => part !== "").join("  ");
  }

  end(blocks: number): number {
    const { data, output } = this;
    const count = Object.values(this.#counts).reduce((sum, part) => sum + part, 0);
    output.document({ blocks, differences: count, parts: this.#counts, unchecked: this.#unchecked });
    if (count === 0) output.line(text("fsck.all-whole", { blocks }));
    else
      output.line(
        output.style("red", text(this.#onlyIndex ? "fsck.only-index" : "fsck.some-differ", { count, index: join(data, "index") })),
      );
    return count === 0 ? Exit.done : Exit.unverified;
  }
}

interface Where {
  readonly detail: string;
  readonly block?: number;
  readonly transaction?: number;
  readonly journal?: string;
  readonly index?: number;
  readonly count?: number;
  readonly key?: string;
  readonly file?: string;
  readonly at?: number;
}

/** Where a difference is, as far as it is anywhere. */
function whereOf({ block, transaction, journal, index, count = 1, key, file, at }: Where): string {
  const places: string[] = [];
  if (file !== undefined && at !== undefined) places.push(text("fsck.at-byte", { file, at }));
  if (block !== undefined)
    places.push(transaction === undefined ? text("fsck.at-block", { block }) : text("fsck.at-transaction", { block, transaction }));
  if (journal !== undefined && index !== undefined)
    places.push(
      count === 1 ? text("fsck.at-event", { journal, index }) : text("fsck.at-events", { journal, index, last: index + count - 1 }),
    );
  else if (key !== undefined) places.push(text("fsck.at-key", { key: printable(key) }));
  return places.join(" ");
}

/** Keys of the world state separate their parts by NUL. */
const printable = (key: string): string => key.replace(/^\0|\0$/g, "").replaceAll("\0", " ");

async function* filesDifferences(data: string, tell: Tell): AsyncGenerator<FileDifference, void> {
  for (const database of DATABASES) {
    if (!existsSync(join(data, database))) continue; // told by its own part
    yield* checkFiles(join(data, database), (done) => tell({ done }));
  }
}

/** Nothing without a trust file, by which promises are judged: that it is missing is told among the keys. */
async function* outboxDifferences(data: string, ledger: string, tell: Tell): AsyncGenerator<OutboxDifference, void> {
  const trust = await readTrust(data).catch(() => undefined);
  const { journal, keys } = trust?.journals.find((trusted) => trusted.journal.endsWith(FACTS)) ?? { journal: "", keys: [] };
  if (journal === "") return;
  const leaves = leavesOf(readBlocks(ledger), journal, tell);
  yield* checkOutbox(join(data, "outbox"), { journal, leaves, keys: keys.flatMap(({ key }) => parseVerifierKey(key) ?? []) });
}

async function* leavesOf(blocks: AsyncIterable<Block>, journal: string, tell: Tell): AsyncGenerator<Uint8Array, void> {
  let done = 0;
  for await (const block of blocks) {
    for (const { valid, transaction, args } of block.transactions) {
      const [name = new Uint8Array(), , batch = new Uint8Array()] = args;
      if (!valid || transaction !== "append" || Buffer.from(name).toString("utf8") !== journal) continue;
      for (const { leaf } of inflate(batch)) {
        yield leaf;
        done++;
      }
    }
    tell({ done });
  }
}

function failureOf(error: unknown, data: string): unknown {
  if (error instanceof DatabaseInUse || (error instanceof LedgerError && error.code === "unavailable"))
    return new Failure("directory-locked", { directory: data }, { cause: error });
  if (["EACCES", "EPERM", "EROFS"].includes(systemCode(error) ?? ""))
    return new Failure("directory-not-writable", { directory: data, reason: reasonOf(error) }, { cause: error });
  return error;
}
