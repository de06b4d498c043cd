/** `suyuan rotate-key`: another key for a journal of a stopped gateway. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { isInUse } from "../gateway/database-copy";
import { rotateKey, type Rotated } from "../gateway/key-rotation";
import { Exit, Failure } from "./failure";
import type { Output } from "./output";
import { text } from "./texts";

/** @returns exit code. @throws Failure `no-ledger` where no gateway was ever started, `directory-locked`, `value-invalid` */
export async function rotate(
  name: Rotated,
  { data, stolen }: { readonly data: string; readonly stolen?: Date },
  output: Output,
): Promise<number> {
  if (!existsSync(join(data, "trust.json"))) throw new Failure("no-ledger", { directory: data });
  if (await isInUse(join(data, "outbox"))) throw new Failure("directory-locked", { directory: data });
  if (stolen !== undefined && stolen.getTime() > Date.now())
    throw new Failure("value-invalid", { name: "--stolen", value: stolen.toISOString(), expected: text("expected.past") });
  const rotation = await rotateKey(data, name, stolen);
  output.document(rotation);
  output.line(text("rotate-key.done", { ...rotation, trust: join(data, "trust.json") }));
  return Exit.done;
}
