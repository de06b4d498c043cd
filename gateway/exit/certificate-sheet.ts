/** What a certificate says, in one language: words of the other stand in it only where somebody reported them, and names. */
import { type Counts, ITEM_STATES } from "../evidence/exit-certificate";
import { MAX_KEYS } from "../evidence/exit-particulars";
import { residueIn } from "../evidence/exit-residual";
import verdictLabels from "../evidence/verdict.labels.json";
import { eventLabel, type Label, valueLabel } from "../labels";
import { localTime } from "../local-time";
import { bullets, escaped, list, paragraph, table } from "./sheet-html";
import { type Page, signatures } from "./sheet-signatures";
import { SheetWords, type Word } from "./sheet-words";

export type { Page };

/** @param verifier address of its page */
export const certificateSheet = (page: Page, verifier: string, language: keyof Label): string => new Sheet(page, verifier, language).html();

class Sheet {
  readonly #words: SheetWords;

  constructor(
    private readonly page: Page,
    private readonly verifier: string,
    private readonly language: keyof Label,
  ) {
    this.#words = new SheetWords(language, page.names);
  }

  html(): string {
    const sections: readonly (readonly [name: Word, content: string])[] = [
      ["identity", this.#identity()],
      ["timeline", this.#timeline()],
      ["inventory", this.#inventory()],
      ["handled", this.#handled()],
      ["kept", this.#kept()],
      ["scans", this.#scans()],
      ["verification", this.#verification()],
      ["residual", this.#residual()],
      ["signatures", signatures(this.page, this.#words)],
      ["check", this.#check()],
    ];
    const { since, byDevelopers } = this.page;
    const ended = since === undefined ? "" : `<p class="since">${escaped(this.#words.say("since", { ...since }))}</p>`;
    const before = byDevelopers === undefined ? "" : paragraph(this.#words.say("by-developers", { count: byDevelopers }));
    return ended + before + sections.map(([name, content]) => `<h2>${escaped(this.#words.say(name))}</h2>${content}`).join("\n");
  }

  #identity(): string {
    const { number, exit, authorization, leaving, developer, scenario, product, maker, operator, agency, basis, agreement, trigger } =
      this.page.certificate;
    const [rests, whose] = [trigger?.rests, developer ?? maker];
    const ground =
      rests?.ground === undefined ? undefined : this.#words.label(valueLabel("authorization", "ground", rests.ground), rests.ground);
    return list([
      [this.#words.say("number"), number],
      [this.#words.say("exit"), exit],
      [this.#words.say("authorization"), authorization],
      [this.#words.say("leaving"), this.#words.label(valueLabel("exit", "leaving", leaving), leaving)],
      [this.#words.say("scenario"), scenario],
      [this.#words.say("product"), product],
      [this.#words.say("operator"), this.#words.named(operator)],
      [this.#words.say("developer"), whose && this.#words.named(whose)],
      [this.#words.say("agency"), this.#words.named(agency)],
      [
        this.#words.say("ground"),
        rests &&
          this.#words.joined([
            this.#words.label(eventLabel(rests.type), rests.type),
            ground,
            rests.reason,
            this.#words.named(rests.party),
            rests.act,
          ]),
      ],
      [this.#words.say("reason"), trigger?.reason],
      [this.#words.say("basis"), basis],
      [this.#words.say("agreement"), agreement && this.#words.joined([agreement.act, agreement.until, agreement.digest])],
    ]);
  }

  #timeline(): string {
    const { timeline, deletions } = this.page.certificate;
    const steps = timeline.map(({ step, act, party, at, happened, officer }) => ({
      at,
      row: [
        this.#words.label(eventLabel(`suyuan.exit.${step}`), step),
        localTime(at),
        localTime(happened ?? ""),
        this.#words.joined([this.#words.named(party), officer?.post]),
        act,
      ],
    }));
    const deleted = (["first", "last"] as const).flatMap((which) => {
      const one = deletions?.[which];
      return one === undefined ? [] : [{ at: one.at, row: [this.#words.say(`deleted-${which}`), localTime(one.at), "", "", one.act] }];
    });
    const rows = [...steps, ...deleted].sort((a, b) => Date.parse(a.at) - Date.parse(b.at)).map(({ row }) => row);
    return `${table(this.#words.heads("step", "at", "happened", "party", "act"), rows)}${paragraph(this.#words.say("clock"))}`;
  }

  #inventory(): string {
    const { inventory, items, origins, counts, reconciliation, voided } = this.page.certificate;
    const states = ITEM_STATES.filter((state) => state === "outstanding" || (counts[state] ?? 0) > 0);
    const total = (of: Counts): number => ITEM_STATES.reduce((sum, state) => sum + (of[state] ?? 0), 0);
    const row = (name: string, frozen: number, of: Counts): readonly string[] => [
      name,
      ...[frozen, total(of) - frozen, total(of), ...states.map((state) => of[state] ?? 0)].map(String),
    ];
    const said = list([
      [this.#words.say("count"), String(inventory.count)],
      [this.#words.say("late"), String(items.count - inventory.count)],
      [this.#words.say("items"), String(items.count)],
      [this.#words.say("root"), inventory.root],
      [this.#words.say("items-root"), items.root],
      [this.#words.say("items-bytes"), String(items.bytes)],
      [this.#words.say("reconciliation"), reconciliation && this.#words.say("reconciled", { ...reconciliation })],
      [this.#words.say("voided-items"), voided === undefined ? undefined : String(voided)],
    ]);
    const bySource = table(
      [...this.#words.heads("source", "frozen", "later", "together"), ...states.map((state) => this.#words.say(state))],
      [
        ...origins.map((one) =>
          row(one.source === undefined ? this.#words.say("no-source") : this.#words.named(one.source), one.expected, one.counts),
        ),
        row(this.#words.say("all"), inventory.count, counts),
      ],
    );
    return `${said}${bySource}${paragraph(this.#words.say("several-sources"))}`;
  }

  #handled(): string {
    const { handlings, keys = [] } = this.page.certificate;
    const rows = handlings
      .filter(({ state }) => state !== "retained")
      .map((one) => [this.#words.say(one.state), this.#words.named(one.party), String(one.items), this.#words.ways(one.how)]);
    const destroyed = table(
      this.#words.heads("key", "key-record", "pieces"),
      keys.map(({ key, record, items }) => [key, record, String(items)]),
    );
    const more = keys.length < MAX_KEYS ? "" : paragraph(this.#words.say("more-keys"));
    return `${table(this.#words.heads("state", "by", "pieces", "how"), rows)}${keys.length === 0 ? "" : `<h3>${escaped(this.#words.say("keys"))}</h3>${destroyed}${more}`}`;
  }

  #kept(): string {
    const kept = this.page.certificate.handlings.filter(({ state }) => state === "retained");
    if (kept.length === 0) return paragraph(this.#words.say("nothing"));
    return table(
      this.#words.heads("custodian", "kept-for", "kept-until", "pieces", "kept-by"),
      kept.map(({ custodian, party, items, how: { until = "", ...how } }) => [
        custodian === undefined ? this.#words.say("custodian-unsaid") : this.#words.named(custodian),
        this.#words.ways(how),
        until,
        String(items),
        this.#words.named(party),
      ]),
    );
  }

  #scans(): string {
    const { scans, strangersScans } = this.page.certificate;
    const rows = scans.map(({ tool, party, at, scanned, residues, unread, report, objected, voided }) => [
      this.#words.joined([
        tool,
        ...(objected === true ? [this.#words.say("objected")] : []),
        ...(voided === true ? [this.#words.say("voided")] : []),
      ]),
      this.#words.named(party),
      localTime(at),
      ...[scanned, residues, unread ?? this.#words.say("unsaid-number")].map(String),
      report,
    ]);
    const before = residueIn(scans);
    const found = before?.found.map(({ party, at, scanned, residues }) =>
      this.#words.say("found-before", { party: this.#words.named(party), at: localTime(at), scanned, residues }),
    );
    const [among, later] = [before?.among ?? 0, before?.since ?? 0];
    const looked = later === 0 ? "not-looked" : later < among ? "looked-less" : "looked-since";
    const since = before && this.#words.say(looked, { among, since: later });
    return [
      table(this.#words.heads("tool", "by", "at", "scanned", "residues", "unread", "report"), rows),
      ...(strangersScans === undefined ? [] : [list([[this.#words.say("strangers-scans"), String(strangersScans)]])]),
      ...(found === undefined || since === undefined ? [] : [bullets([...found, since])]),
    ].join("");
  }

  #verification(): string {
    const { party, extent, holdings, approach, report, notExecutor } = this.page.certificate.verification;
    const how =
      extent &&
      this.#words.say("examined", { extent: this.#words.label(valueLabel("exit", "extent", extent), extent), holdings: holdings ?? 0 });
    return list([
      [this.#words.say("verifier"), this.#words.named(party)],
      [this.#words.say("extent"), how ?? this.#words.say("unsaid")],
      [this.#words.say("approach"), approach],
      [this.#words.say("report"), report],
      [this.#words.say("not-executor"), notExecutor],
    ]);
  }

  #residual(): string {
    const { certificate, backups } = this.page;
    const open = bullets(certificate.residual.map((code) => verdictLabels.residual[code][this.language]));
    if (backups.length === 0) return open;
    const rows = backups.map(({ party, due, purged }) => [this.#words.named(party), due, purged ?? this.#words.say("unpurged")]);
    return `${open}<h3>${escaped(this.#words.say("backups"))}</h3>${table(this.#words.heads("by", "due", "purged"), rows)}`;
  }

  #check(): string {
    const { network, isOneParty, digest } = this.page;
    return list([
      [this.#words.say("ledger"), this.#words.joined([network, this.#words.say(isOneParty ? "one-party" : "many-parties")])],
      [this.#words.say("digest"), digest],
      [this.#words.say("code"), this.#words.say("code-leads", { verifier: this.verifier })],
      [this.#words.say("how-to-check"), "suyuan verify CERTIFICATE.ndjson --trust trust.json"],
    ]);
  }
}
