/** `suyuan exit scan`: looks for what was held under an authorization, signs what it found, and has the ledger know. */
import { createHash } from "node:crypto";
import { mkdir, readFile, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { version } from "../../package.json";
import { writeDurably } from "../../gateway/durable-file";
import { PlaceIndex } from "../../gateway/exit/erase/places";
import type { FingerprintKey } from "../../gateway/exit/scan/fingerprint-key";
import { type Kept, type Quarry, quarryOf, SidecarError, type Wanted } from "../../gateway/exit/scan/quarry";
import { gapsOf, hasRead, reportDigest, reportOf, signReport } from "../../gateway/exit/scan/report";
import { scan, sizeOf } from "../../gateway/exit/scan/scan";
import { HeldError, releaseLock, takeLock } from "../../gateway/exit/lock";
import { type Connection, openPostgresql } from "../../gateway/exit/tables/postgresql";
import type { Tables } from "../../gateway/exit/tables/tables";
import { journalKey } from "../../gateway/keys";
import type { ExitState } from "../../gateway/exit/state";
import { keyOf, sidecarName } from "./fingerprint";
import { Pace } from "./pace";
import { readPlaces } from "./places";
import { tellScan } from "./scan-told";
import { say } from "./scan-words";
import { type Holding, holdingsBesides, holdingsOf, readExit, standingOf } from "./holdings";
import { Exit, Failure, reasonOf, systemCode } from "../failure";
import type { Output } from "../output";
import type { Gateway } from "../request";
import { text } from "../texts";

const TOOL = `suyuan exit scan ${version}`;

/** Whatever became of them but what was struck, which was never there. */
const STATES = ["outstanding", "deleted", "transferred", "retained"];

export interface ScanOptions {
  readonly authorization: string;
  /** Then the ledger is told. */
  readonly exit?: string;
  /** Directory of sidecars. */
  readonly sidecars?: string;
  /** Places file, by which it is known which holdings are no files. */
  readonly places?: string;
  /** Databases to look through: URLs, without passwords. */
  readonly postgresql?: readonly string[];
  /** Directory of the scan's own: journal, key, report. */
  readonly state: string;
}

/** @returns exit code: `unverified` where something was found, `failed` where something could not be read */
export async function exitScan(targets: readonly string[], options: ScanOptions, gateway: Gateway, output: Output): Promise<number> {
  const { state, postgresql = [] } = options;
  if (targets.length === 0 && postgresql.length === 0) throw new Failure("argument-missing", { name: "targets", command: "exit.scan" });
  const stores = await storesAt(postgresql);
  await mkdir(state, { recursive: true, mode: 0o700 });
  const lock = lockOf(state);
  try {
    return await scanWith(stores, targets, options, gateway, output);
  } finally {
    releaseLock(lock);
  }
}

type Stores = ReadonlyMap<string, () => Promise<Tables>>;

async function scanWith(
  stores: Stores,
  targets: readonly string[],
  options: ScanOptions,
  gateway: Gateway,
  output: Output,
): Promise<number> {
  const { authorization, exit, state } = options;
  const started = new Date().toISOString();
  const ends = exit === undefined ? undefined : await endsOf(exit, authorization, gateway);
  const [key, holdings] = [await keyOf(authorization, gateway), await holdingsOf(authorization, STATES, gateway)];
  const places = options.places === undefined ? undefined : new PlaceIndex((await readPlaces(options.places)).places.places);
  const besides = (await holdingsBesides(authorization, gateway)) ?? []; // Who is given the key is told.
  const wanted = withBesides(await wantedOf(holdings, ends, options.sidecars, places), besides);
  const quarry = quarryIn(wanted, key);
  const [gone, kept] = [wanted.filter((one) => one.kept === undefined), wanted.filter((one) => one.kept !== undefined)];
  const without = gone.filter(({ sidecar }) => sidecar === undefined).length;
  output.note(text("exit.scan.seeks", { holdings: gone.length, without }));
  if (kept.length > 0) output.note(text("exit.scan.may-stay", countsOf(kept)));

  const total = sizeOf(targets);
  const pace = new Pace(total);
  let name = "";
  const progress = output.progress(() => text("exit.scan.progress", { ...pace.shown, name }));
  const purpose = createHash("sha256")
    .update(
      JSON.stringify([
        TOOL,
        authorization,
        key.id,
        targets.map((target) => resolve(target)),
        wanted.map(({ holding, digest, kept, sidecar }) => [
          holding,
          digest,
          kept,
          sidecar && createHash("sha256").update(sidecar).digest("hex"),
        ]),
      ]),
    )
    .digest("hex");
  const scanned = await scan({
    ...{ targets, purpose, quarry, stores, own: [state], journal: join(state, "journal.ndjson"), scratch: await scratchIn(state) },
    onProgress: (now) => {
      pace.add(now);
      ({ name } = now);
      progress.tick();
    },
  }).finally(() => progress.end());

  const told = {
    authorization,
    ...(exit === undefined ? {} : { exit }),
    tool: TOOL,
    started,
    ended: new Date().toISOString(),
    targets: [...targets.map((target) => resolve(target)), ...stores.keys()],
  };
  const report = reportOf(told, quarry.sought, scanned);
  const jws = await signReport(report, await journalKey(join(state, "scanner.key"), "suyuan.exit.scan"));
  const file = join(state, `report-${reportDigest(jws).slice(0, 16)}.jws`);
  await writeDurably(file, jws);
  say(report, [...holdings, ...besides], scanned.resumed, file, output);
  if (exit !== undefined && hasRead(report))
    await tellScan(exit, report, reportDigest(jws), file.replace(/jws$/, "event.json"), gateway, output);
  else if (exit !== undefined) output.line(output.style("yellow", text("exit.scan.not-told")));
  output.document({ ...report, report: file, digest: reportDigest(jws), resumed: scanned.resumed });
  if (report.residues > 0) return Exit.unverified;
  return gapsOf(report) > 0 ? Exit.failed : Exit.done;
}

/** @throws Failure `exit-unknown`, and `exit-of-another` where it is not of this authorization: the ledger would not count what is told of it */
async function endsOf(exit: string, authorization: string, gateway: Gateway): Promise<ExitState["ends"]> {
  const state = await readExit(exit, gateway);
  if (state.authorization !== authorization) throw new Failure("exit-of-another", { exit, authorization: state.authorization });
  return state.ends;
}

/** One after another: a hundred thousand files opened at once are more than a system gives. */
async function wantedOf(
  holdings: readonly Holding[],
  ends: ExitState["ends"],
  directory: string | undefined,
  places: PlaceIndex | undefined,
): Promise<readonly Wanted[]> {
  const wanted: Wanted[] = [];
  for (const holding of holdings) {
    const standing = standingOf(holding, ends);
    if (standing === undefined) continue;
    const place = places?.find(holding.holding, holding.declared.place);
    const isFile = place === undefined || place.key !== undefined ? {} : { isFile: place.file !== undefined };
    wanted.push({ ...(await withSidecar(holding, directory)), ...isFile, ...(standing === "sought" ? {} : { kept: standing }) });
  }
  return wanted;
}

/** What another authorization has is fingerprinted with that one's key: it is known as a whole, and by what a twin of it under this one tells. */
function withBesides(wanted: readonly Wanted[], besides: readonly Holding[]): readonly Wanted[] {
  const sidecars = new Map(wanted.flatMap(({ digest, sidecar }) => (sidecar === undefined ? [] : [[digest, sidecar]])));
  return [
    ...wanted,
    ...besides.map(({ holding, declared: { digest } }): Wanted => {
      const sidecar = sidecars.get(digest);
      return { holding, digest, kept: "goes-on", ...(sidecar === undefined ? {} : { sidecar }) };
    }),
  ];
}

const countsOf = (all: readonly Wanted[]): { readonly retained: number; readonly transferred: number; readonly goesOn: number } => {
  const count = (kept: Kept): number => all.filter((one) => one.kept === kept).length;
  return { retained: count("retained"), transferred: count("transferred"), goesOn: count("goes-on") };
};

/** @throws Failure `sidecar-wrong` where it is not the one that was declared */
async function withSidecar({ holding, declared }: Holding, directory: string | undefined): Promise<Wanted> {
  const { digest, fingerprints } = declared;
  if (directory === undefined) return { holding, digest };
  const file = join(directory, sidecarName(digest));
  try {
    const sidecar = await readFile(file);
    if (fingerprints !== undefined && createHash("sha256").update(sidecar).digest("hex") !== fingerprints)
      throw new Failure("sidecar-wrong", { file, reason: text("exit.scan.sidecar-differs") });
    return { holding, digest, sidecar };
  } catch (error) {
    if (systemCode(error) === "ENOENT") return { holding, digest };
    if (error instanceof Failure) throw error;
    throw new Failure("file-unreadable", { file, reason: reasonOf(error) }, { cause: error });
  }
}

/** Two scans would write one journal. @throws Failure `state-in-use` */
function lockOf(state: string): string {
  const lock = join(state, "lock");
  try {
    takeLock(lock);
    return lock;
  } catch (error) {
    if (error instanceof HeldError) throw new Failure("state-in-use", { state, what: error.holder }, { cause: error });
    throw error;
  }
}

/** What a run that was killed left of databases' rows goes first. */
async function scratchIn(state: string): Promise<string> {
  const scratch = join(state, "scratch");
  await rm(scratch, { recursive: true, force: true });
  await mkdir(scratch, { mode: 0o700 });
  return scratch;
}

/** Each is asked at once, so that a wrong address is not found out hours later. @throws Failure `value-invalid`, `database-unreachable` */
async function storesAt(urls: readonly string[]): Promise<Stores> {
  const stores = new Map<string, () => Promise<Tables>>();
  for (const url of urls) {
    const connection = connectionOf(url);
    const open = (): Promise<Tables> => openPostgresql(connection);
    try {
      await (await open()).close();
    } catch (error) {
      throw new Failure("database-unreachable", { database: url, reason: reasonOf(error) }, { cause: error });
    }
    stores.set(url, open);
  }
  return stores;
}

/** A password in a command line is read by everybody on the machine. */
function connectionOf(value: string): Connection {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url?.protocol !== "postgresql:" || url.password !== "" || url.search !== "" || url.hash !== "")
    throw new Failure("database-address-wrong");
  const [user, database] = [decodeURIComponent(url.username), decodeURIComponent(url.pathname.slice(1))];
  return {
    ...(url.hostname === "" ? {} : { host: decodeURIComponent(url.hostname) }),
    ...(url.port === "" ? {} : { port: Number(url.port) }),
    ...(user === "" ? {} : { user }),
    ...(database === "" ? {} : { database }),
  };
}

function quarryIn(wanted: readonly Wanted[], key: FingerprintKey): Quarry {
  try {
    return quarryOf(wanted, key);
  } catch (error) {
    if (!(error instanceof SidecarError)) throw error;
    throw new Failure("sidecar-wrong", { file: error.holding, reason: text(`exit.scan.${error.code}`) }, { cause: error });
  }
}
