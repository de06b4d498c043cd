/**
 * How arguments and results cross: text as it is, anything else that a transaction returns as JSON. In place of fabric-contract-api's own, which
 * asks the release of class-transformer it depends on for a function that is no longer there, and so fails on objects.
 */
import { isUtf8 } from "node:buffer";

export class TextSerializer {
  toBuffer(result: unknown): Buffer | undefined {
    if (result === undefined || result === null) return undefined;
    return Buffer.from(typeof result === "string" ? result : JSON.stringify(result), "utf8");
  }

  /** Empty for what is no text: to put a batch into wrong words takes as long as to judge 400 events, and the contract takes its bytes from the call. */
  fromBuffer(bytes: Uint8Array): { readonly value: string } {
    return { value: isUtf8(bytes) ? Buffer.from(bytes).toString("utf8") : "" };
  }
}

/** In the form in which Fabric's launcher looks for them. */
export const serializers = { transaction: "text", serializers: { text: TextSerializer } };
