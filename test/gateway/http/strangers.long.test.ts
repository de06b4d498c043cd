/**
 * What a party says itself gives it the sight of its own words, and of nothing else: strangers record every type of event that they may, naming
 * whatever there is of others, before and after these take the same numbers, and then ask every query.
 */
import { dayOf } from "../../../chaincode/events/time";
import { expect } from "chai";
import { createHash } from "node:crypto";
import { type Role, type Subject, SUBJECT_KINDS } from "../../../chaincode/events/definition";
import { vocabulary } from "../../../chaincode/events/vocabulary";
import { HOLDING_STATES } from "../../../gateway/index/holdings";
import { queries } from "../../../gateway/http/queries";
import { creditCode } from "../../../scripts/bench/mix";
import { APPLICATION } from "../../chaincode/events/authorization-life";
import { endedScenario } from "../exit/leaving";
import {
  AUTHORITY,
  AUTHORIZATION,
  DEVELOPER,
  example,
  examples,
  METEOROLOGY,
  OPERATOR,
  type Report,
  story,
  STRANGER,
  TRANSPORT,
} from "../../chaincode/events/world";
import { type Asking, Telling, type Told } from "./telling";

const strangers = (
  [["primary-operator", "platform"], ["developer"], ["source"], ["platform"], ["province-platform"]] as const satisfies readonly Role[][]
).map((roles, i): Asking & { readonly own: string } => ({ party: creditCode(20 + i), roles, own: `own-${i}` }));

/** Each operates something of its own where it can. */
const arrivals = strangers.flatMap(({ party, roles, own }): readonly Report[] => [
  example("party.registered", AUTHORITY, { code: party, name: "来者", roles }),
  ...(roles.includes("primary-operator")
    ? [
        example("authorization.decided", AUTHORITY, { authorization: own, operator: party }),
        example("authorization.signed", AUTHORITY, { authorization: own }),
      ]
    : []),
]);

const day = (offset: number): string => dayOf(Date.now() + offset * 86_400_000);
const reports = [1, 2].map((ago) => {
  const document = { digest: createHash("sha256").update(String(ago)).digest("hex") };
  return { year: String(new Date().getFullYear() - ago), audit: document, accounting: document };
});
const form = example("application.submitted", OPERATOR).data as { readonly materials: object };

/** What others do under the numbers that strangers have used by then. */
const others: readonly Report[] = [
  example("announcement.published", AUTHORITY, { opens: day(-2), closes: day(20) }),
  example("application.submitted", OPERATOR, { materials: { ...form.materials, reports } }),
  example("application.qualification-checked", AUTHORITY),
  example("application.scored", AUTHORITY),
  example("application.publicised", AUTHORITY),
  example("security.plan-filed", OPERATOR),
  example("security.incident-reported", OPERATOR),
  example("security.plan-activated", OPERATOR),
  example("security.incident-handled", OPERATOR),
  example("security.incident-handled", AUTHORITY, { authorization: AUTHORIZATION, measures: "责令整改" }),
  example("security.risk-found", OPERATOR),
  example("complaint.received", DEVELOPER),
  example("complaint.answered", AUTHORITY),
  example("resource.quality-reported", OPERATOR),
  example("asset.registered", OPERATOR),
  example("environment.opened", OPERATOR),
  example("account.cost-recorded", OPERATOR),
  example("supervision.operation-reported", OPERATOR),
  example("data.aggregated", METEOROLOGY, { transfer: "t-base" }),
  ...endedScenario,
];

/** Every text in it changed. */
function mapped(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((item) => mapped(item, change));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, mapped(inner, change)]));
}
function textsOf(value: unknown): readonly string[] {
  const found: string[] = [];
  mapped(value, (text) => (found.push(text), text));
  return found;
}

const CODES = new Set([OPERATOR, DEVELOPER, TRANSPORT, METEOROLOGY, STRANGER]);

/** What a stranger says of each type: about others' things as they are, as if it were their party, and as if they were under its authorization. */
function wordsOf({ party, roles, own }: (typeof strangers)[number], kind: "act" | "fact"): readonly Report[] {
  const types = [...vocabulary.values()].filter((it) => it.kind === kind && it.by.some((role) => roles.includes(role)));
  // Names stay; of texts and digests it has its own.
  const own64 = (text: string): string =>
    createHash("sha256")
      .update(own + text)
      .digest("hex");
  const itsOwn = (text: string): string =>
    /^[0-9a-f]{64}$/.test(text) ? own64(text) : /\p{Script=Han}/u.test(text) ? `${own} 所述` : text;
  const changes: readonly ((text: string) => string)[] = [
    (text) => text,
    (text) => (CODES.has(text) ? party : text.replace(DEVELOPER, party)),
    (text) => (text === AUTHORIZATION ? own : text),
  ];
  return types
    .filter(({ family }) => family !== "journal") // Who keeps a journal may end it, and is no stranger to it.
    .flatMap(({ type }) => {
      const { valid } = examples[type as keyof typeof examples];
      const data = changes.map((change) => mapped(mapped(valid, itsOwn), change) as object);
      const distinct = [...new Map(data.map((one) => [JSON.stringify(one), one])).values()];
      return distinct.map((one) => ({ type: type.slice("suyuan.".length), party, data: one }));
    });
}

