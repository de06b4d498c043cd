/** What a certificate says, in one language: words of the other stand in it only where somebody reported them, and names. */
import type { Countersignature } from "../evidence/exit-acts";
import type { BackupsDue } from "../evidence/exit-backups";
import { type Counts, type ExitStatement, type Handling, ITEM_STATES } from "../evidence/exit-certificate";
import { MAX_KEYS } from "../evidence/exit-particulars";
import { residueIn } from "../evidence/exit-residual";
import verdictLabels from "../evidence/verdict.labels.json";
import { eventLabel, fieldLabel, type Label, valueLabel } from "../labels";
import { localTime } from "../local-time";
import words from "./certificate-page.labels.json";
import { standardIn } from "./erase/standard";
import { bullets, escaped, list, paragraph, table } from "./sheet-html";

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

export const certificateSheet = (page: Page, language: keyof Label): string => new Sheet(page, language).html();

class Sheet {
  constructor(
    private readonly page: Page,
    private readonly language: keyof Label,
  ) {}

  html(): string {
    const sections: readonly (readonly [name: keyof typeof words, content: string])[] = [
      ["identity", this.#identity()],
      ["timeline", this.#timeline()],
      ["inventory", this.#inventory()],
      ["handled", this.#handled()],
      ["kept", this.#kept()],
      ["scans", this.#scans()],
      ["verification", this.#verification()],
      ["residual", this.#residual()],
      ["signatures", this.#signatures()],
      ["check", this.#check()],
    ];
    const { since } = this.page;
    const before = since === undefined ? "" : `<p class="since">${escaped(this.#say("since", { ...since }))}</p>`;
    return before + sections.map(([name, content]) => `<h2>${escaped(this.#say(name))}</h2>${content}`).join("\n");
  }

  #say(key: keyof typeof words, values: Readonly<Record<string, string | number>> = {}): string {
    return words[key][this.language].replace(/\{(\w+)\}/g, (name, value: string) => String(values[value] ?? name));
  }
  #label = (label: Label | undefined, otherwise: string): string => label?.[this.language] ?? otherwise;
  #heads = (...keys: readonly (keyof typeof words)[]): readonly string[] => keys.map((key) => this.#say(key));
  #joined = (parts: readonly (string | undefined)[]): string =>
    parts.filter((part) => part !== undefined && part !== "").join(this.#say("and"));
  #named(code: string): string {
    const name = this.page.names[code];
    return name === undefined ? code : `${name} ${code}`;
  }

  #identity(): string {
    const { number, exit, authorization, leaving, developer, scenario, product, operator, agency, basis, agreement, trigger } =
      this.page.certificate;
    const rests = trigger?.rests;
    const ground = rests?.ground === undefined ? undefined : this.#label(valueLabel("authorization", "ground", rests.ground), rests.ground);
    return list([
      [this.#say("number"), number],
      [this.#say("exit"), exit],
      [this.#say("authorization"), authorization],
      [this.#say("leaving"), this.#label(valueLabel("exit", "leaving", leaving), leaving)],
      [this.#say("scenario"), scenario],
      [this.#say("product"), product],
      [this.#say("operator"), this.#named(operator)],
      [this.#say("developer"), developer === undefined ? undefined : this.#named(developer)],
      [this.#say("agency"), this.#named(agency)],
      [
        this.#say("ground"),
        rests && this.#joined([this.#label(eventLabel(rests.type), rests.type), ground, rests.reason, this.#named(rests.party), rests.act]),
      ],
      [this.#say("reason"), trigger?.reason],
      [this.#say("basis"), basis],
      [this.#say("agreement"), agreement && this.#joined([agreement.act, agreement.until, agreement.digest])],
    ]);
  }

  #timeline(): string {
    const { timeline, deletions } = this.page.certificate;
    const steps = timeline.map(({ step, act, party, at, happened, officer }) => ({
      at,
      row: [
        this.#label(eventLabel(`suyuan.exit.${step}`), step),
        localTime(at),
        localTime(happened ?? ""),
        this.#joined([this.#named(party), officer?.post]),
        act,
      ],
    }));
    const deleted = (["first", "last"] as const).flatMap((which) => {
      const one = deletions?.[which];
      return one === undefined ? [] : [{ at: one.at, row: [this.#say(`deleted-${which}`), localTime(one.at), "", "", one.act] }];
    });
    const rows = [...steps, ...deleted].sort((a, b) => Date.parse(a.at) - Date.parse(b.at)).map(({ row }) => row);
    return `${table(this.#heads("step", "at", "happened", "party", "act"), rows)}${paragraph(this.#say("clock"))}`;
  }

  #inventory(): string {
    const { inventory, items, origins, counts, reconciliation } = this.page.certificate;
    const states = ITEM_STATES.filter((state) => state === "outstanding" || (counts[state] ?? 0) > 0);
    const total = (of: Counts): number => ITEM_STATES.reduce((sum, state) => sum + (of[state] ?? 0), 0);
    const row = (name: string, frozen: number, of: Counts): readonly string[] => [
      name,
      ...[frozen, total(of) - frozen, total(of), ...states.map((state) => of[state] ?? 0)].map(String),
    ];
    const said = list([
      [this.#say("count"), String(inventory.count)],
      [this.#say("late"), String(items.count - inventory.count)],
      [this.#say("items"), String(items.count)],
      [this.#say("root"), inventory.root],
      [this.#say("items-root"), items.root],
      [this.#say("items-bytes"), String(items.bytes)],
      [this.#say("reconciliation"), reconciliation && this.#say("reconciled", { ...reconciliation })],
    ]);
    const bySource = table(
      [...this.#heads("source", "frozen", "later", "together"), ...states.map((state) => this.#say(state))],
      [
        ...origins.map((one) => row(one.source === undefined ? this.#say("no-source") : this.#named(one.source), one.expected, one.counts)),
        row(this.#say("all"), inventory.count, counts),
      ],
    );
    return `${said}${bySource}${paragraph(this.#say("several-sources"))}`;
  }

  #handled(): string {
    const { handlings, keys = [] } = this.page.certificate;
    const rows = handlings
      .filter(({ state }) => state !== "retained")
      .map((one) => [this.#say(one.state), this.#named(one.party), String(one.items), this.#ways(one)]);
    const destroyed = table(
      this.#heads("key", "key-record", "pieces"),
      keys.map(({ key, record, items }) => [key, record, String(items)]),
    );
    const more = keys.length < MAX_KEYS ? "" : paragraph(this.#say("more-keys"));
    return `${table(this.#heads("state", "by", "pieces", "how"), rows)}${keys.length === 0 ? "" : `<h3>${escaped(this.#say("keys"))}</h3>${destroyed}${more}`}`;
  }

  #kept(): string {
    const kept = this.page.certificate.handlings.filter(({ state }) => state === "retained");
    if (kept.length === 0) return paragraph(this.#say("nothing"));
    return table(
      this.#heads("custodian", "kept-for", "kept-until", "pieces", "kept-by"),
      kept.map(({ custodian, party, items, how: { until = "", ...how } }) => [
        custodian === undefined ? this.#say("custodian-unsaid") : this.#named(custodian),
        this.#ways({ state: "retained", how }),
        until,
        String(items),
        this.#named(party),
      ]),
    );
  }

  /** Where each item was dealt with in a way of its own, its event says how. */
  #ways({ how }: Pick<Handling, "state" | "how">): string {
    const told = Object.entries(how).map(([name, value]) => {
      const said = this.page.names[value] === undefined ? this.#value(name, value) : this.#named(value);
      return this.#say("told", { name: this.#label(fieldLabel("holding", name), name), said });
    });
    const isOwn = Object.keys(how).every((name) => name === "backups" || name === "purged");
    return this.#joined(isOwn ? [this.#say("in-events"), ...told] : told);
  }

  /** Of a field that takes one of a few values, or is written by what erases; any other text stands as it was reported. */
  #value(name: string, value: string): string {
    if (name === "standard") return standardIn(value, this.language);
    return this.#label(valueLabel("holding", name === "backups" ? "state" : name, value), value);
  }

  #scans(): string {
    const { scans, strangersScans } = this.page.certificate;
    const rows = scans.map(({ tool, party, at, scanned, residues, unread, report, objected }) => [
      objected === true ? this.#joined([tool, this.#say("objected")]) : tool,
      this.#named(party),
      localTime(at),
      ...[scanned, residues, unread ?? this.#say("unsaid-number")].map(String),
      report,
    ]);
    const before = residueIn(scans);
    const found = before?.found.map(({ party, at, scanned, residues }) =>
      this.#say("found-before", { party: this.#named(party), at: localTime(at), scanned, residues }),
    );
    const [among, later] = [before?.among ?? 0, before?.since ?? 0];
    const since = before && this.#say(later < among ? "looked-less" : "looked-since", { among, since: later });
    return [
      table(this.#heads("tool", "by", "at", "scanned", "residues", "unread", "report"), rows),
      ...(strangersScans === undefined ? [] : [list([[this.#say("strangers-scans"), String(strangersScans)]])]),
      ...(found === undefined || since === undefined ? [] : [bullets([...found, since])]),
    ].join("");
  }

  #verification(): string {
    const { party, extent, holdings, approach, report, notExecutor } = this.page.certificate.verification;
    const how =
      extent && this.#say("examined", { extent: this.#label(valueLabel("exit", "extent", extent), extent), holdings: holdings ?? 0 });
    return list([
      [this.#say("verifier"), this.#named(party)],
      [this.#say("extent"), how ?? this.#say("unsaid")],
      [this.#say("approach"), approach],
      [this.#say("report"), report],
      [this.#say("not-executor"), notExecutor],
    ]);
  }

  #residual(): string {
    const { certificate, backups } = this.page;
    const open = bullets(certificate.residual.map((code) => verdictLabels.residual[code][this.language]));
    if (backups.length === 0) return open;
    const rows = backups.map(({ party, due, purged }) => [this.#named(party), due, purged ?? this.#say("unpurged")]);
    return `${open}<h3>${escaped(this.#say("backups"))}</h3>${table(this.#heads("by", "due", "purged"), rows)}`;
  }

  /** Only who deleted executed it: who struck, retained or transferred did not. */
  #signatures(): string {
    const { certificate, countersignature, journal, issued } = this.page;
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
        : [this.#joined([this.#label(eventLabel(`suyuan.exit.${step}`), step), this.#named(party), officer.post, officer.person])],
    );
    const signed = countersignature && [
      this.#named(countersignature.party),
      countersignature.officer?.post,
      countersignature.officer?.person,
      localTime(countersignature.happened),
      countersignature.act,
    ];
    return list([
      ...[...executors].map(([code, posts]) => [this.#say("executors"), this.#joined([this.#named(code), ...posts])] as const),
      ...(executors.size === 0 ? [[this.#say("executors"), this.#say("nobody")] as const] : []),
      [
        this.#say("verifier"),
        verified &&
          this.#joined([this.#named(verified.party), verified.officer?.post, localTime(verified.happened ?? verified.at), verified.act]),
      ],
      ...officers.map((officer) => [this.#say("officers"), officer] as const),
      [this.#say("authority"), signed === undefined ? this.#say("pending") : this.#joined(signed)],
      [this.#say("issuer"), this.#joined([journal, localTime(issued)])],
    ]);
  }

  #check(): string {
    const { network, isOneParty, digest } = this.page;
    return list([
      [this.#say("ledger"), this.#joined([network, this.#say(isOneParty ? "one-party" : "many-parties")])],
      [this.#say("digest"), digest],
      [this.#say("code"), this.#say("code-leads")],
      [this.#say("how-to-check"), "suyuan verify CERTIFICATE.ndjson --trust trust.json"],
    ]);
  }
}
