/** In what condition an organisation's part is: who orders as its orderer sees it, how long its disk lasts, whose clock differs from its own. */
import { readdir, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Caller } from "../deployment/caller";
import { OrganisationFiles } from "../directory";
import { type Organisation, portOf, type Topology } from "../topology";

const DAY_MS = 24 * 3600_000;
/** A process that answers at all does so by then, on a machine that is busy too. */
const ANSWERED_WITHIN_MS = 5000;

/**
 * Name of the organisation whose orderer leads, from the figures of this one's: by BFT each knows, by Raft only the leader itself.
 * @returns undefined where it does not say
 */
export async function leaderOf({ ordering, channel, organisations }: Topology, organisation: Organisation): Promise<string | undefined> {
  const address = `http://127.0.0.1:${portOf(organisation, "ordererOperations")}/metrics`;
  // Whoever begins to answer may still not end in time.
  const figures = await fetch(address, { signal: AbortSignal.timeout(ANSWERED_WITHIN_MS) }).then(
    (answer) => answer.text().catch(() => ""),
    () => "",
  );
  const figure = (name: string): number => Number(new RegExp(`^${name}\\{channel="${channel}"\\} (\\d+)$`, "m").exec(figures)?.[1] ?? 0);
  if (ordering === "raft") return figure("consensus_etcdraft_is_leader") === 1 ? organisation.name : undefined;
  // Consenters are numbered from 1 in the order of the declaration.
  return organisations[figure("consensus_BFT_leader_id") - 1]?.name;
}

/**
 * How far the clocks by which the organisations' chaincode judges are from this machine's, in milliseconds, to about the time that an answer
 * takes; by name of the organisation, without those that do not answer.
 */
export async function clocksOf({ organisations }: Topology, caller: Pick<Caller, "ask">): Promise<Readonly<Record<string, number>>> {
  const clocks = organisations.map(async ({ name, mspId }) => {
    const asked = Date.now();
    const { time } = JSON.parse(await withinTime(caller.ask(mspId, "clock"))) as { readonly time: string };
    return [name, Date.parse(time) - (asked + Date.now()) / 2] as const;
  });
  const told = await Promise.allSettled(clocks);
  return Object.fromEntries(told.flatMap((one) => (one.status === "fulfilled" && !Number.isNaN(one.value[1]) ? [one.value] : [])));
}

async function withinTime<T>(answer: Promise<T>): Promise<T> {
  const over = new AbortController();
  const late = sleep(ANSWERED_WITHIN_MS, undefined, { signal: over.signal }).then(() => {
    throw new Error("no answer in time");
  });
  return Promise.race([answer, late]).finally(() => over.abort());
}

export interface Disk {
  /** Bytes of the ledgers of peer and orderer. */
  readonly used: number;
  /** Bytes that are free where they lie. */
  readonly free: number;
  /** Whole days until it is full, if it goes on as since the beginning; absent for the first day. */
  readonly days?: number;
}

export async function diskOf(directory: string, organisation: Organisation, now = Date.now()): Promise<Disk> {
  const own = new OrganisationFiles(directory, organisation);
  const { bavail, bsize } = await statfs(own.root);
  const used = (await Promise.all((["peer", "orderer"] as const).map((kind) => bytesOf(own.node(kind).ledger)))).reduce(
    (sum, one) => sum + one,
    0,
  );
  const age = (now - (await stat(own.connection)).birthtimeMs) / DAY_MS;
  const free = bavail * bsize;
  return { used, free, ...(age < 1 || used === 0 ? {} : { days: Math.floor(free / (used / age)) }) };
}

async function bytesOf(directory: string): Promise<number> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  const sizes = entries.filter((entry) => entry.isFile()).map((entry) => sizeOf(join(entry.parentPath, entry.name)));
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** A file may go while it is being asked. */
const sizeOf = (file: string): Promise<number> =>
  stat(file).then(
    ({ size }) => size,
    () => 0,
  );
