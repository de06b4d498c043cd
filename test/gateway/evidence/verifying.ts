/** A process that verifies one file and says what came out and how much memory it took: a test of its own would be measured with it. */
import { createReadStream, readFileSync } from "node:fs";
import { examine } from "../../../gateway/evidence/examine";
import { open } from "../../../gateway/evidence/kind";
import { parseTrust } from "../../../gateway/evidence/trust";
import { NOW } from "./ledger";

async function verifying(file: string, trust: string): Promise<void> {
  const started = performance.now();
  let verified = false;
  for await (const examined of examine(await open(createReadStream(file) as AsyncIterable<Uint8Array>), parseTrust(readFileSync(trust)), {
    now: NOW,
  }))
    verified = examined.verified;
  // Kilobytes.
  process.stdout.write(JSON.stringify({ verified, most: process.resourceUsage().maxRSS, seconds: (performance.now() - started) / 1000 }));
}

const [file = "", trust = ""] = process.argv.slice(2);
if (require.main === module) void verifying(file, trust);
