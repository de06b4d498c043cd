/** What was found of a holding in one piece of content. */

/** `whole`: the very bytes of it; `file`: those of a file of the folder that it is; `part`: chunks of it; `rows`: rows of it. */
export type How = "whole" | "file" | "part" | "rows";

export interface Match {
  readonly holding: string;
  readonly how: How;
  /** How much of the holding was found, in thousandths. */
  readonly share: number;
  /** Of a folder, which of its files was found, or most of which, from one on. */
  readonly file?: number;
  /** It may be there, however often: nothing that ends has that content (see `kept`). */
  readonly free?: true;
}

/** Whether it is all of something that was held. */
export const isCopy = (how: How): boolean => how === "whole" || how === "file";
