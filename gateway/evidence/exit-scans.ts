/**
 * What a certificate says of the scans of its exit, against the events themselves. It names every scan up to the verification, the newest if there are
 * too many; one without residue behind the last that it names is not missed, since it would change nothing. Of scans by parties that it does not know it says how many there are: the ledger, which alone knows who may report, counts them for nothing,
 * and anybody could make as many as would fill it. Later residue ends it, if it was found by somebody whose scans the ledger is known to count.
 */
import { isDevelopers } from "../../chaincode/events/exit-record";
import { demand, given } from "./errors";
import { scanIn } from "./exit-acts";
import { type ExitCertificate, MAX_SCANS } from "./exit-certificate";
import { isParticular } from "./exit-particulars";
import { type Act, isLater, isOf, isOfOneJournal, isSame, splitPlace, typeOf } from "./exit-timeline";

const VOIDED = "suyuan.correction.voided";

export class Scans {
  /** Of those listed, by where they stand; and what parties that are known found and is not listed. */
  readonly #listed = new Map<string, Act | undefined>();
  readonly #found: Act[] = [];
  readonly #known: ReadonlySet<string | undefined>;
  readonly #spans: ReadonlyMap<string, readonly [first: number, last: number]>;
  readonly #counted: string | undefined;
  readonly #isFull: boolean;
  /** Of those listed, which were voided, by which acts. */
  readonly #voided: (readonly [scan: unknown, by: Act])[] = [];
  #leftOut = false;
  #strangers = false;
  #strangersFound = false;

  /** @param operatorCodes by which its operator goes on beside its own */
  constructor(
    private readonly certificate: ExitCertificate,
    private readonly operatorCodes: readonly string[] = [],
  ) {
    const { scans, timeline, operator, developer, agency } = certificate;
    for (const { act } of scans) this.#listed.set(act, undefined);
    const parties = [...timeline, ...scans.filter(({ objected }) => objected !== true)].map(({ party }) => party);
    this.#known = new Set([operator, developer, agency, ...parties]);
    this.#counted = timeline.find(({ step }) => step === "residue-scanned")?.act;
    this.#isFull = scans.length >= MAX_SCANS;
    // The one that counts may be older than the newest ones.
    this.#spans = spansOf(scans.map(({ act }) => act).filter((act) => !this.#isFull || act !== this.#counted));
  }

  /** One of the exit's history, whatever it is. However many there are, few take memory. */
  add(act: Act): void {
    if (act.event.type === VOIDED) this.#void(act);
    if (act.event.type !== typeOf("residue-scanned") || !isOf(act.event, this.certificate)) return;
    if (this.#listed.has(act.at)) {
      this.#listed.set(act.at, act);
      return;
    }
    const [journal, index] = splitPlace(act.at);
    const [first, last] = this.#spans.get(journal) ?? [-1, -1];
    const [isBefore, hasFound] = [index < last, scanIn(act.event).residues > 0];
    if (!this.#known.has(act.event.party)) {
      if (isBefore) this.#strangers = true;
      else if (hasFound) this.#strangersFound = true;
    } else if (isBefore) this.#leftOut ||= !this.#isFull || index >= first;
    else if (hasFound) this.#found.push(act);
  }

  #void(by: Act): void {
    const { event } = by.event.data as { readonly event?: unknown };
    if (this.#listed.has(event as string)) this.#voided.push([event, by]);
  }

  /**
   * @param verified the act of the verification
   * @returns whether anybody whose word does not end it reported residue since
   * @throws EvidenceError `exit-acts-differ`, `exit-superseded`
   */
  end(verified: Act): { readonly foundSince: boolean } {
    const { scans, strangersScans } = this.certificate;
    scans.forEach(({ act, at: _, objected: __, voided: ___, ...said }) => {
      demand(isSame(said, scanIn(given(this.#listed.get(act), "exit-acts-differ").event)), "exit-acts-differ");
    });
    const isCounted = scans.some(({ act, objected }) => act === this.#counted && objected !== true);
    demand(this.#listed.size === scans.length && isCounted && !this.#leftOut, "exit-acts-differ");
    demand(!this.#strangers || strangersScans !== undefined, "exit-acts-differ");
    // Of another journal's clock more cannot be said; who issues it says of those, too.
    const isBefore = (by: Act): boolean => isOfOneJournal(by, verified) && isLater(verified, by);
    const voided = new Set(this.#voided.flatMap(([scan, by]) => (isBefore(by) ? [scan] : [])));
    demand(!isParticular(this.certificate) || scans.every((scan) => scan.voided === true || !voided.has(scan.act)), "exit-acts-differ");
    const since = this.#found.filter((act) => isLater(act, verified));
    demand(this.#isFull || since.length === this.#found.length, "exit-acts-differ");
    // In the exit of its developer, or of what that made, an operator's word ends nothing by itself.
    const { operator } = this.certificate;
    const isOperators = ({ event: { party } }: Act): boolean => party === operator || this.operatorCodes.includes(party);
    demand(isDevelopers(this.certificate) ? since.every(isOperators) : since.length === 0, "exit-superseded");
    return { foundSince: this.#strangersFound || since.length > 0 };
  }
}

/** Of each journal the first and the last index. */
function spansOf(places: readonly string[]): ReadonlyMap<string, readonly [first: number, last: number]> {
  const spans = new Map<string, readonly [number, number]>();
  for (const at of places) {
    const [journal, index] = splitPlace(at);
    const [first, last] = spans.get(journal) ?? [index, index];
    spans.set(journal, [Math.min(first, index), Math.max(last, index)]);
  }
  return spans;
}
