/** resource 数据资源: the catalogue, 一数一源一标准. Clauses 五, 六(五)3, 六(六), 七(二), 七(三). */
import { isParty, ownOrAuthority, parties } from "./party";
import { count, creditCode, day, digest, document, id, list, oneOf, optional, text } from "./schema";
import { covers, endOfDay, type Span, startOfDay } from "./time";
import {
  annulledAfter,
  annulledSince,
  recordIn,
  type Stepped,
  stands,
  stood,
  takenBack,
  type Version,
  type Versioned,
  versionAt,
  withVersion,
} from "./steps";
import { act, type Effects, fact, party, resource, rule, table, type World } from "./definition";

/** From the least to the most. */
export const SENSITIVITY = ["open", "internal", "sensitive", "core"] as const;
export type Sensitivity = (typeof SENSITIVITY)[number];

export const isAbove = (one: Sensitivity, other: Sensitivity): boolean => SENSITIVITY.indexOf(one) > SENSITIVITY.indexOf(other);

const PERSONAL = ["none", "personal", "sensitive"] as const;

/** What the catalogue says of a resource. */
interface Entry {
  readonly fields: readonly string[];
  readonly sensitivity: Sensitivity;
  /** Whether there is personal information in it. */
  readonly personal: (typeof PERSONAL)[number];
}

/** Fields that are offered no longer, from a time on. */
interface Narrowing {
  readonly fields: readonly string[];
  readonly from: number;
  readonly act: string;
}

/** People who withdrew their consent, as a batch, from then until a version of the data no longer has them. */
interface Revocation extends Span {
  readonly batch: string;
  readonly act: string;
}

export interface Resource extends Versioned<Entry & Version> {
  /** Credit code of the one source of this data. */
  readonly source: string;
  /** Who was it earlier, and until when. */
  readonly earlier?: readonly { readonly source: string; readonly until: number }[];
  /** The entry that is not approved yet. */
  readonly proposed?: Entry;
  readonly narrowings?: readonly Narrowing[];
  readonly revocations?: readonly Revocation[];
}

export const resources = table<Resource>("resource");

/** Revocations that are over are kept for facts that are reported late. */
const KEPT = 24;

interface Named {
  readonly data: { readonly resource: string };
}
type Recorded = Named & { recorded: number };
type Happened = Named & { happened: number };

const itsRecord = recordIn(resources, (d: Named["data"]) => d.resource);

const without = <E extends Entry>(entry: E, fields: readonly string[]): E => ({
  ...entry,
  fields: entry.fields.filter((field) => !fields.includes(field)),
});

/** The entry in force at a time, without the fields by which it had been narrowed since it began. */
function offeredAt(it: Resource | undefined, at: number): (Entry & Version) | undefined {
  const version = versionAt(it, at);
  if (version === undefined || it?.narrowings === undefined) return version;
  const since = it.narrowings.filter(({ from, act }) => version.from <= from && from <= at && !takenBack(it, [act], at));
  return without(
    version,
    since.flatMap(({ fields }) => fields),
  );
}

/** The entry as it is known at a time: the one in force, else the one that is to be. */
export const entryAt = (it: Resource | undefined, at: number): Entry | undefined =>
  offeredAt(it, at) ?? it?.proposed ?? it?.versions.at(-1);

const sourceAt = (it: Resource, at: number): string => it.earlier?.find(({ until }) => at < until)?.source ?? it.source;

/** Changes what is in the catalogue. */
function update(world: Pick<Effects, "get" | "put">, id: string, change: (it: Resource) => Resource): void {
  const it = world.get(resources, id);
  if (it) world.put(resources, id, change(it));
}

const oneSource = rule("second-source", ({ data, party }: Named & { party: string }, world) => {
  const known = world.get(resources, data.resource);
  return known !== undefined && !isParty(world, party, known.source);
});

/** Once in the catalogue, a resource changes by events of their own, so that what was in force earlier stays known. */
const notCataloguedTwice = rule("resource-exists", ({ data, party }: Named & { party: string }, world) =>
  isParty(world, party, world.get(resources, data.resource)?.source),
);

const frequency = oneOf("realtime", "hourly", "daily", "monthly", "yearly", "once");

/** A public utility (公共服务运营单位) catalogues what it holds by an agreement of its own. */
export const catalogued = act("resource.catalogued", {
  clause: "五(一)",
  by: ["source", "sector-authority"],
  data: {
    resource: id,
    name: text,
    fields: list(id, { min: 1, max: 500 }),
    sensitivity: oneOf(...SENSITIVITY),
    frequency,
    format: optional(text),
    origin: optional(text),
    sharing: optional(oneOf("unconditional", "conditional", "none")),
    personal: optional(oneOf(...PERSONAL)),
    agreement: optional(document),
  },
  about: (d) => [resource(d.resource)],
  rules: [oneSource, notCataloguedTwice],
  effects: ({ data: { resource, fields, sensitivity, personal = "none" }, party }, world) =>
    world.put(resources, resource, { source: party, proposed: { fields, sensitivity, personal }, versions: [], steps: {} }),
  on: itsRecord,
});

