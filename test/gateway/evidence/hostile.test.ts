/** What only somebody would send who knows how the verifier works. */
import { Readable } from "node:stream";
import { expect } from "chai";
import { toBase64 } from "../../../chaincode/proof/bytes";
import { canonicalText } from "../../../chaincode/proof/canonical";
import { type Found, examine, piece } from "../../../gateway/evidence/examine";
import { linesOf, MAX_LINE } from "../../../gateway/evidence/event-stream";
import type { ExitCertificate, ItemState } from "../../../gateway/evidence/exit-certificate";
import { aboutOf } from "../../../gateway/evidence/exit-statement";
import { open } from "../../../gateway/evidence/kind";
import { signNote } from "../../../gateway/evidence/note";
import { formatReceipt } from "../../../gateway/evidence/receipt";
import { rowsOf } from "../../../gateway/evidence/told";
import { TRUST_FORMAT, type TrustFile } from "../../../gateway/evidence/trust";
import { verifyExit } from "../../../gateway/evidence/verify-exit";
import { forked } from "./attacks";
import { outcomeOf } from "./examined";
import {
  act,
  AGENCY,
  CERTIFICATE,
  certifiedAs,
  EXIT,
  exiting,
  exitHistory,
  exitOf,
  exitText,
  frozenAnew,
  placeOf,
  scan,
  statementOf,
} from "./exits";
import { kinds } from "./kinds";
import { attest, base64, codeOf, NOW, ORIGIN, receiptFor, SIZE, statement, world, type World } from "./ledger";
import { promiseFor } from "./promises";
import { chained, headOf, historyOf, textOf, traced } from "./streams";

const SUBJECT = { kind: "scenario", id: "S-1" };

