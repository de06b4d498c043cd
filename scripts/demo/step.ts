/** What a step of the pipeline did, in the words in which it is reported to the ledger. */
import type { SourceName } from "./sources";
import type { DataFile } from "./table";

/** The pipeline's version: it changes when the same input would give another output, which a test watches. */
export const VERSION = "1.0.0";

interface Done {
  readonly inputs: readonly DataFile[];
  readonly output: DataFile;
  readonly tool: { readonly name: string; readonly version: string };
  /** What the step was told. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** What it left out or altered on the way, in rows. */
  readonly counts: Readonly<Record<string, number>>;
}

/** Fields of a department's file were copied into the working directory. */
export interface Pull extends Done {
  readonly step: "pull";
  readonly source: SourceName;
  readonly fields: readonly string[];
}

/** Data made of data; the names are those of `data.processed`. */
export interface Processing extends Done {
  readonly step: "clean" | "desensitise" | "integrate";
}

/** The product was asked. */
export interface Call extends Done {
  readonly step: "call";
}

export type Step = Pull | Processing | Call;

export const tool = (step: Step["step"]): Done["tool"] => ({ name: `suyuan-demo-${step}`, version: VERSION });
