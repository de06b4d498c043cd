/** Evidence of exits, with what an adversary does to it. */
import { canonicalText } from "../../../chaincode/proof/canonical";
import { parseStatement, type Said, verifyStatement } from "../../../gateway/evidence/exit-statement";
import { piece } from "../../../gateway/evidence/examine";
import { verifyExit } from "../../../gateway/evidence/verify-exit";
import type { NodeAttestation } from "../../../gateway/ledger/port";
import type { Kind } from "./attacks";
import { CERTIFICATE, type ExitFile, exiting, exitHistory, exitOf, exitText, frozenAnew, ITEMS_FILE, PART, statementOf } from "./exits";
import { NOW, noteKey, ORIGIN, type World } from "./ledger";
import { promiseFor } from "./promises";
import { rooted } from "./streams";

export const exitKinds = async (ledger: World): Promise<readonly Kind[]> => [
  await certificate(ledger),
  await items(ledger),
  await part(ledger),
  statement(ledger, "statement on an exit"),
  statement(ledger, "statement on the exit of a developer", { developer: "developer", codes: ["former", "next"] }),
];

async function certificate(given: World): Promise<Kind> {
  const { trust } = given;
  const ledger = exiting(given);
  const good = await exitOf(ledger);
  const history = exitHistory(ledger);
  const told = async (...changes: Parameters<typeof exitOf>): Promise<string> => exitText(await exitOf(...changes));
  const with_ = (changes: Partial<ExitFile>): string => exitText({ ...good, ...changes });
  const [header = "", payload = "", signature = ""] = good.jws.split(".");
  const said = Buffer.from(payload, "base64url").toString("utf8").replace('"outstanding":0', '"outstanding":1');
  const [one, two, ...steps] = CERTIFICATE.timeline;
  const exchanged = [{ ...one!, act: two!.act }, { ...two!, act: one!.act }, ...steps];
  const stranger = await noteKey(ORIGIN, "stranger");
  return {
    name: "certificate of an exit",
    good: exitText(good),
    verify: async (file) => verifyExit(piece(file), undefined, trust, NOW),
    beside: { trust, now: NOW },
    malformed: ["exit-malformed", "stream-malformed", "events-missing", "events-excess", "exit-history-differs"],
    huge: "stream-malformed",
    everyByteCounts: true,
    attacks: {
      edit: [with_({ jws: [header, Buffer.from(said).toString("base64url"), signature].join(".") }), "exit-signature-wrong"],
      delete: [await told(ledger, { history: history.slice(0, -1) }), "events-missing"],
      reorder: [await told(ledger, { history: [...history.slice(0, -2), history.at(-1)!, history.at(-2)!] }), "events-out-of-order"],
      // What it says was so, until the inventory was frozen anew.
      "roll back": [await told(exiting(given, frozenAnew)), "exit-superseded"],
      fork: [
        await told(ledger, { certificate: { ...CERTIFICATE, inventory: { count: 3, root: "0".repeat(64) } } }),
        "exit-inventory-differs",
      ],
      "swap two of equal length": [await told(ledger, { certificate: { ...CERTIFICATE, timeline: exchanged } }), "exit-acts-differ"],
      "forge a key": [await told(ledger, { key: stranger }), "key-not-in-trust"],
      "replay another journal's": [await told(ledger, { history: exitHistory(ledger, "yz-other") }), "exit-history-differs"],
      "borrow a signature of another protocol": [with_({ jws: (await promiseFor(5, ledger)).promise.jws }), "exit-malformed"],
      "index of the size": { none: "its acts have no proofs of their own beside the history's" },
    },
  };
}