describe("a hostile expert", function () {
  this.timeout(60_000);
  let ledger: World;
  before(async () => (ledger = await world()));

  const outcome = (file: string | Uint8Array, trust: TrustFile = ledger.trust): Promise<string> => outcomeOf(file, trust, { now: NOW });
  async function found(file: string): Promise<Found> {
    for await (const examined of examine(await open(piece(Buffer.from(file))), ledger.trust, { now: NOW }))
      if (examined.verified) return examined.found;
    throw new Error("it is not good");
  }

  it("cannot ask the ledger about another name that reads the same, and show what it holds of that: nothing", async () => {
    for (const id of ["\ufeffS-1", "S-1\u0000", "s-1", "S-1 "]) {
      const asked = chained(ledger, { ...SUBJECT, id }, []);
      const [header] = historyOf(ledger, SUBJECT, []);
      expect(await outcome(textOf([{ ...header, attestation: asked, heads: [] }])), JSON.stringify(id)).to.equal("attestation-differs");
    }
    const { attestation, ...named } = statementOf(ledger, 7);
    const about = base64(aboutOf(named));
    const asked = { transaction: "outstanding", args: [base64(`\ufeff${named.authorization}`), about], result: base64("[]") };
    const empty = { ...named, attestation: attest(statement(ledger.root, asked), ledger.node) };
    expect(await outcome(canonicalText({ ...named, attestation }))).to.equal("verified");
    expect(await outcome(canonicalText(empty))).to.equal("attestation-differs");
    const broken = { ...asked, args: [toBase64(Buffer.of(0xff)), about] };
    expect(await outcome(canonicalText({ ...named, attestation: attest(statement(ledger.root, broken), ledger.node) }))).to.equal(
      "attestation-malformed",
    );
  });

  it("cannot put histories of another ledger behind a trace, nor older ones", async () => {
    const { ledger: own, trace, histories } = traced(ledger);
    const other = traced({ ...(await world()), leaves: ledger.leaves });
    const [network] = other.ledger.trust.networks;
    const renamed = { ...network!, network: "other.example" };
    const trust = { ...own.trust, networks: [...own.trust.networks, renamed], format: TRUST_FORMAT } as TrustFile;
    // The same in all but the ledger's name, and in that it is good.
    const elsewhere = other.histories.map((lines) => replaced(lines, other.ledger, { network: "other.example" }));
    expect(await outcome(textOf(elsewhere[0]!), trust)).to.equal("verified");
    expect(await outcome(textOf([...trace, ...histories.flat()]), trust)).to.equal("verified");
    expect(await outcome(textOf([...trace, ...elsewhere.flat()]), trust)).to.equal("attestation-differs");

    const before = (minutes: number): string => new Date(Date.parse("2025-06-02T00:00:00Z") - minutes * 60_000).toISOString();
    const older = (minutes: number) => histories.map((lines) => replaced(lines, own, { time: before(minutes) }));
    expect(await outcome(textOf([...trace, ...older(10).flat()]))).to.equal("verified");
    expect(await outcome(textOf([...trace, ...older(11).flat()]))).to.equal("events-missing");
  });

  /** A history whose attestations say something else, signed by the ledger's node. */
  function replaced(lines: readonly object[], { node }: World, change: object): readonly object[] {
    const again = ({ attestation, ...rest }: { attestation: { statement: string } }): object => ({
      ...rest,
      attestation: attest({ ...(JSON.parse(attestation.statement) as object), ...change }, node),
    });
    const [header, ...events] = lines as [never, ...object[]];
    const { heads } = header as { heads: never[] };
    return [{ ...again(header), heads: heads.map(again) }, ...events];
  }

  it("cannot put a second certificate or history into one, nor break the verifier by acts that are none", async () => {
    const good = await exitOf(exiting(ledger));
    const [, ...events] = good.history;
    expect(await outcome(exitText(good))).to.equal("verified");
    expect(await outcome(exitText({ ...good, history: [...good.history, ...good.history] }))).to.equal("events-excess");
    expect(await outcome(exitText({ ...good, history: events }))).to.equal("stream-malformed");
    expect(await outcome(exitText({ ...good, history: [exitText(good).split("\n")[0]!, ...good.history] }))).to.equal("stream-malformed");
    for (const leaf of [
      "null",
      "7",
      "\ufeff{}",
      '{"type":"suyuan.exit.verified"}',
      '{"type":"suyuan.exit.verified","party":"a","data":null}',
    ]) {
      const odd = exiting(ledger, Buffer.from(leaf));
      expect(await outcome(exitText(await exitOf(odd))), leaf).to.equal("verified");
    }
  });

  describe("with the key of a journal, in the certificate of an exit", () => {
    const last = (event: Buffer, certificate = CERTIFICATE): Promise<string> => ended({ last: event }, certificate);
    /** What comes of a certificate on a ledger whose exit went otherwise. */
    async function ended(changes: Readonly<Record<string, Buffer>>, certificate = CERTIFICATE): Promise<string> {
      const { last, ...steps } = changes;
      const own = exiting(ledger, last ?? certifiedAs(certificate), steps);
      const file = exitText(await exitOf(own, { certificate, history: exitHistory(own, EXIT, Object.keys(steps)) }));
      try {
        const { countersigned, notProven } = await verifyExit(piece(Buffer.from(file)), undefined, ledger.trust, NOW);
        return notProven.includes("no-residue-since") ? "residue since" : countersigned === undefined ? "verified" : "countersigned";
      } catch (error) {
        return (error as { code: string }).code;
      }
    }
    const said = (changes: Partial<ExitCertificate>): Promise<string> => ended({}, { ...CERTIFICATE, ...changes });
    const annulled = (step: string, type = "annulled"): Buffer =>
      act(step, { event: placeOf(step), subjectKind: "exit", subject: EXIT }, { type: `suyuan.correction.${type}` });

    it("cannot pass a part off as a whole, nor name another agency or number", async () => {
      expect(await ended({})).to.equal("countersigned");
      const product = act("opened", { leaving: "product", product: "yz-product" });
      expect(await ended({ opened: product })).to.equal("exit-acts-differ");
      expect(await ended({ opened: product }, { ...CERTIFICATE, leaving: "product", product: "yz-product" })).to.equal("countersigned");
      for (const change of [
        { leaving: "scenario" },
        { product: "yz-product" },
        { scenario: "yz-scenario" },
        { developer: "developer" },
        { agency: "other" },
        { number: "other" },
      ])
        expect(await said(change), JSON.stringify(change)).to.equal("exit-acts-differ");
    });

    it("cannot rely on what was annulled or withdrawn", async () => {
      for (const step of ["opened", "permissions-closed", "reconciled", "verified"])
        for (const type of ["annulled", "withdrawn"])
          expect(await last(annulled(step, type)), `${step} ${type}`).to.equal("exit-superseded");
      expect(await last(annulled("other"))).to.equal("verified");
    });

    it("cannot keep the authority's word once that is annulled", async () => {
      const again = act(
        "other",
        { event: placeOf("certified"), subjectKind: "exit", subject: EXIT },
        { type: "suyuan.correction.annulled" },
      );
      expect(await ended({ certified: certifiedAs(CERTIFICATE), last: again })).to.equal("verified");
      expect(await ended({ certified: certifiedAs(CERTIFICATE), last: annulled("other") })).to.equal("countersigned");
    });

    it("cannot use what was done before the inventory was frozen", async () => {
      const frozen = { ...CERTIFICATE.timeline[2]!, act: placeOf("last") };
      const timeline = CERTIFICATE.timeline.map((step) => (step.step === "inventory-frozen" ? frozen : step));
      expect(await last(frozenAnew, { ...CERTIFICATE, timeline })).to.equal("exit-acts-differ");
    });

    it("cannot leave out a scan, who verified, or what remains open", async () => {
      const found = (party: string): Buffer => act("residue-scanned", { ...scan, residues: 3 }, { party });
      expect(await said({ scans: [] })).to.equal("exit-acts-differ");
      const [listed] = CERTIFICATE.scans;
      const [before, all] = [{ ...listed!, act: placeOf("before"), residues: 3 }, { before: found(AGENCY) }];
      expect(await ended(all)).to.equal("exit-acts-differ");
      expect(await ended(all, { ...CERTIFICATE, scans: [before, listed!] })).to.equal("countersigned");
      expect(await ended(all, { ...CERTIFICATE, scans: [listed!, listed!] })).to.equal("exit-acts-differ");
      // Of which the ledger's findings tell, that nobody vouches for: so it stays among what is open.
      expect(await ended(all, { ...CERTIFICATE, scans: [{ ...before, objected: true }, listed!] })).to.equal("exit-acts-differ");
      const { verification: _, ...without } = CERTIFICATE;
      expect(await ended({}, without as ExitCertificate)).to.equal("exit-malformed");
      const notExecutor = { digest: "d".repeat(64) };
      const denied = act("verified", { report: scan.report, notExecutor });
      expect(await ended({ verified: denied })).to.equal("exit-acts-differ");
      const verification = { ...CERTIFICATE.verification, notExecutor: notExecutor.digest };
      expect(await ended({ verified: denied }, { ...CERTIFICATE, verification })).to.equal("exit-acts-differ");
      const residual = [...CERTIFICATE.residual, "verifier-named-executor"] as const;
      expect(await ended({ verified: denied }, { ...CERTIFICATE, verification, residual })).to.equal("countersigned");
      for (const residual of [[], CERTIFICATE.residual.slice(1), [...CERTIFICATE.residual, "struck"]] as const)
        expect(await said({ residual: residual as ExitCertificate["residual"] })).to.equal("exit-acts-differ");
      const [handling] = CERTIFICATE.handlings;
      const other = (state: ItemState): Pick<ExitCertificate, "counts" | "handlings"> => ({
        counts: { ...CERTIFICATE.counts, deleted: 2, [state]: 1 },
        handlings: [
          { ...handling!, items: 2 },
          { ...handling!, state, items: 1 },
        ],
      });
      expect(await said(other("outstanding"))).to.equal("exit-items-differ");
      expect(await said({ counts: other("struck").counts })).to.equal("exit-items-differ");
      for (const [state, told] of [
        ["transferred", "transferred"],
        ["struck", "struck"],
        ["retained", "still-retained"],
      ] as const) {
        expect(await said(other(state)), state).to.equal("exit-acts-differ");
        const [always, ...residual] = CERTIFICATE.residual;
        const [word, ...others] = residual;
        const changed = { ...CERTIFICATE, ...other(state), residual: [always!, word!, told, ...others] };
        expect(await ended({}, changed), state).to.equal("countersigned");
      }
    });

    it("cannot hide residue that was found since", async () => {
      const since = (party: string, residues: number): Promise<string> => last(act("residue-scanned", { ...scan, residues }, { party }));
      expect(await since(AGENCY, 3)).to.equal("exit-superseded");
      expect(await since("stranger", 3)).to.equal("residue since");
      expect(await since(AGENCY, 0)).to.equal("verified");
    });
  });

  it("cannot show an older history than the certificate was made with", async () => {
    const of = exiting(ledger);
    const history = replaced(exitHistory(of), of, { time: "2025-06-01T23:49:59.000Z" });
    expect(await outcome(exitText(await exitOf(of, { history })))).to.equal("exit-history-differs");
  });

  it("cannot sign what two readers read differently: a key twice, in claims or header", async () => {
    const { promise, ...place } = await promiseFor(5, ledger);
    const [header = "", claims = ""] = promise.jws.split(".").map((part) => Buffer.from(part, "base64url").toString("utf8"));
    const signed = async (header: string, claims: string): Promise<string> => {
      const input = [header, claims].map((part) => Buffer.from(part).toString("base64url")).join(".");
      const signature = await crypto.subtle.sign("Ed25519", ledger.journalKey.privateKey, Buffer.from(input));
      return canonicalText({ ...place, promise: { ...promise, jws: `${input}.${Buffer.from(signature).toString("base64url")}` } });
    };
    expect(await outcome(await signed(header, claims))).to.equal("unsettled");
    const twice = (text: string, member: string): string => text.replace("{", `{${member},`);
    for (const file of [
      await signed(header, twice(claims, '"deadline":"2030-01-01T00:00:00.000Z"')),
      await signed(twice(header, '"alg":"none"'), claims),
      await signed(twice(header, '"crit":[]'), claims),
      await signed(header, twice(claims, '"iat":1e999')),
      await signed(header, `[${claims}]`),
    ])
      expect(await outcome(file)).to.equal("promise-malformed");
  });

  it("cannot attest as a client whose department is called peer", async () => {
    const client = await ledger.authority.issue({ unit: "client,OU=peer" });
    const receipt = await receiptFor(5, { ...ledger, node: client });
    expect(await outcome(formatReceipt(receipt))).to.equal("certificate-malformed");
    const peer = await ledger.authority.issue({ unit: "department1,OU=peer" });
    expect(await outcome(formatReceipt(await receiptFor(5, { ...ledger, node: peer })))).to.equal("verified");
  });

  it("cannot have bytes that are no text read as some", async () => {
    const note = await signNote(`${ORIGIN}\n${SIZE}\n${toBase64(ledger.root)}\n\ufffd\n`, ledger.journalKey);
    expect(await outcome(note)).to.equal("verified");
    const at = Buffer.from(note).indexOf("\ufffd");
    const broken = Buffer.concat([Buffer.from(note).subarray(0, at), Buffer.of(0xff), Buffer.from(note).subarray(at + 3)]);
    expect(await outcome(broken)).to.equal("checkpoint-malformed");
    expect(await outcome(Buffer.concat([Buffer.of(0xef, 0xbb, 0xbf), Buffer.from(note)]))).to.equal("receipt-malformed");
  });

  it("cannot hide a character, nor move a terminal's cursor, by what a record says", async () => {
    const leaf = Buffer.from(canonicalText({ type: "\u001b[2Jx", party: "A\u202eB\u200b", source: { a: 1 }, id: 7, time: null }));
    const own = { ...ledger, ...forked(ledger.leaves.map((one, i) => (i === 5 ? leaf : one))) };
    const one = await found(formatReceipt(await receiptFor(5, own)));
    for (const language of ["zh", "en"] as const) {
      const said = rowsOf(one, language)
        .map(([, value]) => value)
        .join("\n");
      expect(said).to.include("\\u{1b}[2Jx").and.to.include("A\\u{202e}B\\u{200b}");
      // eslint-disable-next-line no-control-regex
      expect(said).not.to.match(/[\u0000-\u0009\u000b-\u001f\u202e\u200b]/);
    }
  });

  it("cannot have a line read that is longer than any, in one piece or in many", async () => {
    const read = async (...pieces: readonly Uint8Array[]): Promise<number> => {
      let lines = 0;
      for await (const line of linesOf(Readable.from(pieces))) lines += Math.sign(line.length);
      return lines;
    };
    const [longest, longer] = [0, 1].map((more) => Buffer.from(`${"a".repeat(MAX_LINE + more)}\n`)) as [Buffer, Buffer];
    expect(await read(longest)).to.equal(1);
    expect(await codeOf(() => read(longer))).to.equal("stream-malformed");
    expect(await codeOf(() => read(longer.subarray(0, 9), longer.subarray(9)))).to.equal("stream-malformed");
    expect(await outcome(Buffer.concat([Buffer.from(textOf([await headOf(ledger)])), longer]))).to.equal("stream-malformed");
  });

  it("is told a code for whatever is nested, huge, spelled otherwise or there twice, at any place of any file", async () => {
    const spellings = [
      "1e999",
      "-0",
      "1.0",
      "123456789012345678901234567890",
      '"\\ud800"',
      "[".repeat(20_000) + "]".repeat(20_000),
      "null",
    ];
    for (const { name, good, beside } of await kinds(ledger)) {
      if (beside === undefined) continue;
      const members = [...good.matchAll(/"[a-zA-Z]+":(?:\d+|"[^"\\]{0,40}"|\[\]|\{\})/g)].slice(0, 12);
      for (const { index, 0: member } of members) {
        const [key = ""] = member.split(":");
        for (const spelling of [...spellings, `${member.slice(key.length + 1)},${member}`]) {
          const file = `${good.slice(0, index)}${key}:${spelling}${good.slice(index + member.length)}`;
          const came = await outcomeOf(file, beside.trust, beside);
          expect(came, `${name}: ${key} ${spelling.slice(0, 20)}`).not.to.be.oneOf(["verified", "kept", "nothing"]);
        }
      }
    }
  });
});
