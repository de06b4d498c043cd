/** Leaves a scan's journal as if the scan had been killed before its end. */
import { readFileSync, writeFileSync } from "node:fs";

export function cutOff(journal: string): void {
  const lines = readFileSync(journal, "utf8").split("\n");
  writeFileSync(journal, `${lines.slice(0, -2).join("\n")}\n`);
}
