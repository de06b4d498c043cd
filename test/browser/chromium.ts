/** A real browser. `SUYUAN_CHROMIUM` names it where it is not on PATH. */
import { spawnSync } from "node:child_process";
import { type Browser, chromium } from "playwright-core";

const NAMES = [process.env["SUYUAN_CHROMIUM"], "chromium", "chromium-browser", "google-chrome"];

/** @returns undefined where there is none */
export async function openChromium(): Promise<Browser | undefined> {
  const executablePath = NAMES.find((name) => name !== undefined && spawnSync(name, ["--version"]).status === 0);
  if (executablePath === undefined) return undefined;
  const path = spawnSync("/bin/sh", ["-c", `command -v "${executablePath}"`], { encoding: "utf8" }).stdout.trim();
  return chromium.launch({ executablePath: path, args: ["--no-sandbox"] });
}
