/** The page `/verify`: the verifier of the command line in a browser. Files are read in pieces, so that they may be of any length. */
import { toHex } from "../../chaincode/proof/bytes";
import { EvidenceError, type EvidenceErrorCode } from "../evidence/errors";
import errorLabels from "../evidence/errors.labels.json";
import { MAX_LINE } from "../evidence/event-stream";
import { type Beside, examine, type Examined } from "../evidence/examine";
import { itemsBeside } from "../evidence/exit-items";
import { type EvidenceKind, open, upTo } from "../evidence/kind";
import type { Language } from "../evidence/told";
import { MAX_TRUST, parseTrust, type TrustFile } from "../evidence/trust";
import { Cards, element, facts } from "./cards";
import { sha256 } from "./sha256";
import type texts from "./texts.json";

interface Dropped {
  readonly name: string;
  readonly kind: EvidenceKind;
  readonly file: File;
}

interface Result {
  readonly name: string;
  readonly examined: readonly Examined[];
}

interface Trusted {
  readonly name: string;
  readonly digest: string;
  readonly trust: TrustFile | EvidenceErrorCode;
}

let language: Language = navigator.language.startsWith("zh") ? "zh" : "en";
let cards = new Cards(language);
/** What follows # in the page's address: a certificate's QR code puts its digest there. Nobody but this page is told of it. */
const named = (): string => location.hash.slice(1);
const DIGEST = /^[0-9a-f]{64}$/;
let trusted: Trusted | undefined;
let given: readonly Dropped[] = [];
let results: readonly Result[] = [];
/** Files may come while others are being verified: then what they make is not shown any more. */
let latest = 0;

const byId = (id: string): HTMLElement => document.getElementById(id) as HTMLElement;

async function* piecesOf(file: File): AsyncGenerator<Uint8Array, void> {
  const reader = file.stream().getReader();
  try {
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) yield piece.value;
  } finally {
    await reader.cancel();
  }
}

/** With a promise, what is short enough to be shown beside it; with the certificate of an exit, its items. */
async function besideOf({ name, kind }: Dropped): Promise<Beside> {
  const all = (...kinds: readonly EvidenceKind[]): readonly Dropped[] => given.filter((one) => kinds.includes(one.kind));
  if (kind === "promise")
    return { shown: await Promise.all(all("receipt", "latest", "head").map(({ file }) => upTo(MAX_LINE, piecesOf(file)))) };
  if (kind !== "exit") return {};
  // Browsers number what is downloaded twice, so that of one pair the names need not agree.
  const [only, ...others] = all("items");
  const items = all("items").find((one) => one.name === itemsBeside(name)) ?? (others.length + all("exit").length === 1 ? only : undefined);
  return { items: items && piecesOf(items.file) };
}

/** Items stand with their certificate, if there is one. */
const isShown = ({ kind }: Dropped): boolean => kind !== "items" || !given.some((one) => one.kind === "exit");

async function verifyAll(): Promise<void> {
  const own = ++latest;
  results = [];
  show();
  if (!isSecureContext || trusted === undefined || typeof trusted.trust === "string") return;
  for (const dropped of given.filter(isShown)) {
    const { name, file } = dropped;
    let shownAt = 0;
    const onLine = (lines: number): void => {
      if (own !== latest || performance.now() < shownAt + 200) return;
      shownAt = performance.now();
      byId("working").textContent = cards.said("working", { name, lines });
    };
    const examined: Examined[] = [];
    for await (const one of examine(await open(piecesOf(file)), trusted.trust, { ...(await besideOf(dropped)), onLine })) {
      if (own !== latest) return;
      examined.push(one);
    }
    if (own !== latest) return;
    results = [...results, { name, examined }];
    byId("working").textContent = "";
    show();
  }
}

function trustCard(): HTMLElement {
  if (trusted === undefined) return element("p", "quiet", cards.said("no-trust"));
  const { name, digest, trust } = trusted;
  if (typeof trust === "string") {
    const words = errorLabels[trust];
    return element(
      "article",
      "card bad",
      element("h3", "", name),
      element("p", "", cards.say(words)),
      element("p", "", cards.say(words.next)),
    );
  }
  return element(
    "article",
    "card",
    element("h3", "", name),
    facts([
      [cards.said("fingerprint"), digest],
      [cards.said("networks"), trust.networks.map(({ network }) => network).join(", ")],
      [cards.said("organisations"), trust.networks.flatMap(({ organisations }) => organisations.map(({ mspId }) => mspId)).join(", ")],
      [cards.said("journals"), trust.journals.map(({ journal }) => journal).join(", ")],
    ]),
    element("p", "quiet", cards.said("compare")),
  );
}

function show(): void {
  document.documentElement.lang = language;
  document.title = cards.said("title");
  for (const each of document.querySelectorAll<HTMLElement>("[data-text]"))
    each.textContent = cards.said(each.dataset["text"] as keyof typeof texts);
  byId("language").textContent = cards.said("language");
  byId("insecure").hidden = isSecureContext;
  byId("named").hidden = named() === "";
  byId("named").textContent = cards.said(DIGEST.test(named()) ? "named" : "named-malformed", { digest: named() });
  byId("trust").replaceChildren(trustCard());
  const shown = results.map(({ name, examined }) => cards.file(name, examined));
  byId("results").replaceChildren(...(shown.length > 0 ? shown : [element("p", "quiet", cards.said("no-results"))]));
}

async function take(files: FileList | null | undefined): Promise<void> {
  const taken = await Promise.all(
    Array.from(files ?? [], async (file) => ({ name: file.name, file, kind: (await open(piecesOf(file))).kind })),
  );
  const trust = taken.findLast(({ kind }) => kind === "trust");
  if (trust !== undefined) {
    const bytes = await upTo(MAX_TRUST, piecesOf(trust.file));
    trusted = { name: trust.name, digest: toHex(sha256(bytes)), trust: trustIn(bytes) };
  }
  const others = taken.filter(({ kind }) => kind !== "trust");
  if (others.length > 0) given = others;
  await verifyAll();
}

function trustIn(bytes: Uint8Array): TrustFile | EvidenceErrorCode {
  try {
    return parseTrust(bytes);
  } catch (error) {
    if (error instanceof EvidenceError) return error.code;
    throw error;
  }
}

const input = byId("files") as HTMLInputElement;
const drop = byId("drop");
input.addEventListener("change", () => void take(input.files));
function begin(): void {
  cards = new Cards(language, DIGEST.test(named()) ? named() : undefined);
  show();
}
byId("language").addEventListener("click", () => {
  language = language === "zh" ? "en" : "zh";
  begin();
});
addEventListener("hashchange", begin);
// A file that misses the field would otherwise be opened in place of the page.
document.addEventListener("dragover", (event) => {
  event.preventDefault();
  drop.classList.add("over");
});
document.addEventListener("dragleave", () => drop.classList.remove("over"));
document.addEventListener("drop", (event) => {
  event.preventDefault();
  drop.classList.remove("over");
  void take(event.dataTransfer?.files);
});
begin();
