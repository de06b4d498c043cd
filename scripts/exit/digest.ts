/** `suyuan exit digest`: the digest that a holding's declaration should carry, for what is now where a places file says. */
import { sumLine } from "../../gateway/exit/erase/file-list";
import { selectorOf } from "../../gateway/exit/erase/places";
import { Exit } from "../failure";
import type { Output } from "../output";
import { text } from "../texts";
import { lookAtPlaces, namedBy, sayUnseen } from "./look";

/** @returns exit code: `failed` where any place has no digest */
export async function exitDigest(file: string, output: Output): Promise<number> {
  let bytes = 0;
  const progress = output.progress(() => text("digest.progress", { megabytes: Math.floor(bytes / 1e6) }));
  const onBytes = (count: number): void => {
    bytes += count;
    progress.tick();
  };
  let isWhole = true;
  try {
    for await (const [place, told] of lookAtPlaces(file, [], onBytes, () => undefined)) {
      progress.clear();
      if ("digest" in told) {
        output.document({ ...namedBy(place), ...told });
        output.line(
          sumLine(told.digest, Buffer.from(selectorOf(place)))
            .toString()
            .trimEnd(),
        );
      } else {
        isWhole = false;
        sayUnseen(place, told, output);
      }
    }
  } finally {
    progress.end();
  }
  return isWhole ? Exit.done : Exit.failed;
}
