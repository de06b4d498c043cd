/** A four-party BFT network on this machine: events in batches through a gateway, against a transaction for each event. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateRawSync } from "node:zlib";
import { encodeLine } from "../../chaincode/batch";
import { ROLES } from "../../chaincode/events/definition";
import { canonical } from "../../chaincode/proof/canonical";
import { readConnection } from "../../gateway/ledger/fabric-connection";
import { FabricGatewayLedger } from "../../gateway/ledger/fabric-gateway";
import { LedgerError } from "../../gateway/ledger/port";
import { Journal } from "../../gateway/outbox/journal";
import { OrganisationFiles } from "../../network/directory";
import { NetworkError } from "../../network/errors";
import { Network } from "../../network/network";
import { type Kind, KINDS } from "../../network/processes/services";
import type { Organisation } from "../../network/topology";
import { CHAINCODE } from "../network/lifecycle";
import { drained, followed, latencies, outbox, prepared } from "./flow";
import { run } from "./load";
import { AUTHORITY, creditCode, Mix, OPERATOR } from "./mix";
import type { Row } from "./report";
import { cpuSeconds, residentMebibytes, Server } from "./server";
import { buildWorld } from "./world";

const FIRST_PORT = 18_300;
const REQUEST = 200;
const CONNECTIONS = 4;
const WARM_UP = 100;
const SECONDS = 60;
/** More than the bar asks for, so that the network is what bounds it. */
const RATE = 13_000;
/** Events a second, and in a request, where nothing waits for the processor. */
const MODERATE = [
  { rate: 2000, size: 20 },
  { rate: 100, size: 1 },
];
const MODERATE_SECONDS = 20;
/** Of the comparison: clients, each with one transaction in flight on a journal of its own. */
const CLIENTS = 100;
const CLIENT_SECONDS = 20;

export async function network(report: (row: Row) => void): Promise<void> {
  const base = await mkdtemp(join(tmpdir(), "suyuan-bench-network-"));
  const topology = join(base, "topology.yaml");
  await writeFile(topology, JSON.stringify(declaration()));
  const four = await Network.init(join(base, "network"), topology);
  try {
    const began = performance.now();
    await four.up(CHAINCODE, () => undefined);
    report({ name: "four organisations, from identities to a committed transaction", value: secondsSince(began), unit: "s", most: 20 });
    await measure(four, report);
  } catch (error) {
    if (!(error instanceof NetworkError) || error.code !== "binaries-missing") throw error;
    process.stdout.write(`SKIPPED: ${error.message}\n`);
  } finally {
    await four.down();
    await rm(base, { recursive: true, force: true });
  }
}

async function measure(four: Network, report: (row: Row) => void): Promise<void> {
  const [own] = four.topology.organisations;
  if (own === undefined) throw new Error("the declaration has organisations");
  const { connection } = new OrganisationFiles(four.directory, own);
  const gateway = await Server.gateway("--network", connection, "--org", own.name);
  try {
    const mix = new Mix("network");
    const holdings = await buildWorld(gateway, mix);
    const target = { url: gateway.url, token: gateway.token(OPERATOR), connections: CONNECTIONS };
    await run({ ...target, next: prepared(mix, holdings, WARM_UP) });
    await drained(gateway);

    const next = prepared(mix, holdings, (SECONDS * RATE) / REQUEST);
    const before = await spent(four, gateway);
    const memory = new Map<string, number[]>();
    const remember = async (): Promise<void> => {
      const note = (kind: string, mebibytes: number): unknown => memory.set(kind, [...(memory.get(kind) ?? []), mebibytes]);
      note("gateway", gateway.memory());
      for (const [kind, pid] of await pidsOf(four, own)) note(kind, residentMebibytes(pid));
    };
    const began = performance.now();
    const watching = setInterval(() => void remember(), 1000);
    const taken = await run({ ...target, next, rate: RATE / REQUEST });
    clearInterval(watching);
    const behind = await outbox(gateway);
    const alone = performance.now();
    await drained(gateway);
    const left = behind / secondsSince(alone);
    const seconds = secondsSince(began);
    const events = (taken.statuses.get(200) ?? 0) * REQUEST;
    const after = await spent(four, gateway);
    report({ name: "acknowledged meanwhile", value: events / taken.seconds, unit: "events/s" });
    report({ name: `outbox after ${SECONDS} s`, value: behind, unit: "events" });
    const batched = events / seconds;
    report({
      name: "in batches, from the first request on: acknowledged, committed by four and projected",
      value: batched,
      unit: "events/s",
      bar: 10_000,
    });
    report({ name: "what had waited, while nothing arrived: committed by four and projected", value: left, unit: "events/s", bar: 10_000 });
    for (const [part, used] of after)
      report({ name: `  of it, ${part}`, value: ((used - (before.get(part) ?? 0)) * 1e6) / events, unit: "us of processor an event" });
    for (const [kind, each] of memory) {
      const thirds = [0, 1, 2].map((k) => Math.max(...each.slice((k * each.length) / 3, ((k + 1) * each.length) / 3)).toFixed(0));
      report({ name: `memory of a ${kind}, most in each third`, value: thirds.join(" / "), unit: "MiB" });
    }

    for (const { rate, size } of MODERATE) {
      const few = prepared(mix, holdings, (MODERATE_SECONDS * rate) / size, Infinity, size);
      const { anchoring } = await followed(gateway, { ...target, next: few, rate: rate / size });
      latencies(report, `at ${rate} events/s, acknowledged to anchored and projected`, anchoring);
      await drained(gateway);
    }

    const single = await eachItsOwn(connection, own.name, () => mix.fact(holdings));
    report({ name: `a transaction an event, ${CLIENTS} in flight, same blocks`, value: single, unit: "events/s" });
    report({ name: "in batches / a transaction an event", value: batched / single, unit: "times", bar: 100 });
  } finally {
    await gateway.stop();
  }
}

