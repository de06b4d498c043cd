/** What the catalogue says of a resource, over time: what whoever takes data from it is judged by. Clauses 五, 六(五)3, 六(六), 七(二)4. */
import { isStranger } from "./agreement";
import { isParty, parties } from "./party";
import { covers, type Span } from "./time";
import { annulledAfter, annulledSince, isTakenBack, KEPT, stands, stood, type Version, type Versioned, versionAt } from "./steps";
import { rule, table, type World } from "./definition";

/** From the least to the most. */
export const SENSITIVITY = ["open", "internal", "sensitive", "core"] as const;
export type Sensitivity = (typeof SENSITIVITY)[number];

export const isAbove = (one: Sensitivity, other: Sensitivity): boolean => SENSITIVITY.indexOf(one) > SENSITIVITY.indexOf(other);

export const PERSONAL = ["none", "personal", "sensitive"] as const;

/** What the catalogue says of a resource. */
export interface Entry {
  readonly fields: readonly string[];
  readonly sensitivity: Sensitivity;
  /** Whether there is personal information in it. */
  readonly personal: (typeof PERSONAL)[number];
}

/** Fields that are offered no longer, from a time on. */
export interface Narrowing {
  readonly fields: readonly string[];
  readonly from: number;
  readonly act: string;
}

/** People who withdrew their consent, as a batch, from then until a version of the data no longer has them. */
export interface Revocation extends Span {
  readonly batch: string;
  readonly act: string;
}

export interface Resource extends Versioned<Entry & Version> {
  /** Credit code of the one source of this data. */
  readonly source: string;
  /** Credit code of the authority of its sector, which may register it for the source. */
  readonly sector?: string;
  /** Who was it earlier, and until when. */
  readonly earlier?: readonly { readonly source: string; readonly until: number }[];
  /** The entry that is not approved yet. */
  readonly proposed?: Entry;
  readonly narrowings?: readonly Narrowing[];
  readonly revocations?: readonly Revocation[];
}

export const resources = table<Resource>("resource");

interface Named {
  readonly data: { readonly resource: string };
}
type Happened = Named & { readonly happened: number };
type Supply = Happened & { readonly data: { readonly authorization?: string }; readonly party: string };

export const without = <E extends Entry>(entry: E, fields: ReadonlySet<string>): E => ({
  ...entry,
  fields: entry.fields.filter((field) => !fields.has(field)),
});

/** The narrowings that count: of what is offered at a time, and those that are still to come. */
export function narrowingsFrom(it: Resource | undefined, at: number): readonly Narrowing[] {
  const since = versionAt(it, at)?.from ?? at;
  return it?.narrowings?.filter(({ from, act }) => since <= from && !isTakenBack(it, act, at)) ?? [];
}

/** Batches of people that a version of the data is still to leave out. */
export const openRevocations = (it: Resource | undefined, at: number): readonly Revocation[] =>
  it?.revocations?.filter((one) => one.until === undefined && !isTakenBack(it, one.act, at)) ?? [];

/** The entry in force at a time, without the fields by which it had been narrowed since it began. */
export function offeredAt(it: Resource | undefined, at: number): (Entry & Version) | undefined {
  const version = versionAt(it, at);
  if (version === undefined || it?.narrowings === undefined) return version;
  const since = it.narrowings.filter(({ from, act }) => version.from <= from && from <= at && !isTakenBack(it, act, at));
  return since.length === 0 ? version : without(version, new Set(since.flatMap(({ fields }) => fields)));
}

/** The entry as it is known at a time: the one in force, else the one that is to be. */
export const entryAt = (it: Resource | undefined, at: number): Entry | undefined =>
  offeredAt(it, at) ?? it?.proposed ?? it?.versions.at(-1);

export const sourceAt = (it: Resource, at: number): string => it.earlier?.find(({ until }) => at < until)?.source ?? it.source;

/** Personal information is offered on a legal basis that is recorded, after its impact was assessed. */
export const missingBasis = ({ resource }: Named["data"], world: World, at: number): readonly string[] => {
  const it = world.get(resources, resource);
  return (entryAt(it, at)?.personal ?? "none") === "none"
    ? []
    : ["basis-recorded", "impact-assessed"].filter((step) => !stands(it, step, at));
};

export const resourceKnown = rule("resource-unknown", ({ data }: Named, world) => world.get(resources, data.resource) === undefined);

/** Facts: data comes from its one source, as that source or the platform reports it; no platform that is another's operator says what is supplied. */
export const fromItsSource = rule("second-source", ({ data, party, happened }: Supply, world) => {
  const known = world.get(resources, data.resource);
  const isOthers = data.authorization !== undefined && isStranger(world, party, data.authorization);
  const isPlatform = world.get(parties, party)?.roles.includes("platform") === true && !isOthers;
  return known !== undefined && !isParty(world, party, sourceAt(known, happened)) && !isPlatform;
});

/** Whether a party was the source of a resource at a time. */
export const isSourceOf = (world: World, party: string, resource: string, at: number): boolean => {
  const known = world.get(resources, resource);
  return known !== undefined && isParty(world, party, sourceAt(known, at));
};

/** Facts: the source had withdrawn the resource, or never published it, when the data flowed; or had withdrawn the fields that are listed. */
export const sourceOffers = rule("source-withdrawn", ({ data, happened }: Happened & { data: { fields?: readonly string[] } }, world) => {
  const known = world.get(resources, data.resource);
  if (known === undefined) return false;
  const entry = offeredAt(known, happened);
  if (entry === undefined || stood(known, "published", happened) === undefined) return true;
  const wasOffered = (field: string): boolean => known.versions.some(({ from, fields }) => from <= happened && fields.includes(field));
  return (data.fields ?? []).filter((field) => !entry.fields.includes(field) && wasOffered(field));
});

export const resourceRegistered = rule("resource-not-registered", ({ data, happened }: Happened, world) => {
  return !stands(world.get(resources, data.resource), "registered", happened);
});

/** Facts: there was a basis for the personal information in it. */
export const personsProtected = rule("legal-basis-missing", ({ data, happened }: Happened, world) => missingBasis(data, world, happened));

/** Facts: nobody in it had withdrawn their consent; the batches that had are listed, the first ones. */
export const consentsStand = rule("consent-withdrawn", ({ data, happened }: Happened, world) => {
  const it = world.get(resources, data.resource);
  if (it?.revocations === undefined) return false;
  const open = it.revocations.filter((revocation) => covers(revocation, happened) && !isTakenBack(it, revocation.act, happened));
  return open.slice(0, KEPT).map(({ batch }) => batch);
});

/** Where the acts stand on whose strength the resource was offered then, and which were annulled since. */
export function annulledOffers(it: Resource | undefined, at: number): readonly string[] {
  const publication = annulledSince(it, "published", at) ? stood(it, "published", at) : undefined;
  const entry = it && annulledAfter(it, versionAt(it, at)?.acts ?? [], at);
  return [...(entry ?? []), ...(publication ? [publication.act] : [])];
}
