/** A ledger in memory: judges events as the contract does and lets them take effect, without journals, hashes and transactions. */
import { partOf } from "../../../chaincode/events/exit-part";
import { exits } from "../../../chaincode/events/exit-record";
import { type Breach, declarationOf, isQuarantined, judge, readEvent } from "../../../chaincode/events/judge";
import { parties } from "../../../chaincode/events/party";
import { REMARKS } from "../../../chaincode/events/codes";
import {
  type Effects,
  type Found,
  type HoldingsCount,
  type HoldingsPart,
  type Role,
  ROLES,
  type Settled,
  type Whose,
  type Table,
} from "../../../chaincode/events/definition";
import { vocabulary } from "../../../chaincode/events/vocabulary";
import { declaredHolding } from "../../../chaincode/holdings";
import type { Holding } from "../../../chaincode/proof/holdings-page";
import { type Inventory, inventoryOf } from "../../../chaincode/proof/inventory";
import { examples } from "../../../gateway/event-examples";

export { examples };

export const AUTHORITY = "11990000MB1A0001XD";
export const OPERATOR = "91990000MA1A00024N";
export const DEVELOPER = "91990000MA1A00032H";
export const TRANSPORT = "11990000MB1A000443";
export const METEOROLOGY = "12990000MB1A00052T";
/** Another operator with an authorization of its own, to try what is not its own. */
export const STRANGER = "91990000MA1A00075Y";

export const AUTHORIZATION = "yz-authorization-transport";
export const SCENARIO = "yz-scenario-punctuality";
export const FLIGHTS = "yz-transport-flights";
export const WEATHER = "yz-meteorology-weather";
export const PRODUCT = "yz-product-punctuality";

/** When everything in these tests is recorded, unless they say otherwise. */
export const NOW = "2026-03-10T10:00:00+08:00";

export interface Report {
  readonly type: string;
  readonly party: string;
  readonly data: object;
  /** When it happened; the time it is recorded where nothing is said. */
  readonly time?: string;
  /** When a gateway took it in; likewise. Only a world can tell it apart. */
  readonly taken?: string;
  readonly at?: string;
  readonly mspId?: string;
}

const ONE_HOST: Readonly<Record<string, readonly Role[]>> = { SuyuanMSP: ROLES };

/** A report, and the codes that the ledger said to it; undefined where it was no event of a known type in its shape. */
export interface Heard {
  readonly report: Report;
  readonly codes: readonly string[] | undefined;
}

type SettledOne = Holding & { readonly authorization: string; readonly at: number; readonly whose: Whose };

export class World implements Effects {
  /** Every one that was made: what is told in them is told to a real gateway too. */
  static readonly all: World[] = [];

  readonly heard: Heard[] = [];
  /** Whether its tables were changed by more than what was told. */
  meddled = false;
  readonly #tables = new Map<string, unknown>();
  readonly #holdings = new Map<string, Holding>();
  /** What was accounted for, as it was until then, and when. */
  readonly #settled: SettledOne[] = [];
  #now = 0;
  /** Of everything that was ever declared, as the ledger numbers it. */
  readonly #slots = new Map<string, number>();
  readonly #declared = new Set<string>();
  /** By authorization: how many, and by the last freeze of an inventory. */
  readonly #taken = new Map<string, number>();
  readonly #frozen = new Map<string, number>();
  readonly #hosts: Readonly<Record<string, readonly Role[]>>;
  #telling = false;
  #facts = 0;
  #acts = 0;
  readonly #found = new Map<string, Found>();
  /** Of the event that was recorded last. */
  place = "";

  constructor(hosts: Readonly<Record<string, readonly Role[]>> = ONE_HOST) {
    this.#hosts = hosts;
    this.put(parties, AUTHORITY, { roles: ["authority"], host: this.host("authority") ?? "", steps: {} });
    this.meddled = hosts !== ONE_HOST;
    World.all.push(this);
  }

  get<R>(table: Table<R>, id: string): R | undefined {
    return this.#tables.get(`${table.name} ${id}`) as R | undefined;
  }

  put<R>(table: Table<R>, id: string, record: R): void {
    this.meddled ||= !this.#telling;
    this.#tables.set(`${table.name} ${id}`, record);
  }