export const resourceKnown = rule("resource-unknown", ({ data }: Named, world) => world.get(resources, data.resource) === undefined);

/** What was proposed is in force from then on; what had been, and lost its approval, is so again. */
export const approved = act("resource.approved", {
  clause: "六(五)3",
  by: ["authority"],
  data: { resource: id, opinion: optional(document) },
  about: (d) => [resource(d.resource)],
  rules: [resourceKnown],
  effects: ({ data, recorded, place }, world) =>
    update(world, data.resource, ({ proposed, ...it }) => {
      const next = proposed ?? offeredAt(it, recorded) ?? it.versions.at(-1);
      return next === undefined ? it : withVersion(it, { ...next, from: recorded, acts: [place] });
    }),
  on: itsRecord,
  withdrawal: "free",
});

const resourceApproved = rule(
  "resource-not-approved",
  ({ data, recorded }: Recorded, world) => !stands(world.get(resources, data.resource), "approved", recorded),
);

/** Personal information is offered on a legal basis that is recorded, after its impact was assessed. */
const missingBasis = ({ resource }: Named["data"], world: World, at: number): readonly string[] => {
  const it = world.get(resources, resource);
  return (entryAt(it, at)?.personal ?? "none") === "none"
    ? []
    : ["basis-recorded", "impact-assessed"].filter((step) => !stands(it, step, at));
};

const personsProtectedNow = rule("legal-basis-missing", ({ data, recorded }: Recorded, world) => missingBasis(data, world, recorded));

export const published = act("resource.published", {
  clause: "五(二)",
  by: ["authority"],
  data: { resource: id },
  about: (d) => [resource(d.resource)],
  rules: [resourceKnown, resourceApproved, personsProtectedNow],
  on: itsRecord,
});

export const frequencySet = act("resource.frequency-set", {
  clause: "五(三)",
  by: ["authority"],
  data: { resource: id, frequency, reason: optional(text), opinion: optional(document) },
  about: (d) => [resource(d.resource)],
  rules: [resourceKnown],
  on: itsRecord,
});

/** 登记: what is registered is the level of sensitivity that counts from then on. */
export const registered = act("resource.registered", {
  clause: "七(二)4",
  by: ["source", "sector-authority"],
  data: {
    resource: id,
    ownership: text,
    sensitivity: optional(oneOf(...SENSITIVITY)),
    restrictions: optional(text),
    registration: id,
    queryCode: optional(id),
  },
  about: (d) => [resource(d.resource)],
  rules: [resourceKnown, oneSource],
  effects: ({ data: { resource, sensitivity }, recorded, place }, world) => {
    if (sensitivity === undefined || entryAt(world.get(resources, resource), recorded)?.sensitivity === sensitivity) return;
    update(world, resource, (it) => {
      const entry = offeredAt(it, recorded);
      if (entry !== undefined) return withVersion(it, { ...entry, sensitivity, from: recorded, acts: [...entry.acts, place] });
      return it.proposed === undefined ? it : { ...it, proposed: { ...it.proposed, sensitivity } };
    });
  },
  on: itsRecord,
});

/** The batches that a new version of the data leaves out are settled by it, and no others. */
const settled = (revocations: readonly Revocation[], batches: readonly string[], at: number): readonly Revocation[] =>
  revocations
    .map((it) => (it.until === undefined && batches.includes(it.batch) ? { ...it, until: at } : it))
    .filter(({ until }, i) => until === undefined || i >= revocations.length - KEPT);

/** A new version of the data, by its frequency; of the entry too, where it says so: that needs an approval of its own. */
export const updated = act("resource.updated", {
  clause: "五(一)",
  by: ["source", "sector-authority"],
  data: {
    resource: id,
    version: id,
    fields: optional(list(id, { min: 1, max: 500 })),
    sensitivity: optional(oneOf(...SENSITIVITY)),
    personal: optional(oneOf(...PERSONAL)),
    excludes: optional(list(digest)),
    note: optional(text),
  },
  about: (d) => [resource(d.resource)],
  rules: [resourceKnown, oneSource],
  effects: ({ data: { resource, fields, sensitivity, personal, excludes = [] }, recorded }, world) =>
    update(world, resource, (it) => {
      const change = { ...(fields && { fields }), ...(sensitivity && { sensitivity }), ...(personal && { personal }) };
      const entry = it.proposed ?? entryAt(it, recorded);
      return {
        ...it,
        ...(entry && Object.keys(change).length > 0 && { proposed: { ...entry, ...change } }),
        ...(it.revocations && { revocations: settled(it.revocations, excludes, recorded) }),
      };
    }),
  on: itsRecord,
});

