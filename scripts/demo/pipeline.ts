/** The whole pipeline, step by step: pull, clean, de-identify, join. Real work on real files; the same input gives the same bytes. */
import { join } from "node:path";
import { clean } from "./clean";
import { deidentify, type Sensitive } from "./deidentify";
import { integrate } from "./integrate";
import { pull } from "./pull";
import type { SourceName } from "./sources";
import type { Step } from "./step";

const SENSITIVE: readonly Sensitive[] = ["flights", "delays", "airports"];

/** What to pull of each source; the story's resources are one. */
export type Demands = Readonly<Record<SourceName, { readonly demanded: readonly string[] }>>;

/**
 * Runs every step in `directory` (which must exist) and yields each as it is done, so that it can be reported before the next one
 * starts. The last step's output is the product. Leaves the files of all steps in place: raw, clean, de-identified, product.
 */
export async function* pipeline(demands: Demands, directory: string): AsyncGenerator<Step> {
  const file = (source: SourceName, stage: string) => join(directory, `${source}.${stage}.csv`);
  const names = Object.keys(demands) as SourceName[];
  for (const name of names) yield await pull(name, demands[name].demanded, file(name, "raw"));
  for (const name of names) yield await clean(name, file(name, "raw"), file(name, "clean"));
  for (const name of SENSITIVE) yield await deidentify(name, file(name, "clean"), file(name, "deidentified"));
  yield await integrate(
    {
      flights: file("flights", "deidentified"),
      delays: file("delays", "deidentified"),
      airports: file("airports", "deidentified"),
      weather: file("weather", "clean"),
    },
    join(directory, "product.csv"),
  );
}
