/** The page `/verify`: the verifier of the command line in a browser. Everything shown is text: what strangers wrote makes no element. */
import { toHex } from "../../chaincode/proof/bytes";
import { EvidenceError, type EvidenceErrorCode } from "../evidence/errors";
import errorLabels from "../evidence/errors.labels.json";
import { eventIn, type Examined, examinePromise, examineReceipt, formatOf } from "../evidence/examine";
import { LATEST_FORMAT } from "../evidence/latest";
import type { PromiseVerdict } from "../evidence/promise-kept";
import { type Step, STEPS } from "../evidence/steps";
import { parseTrust, TRUST_FORMAT, type TrustFile } from "../evidence/trust";
import verdictLabels from "../evidence/verdict.labels.json";
import type { Verdict } from "../evidence/verify";
import { eventLabel, type Label } from "../labels";
import { sha256 } from "./sha256";
import texts from "./texts.json";

interface Dropped {
  readonly name: string;
  readonly bytes: Uint8Array;
}

type Trusted = { readonly trust: TrustFile } | { readonly code: EvidenceErrorCode };

let language: "zh" | "en" = navigator.language.startsWith("zh") ? "zh" : "en";
let trustFile: (Dropped & Trusted) | undefined;
let given: readonly Dropped[] = [];

const say = (label: Label): string => label[language];
const said = (key: keyof typeof texts): string => say(texts[key]);
const byId = (id: string): HTMLElement => document.getElementById(id) as HTMLElement;

function element(name: string, className = "", ...children: readonly (Node | string)[]): HTMLElement {
  const made = document.createElement(name);
  made.className = className;
  made.append(...children);
  return made;
}

const facts = (rows: readonly (readonly [keyof typeof texts, string | undefined])[]): HTMLElement =>
  element(
    "dl",
    "",
    ...rows.flatMap(([key, value]) =>
      value === undefined || value === "" ? [] : [element("dt", "", said(key)), element("dd", "", value)],
    ),
  );

const list = (items: readonly (readonly [className: string, text: string])[]): HTMLElement =>
  element("ul", "", ...items.map(([className, text]) => element("li", className, text)));

/** How far it got; of a file that failed, with the steps that were left. */
function steps(passed: readonly Step[], failed?: Step): HTMLElement {
  const isLeft = (step: Step): boolean => failed !== undefined && step !== "promise" && !passed.includes("promise");
  const own = STEPS.filter((step) => passed.includes(step) || step === failed || isLeft(step));
  const stateOf = (step: Step): string => (step === failed ? "failed" : passed.includes(step) ? "passed" : "untried");
  return list(own.map((step) => [stateOf(step), say(verdictLabels.steps[step])]));
}

function failure(name: string, { passed, failed }: Extract<Examined<unknown>, { verified: false }>): HTMLElement {
  const words = errorLabels[failed.code];
  const code = element("p", "", `${say(words)} (${failed.code})`);
  return element(
    "article",
    "card bad",
    element("h3", "", `${said("bad")}  ${name}`),
    code,
    element("p", "", say(words.next)),
    element("h4", "", said("steps")),
    steps(passed, failed.step),
  );
}

function receipt({ name, bytes }: Dropped, verdict: Verdict, passed: readonly Step[]): HTMLElement {
  const event = eventIn(bytes);
  const label = event?.type === undefined ? undefined : eventLabel(event.type);
  return element(
    "article",
    "card good",
    element("h3", "", `${said("good")}  ${name}`),
    facts([
      ["event", [label && say(label), event?.type].filter((part) => part !== undefined).join("  ")],
      ["party", event?.party],
      ["happened", event?.time],
      ["place", `${verdict.network}  ${verdict.journal}/${verdict.index}`],
      ["leaf", verdict.leafHash],
      ["recorded", verdict.recorded],
      ["attested", verdict.attested],
      ["attested-by", verdict.attestedBy.join(", ")],
    ]),
    element("h4", "", said("proven")),
    list(verdict.proven.map((code) => ["passed", say(verdictLabels.proven[code])])),
    element("h4", "", said("not-proven")),
    list(verdict.notProven.map((code) => ["not", say(verdictLabels.notProven[code])])),
    element("h4", "", said("steps")),
    steps(passed),
    ...(event === undefined
      ? []
      : [element("details", "", element("summary", "", said("record")), element("pre", "", JSON.stringify(event, null, 2)))]),
  );
}