/** A source takes back what is its own. */
const ownResource = rule("not-your-event", ({ data, party }: Named & { party: string }, world) => {
  const known = world.get(resources, data.resource);
  return known !== undefined && !ownOrAuthority(world, party, known.source);
});

const fieldsCatalogued = rule("fields-not-catalogued", ({ data, recorded }: Recorded & { data: { fields: readonly string[] } }, world) => {
  const known = entryAt(world.get(resources, data.resource), recorded);
  return known === undefined ? [] : data.fields.filter((field) => !known.fields.includes(field));
});

/** Facts of days before were judged by what was in force then. */
const notBackdated = rule(
  "effective-too-early",
  ({ data, recorded }: { data: { from: string }; recorded: number }) => endOfDay(data.from) <= recorded,
);

/** Fields that are offered no longer, from a day on; on the day on which it is recorded, from then on. */
export const narrowed = act("resource.narrowed", {
  clause: "五(一)",
  by: ["source", "sector-authority", "authority"],
  data: { resource: id, fields: list(id, { min: 1, max: 500 }), from: day, reason: text },
  about: (d) => [resource(d.resource)],
  rules: [resourceKnown, ownResource, fieldsCatalogued, notBackdated],
  effects: ({ data, recorded, place }, world) =>
    update(world, data.resource, (it) => {
      const from = Math.max(startOfDay(data.from), recorded);
      return {
        ...it,
        narrowings: [...(it.narrowings ?? []), { fields: data.fields, from, act: place }],
        ...(it.proposed && from === recorded && { proposed: without(it.proposed, data.fields) }),
      };
    }),
  on: itsRecord,
});

const successorKnown = rule("party-unknown", ({ data }: { data: { to: string } }, world) => {
  const roles = world.get(parties, data.to)?.roles ?? [];
  return !roles.includes("source") && !roles.includes("sector-authority");
});

/** From then on the other is the one source of this data. */
export const sourceReassigned = act("resource.source-reassigned", {
  clause: "六(五)3",
  by: ["authority"],
  data: { resource: id, to: creditCode, reason: text, decision: optional(document) },
  about: (d) => [resource(d.resource), party(d.to)],
  rules: [resourceKnown, successorKnown],
  effects: ({ data, recorded }, world) =>
    update(world, data.resource, (it) => ({
      ...it,
      source: data.to,
      earlier: [...(it.earlier ?? []), { source: it.source, until: recorded }],
    })),
  on: itsRecord,
});

export const withdrawn = act("resource.withdrawn", {
  clause: "五(一)",
  by: ["source", "sector-authority", "authority"],
  data: { resource: id, reason: text },
  about: (d) => [resource(d.resource)],
  rules: [resourceKnown, ownResource],
  on: itsRecord,
  ends: ["published"],
});

const statuteNamed = rule(
  "legal-basis-missing",
  ({ data }: { data: { basis: string; statute?: unknown } }) => data.basis === "statute" && data.statute === undefined,
);

/** On what the personal information in it may be handled. */
export const basisRecorded = act("resource.basis-recorded", {
  clause: "六(六)",
  by: ["source", "sector-authority"],
  data: {
    resource: id,
    basis: oneOf("consent", "contract", "statutory-duty", "emergency", "public-interest", "made-public", "statute"),
    statute: optional(text),
    document,
  },
  about: (d) => [resource(d.resource)],
  rules: [resourceKnown, oneSource, statuteNamed],
  on: itsRecord,
});

export const impactAssessed = act("resource.impact-assessed", {
  clause: "六(六)",
  by: ["source", "sector-authority"],
  data: { resource: id, report: document, note: optional(text) },
  about: (d) => [resource(d.resource)],
  rules: [resourceKnown, oneSource],
  on: itsRecord,
});

/** Who withdrew their consent is named by the salted digest of a batch; the data is not to be used until a version of it is without them. */
export const consentWithdrawn = act("resource.consent-withdrawn", {
  clause: "六(六)",
  by: ["source", "sector-authority"],
  data: { resource: id, batch: digest, persons: count },
  about: (d) => [resource(d.resource)],
  rules: [resourceKnown, oneSource],
  effects: ({ data: { resource, batch }, recorded, place }, world) =>
    update(world, resource, (it) => ({
      ...it,
      revocations: [...(it.revocations ?? []), { batch, from: recorded, act: place }],
    })),
  on: itsRecord,
});

