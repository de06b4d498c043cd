/** `suyuan exit erase`: erases what an exit's inventory says is outstanding, where a places file says that it lies, and has the ledger know. */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { decodeJwt } from "jose";
import { version } from "../../package.json";
import { SuyuanClient, SuyuanError } from "../../gateway/client";
import { SOURCE } from "../../gateway/exit/erase/deletion";
import { Erasure, type Progress, type Send } from "../../gateway/exit/erase/erasure";
import { Journal, JournalError } from "../../gateway/exit/erase/journal";
import type { Item, Outcome } from "../../gateway/exit/erase/outcome";
import { PlaceIndex } from "../../gateway/exit/erase/places";
import { say } from "./erase-words";
import { type Holding, holdingsBesides, holdingsOf, readExit, THERE } from "./holdings";
import { eraserOf, readPlaces, rootsOf } from "./places";
import { Exit, Failure, reasonOf } from "../failure";
import type { Output } from "../output";
import { bodyOf, failureOfProblem, type Gateway, request, unreachable } from "../request";
import { text } from "../texts";

export interface EraseOptions {
  /** The places file. */
  readonly places: string;
  /** Folder for the journal. */
  readonly state: string;
  readonly dryRun: boolean;
}

/** What leaves a holding as it should be. */
const GOOD: ReadonlySet<string> = new Set(["erased", "would-erase", "would-report", "settled"]);