  host(role: Role): string | undefined {
    return Object.keys(this.#hosts).find((msp) => this.#hosts[msp]?.includes(role));
  }

  all<R>({ name }: Table<R>): readonly R[] {
    return [...this.#tables].flatMap(([key, row]) => (key.startsWith(`${name} `) ? [row as R] : []));
  }

  holding(authorization: string, name: string): Holding | undefined {
    return this.#holdings.get(`${authorization} ${name}`);
  }

  isCleared(authorization: string, name: string): boolean {
    return this.#declared.has(`${authorization} ${name}`) && this.holding(authorization, name) === undefined;
  }

  /** All that is held under an authorization, by name. */
  held(authorization: string): readonly (readonly [name: string, slot: Holding])[] {
    const prefix = `${authorization} `;
    return [...this.#holdings].flatMap(([key, slot]) => (key.startsWith(prefix) ? [[key.slice(prefix.length), slot] as const] : []));
  }

  holdings(authorization: string, part?: HoldingsPart): HoldingsCount {
    const slots = this.held(authorization).flatMap(([, slot]) => (part === undefined || isOf(slot, part) ? [slot] : []));
    const retained = slots.filter(({ until }) => until !== undefined);
    const logs = retained.filter(({ form }) => form === "log").length;
    return { outstanding: slots.length - retained.length, retained: retained.length, logs };
  }

  settled(authorization: string, part: HoldingsPart | undefined, late: boolean): Settled {
    const all = this.#settled.filter((one) => one.authorization === authorization && (part === undefined || isOf(one, part)));
    const own = late ? all : all.filter(({ whose }) => whose === "others");
    return { count: own.length, last: Math.max(0, ...own.map(({ at }) => at)) };
  }

  #settle(authorization: string, name: string, held: Holding, whose: Whose): void {
    const isLate = (this.#slots.get(name) ?? 0) >= (this.#frozen.get(authorization) ?? 0);
    if (held.until === undefined) this.#settled.push({ ...held, authorization, whose: isLate ? whose : "others", at: this.#now });
  }

  inventory(authorization: string, part?: HoldingsPart): Inventory {
    const slots = this.held(authorization).map(([holding, held]) => ({ slot: this.#slots.get(holding) ?? 0, holding, ...held }));
    return inventoryOf(slots, part);
  }

  found(place: string): Found | undefined {
    return this.#found.get(place);
  }

  clear(authorization: string, name: string, digest: string, whose: Whose): void {
    const held = this.holding(authorization, name);
    if (held?.digest !== digest) return;
    this.#settle(authorization, name, held, whose);
    this.strike(authorization, name);
  }

  freeze(authorization: string): void {
    this.#frozen.set(authorization, this.#taken.get(authorization) ?? 0);
  }

  attribute(authorization: string, name: string, product: string): void {
    const held = this.holding(authorization, name);
    if (held?.product === undefined && held !== undefined) this.#holdings.set(`${authorization} ${name}`, { ...held, product });
  }

  strike(authorization: string, name: string): void {
    this.#holdings.delete(`${authorization} ${name}`);
  }

  retain(authorization: string, name: string, digest: string, until: string, whose: Whose): void {
    const held = this.holding(authorization, name);
    if (held?.digest !== digest) return;
    this.#settle(authorization, name, held, whose);
    this.#holdings.set(`${authorization} ${name}`, { ...held, until });
  }

  /** Everything in it, as text: equal for equal worlds. */
  state(): string {
    const sorted = (map: ReadonlyMap<string, unknown>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1));
    return JSON.stringify([sorted(this.#tables), sorted(this.#holdings), sorted(this.#found), this.#settled, this.#facts, this.#acts]);
  }

  /** A world as another one's {@link state} tells. */
  static from(state: string): World {
    const world = new World();
    type Entries<V> = readonly (readonly [string, V])[];
    type Parts = [Entries<unknown>, Entries<Holding>, Entries<Found>, SettledOne[], number, number];
    const [tables, holdings, found, settled, facts, acts] = JSON.parse(state) as Parts;
    for (const [key, value] of tables) world.#tables.set(key, value);
    for (const [key, value] of holdings) world.#holdings.set(key, value);
    for (const [key, value] of found) world.#found.set(key, value);
    world.#settled.push(...settled);
    [world.#facts, world.#acts, world.meddled] = [facts, acts, true];
    return world;
  }

  /** Records an event, unless it is a refused act. @returns undefined where it is no event of a known type in its shape */
  tell(given: Report): readonly Breach[] | undefined {
    const report = this.#rooted(given);
    this.#telling = true;
    const breaches = this.#tell(report);
    this.#telling = false;
    this.heard.push({ report, codes: breaches?.map(({ code }) => code) });
    return breaches;
  }

  /** The root that the example of a frozen inventory gives stands for the one that is right. */
  #rooted(report: Report): Report {
    const { exit, root } = report.data as { readonly exit?: string; readonly root?: string };
    if (report.type !== "exit.inventory-frozen" || root !== examples["suyuan.exit.inventory-frozen"].valid.root) return report;
    const it = this.get(exits, exit ?? "");
    if (it === undefined) return report;
    return { ...report, data: { ...report.data, root: this.inventory(it.authorization, partOf(it, this)).root } };
  }

  #tell({ type, party, data, at = NOW, time = at, taken = at, mspId = "SuyuanMSP" }: Report): readonly Breach[] | undefined {
    const leaf = {
      specversion: "1.0",
      id: "e-1",
      source: "//test",
      type: `suyuan.${type}`,
      time,
      party,
      recordedtime: new Date(taken).toISOString(),
      data,
    };
    const isFact = vocabulary.get(leaf.type)?.kind === "fact";
    const index = isFact ? this.#facts : this.#acts;
    const place = `${mspId}/${isFact ? "facts" : "acts"}/${index}`;
    this.#now = Date.parse(at);
    const event = readEvent(leaf, this.#now, place);
    if (event === undefined) return undefined;
    const breaches = judge(event, mspId, this);
    if (!isFact && breaches.some(({ code }) => !REMARKS.has(code))) return breaches;
    if (isFact) this.#facts++;
    else this.#acts++;
    this.place = place;
    if (breaches.length > 0) this.#found.set(place, { party, codes: breaches.map(({ code }) => code) });
    if (isQuarantined(breaches)) return breaches;
    const declared = declarationOf(event, breaches, this);
    declared?.holdings.forEach((_, ordinal) => {
      const name = `${place}/${ordinal}`;
      const taken = this.#taken.get(declared.authorization) ?? 0;
      this.#slots.set(name, taken);
      this.#declared.add(`${declared.authorization} ${name}`);
      this.#taken.set(declared.authorization, taken + 1);
      this.#holdings.set(`${declared.authorization} ${name}`, declaredHolding(declared, ordinal, event.party));
    });
    event.type.effects(event, this);
    return breaches;
  }

  /** As {@link tell}: only the codes. */
  codes(report: Report): readonly string[] | undefined {
    return this.tell(report)?.map(({ code }) => code);
  }
}

const isOf = (held: Holding, part: HoldingsPart): boolean =>
  ("scenario" in part ? held.scenario === part.scenario : held.product === part.product) && part.parties?.includes(held.party) !== false;

/** The event of a type's valid example. */
export const example = (
  type: keyof typeof examples extends `suyuan.${infer T}` ? T : never,
  party: string,
  change: object = {},
): Report => ({
  type,
  party,
  data: { ...examples[`suyuan.${type}`].valid, ...change },
});

const register = (code: string, ...roles: Role[]): Report => example("party.registered", AUTHORITY, { code, name: "主体", roles });

const weather = { resource: WEATHER, name: "气象站逐日观测", fields: ["location", "date", "precipitation"] };

/** Everything from the first party to the called product, in order, each step lawful. */
export const story: readonly Report[] = [
  register(OPERATOR, "primary-operator", "platform"),
  register(STRANGER, "primary-operator", "platform"),
  { ...register(DEVELOPER, "developer"), party: OPERATOR },
  register(TRANSPORT, "source"),
  register(METEOROLOGY, "source"),
  example("resource.catalogued", TRANSPORT),
  example("resource.approved", AUTHORITY),
  example("resource.published", AUTHORITY),
  example("resource.registered", TRANSPORT),
  example("resource.catalogued", METEOROLOGY, weather),
  example("resource.approved", AUTHORITY, { resource: WEATHER }),
  example("resource.published", AUTHORITY, { resource: WEATHER }),
  example("resource.registered", METEOROLOGY, { resource: WEATHER }),
  example("authorization.decided", AUTHORITY),
  example("authorization.signed", AUTHORITY),
  example("scenario.submitted", OPERATOR),
  example("scenario.consented", METEOROLOGY),
  example("scenario.consented", TRANSPORT, { resource: FLIGHTS }),
  example("scenario.approved", AUTHORITY),
  example("scenario.registered", OPERATOR),
  // Open as long as the authorization lasts: gateways tell this story on the day of the test.
  example("developer.call-published", OPERATOR, { closes: "2031-03-02" }),
  example("developer.applied", DEVELOPER),
  example("developer.verified", OPERATOR),
  example("developer.selected", OPERATOR),
  example("developer.authorised", OPERATOR),
  example("data.aggregated", METEOROLOGY),
  example("data.supplied", TRANSPORT),
  example("data.pulled", OPERATOR),
  example("data.processed", OPERATOR),
  example("data.accessed", OPERATOR),
  example("product.listed", OPERATOR),
  example("product.list-approved", AUTHORITY),
  example("product.compliance-reviewed", OPERATOR),
  example("product.outbound-approved", AUTHORITY),
  example("product.registered", OPERATOR),
  example("product.released", OPERATOR),
  example("product.delivered", OPERATOR),
  example("product.called", DEVELOPER),
];

/** The story's product, or another, reviewed, approved and released anew. */
export const releasedAgain = (change: { readonly product?: string; readonly made?: readonly string[] } = {}): readonly Report[] => {
  const { made: _, ...named } = change;
  return [
    example("product.compliance-reviewed", OPERATOR, named),
    example("product.outbound-approved", AUTHORITY, named),
    example("product.released", OPERATOR, change),
  ];
};

/** The world after the story up to and with its last event of type `last`, without events of some types. */
export function after(last: string, ...without: string[]): World {
  const world = new World();
  const end = story.findLastIndex(({ type }) => type === last);
  for (const report of story.slice(0, end + 1)) if (!without.includes(report.type)) world.tell(report);
  return world;
}