/** A problem of quality (问题数据): whose it is, from when on, and what was done about it. */
interface QualityIssue extends Stepped {
  readonly responsible: readonly { readonly party: string; readonly from: number }[];
}

export const qualityIssues = table<QualityIssue>("quality-issue");

interface OfIssue {
  readonly data: { readonly resource: string; readonly issue: string };
}

const issueKey = ({ resource, issue }: OfIssue["data"]): string => `${resource} ${issue}`;
const itsIssue = recordIn(qualityIssues, issueKey);

/** At first it is the source's, who ever reports it. */
export const qualityReported = fact("resource.quality-reported", {
  clause: "七(五)4",
  by: ["primary-operator", "platform"],
  data: {
    resource: id,
    issue: id,
    version: optional(id),
    problem: oneOf("missing", "wrong", "late", "inconsistent", "duplicate", "format"),
    rows: optional(count),
    description: text,
    evidence: optional(document),
  },
  about: (d) => [resource(d.resource)],
  rules: [resourceKnown],
  effects: ({ data, happened }, world) => {
    const it = world.get(resources, data.resource);
    if (it === undefined || world.get(qualityIssues, issueKey(data)) !== undefined) return;
    world.put(qualityIssues, issueKey(data), { responsible: [{ party: sourceAt(it, happened), from: happened }], steps: {} });
  },
});

/** What was never reported, or is resolved, is nobody's. */
const issueOpen = rule("quality-issue-unknown", ({ data, recorded }: OfIssue & { recorded: number }, world) => {
  const it = world.get(qualityIssues, issueKey(data));
  return it === undefined || stands(it, "quality-resolved", recorded);
});

const responsibleKnown = rule("party-unknown", ({ data }: { data: { to: string } }, world) => world.get(parties, data.to) === undefined);

export const qualityAssigned = act("resource.quality-assigned", {
  clause: "六(五)3",
  by: ["authority"],
  data: { resource: id, issue: id, to: creditCode, reason: text },
  about: (d) => [resource(d.resource), party(d.to)],
  rules: [issueOpen, responsibleKnown],
  effects: ({ data, recorded }, world) => {
    const it = world.get(qualityIssues, issueKey(data));
    if (it) world.put(qualityIssues, issueKey(data), { ...it, responsible: [...it.responsible, { party: data.to, from: recorded }] });
  },
  on: itsIssue,
});

/** By who is responsible at that moment. */
const ownIssue = rule("not-your-event", ({ data, party }: OfIssue & { party: string }, world) => {
  const it = world.get(qualityIssues, issueKey(data));
  return it !== undefined && !ownOrAuthority(world, party, it.responsible.at(-1)?.party);
});

export const qualityResolved = act("resource.quality-resolved", {
  clause: "六(五)3",
  by: ["source", "sector-authority", "primary-operator", "platform", "authority"],
  data: { resource: id, issue: id, measure: text, version: optional(id), evidence: optional(document) },
  about: (d) => [resource(d.resource)],
  rules: [issueOpen, ownIssue],
  on: itsIssue,
});

/** Facts: data comes from its one source, as that source or the platform reports it. */
export const fromItsSource = rule("second-source", ({ data, party, happened }: Happened & { party: string }, world) => {
  const known = world.get(resources, data.resource);
  const isPlatform = world.get(parties, party)?.roles.includes("platform") === true;
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

/** Facts: nobody in it had withdrawn their consent; the batches that had are listed. */
export const consentsStand = rule("consent-withdrawn", ({ data, happened }: Happened, world) => {
  const it = world.get(resources, data.resource);
  if (it?.revocations === undefined) return false;
  const open = it.revocations.filter((revocation) => covers(revocation, happened) && !takenBack(it, [revocation.act], happened));
  return open.map(({ batch }) => batch);
});

/** Where the acts stand on whose strength the resource was offered then, and which were annulled since. */
export function annulledOffers(it: Resource | undefined, at: number): readonly string[] {
  const publication = annulledSince(it, "published", at) ? stood(it, "published", at) : undefined;
  const entry = it && annulledAfter(it, versionAt(it, at)?.acts ?? [], at);
  return [...(entry ?? []), ...(publication ? [publication.act] : [])];
}

/** What a delivery of data weighs, in events that report one. */
export const amount = { digest, bytes: count, rows: count };

export const types = [
  catalogued,
  approved,
  published,
  frequencySet,
  registered,
  updated,
  narrowed,
  sourceReassigned,
  withdrawn,
  basisRecorded,
  impactAssessed,
  consentWithdrawn,
  qualityReported,
  qualityAssigned,
  qualityResolved,
];
