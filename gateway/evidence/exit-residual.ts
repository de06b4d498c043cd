/** What remains open of an exit, as it follows from the rest of its certificate: for who makes it and for who verifies it. */
import { isDevelopers } from "../../chaincode/events/exit-record";
import { type ExitCertificate, type ExitScan, MAX_SCANS, type Residual } from "./exit-certificate";
import { isParticular } from "./exit-particulars";

export function residualOf(it: Omit<ExitCertificate, "residual">): readonly Residual[] {
  const { operator, counts, items, inventory, origins, handlings, scans, strangersScans, verification } = it;
  const { extent, holdings = 0, notExecutor } = verification;
  const before = isParticular(it) ? residueIn(scans) : undefined;
  const found: readonly (readonly [Residual, boolean])[] = [
    ["unrecorded-copies", true],
    ["word-of-executor", counts.deleted > 0],
    ["backups-beyond-use", handlings.some(({ how }) => how["backups"] === "beyond-use")],
    ["still-retained", counts.retained > 0],
    ["transferred", counts.transferred > 0],
    ["late-holdings", items.count > inventory.count],
    ["origin-unknown", origins.some(({ source }) => source === undefined)],
    ["declared-without-part", it.declaredWithoutPart !== undefined],
    ["held-for-another", it.heldForAnother !== undefined],
    ["struck", counts.struck > 0],
    ["succession-annulled", counts.annulled !== undefined],
    ["report-voided", it.voided !== undefined || scans.some(({ voided }) => voided === true)],
    ["scan-incomplete", scans.some(({ unread = 0 }) => unread > 0)],
    ["scans-objected", strangersScans !== undefined || scans.some(({ objected }) => objected === true)],
    ["residue-by-operator", isDevelopers(it) && scans.some(({ party, residues }) => party === operator && residues > 0)],
    ["residue-found-before", before !== undefined],
    ["looked-less-since", before !== undefined && before.since < before.among],
    ["older-scans", scans.length >= MAX_SCANS],
    ["verified-by-sample", extent === "sample" || (extent === "full" && holdings < inventory.count)],
    ["verification-extent-unknown", extent === undefined],
    ["verifier-named-executor", notExecutor !== undefined],
  ];
  return found.flatMap(([residual, holds]) => (holds ? [residual] : []));
}

/** Residue that was reported, and how it was looked for then and afterwards. */
export interface FoundBefore {
  /** Those of the scans that found some. */
  readonly found: readonly ExitScan[];
  /** Objects that the largest of them looked through, and the largest of those after the last of them: 0 where there are none. */
  readonly among: number;
  readonly since: number;
}

/** @returns undefined where no scan that the ledger had nothing against found any */
export function residueIn(scans: readonly ExitScan[]): FoundBefore | undefined {
  const counted = scans.filter(({ objected }) => objected !== true);
  const last = counted.findLastIndex(({ residues }) => residues > 0);
  if (last < 0) return undefined;
  const most = (of: readonly ExitScan[]): number => Math.max(0, ...of.map(({ scanned }) => scanned));
  const found = counted.filter(({ residues }) => residues > 0);
  return { found, among: most(found), since: most(counted.slice(last + 1).filter(({ voided }) => voided !== true)) };
}
