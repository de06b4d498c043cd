/** What a sheet is made of; and who acted, by whose word. */
import type { Countersignature } from "../evidence/exit-acts";
import type { BackupsDue } from "../evidence/exit-backups";
import type { ExitStatement } from "../evidence/exit-certificate";
import { eventLabel } from "../labels";
import { localTime } from "../local-time";
import { list } from "./sheet-html";
import type { SheetWords } from "./sheet-words";

export interface Page extends Omit<ExitStatement, "iat"> {
  /** RFC 3339. */
  readonly issued: string;
  readonly digest: string;
  /** The authority's act that names the digest. */
  readonly countersignature?: Countersignature;
  /** Backups that were beyond use, and whether they were reported gone since. */
  readonly backups: readonly BackupsDue[];
  /** Of the ledger; and whether one party keeps it (单方账本). */
  readonly network: string;
  readonly isOneParty: boolean;
}

/** Only who deleted executed it: who struck, retained or transferred did not. */
export function signatures(page: Page, words: SheetWords): string {
  const { certificate, countersignature, journal, issued } = page;
  const { handlings, timeline } = certificate;
  const deleted = handlings.filter(({ state }) => state === "deleted");
  const executors = new Map<string, Set<string>>();
  for (const { party, how } of deleted)
    for (const code of [party, how["executorParty"] ?? party]) {
      const posts = executors.get(code) ?? new Set();
      if (how["executor"] !== undefined && code === (how["executorParty"] ?? party)) posts.add(how["executor"]);
      executors.set(code, posts);
    }
  const verified = timeline.find(({ step }) => step === "verified");
  const officers = timeline.flatMap(({ step, party, officer }) =>
    officer === undefined
      ? []
      : [words.joined([words.label(eventLabel(`suyuan.exit.${step}`), step), words.named(party), officer.post, officer.person])],
  );
  const signed = countersignature && [
    words.named(countersignature.party),
    countersignature.officer?.post,
    countersignature.officer?.person,
    localTime(countersignature.happened),
    countersignature.act,
  ];
  return list([
    ...[...executors].map(([code, posts]) => [words.say("executors"), words.joined([words.named(code), ...posts])] as const),
    ...(executors.size === 0 ? [[words.say("executors"), words.say("nobody")] as const] : []),
    [
      words.say("verifier"),
      verified &&
        words.joined([words.named(verified.party), verified.officer?.post, localTime(verified.happened ?? verified.at), verified.act]),
    ],
    ...officers.map((officer) => [words.say("officers"), officer] as const),
    [words.say("authority"), signed === undefined ? words.say("pending") : words.joined(signed)],
    [words.say("issuer"), words.joined([journal, localTime(issued)])],
  ]);
}