interface Asked {
  readonly subjects: readonly Subject[];
  readonly told: readonly (Told & { readonly id: string })[];
  /** Of facts in the ledger. */
  readonly facts: number;
}

/** Every query that is not open to everyone, by its name, asked for whatever there is. */
const PATHS: Readonly<Record<string, (asked: Asked) => readonly string[]>> = {
  eventsOfPair: ({ told }) => told.map(({ id }) => `/v1/events?source=%2F%2Ftest&id=${id}`),
  event: ({ told }) => told.map(({ leafHash }) => `/v1/events/${leafHash}`),
  receipt: ({ told }) => told.map(({ leafHash }) => `/v1/receipts/${leafHash}`),
  trace: ({ subjects, facts }) =>
    [
      ...subjects.filter(({ kind }) => kind === "resource" || kind === "product").map(({ kind, id }) => `${kind}/${id}`),
      ...Array.from({ length: facts }, (_, i) => `holding/${encodeURIComponent(`SuyuanMSP/facts/${i}/0`)}`),
    ].flatMap((start) => ["sources", "products"].map((direction) => `/v1/trace/${start}?direction=${direction}`)),
  subjects: () => SUBJECT_KINDS.map((kind) => `/v1/subjects/${kind}?limit=1000`),
  subject: ({ subjects }) => subjects.map(({ kind, id }) => `/v1/subjects/${kind}/${encodeURIComponent(id)}`),
  history: ({ subjects }) => subjects.map(({ kind, id }) => `/v1/subjects/${kind}/${encodeURIComponent(id)}/events?limit=1000`),
  search: ({ subjects, told }) =>
    [...subjects.map(({ id }) => id), ...told.map(({ leafHash }) => leafHash), "yz", "航班", "SuyuanMSP/facts/2/0"].map(
      (q) => `/v1/search?limit=1000&q=${encodeURIComponent(q)}`,
    ),
  holdings: () => HOLDING_STATES.map((state) => `/v1/holdings?authorization=${AUTHORIZATION}&state=${state}&limit=1000`),
  exits: () => ["/v1/exits"],
  exit: ({ subjects }) => exitsIn(subjects).map((id) => `/v1/exits/${id}`),
  exitInventory: ({ subjects }) => exitsIn(subjects).map((id) => `/v1/exits/${id}/inventory`),
  exitCertificate: ({ subjects }) => exitsIn(subjects).flatMap((id) => ofSources(`/v1/exits/${id}/certificate`)),
  exitItems: ({ subjects }) => exitsIn(subjects).flatMap((id) => ofSources(`/v1/exits/${id}/certificate/items`)),
  exitStatement: ({ subjects }) => exitsIn(subjects).map((id) => `/v1/exits/${id}/statement`),
  authorizationKey: () => [`/v1/authorizations/${AUTHORIZATION}/key`],
  findings: ({ subjects }) => [
    "/v1/findings?limit=1000",
    ...subjects.map(({ kind, id }) => `/v1/findings?limit=1000&kind=${kind}&id=${encodeURIComponent(id)}`),
  ],
  stats: () => ["/v1/stats"],
  reconciliation: () => ["/v1/reconciliation?limit=1000"],
  watch: () => [],
  duties: () => ["/v1/duties?limit=1000"],
  contributions: () => ["/v1/contributions"],
  tile: () => [`/v1/journals/${encodeURIComponent("SuyuanMSP/facts")}/tile/entries/000.p/1`],
};
/** The whole, and what each stranger would have of it as a source. */
const ofSources = (path: string): readonly string[] => [path, ...strangers.map(({ party }) => `${path}?source=${party}`)];
const exitsIn = (subjects: readonly Subject[]): readonly string[] => subjects.filter(({ kind }) => kind === "exit").map(({ id }) => id);

/** Everything that is an event in an answer. */
function* eventsIn(value: unknown): Generator<Report, void> {
  if (typeof value !== "object" || value === null) return;
  const { leafHash, event } = value as { readonly leafHash?: string; readonly event?: Report };
  if (leafHash !== undefined && event !== undefined) yield event;
  for (const inner of Object.values(value)) yield* eventsIn(inner);
}

