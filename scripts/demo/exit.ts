/** The demo's end: the operator leaves. What it held is erased and read back, a copy that somebody kept is found, and only then is it certified. */
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { SuyuanError } from "../../gateway/client";
import { verifyExit } from "../../gateway/evidence/verify-exit";
import type { Places } from "../../gateway/exit/erase/places";
import type { Step } from "../../gateway/exit/progress";
import type { TransferPage } from "../../gateway/index/transfers";
import { ruleLabel } from "../../gateway/labels";
import { exitCertify } from "../exit/certify";
import { exitErase } from "../exit/erase";
import { keyOf, writeSidecar } from "../exit/fingerprint";
import { exitScan } from "../exit/scan";
import { Exit } from "../failure";
import type { Output } from "../output";
import { bodyOf, type Gateway, request } from "../request";
import { language, text } from "../texts";
import { readTrust, verify } from "../verify";
import { PLATFORM, type Report } from "./events";
import type { Place, Venue } from "./gateway";
import { authorization, exit, type PartyName } from "./story";

interface Scene {
  readonly venue: Venue;
  /** Where the data lies. */
  readonly workspace: string;
  /** Where the scan's reports and the certificate are written. */
  readonly papers: string;
  readonly document: (name: string) => { readonly digest: string };
  readonly output: Output;
}

/** As the gateway answers it. */
interface Inventory {
  readonly count: number;
  readonly root: string;
}

/** What was seen on the way. */
export interface Left {
  /** The copy was found; and not after it was removed. */
  readonly found: boolean;
  /** Nothing was verified while it lay there. */
  readonly refused: boolean;
  readonly certified: boolean;
}

const it = { exit: exit.id, authorization: authorization.id };
const of = (data: object): object => ({ authorization: authorization.id, ...data });
const report = (by: PartyName, type: string, data: object): Report => ({ by, type: `suyuan.${type}`, data: { ...data } });
const step = (by: PartyName, name: string, data: object = {}): Report => report(by, `exit.${name}`, { ...it, ...data });

