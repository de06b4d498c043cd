/** What the threads that go through all that was ever held are asked, and answer. */
import type { ExitCertificate } from "../evidence/exit-certificate";
import type { ExitInventory } from "./inventory-reading";

/** Which certificate of an exit. */
export interface CertificateOf {
  /** When the exit was verified, milliseconds since 1970. */
  readonly at: number;
  /** The digest that the authority certified. */
  readonly certified?: string;
}

export type Question =
  | { readonly kind: "inventory"; readonly exit: string }
  | (CertificateOf & { readonly kind: "certificate"; readonly exit: string; readonly source?: string });

/** Canonical JSON or JSON of each item, a line each, in the order of the leaves. */
interface Lines {
  readonly lines: Uint8Array<ArrayBuffer>;
}

export interface InventoryAnswer extends Lines {
  readonly height: number;
  readonly inventory: Omit<ExitInventory, "items">;
}

/** Of a source that was named the lines are its; empty where nothing comes from it. */
export interface CertificateAnswer extends Lines {
  readonly certificate: ExitCertificate;
  readonly names: Readonly<Record<string, string>>;
}

export type Answer = InventoryAnswer | CertificateAnswer | undefined;
