/** What an organisation's own machine tells of its part: who orders as its orderer sees it, and how long the disk lasts. */
import { readdir, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import { OrganisationFiles } from "../directory";
import { type Organisation, portOf, type Topology } from "../topology";

const DAY_MS = 24 * 3600_000;
const ASKED_FOR_MS = 2000;

/**
 * Name of the organisation whose orderer leads, from the figures of this one's: by BFT each knows, by Raft only the leader itself.
 * @returns undefined where it does not say
 */
export async function leaderOf({ ordering, channel, organisations }: Topology, organisation: Organisation): Promise<string | undefined> {
  const address = `http://127.0.0.1:${portOf(organisation, "ordererOperations")}/metrics`;
  const answer = await fetch(address, { signal: AbortSignal.timeout(ASKED_FOR_MS) }).catch(() => undefined);
  const figures = (await answer?.text()) ?? "";
  const figure = (name: string): number => Number(new RegExp(`^${name}\\{channel="${channel}"\\} (\\d+)$`, "m").exec(figures)?.[1] ?? 0);
  if (ordering === "raft") return figure("consensus_etcdraft_is_leader") === 1 ? organisation.name : undefined;
  // Consenters are numbered from 1 in the order of the declaration.
  return organisations[figure("consensus_BFT_leader_id") - 1]?.name;
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