/** @returns exit code: `failed` where anything that is outstanding was left */
export async function exitErase(exit: string, options: EraseOptions, gateway: Gateway, output: Output): Promise<number> {
  const file = await readPlaces(options.places);
  const { places } = file;
  const authorization = await frozen(exit, gateway);
  const own = await inventory(exit, gateway);
  const others = await holdingsBesides(authorization, gateway);
  const items = [...own, ...besides(own, [...(await holdingsOf(authorization, THERE, gateway)), ...(others ?? [])])];
  const scratch = options.dryRun ? await mkdtemp(join(tmpdir(), "suyuan-exit-erase-")) : await ownFolder(options.state);
  const ownFiles = [resolve(options.places), scratch, ...(options.dryRun ? [] : [resolve(options.state)])];
  const index = new PlaceIndex(places.places);
  let now: Progress = { done: 0, of: 0, bytes: 0, target: "" };
  const progress = output.progress(() => text("exit.erase.progress", { ...now, megabytes: Math.floor(now.bytes / 1e6) }));
  try {
    const roots = await rootsOf(file, ownFiles);
    const erasure = new Erasure({
      ...{ authorization, places, index, version },
      parties: places.parties ?? [partyOf(gateway.token)],
      eraserOf: (place) => eraserOf(place, roots, scratch),
      send: sending(gateway),
      onProgress: (at) => {
        now = at;
        progress.tick();
      },
    });
    const outcomes = await (
      options.dryRun
        ? erasure.look(
            items,
            journalOf(options.state, () => Journal.peek(options.state, exit)),
          )
        : erased(erasure, items, exit, options.state, gateway)
    ).finally(() => progress.end());
    const forms = new Map(items.map(({ holding, form }) => [holding, form]));
    say(outcomes, index.unused(), { isDryRun: options.dryRun, othersUnknown: others === undefined, forms }, output);
    return outcomes.every(({ result }) => GOOD.has(result)) ? Exit.done : Exit.failed;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function erased(
  erasure: Erasure,
  items: readonly Item[],
  exit: string,
  state: string,
  gateway: Gateway,
): Promise<readonly Outcome[]> {
  const journal = journalOf(state, () => Journal.open(state, exit));
  try {
    const outcomes = await counted(await erasure.run(items, journal), exit, gateway);
    const isUncounted = ({ result, problem, leafHash }: Outcome): boolean =>
      result === "unrecorded" && leafHash !== undefined && problem !== undefined;
    journal.add(outcomes.filter(isUncounted).map(({ holding, problem = "" }) => ({ uncounted: holding, code: problem })));
    return outcomes;
  } finally {
    journal.close();
  }
}

/** Whose token it is: the gateway has checked it. */
const partyOf = (token: string): string => String(decodeJwt(token)["party"]);

/** @returns the folder for what readers need; what an earlier run left there is gone */
async function ownFolder(state: string): Promise<string> {
  const scratch = join(state, "scratch");
  await mkdir(state, { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
    throw new Failure("file-unwritable", { file: state, reason: reasonOf(cause) }, { cause });
  });
  await rm(scratch, { recursive: true, force: true });
  await mkdir(scratch, { mode: 0o700 });
  return resolve(scratch);
}

/** @throws Failure `state-of-another`, `state-in-use` */
function journalOf<T>(state: string, open: () => T): T {
  try {
    return open();
  } catch (error) {
    if (error instanceof JournalError) throw new Failure(`state-${error.code}`, { state, what: error.what }, { cause: error });
    throw error;
  }
}

/** @returns the authorization. @throws Failure `exit-not-frozen`: what is erased before the inventory is frozen is in no inventory */
async function frozen(exit: string, gateway: Gateway): Promise<string> {
  const state = await readExit(exit, gateway);
  const step = state.steps.find(({ step }) => step === "inventory-frozen");
  if (step?.state !== "done") throw new Failure("exit-not-frozen", { exit });
  return state.authorization;
}

async function inventory(exit: string, gateway: Gateway): Promise<readonly Item[]> {
  const path = `/v1/exits/${encodeURIComponent(exit)}/inventory`;
  const body = await bodyOf(await request(gateway, { path, accept: "application/x-ndjson" }));
  return body
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Item);
}

/** What is there besides, under what the exit does not end, or another authorization: it is to stay. */
function besides(inventory: readonly Item[], all: readonly Holding[]): readonly Item[] {
  const known = new Set(inventory.map(({ holding }) => holding));
  return all
    .filter(({ holding }) => !known.has(holding))
    .map(({ holding, party, state, declared: { digest, place, form } }) => {
      return { ...{ holding, party, digest, place, form }, state: state as Item["state"], goesOn: true };
    });
}

/** What the gateway cannot take for now is sent again for a while. */
function sending({ url, token }: Gateway): Send {
  const client = new SuyuanClient({ url: url.href, token, source: SOURCE });
  return async (events) => {
    try {
      const answers = await client.recordAll(events);
      return answers.map(({ leafHash, problem }) => ({
        ...(leafHash === undefined ? {} : { leafHash }),
        ...(problem === undefined ? {} : { refused: problem.code }),
      }));
    } catch (error) {
      throw error instanceof SuyuanError ? failureOf(error, url) : error;
    }
  };
}

/** As of any other request to a gateway. */
function failureOf(error: SuyuanError, url: URL): Failure {
  const { problem, cause = error } = error;
  return problem === undefined ? unreachable(url, cause) : failureOfProblem(problem.status, problem);
}

/** Reports that the ledger has recorded and not counted are none: somebody else's word is needed, or another one. */
async function counted(outcomes: readonly Outcome[], exit: string, gateway: Gateway): Promise<readonly Outcome[]> {
  const last = outcomes.findLast(({ result, leafHash }) => result === "erased" && leafHash !== undefined)?.leafHash;
  if (last === undefined) return outcomes;
  const client = new SuyuanClient({ url: gateway.url.href, token: gateway.token });
  try {
    await client.waitAnchored(last);
  } catch (error) {
    // Promised, and not there yet: the next run says what became of it.
    if (error instanceof SuyuanError) return outcomes;
    throw error;
  }
  const states = new Map((await inventory(exit, gateway)).map(({ holding, state }) => [holding, state]));
  const uncounted = outcomes.filter(({ result, holding }) => result === "erased" && states.get(holding) === "outstanding");
  const codes = new Map<string, string | undefined>();
  for (const { holding, leafHash = "" } of uncounted) {
    const { findings = [] } = (await client.event(leafHash).catch(() => ({}))) as {
      readonly findings?: readonly { readonly code: string }[];
    };
    codes.set(holding, findings[0]?.code);
  }
  return outcomes.map((outcome) => {
    const problem = codes.get(outcome.holding);
    if (!codes.has(outcome.holding)) return outcome;
    return { ...outcome, result: "unrecorded", ...(problem === undefined ? {} : { problem }) };
  });
}
