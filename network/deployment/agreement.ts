/** What organisations on several machines wait for each other with: enough of them there, and of one mind about the chaincode. */
import { setTimeout as pause } from "node:timers/promises";
import { NetworkError } from "../errors";
import { answers } from "../processes/service";
import { type Listener, majority, type Organisation, portOf, quorum, type Topology } from "../topology";
import type { Administrator } from "./administrator";

/** How long the others may take to appear, and to approve. */
export const PATIENCE_SECONDS = 300;
const AGAIN_MS = 500;
/** Of an organisation: what it takes to order and to endorse. */
const NEEDED: readonly Listener[] = ["peer", "orderer"];

/** Told whom one waits for, each time that they are others. */
export type OnWait = (names: readonly string[]) => void;

/** Until the nodes of enough organisations listen. @throws NetworkError `others-missing` */
export async function gathered({ organisations, ordering }: Topology, onWait: OnWait): Promise<void> {
  const enough = Math.max(majority(organisations.length), quorum(ordering, organisations.length));
  await patiently(onWait, async () => {
    const there = await Promise.all(organisations.map(isThere));
    const missing = organisations.filter((_, i) => there[i] !== true);
    return organisations.length - missing.length >= enough ? [] : missing.map(({ name }) => name);
  });
}

/** A chaincode that these organisations have installed. */
export interface Wanted {
  /** Names its code: see `package.ts`. */
  readonly version: string;
  /** Of the package. */
  readonly id: string;
  /** Whether it may take the place of another version: then what is agreed upon is a new sequence. */
  readonly replaces: boolean;
}

/**
 * Until it is committed and all of these have approved of it. Each approves; whoever finds that enough have, commits; that others do so at
 * the same moment does no harm.
 * @throws NetworkError `chaincode-differs` where another version is committed and may not be replaced, `others-missing`, `step-failed`
 */
export async function agreed(
  topology: Topology,
  administrators: readonly Administrator[],
  { version, id, replaces }: Wanted,
  onWait: OnWait,
): Promise<void> {
  const { organisations } = topology;
  const [first] = administrators;
  if (first === undefined) return;
  const step = async (): Promise<readonly string[]> => {
    const committed = await first.committed();
    const isCommitted = committed?.version === version;
    if (committed !== undefined && !isCommitted && !replaces)
      throw new NetworkError("chaincode-differs", { version: committed.version, own: version });
    const definition = { version, sequence: isCommitted ? committed.sequence : (committed?.sequence ?? 0) + 1 };
    const approved = isCommitted ? committed.approved : await first.approved(definition);
    const own = administrators.filter(({ organisation }) => !approved.includes(organisation.mspId));
    const approving = await Promise.allSettled(own.map((one) => one.approve(definition, id)));
    for (const outcome of approving) if (outcome.status === "rejected") throw outcome.reason;
    if (isCommitted) return [];
    const agreeing = new Set([...approved, ...own.map(({ organisation }) => organisation.mspId)]);
    const all = organisations.filter(({ mspId }) => agreeing.has(mspId));
    if (all.length < majority(organisations.length)) return organisations.filter((one) => !all.includes(one)).map(({ name }) => name);
    await first.commit(definition, all);
    return [];
  };
  // With nobody to wait for, what fails fails.
  if (administrators.length === organisations.length) await step();
  else await patiently(onWait, step);
}

/** @param missing whom one waits for still. Failed steps are tried again: orderers may be few, or another may have committed meanwhile */
async function patiently(onWait: OnWait, missing: () => Promise<readonly string[]>): Promise<void> {
  let said = "";
  for (const deadline = Date.now() + PATIENCE_SECONDS * 1000; ;) {
    let failed: NetworkError | undefined;
    let names: readonly string[] = [];
    try {
      names = await missing();
      if (names.length === 0) return;
      if (names.join() !== said) onWait(names);
      said = names.join();
    } catch (error) {
      if (!(error instanceof NetworkError) || error.code !== "step-failed") throw error;
      failed = error;
    }
    if (Date.now() > deadline) throw failed ?? new NetworkError("others-missing", { names: names.join(", "), seconds: PATIENCE_SECONDS });
    await pause(AGAIN_MS);
  }
}

const isThere = async (organisation: Organisation): Promise<boolean> =>
  (await Promise.all(NEEDED.map((listener) => answers(organisation.host, portOf(organisation, listener))))).every(Boolean);
