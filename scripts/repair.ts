/** What `suyuan fsck --repair` makes again from the ledger. Nothing is thrown away: what was there stays beside it, under another name. */
import { existsSync } from "node:fs";
import { readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { parseSignerKey, type SignerKey } from "../gateway/evidence/note-key";
import { rebuildIndex } from "../gateway/index/rebuild";
import { readBlocks, readGenesis } from "../gateway/ledger/embedded/copy";
import { rebuildState } from "../gateway/ledger/embedded/repair";
import { writeTrust } from "../gateway/trust";
import type { Output } from "./output";
import { text, type TextKey } from "./texts";

/** Codes of the differences of each part, with the file where one is of a file. */
export interface Found {
  readonly part: string;
  readonly code: string;
  readonly file?: string;
  readonly journal?: string;
}

/** @returns whether anything was made again; then all is to be checked once more */
export async function repair(data: string, found: readonly Found[], output: Output): Promise<boolean> {
  const ledger = join(data, "ledger");
  const within = ({ file }: Found, name: string): boolean => file?.startsWith(join(data, name)) === true;
  const rest = new Set(found);
  const take = (wanted: (one: Found) => boolean): number => {
    const taken = found.filter((one) => rest.has(one) && wanted(one));
    for (const one of taken) rest.delete(one);
    return taken.length;
  };
  let made = false;
  const make = async (what: TextKey, work: (tell: (done: number) => void) => Promise<string | undefined>): Promise<void> => {
    let done = 0;
    const progress = output.progress(() => text("fsck.progress", { part: text(what), done }));
    const old = await work((blocks) => {
      done = blocks;
      progress.tick();
    });
    progress.end();
    made = true;
    output.document({ repaired: what.replace("repair.", ""), old });
    output.line(
      output.style("green", text(old === undefined ? "repair.made" : "repair.made-beside", { what: text(what), old: old ?? "" })),
    );
  };

  // Everything below is made of the blocks: where these are not whole, nothing is.
  const isBlocks = ({ part, code }: Found): boolean => part === "ledger" && code !== "state-differs";
  if (!found.some(isBlocks)) {
    if (take((one) => one.code === "state-differs" || within(one, join("ledger", "level"))) > 0)
      await make("repair.state", (tell) => rebuildState(ledger, tell));
    if (take((one) => one.part === "index" || within(one, "index")) > 0)
      await make("repair.index", (tell) => rebuildIndex(join(data, "index"), readBlocks(ledger), tell));
    const signers = await signersOf(data);
    if (signers !== undefined && take(({ code }) => code === "trust-wrong") > 0)
      await make("repair.trust", () => trustAgain(data, signers));
  }
  for (const part of new Set([...rest].map(({ part, file }) => (file === undefined ? part : partOf(file, data))))) {
    output.document({ unrepaired: part, message: text(`repair.not-${part}` as TextKey) });
    output.line(output.style("red", text(`repair.not-${part}` as TextKey)));
  }
  return made;
}

const partOf = (file: string, data: string): string => {
  const [part = ""] = file.slice(data.length + 1).split("/");
  return part;
};

/** Keys of the journals, by their names; undefined where one is missing. */
async function signersOf(data: string): Promise<Readonly<Record<string, SignerKey>> | undefined> {
  const { mspId } = await readGenesis(join(data, "ledger"));
  const signers: Record<string, SignerKey> = {};
  for (const name of ["facts", "acts"]) {
    const key = await readFile(join(data, "keys", `${name}.key`), "utf8").then(parseSignerKey, () => undefined);
    if (key === undefined) return undefined;
    signers[`${mspId}/${name}`] = key;
  }
  return signers;
}

async function trustAgain(data: string, signers: Readonly<Record<string, SignerKey>>): Promise<string | undefined> {
  const [file, old] = [join(data, "trust.json"), join(data, `trust.json.damaged-${Date.now()}`)];
  const { network, channel, chaincode, mspId, authority } = await readGenesis(join(data, "ledger"));
  const there = existsSync(file);
  if (there) await rename(file, old);
  await writeTrust(
    file,
    {
      network: { kind: "embedded", network, channel, chaincode },
      authorities: [{ mspId, certificate: authority }],
      blocks: () => readBlocks(join(data, "ledger")),
    },
    signers,
  );
  return there ? old : undefined;
}
