/** What a certificate repeats of the acts of an exit, read off the events themselves: by who makes it and by who verifies it. */
import type { RecordedEvent } from "../../chaincode/events/envelope";
import type { ExitScan, Officer, Verification } from "./exit-certificate";

type Digest = { readonly digest: string };

/** A text that carried personal information was withheld: then there is none. */
export const textIn = (value: unknown): string => (typeof value === "string" ? value : "");

export function officerIn(data: unknown): Officer | undefined {
  const { officer } = (data ?? {}) as { readonly officer?: { readonly post: unknown; readonly person: string } };
  return officer === undefined ? undefined : { post: textIn(officer.post), person: officer.person };
}

/** @param event that of the verification */
export function verificationIn(event: RecordedEvent | undefined): Verification | undefined {
  if (event === undefined) return undefined;
  const { report, examined, notExecutor } = event.data as {
    readonly report?: Digest;
    readonly examined?: { readonly extent: "full" | "sample"; readonly holdings: number; readonly approach: unknown };
    readonly notExecutor?: Digest;
  };
  return {
    ...{ party: event.party, report: report?.digest ?? "" },
    ...(examined === undefined ? {} : { extent: examined.extent, holdings: examined.holdings, approach: textIn(examined.approach) }),
    ...(notExecutor === undefined ? {} : { notExecutor: notExecutor.digest }),
  };
}

/** @param event that of the scan */
export function scanIn(event: RecordedEvent): Omit<ExitScan, "act" | "at" | "objected" | "voided"> {
  const { tool, scanned, residues, unread, report } = event.data as {
    readonly tool: unknown;
    readonly scanned: number;
    readonly residues: number;
    readonly unread?: number;
    readonly report?: Digest;
  };
  return {
    ...{ party: event.party, tool: textIn(tool), scanned, residues, report: report?.digest ?? "" },
    ...(unread === undefined ? {} : { unread }),
  };
}

/** The act by which the authority certifies (认定). */
export interface Countersignature {
  /** `MSPID/journal/index` */
  readonly act: string;
  readonly party: string;
  /** By the authority's clock, and that of the gateway that took it in. */
  readonly happened: string;
  readonly taken: string;
  readonly officer?: Officer;
}

export function countersignatureIn(act: string, { party, time, recordedtime, data }: RecordedEvent): Countersignature {
  const officer = officerIn(data);
  return { act, party, happened: time, taken: recordedtime, ...(officer === undefined ? {} : { officer }) };
}