async function items(given: World): Promise<Kind> {
  const file = Buffer.from(exitText(await exitOf(exiting(given))));
  const [first = "", second = "", third = ""] = ITEMS_FILE.trimEnd().split("\n");
  const lines = (...lines: readonly string[]): string => lines.map((line) => `${line}\n`).join("");
  const differ = (...of: readonly string[]): readonly [string, "exit-items-differ"] => [lines(...of), "exit-items-differ"];
  return {
    name: "items of an exit",
    good: ITEMS_FILE,
    verify: async (items) => verifyExit(piece(file), piece(items), given.trust, NOW),
    malformed: ["exit-items-differ"],
    huge: "exit-items-differ",
    everyByteCounts: true,
    attacks: {
      edit: differ(first.replace("/data", "/dato"), second, third),
      delete: differ(first, third),
      reorder: differ(second, first, third),
      "roll back": differ(first.replace('"deleted"', '"outstanding"'), second, third),
      fork: differ(first, second, third.replace(/"digest":"2+"/, `"digest":"${"3".repeat(64)}"`)),
      "swap two of equal length": differ(third, second, first),
      "forge a key": { none: "nobody signs them: the certificate's root is signed" },
      "replay another journal's": differ(first, second, second),
      "borrow a signature of another protocol": { none: "nobody signs them" },
      "index of the size": differ(first, second, third, third),
    },
  };
}

async function part(given: World): Promise<Kind> {
  const file = Buffer.from(exitText(await exitOf(exiting(given))));
  const [header = "", first = "", cut = "", third = ""] = PART;
  const lines = (...lines: readonly string[]): string => lines.map((line) => `${line}\n`).join("");
  const differ = (...of: readonly string[]): readonly [string, "exit-items-differ"] => [lines(...of), "exit-items-differ"];
  return {
    name: "a source's part of the items of an exit",
    good: lines(...PART),
    verify: async (items) => verifyExit(piece(file), piece(items), given.trust, NOW),
    malformed: ["exit-items-differ"],
    huge: "exit-items-differ",
    everyByteCounts: true,
    attacks: {
      edit: differ(header, first.replace("/data", "/dato"), cut, third),
      delete: differ(header, first, cut),
      reorder: differ(header, cut, first, third),
      "roll back": differ(header, first.replace('"deleted"', '"outstanding"'), cut, third),
      fork: differ(
        header,
        first,
        cut.replace(/"items":"./, (found) => (found.endsWith("A") ? '"items":"B' : '"items":"A')),
        third,
      ),
      "swap two of equal length": differ(header, third, cut, first),
      "forge a key": { none: "nobody signs items: the certificate's root is signed" },
      "replay another journal's": differ(header.replace(':"source"', ':"other-source"'), first, cut, third),
      "borrow a signature of another protocol": { none: "nobody signs items" },
      "index of the size": differ(header, first, cut, third, cut),
    },
  };
}

function statement(ledger: World, name: string, of: Partial<Said> = {}): Kind {
  const good = statementOf(ledger, 0, of);
  const { attestation, ...said } = good;
  const own = attestation as NodeAttestation;
  const with_ = (changes: Partial<NodeAttestation>): string => canonicalText({ ...good, attestation: { ...own, ...changes } });
  const for_ = (changes: Partial<Said>): readonly [string, "attestation-differs"] => [
    canonicalText({ ...good, ...changes }),
    "attestation-differs",
  ];
  const other = statementOf(ledger, 1, of).attestation as NodeAttestation;
  return {
    name,
    good: canonicalText(good),
    verify: async (file) => verifyStatement(parseStatement(file), ledger.trust, NOW),
    beside: { trust: ledger.trust, now: NOW },
    malformed: ["exit-malformed"],
    huge: "exit-malformed",
    everyByteCounts: true,
    attacks: {
      edit: [with_({ statement: other.statement }), "attestation-signature-wrong"],
      delete: [with_({ signature: "" }), "attestation-signature-wrong"],
      reorder: [with_({ certificate: own.statement, statement: own.certificate }), "attestation-malformed"],
      "roll back": [with_({ signature: other.signature }), "attestation-signature-wrong"],
      // Of the same authorization, and of a party that holds nothing.
      fork: for_(said.developer === undefined ? { exit: "yz-other" } : { developer: "other" }),
      "swap two of equal length": said.codes === undefined ? for_({ exit: "yz-exiu" }) : for_({ codes: [...said.codes].reverse() }),
      "forge a key": [with_({ certificate: ledger.authority.pem }), "certificate-malformed"],
      "replay another journal's": for_({ authorization: "yz-other" }),
      "borrow a signature of another protocol": [canonicalText({ ...good, attestation: rooted(ledger) }), "attestation-differs"],
      "index of the size": { none: "it has no index" },
    },
  };
}