/** @returns events a second */
async function eachItsOwn(connection: string, organisation: string, fact: () => object): Promise<number> {
  const read = readConnection(connection, organisation);
  const ledger = new FabricGatewayLedger(read);
  const end = performance.now() + CLIENT_SECONDS * 1000;
  const client = async (_: unknown, number: number): Promise<number> => {
    const journal = new Journal(ledger, `${read.mspId}/client-${number}`);
    let size = 0;
    while (performance.now() < end) {
      const leaf = canonical({ ...fact(), recordedtime: new Date().toISOString() });
      try {
        const { findings } = await journal.append(size, deflateRawSync(encodeLine(leaf, [])));
        if (findings.some(([, breaches]) => breaches.some(({ code }) => code === "quarantined")))
          throw new Error("an event was not judged");
        size++;
      } catch (error) {
        if (!(error instanceof LedgerError)) throw error;
        size = await journal.size(); // the orderers were too busy: what came of it, the ledger knows
      }
    }
    return size;
  };
  const began = performance.now();
  try {
    const sizes = await Promise.all(Array.from({ length: CLIENTS }, client));
    return sizes.reduce((sum, size) => sum + size, 0) / secondsSince(began);
  } finally {
    await ledger.close();
  }
}

/** Seconds of processor that each kind of process has used. */
async function spent(four: Network, gateway: Server): Promise<ReadonlyMap<string, number>> {
  const used = new Map([["gateway", gateway.cpuSeconds()]]);
  for (const organisation of four.topology.organisations) {
    for (const [kind, pid] of await pidsOf(four, organisation))
      used.set(`four ${kind}s`, (used.get(`four ${kind}s`) ?? 0) + cpuSeconds(pid));
  }
  return used;
}

const pidsOf = ({ directory }: Network, organisation: Organisation): Promise<(readonly [kind: Kind, pid: number])[]> =>
  Promise.all(
    KINDS.map(async (kind) => {
      const run = await readFile(new OrganisationFiles(directory, organisation).run(kind), "utf8");
      return [kind, (JSON.parse(run) as { readonly pid: number }).pid] as const;
    }),
  );

/** One gateway reports for all, so that one organisation hosts every role. */
const declaration = (): object => ({
  network: "bench.suyuan",
  channel: "suyuan",
  chaincode: "suyuan",
  ordering: "bft",
  gatewayService: true,
  endorsement: "majority",
  organisations: ["authority", "operator", "developer", "source"].map((name, i) => ({
    name,
    mspId: `${name.charAt(0).toUpperCase()}${name.slice(1)}MSP`,
    host: "127.0.0.1",
    port: FIRST_PORT + 10 * i,
    party: { code: i === 0 ? AUTHORITY : creditCode(900 + i), name },
    roles: i === 0 ? ROLES : [],
  })),
});

const secondsSince = (began: number): number => (performance.now() - began) / 1000;