/** @param send reports, and shows it. @param anchored resolves once all that was sent can be read */
export async function leave(
  { venue, workspace, papers, document, output }: Scene,
  send: (report: Report, note?: string) => Promise<Place>,
  anchored: () => Promise<void>,
): Promise<Left> {
  const read = async <T>(path: string): Promise<T> => {
    await anchored();
    return JSON.parse(await bodyOf(await request(await venue.gateway("agency"), { path }))) as T;
  };
  const sidecars = await fingerprint(workspace, join(papers, "fingerprints"), await venue.gateway("agency"));
  output.line(`  ${text("demo.fingerprinted", { count: sidecars.count })}`);
  const kept = await keepCopy(workspace);
  output.line(`  ${output.style("yellow", text("demo.kept", { file: relative(workspace, kept) }))}`);

  const liability = { reason: exit.reason.zh, liability: "accepted", request: document("提前退出申请") };
  await send(report("operator", "authorization.exit-applied", of(liability)));
  await send(report("agency", "authorization.exit-agreed", of({ opinion: document("提前退出审核意见") })));
  await send(report("authority", "authorization.terminated", of({ ground: "early-exit", decision: document("终止决定") })));
  await send(step("agency", "opened", { leaving: "operator", reason: exit.reason.zh }));
  await send(step("agency", "permissions-closed", { record: document("权限关闭记录") }));
  const { count, root } = await read<Inventory>(`/v1/exits/${exit.id}/inventory`);
  await send(step("agency", "inventory-frozen", { count, root }), text("demo.inventory", { count, root: root.slice(0, 12) }));

  const { transfers } = await read<TransferPage>(`/v1/reconciliation?authorization=${authorization.id}`);
  const unmatched = transfers.filter(({ finding }) => finding !== undefined);
  for (const { transfer } of unmatched) await send(step("authority", "transfer-explained", { transfer, explanation: exit.explanation.zh }));
  await send(step("authority", "reconciled", { transfers: transfers.length, explained: unmatched.length }));

  const places = join(papers, "places.json");
  await writeFile(places, JSON.stringify(placesOf(workspace)));
  const erased = await exitErase(exit.id, { places, state: join(papers, "erase"), dryRun: false }, await venue.gateway("operator"), output);

  const scan = async (): Promise<number> => {
    await anchored();
    const options = {
      authorization: authorization.id,
      exit: exit.id,
      sidecars: sidecars.directory,
      postgresql: [],
      state: join(papers, "scan"),
    };
    return exitScan([workspace], options, await venue.gateway("agency"), output);
  };
  /** What a scan finds is a fact, which is recorded later than it is taken. */
  const scanned = async (): Promise<void> => {
    for (;;) {
      const { steps } = await read<{ readonly steps: readonly Step[] }>(`/v1/exits/${exit.id}`);
      if (steps.some((one) => one.step === "residue-scanned" && one.state === "done")) return;
      await sleep(50);
    }
  };
  const found = await scan();
  const refused = await refusalOf(() => send(step("meteorology", "verified", { report: document("核验报告") })));
  output.line(`  ${output.style("yellow", text("demo.refused", { rule: ruleLabel(refused ?? "")?.[language] ?? "" }))}  ${refused ?? ""}`);
  await rm(dirname(kept), { recursive: true });
  output.line(`  ${text("demo.removed", { file: relative(workspace, kept) })}`);
  const clean = await scan();
  await scanned();
  await send(step("agency", "announced", { notice: document("退出公告") }));
  const examined = { extent: "full", holdings: count, approach: exit.approach.zh };
  const officer = { post: "清除核验负责人", person: document("工号").digest };
  await send(step("meteorology", "verified", { report: document("核验报告"), examined, officer }));

  const out = join(papers, "certificate.ndjson");
  const trust = { trust: join(venue.data, "trust.json") };
  const certify = async (): Promise<number> => {
    await anchored();
    return exitCertify(exit.id, { ...trust, out, statement: false }, await venue.gateway("authority"), output);
  };
  await certify();
  const { digest } = await verifyExit(createReadStream(out), undefined, await readTrust(trust.trust));
  await send(step("authority", "certified", { certificate: { digest } }));
  await send(step("agency", "completion-announced", { notice: document("退出完成公告") }));
  const [issued, verified] = [await certify(), await verify([out], trust, output)];
  return {
    found: found === Exit.unverified && clean === Exit.done,
    refused: refused !== undefined,
    certified: erased === Exit.done && issued === Exit.done && verified === Exit.done,
  };
}

/** While all of it is still at hand: of what has no fingerprints only the very copy would be found. By way of the gateway that is asked when it is scanned: each has keys of its own. */
async function fingerprint(workspace: string, directory: string, gateway: Gateway): Promise<{ directory: string; count: number }> {
  const key = await keyOf(authorization.id, gateway);
  await mkdir(directory);
  const files = (await readdir(workspace, { withFileTypes: true })).filter((entry) => entry.isFile());
  for (const { name } of files) await writeSidecar(join(workspace, name), key, directory);
  return { directory, count: files.length };
}

/** Packed, in a folder of its own: what a scan has to look into. */
async function keepCopy(workspace: string): Promise<string> {
  const { folder, file } = exit.kept;
  await mkdir(join(workspace, folder));
  const kept = join(workspace, folder, `${file}.gz`);
  await pipeline(createReadStream(join(workspace, file)), createGzip(), createWriteStream(kept));
  return kept;
}

/** Where what was declared to lie on the platform really lies. */
const placesOf = (workspace: string): Places => ({
  executor: "平台运维岗",
  roots: [workspace],
  backups: { state: "none" },
  places: [{ place: `${PLATFORM}/`, file: `${workspace}/` }],
});

/** @returns the code of the rule that refused it */
async function refusalOf(attempt: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await attempt();
    return undefined;
  } catch (error) {
    if (!(error instanceof SuyuanError)) throw error;
    return error.code;
  }
}
