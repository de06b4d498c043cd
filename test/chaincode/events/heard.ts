/**
 * Keeps what the tests of this folder tell their worlds, for `rules.long.test.ts` to tell it to a real gateway: mocha loads it beside them with
 * `--require`, and it writes to the file that `SUYUAN_HEARD` names.
 */
import { writeFileSync } from "node:fs";
import { type Heard, World } from "./world";

/** One world from its first report on. */
export type Told = readonly Heard[];

export const mochaHooks = {
  afterAll(): void {
    const file = process.env["SUYUAN_HEARD"];
    if (file === undefined) throw new Error("SUYUAN_HEARD names no file");
    const told: Told[] = World.all.filter(({ meddled, heard }) => !meddled && heard.every(isTellable)).map(({ heard }) => heard);
    writeFileSync(file, JSON.stringify(told));
  },
};

/** A gateway speaks for one organisation, lets nothing through that has not its type's shape, and has one clock. */
const isTellable = ({ report: { mspId = "SuyuanMSP", taken }, codes }: Heard): boolean =>
  mspId === "SuyuanMSP" && taken === undefined && codes !== undefined;