describe("what strangers see by their own words", function () {
  this.timeout(300_000);
  let telling: Telling;
  const asked = { subjects: [] as Subject[], told: [] as (Told & { id: string })[], facts: 0 };
  const said = new Map<string, Set<string>>();
  let taken = 0;

  async function tell(reports: readonly Report[]): Promise<void> {
    for (const report of reports) asked.told.push(await telling.tell(report));
  }

  async function say(stranger: (typeof strangers)[number], kind: "act" | "fact"): Promise<void> {
    for (const report of wordsOf(stranger, kind)) {
      const [status] = await telling.attempt(report, stranger);
      if (status <= 202) taken++;
      const texts = said.get(stranger.party) ?? new Set();
      said.set(stranger.party, texts);
      for (const text of textsOf(report.data)) texts.add(text);
    }
  }

  /** The leaves of a complete history, as anyone checks it. */
  async function streamed(path: string, by: Asking): Promise<readonly unknown[]> {
    const headers = { accept: "application/x-ndjson", authorization: `Bearer ${await telling.token(by)}` };
    const response = await fetch(telling.url + path, { headers });
    const lines = (await response.text()).split("\n").filter((line) => line !== "");
    if (response.status !== 200) return [];
    const leaves = lines.flatMap((line) => (JSON.parse(line) as { readonly leaf?: string }).leaf ?? []);
    return leaves.map((leaf) => JSON.parse(Buffer.from(leaf, "base64").toString("utf8")) as unknown);
  }

  before(async () => {
    telling = await Telling.start([]);
    await tell([...story, ...arrivals]);
    for (const stranger of strangers) await say(stranger, "fact");
    await tell(others);
    for (const stranger of strangers) for (const kind of ["fact", "act"] as const) await say(stranger, kind);
    // What is recorded last is read last.
    await tell([example("data.pulled", OPERATOR, { transfer: "t-last" })]);
    asked.facts = (asked.told.at(-1)?.index ?? 0) + 1;
    for (const kind of SUBJECT_KINDS) {
      const { subjects } = await telling.json<{ subjects: readonly { id: string }[] }>(`/v1/subjects/${kind}?limit=1000`);
      asked.subjects.push(...subjects.map(({ id }) => ({ kind, id })));
    }
  });
  after(() => telling.stop());

  it("is asked of every query that is not for everyone", () => {
    const open = queries.filter(({ open }) => open === true).map(({ id }) => id);
    expect([...Object.keys(PATHS), ...open]).to.include.members(
      queries.map(({ id }) => id).filter((id) => !["checkpoint", "head"].includes(id)),
    );
    expect(asked.subjects.some(({ kind, id }) => kind === "application" && id === APPLICATION)).to.equal(true);
    expect(taken, "of all that strangers said").to.be.greaterThan(100);
  });

  for (const stranger of strangers) {
    const { party, roles } = stranger;
    it(`is nothing else: ${roles.join(", ")}`, async () => {
      const known = new Set([party, ...(said.get(party) ?? [])]);
      const isOwn = (data: unknown): boolean => [party, stranger.own].some((name) => JSON.stringify(data).includes(name));
      const isForIt = ({ type, data }: Pick<Report, "type" | "data">): boolean => isOwn(data) || type.includes("announcement.");
      const all = [...story, ...arrivals, ...others];
      for (const { data } of all.filter(isForIt)) for (const text of textsOf(data)) known.add(text);
      // Words of the vocabulary are no secrets, nor days and short numbers.
      const isWord = (text: string): boolean => text.length < 6 || /^(?!yz-)([a-z-]+|[\d-]+)$/.test(text);
      const secrets = [...new Set(all.flatMap(({ data }) => textsOf(data)))].filter((text) => !known.has(text) && !isWord(text));
      expect(secrets.length).to.be.greaterThan(100);
      // A platform of nobody's may be asked to take a step of any exit, and is told how far that has come.
      const { exits } = await telling.json<{ exits: readonly { exit: string }[] }>("/v1/exits");
      const howFar = roles.includes("platform") && roles.length === 1 ? exits : [];
      const isHowFar = (path: string): boolean => ["/v1/exits", ...howFar.map(({ exit }) => `/v1/exits/${exit}`)].includes(path);
      const told = new Set(textsOf(howFar));
      const look = (path: string, text: string, body: unknown): void => {
        for (const secret of secrets.filter((one) => !(isHowFar(path) && told.has(one))))
          if (!path.includes(encodeURIComponent(secret))) expect(text.includes(secret), `${path}: ${secret}`).to.equal(false);
        expect(text, path).not.to.include('"withheld":true');
        for (const event of eventsIn(body)) expect(event.party === party || isForIt(event), `${path}: ${event.type}`).to.equal(true);
      };
      for (const paths of Object.values(PATHS)) {
        for (const path of paths(asked)) {
          const { text, body } = await telling.get(path, stranger);
          look(path, text, body);
        }
      }
      for (const { kind, id } of asked.subjects) {
        const path = `/v1/subjects/${kind}/${encodeURIComponent(id)}/events`;
        const leaves = await streamed(path, stranger);
        look(
          path,
          JSON.stringify(leaves),
          leaves.map((event) => ({ leafHash: "", event })),
        );
      }
      for (const [i, { leafHash }] of asked.told.entries())
        if (!isForIt(all[i] ?? example("data.pulled", OPERATOR)))
          expect((await telling.get(`/v1/events/${leafHash}`, stranger)).status, all[i]?.type).to.equal(404);
      const messages = await telling.watch("/v1/watch", { by: stranger, last: "000000000.0" });
      look(
        "/v1/watch",
        JSON.stringify(messages),
        messages.map(({ data }) => data),
      );
    });
  }
});