function promise(name: string, verdict: PromiseVerdict, passed: readonly Step[]): HTMLElement {
  const { outcome } = verdict;
  const worth = outcome === "kept" ? "good" : outcome.startsWith("broken") || outcome === "two-histories" ? "bad" : "open";
  return element(
    "article",
    `card ${worth}`,
    element("h3", "", `${say(verdictLabels.promises[outcome])}  ${name}`),
    facts([
      ["place", `${verdict.network}  ${verdict.journal}/${verdict.index}`],
      ["leaf", verdict.leafHash],
      ["promised", verdict.promised],
      ["deadline", verdict.deadline],
      ["attested-by", verdict.attestedBy.join(", ")],
    ]),
    ...(verdict.notProven.length === 0 ? [] : [element("h4", "", said("not-proven"))]),
    list(verdict.notProven.map((code) => ["not", say(verdictLabels.notProven[code])])),
    element("h4", "", said("steps")),
    steps(passed),
  );
}

function showTrust(): HTMLElement {
  if (trustFile === undefined) return element("p", "quiet", said("no-trust"));
  const { name, bytes } = trustFile;
  if ("code" in trustFile) {
    const words = errorLabels[trustFile.code];
    return element("article", "card bad", element("h3", "", name), element("p", "", say(words)), element("p", "", say(words.next)));
  }
  const { networks, journals } = trustFile.trust;
  return element(
    "article",
    "card",
    element("h3", "", name),
    facts([
      ["fingerprint", toHex(sha256(bytes))],
      ["networks", networks.map(({ network }) => network).join(", ")],
      ["organisations", networks.flatMap(({ organisations }) => organisations.map(({ mspId }) => mspId)).join(", ")],
      ["journals", journals.map(({ journal }) => journal).join(", ")],
    ]),
    element("p", "quiet", said("compare")),
  );
}

async function showResults(): Promise<readonly HTMLElement[]> {
  if (trustFile === undefined || "code" in trustFile || given.length === 0) return [element("p", "quiet", said("no-results"))];
  const { trust } = trustFile;
  const promises = given.filter(({ bytes }) => formatOf(bytes) === "promise");
  const shown = given.filter((file) => !promises.includes(file));
  const cards: HTMLElement[] = [];
  for (const { name, bytes } of promises) {
    const examined = await examinePromise(
      bytes,
      shown.map((file) => file.bytes),
      trust,
    );
    cards.push(examined.verified ? promise(name, examined.verdict, examined.passed) : failure(name, examined));
  }
  for (const file of shown) {
    if (formatOf(file.bytes) === LATEST_FORMAT) cards.push(element("article", "card", element("h3", "", file.name), said("latest")));
    else {
      const examined = await examineReceipt(file.bytes, trust);
      cards.push(examined.verified ? receipt(file, examined.verdict, examined.passed) : failure(file.name, examined));
    }
  }
  return cards;
}

/** Renderings overlap where files come while others are being verified: the last one is shown. */
let latest = 0;
async function show(): Promise<void> {
  const own = ++latest;
  document.documentElement.lang = language;
  document.title = said("title");
  for (const each of document.querySelectorAll<HTMLElement>("[data-text]"))
    each.textContent = said(each.dataset["text"] as keyof typeof texts);
  byId("language").textContent = said("language");
  byId("insecure").hidden = isSecureContext;
  byId("trust").replaceChildren(showTrust());
  const results = isSecureContext ? await showResults() : [];
  if (own === latest) byId("results").replaceChildren(...results);
}

async function take(files: FileList | null | undefined): Promise<void> {
  const taken: Dropped[] = await Promise.all(
    Array.from(files ?? [], async (file) => ({ name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) })),
  );
  const isTrust = ({ bytes }: Dropped): boolean => formatOf(bytes) === TRUST_FORMAT;
  const trust = taken.findLast(isTrust);
  if (trust !== undefined) trustFile = { ...trust, ...trusted(trust.bytes) };
  const others = taken.filter((file) => !isTrust(file));
  if (others.length > 0) given = others;
  await show();
}

function trusted(bytes: Uint8Array): Trusted {
  try {
    return { trust: parseTrust(bytes) };
  } catch (error) {
    if (error instanceof EvidenceError) return { code: error.code };
    throw error;
  }
}

const input = byId("files") as HTMLInputElement;
const drop = byId("drop");
input.addEventListener("change", () => void take(input.files));
byId("language").addEventListener("click", () => {
  language = language === "zh" ? "en" : "zh";
  void show();
});
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
void show();
