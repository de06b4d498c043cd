/** The city's story: who does what on which day, and what the ledger says to it. Parties and documents are invented. */
import { createHash } from "node:crypto";
import type { Role } from "../../chaincode/events/definition";
import type { Words } from "./story";

export const PARTIES = {
  authority: { code: "11990000MB1A0001XD", name: { zh: "云州市数据局", en: "Yunzhou Data Bureau" }, roles: ["authority"] },
} as const satisfies Record<string, { code: string; name: Words; roles: readonly Role[] }>;

export type PartyName = keyof typeof PARTIES;

export interface Telling {
  /** RFC 3339 with the zone of China. */
  readonly at: string;
  readonly by: PartyName;
  /** `authorization.signed` */
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** The code with which the ledger refuses it, where it does. */
  readonly refused?: string;
  /** What the ledger finds in it, where it does. */
  readonly finding?: string;
}

export interface Chapter {
  readonly title: Words;
  readonly tellings: readonly Telling[];
}

/** Stands for a document of that name. */
export const document = (name: string): { readonly digest: string } => ({ digest: createHash("sha256").update(name).digest("hex") });

export const CHAPTERS: readonly Chapter[] = [];
