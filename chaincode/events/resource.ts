/** resource 数据资源: what is done about the catalogue, 一数一源一标准. Clauses 五, 六(五)3, 六(六), 七(二), 七(三). */
import {
  entryAt,
  missingBasis,
  narrowingsFrom,
  offeredAt,
  openRevocations,
  PERSONAL,
  type Resource,
  resourceKnown,
  resources,
  type Revocation,
  SENSITIVITY,
  without,
} from "./catalogue";
import { within } from "./limits";
import { isParty, ownOrAuthority, parties } from "./party";
import { types as quality } from "./quality";
import { count, creditCode, day, digest, document, id, list, oneOf, optional, text } from "./schema";
import { KEPT, kept, recordIn, stands, withVersion } from "./steps";
import { endOfDay, startOfDay } from "./time";
import { act, type Effects, party, resource, rule } from "./definition";

interface Named {
  readonly data: { readonly resource: string };
}
type Recorded = Named & { recorded: number };

const itsRecord = recordIn(resources, (d: Named["data"]) => d.resource);

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

/** Whose sector it is in, as its source says. */
const sectorKnown = rule("party-unknown", ({ data: { sector } }: { data: { sector?: string } }, world) =>
  sector === undefined || world.get(parties, sector)?.roles.includes("sector-authority") === true ? [] : [sector],
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
    sector: optional(creditCode),
  },
  about: (d) => [resource(d.resource)],
  rules: [oneSource, notCataloguedTwice, sectorKnown],
  effects: ({ data: { resource, fields, sensitivity, personal = "none", sector }, party }, world) =>
    world.put(resources, resource, {
      source: party,
      ...(sector && { sector }),
      proposed: { fields, sensitivity, personal },
      versions: [],
      steps: {},
    }),
  on: itsRecord,
});

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

/** Its source, or the authority of its sector (行业主管部门). */
const registrar = rule("second-source", ({ data, party }: Named & { party: string }, world) => {
  const known = world.get(resources, data.resource);
  return known !== undefined && ![known.source, known.sector].some((code) => isParty(world, party, code));
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
  rules: [resourceKnown, registrar],
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
  keptWith(
    revocations.map((it) => (it.until === undefined && batches.includes(it.batch) ? { ...it, until: at } : it)),
    ({ until }) => until === undefined,
  );

/** What still counts, and of what is over the newest, for facts that are reported late. */
function keptWith<T>(all: readonly T[], counts: (one: T) => boolean): readonly T[] {
  const over = new Set(all.filter((one) => !counts(one)).slice(-KEPT));
  return all.filter((one) => counts(one) || over.has(one));
}

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
    sector: optional(creditCode),
  },
  about: (d) => [resource(d.resource)],
  rules: [resourceKnown, oneSource, sectorKnown],
  effects: ({ data: { resource, fields, sensitivity, personal, excludes = [], sector }, recorded }, world) =>
    update(world, resource, (it) => {
      const change = { ...(fields && { fields }), ...(sensitivity && { sensitivity }), ...(personal && { personal }) };
      const entry = it.proposed ?? entryAt(it, recorded);
      return {
        ...it,
        ...(sector && { sector }),
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
  rules: [
    resourceKnown,
    ownResource,
    fieldsCatalogued,
    notBackdated,
    within("narrowings", ({ data, recorded }: Recorded, world) => 1 + narrowingsFrom(world.get(resources, data.resource), recorded).length),
  ],
  effects: ({ data, recorded, place }, world) =>
    update(world, data.resource, (it) => {
      const from = Math.max(startOfDay(data.from), recorded);
      const counting = new Set(narrowingsFrom(it, recorded));
      const before = keptWith(it.narrowings ?? [], (one) => counting.has(one));
      return {
        ...it,
        narrowings: [...before, { fields: data.fields, from, act: place }],
        ...(it.proposed && from === recorded && { proposed: without(it.proposed, new Set(data.fields)) }),
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
      earlier: kept([...(it.earlier ?? []), { source: it.source, until: recorded }]),
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
  rules: [
    resourceKnown,
    oneSource,
    within(
      "revocations",
      ({ data, recorded }: Recorded, world) => 1 + openRevocations(world.get(resources, data.resource), recorded).length,
    ),
  ],
  effects: ({ data: { resource, batch }, recorded, place }, world) =>
    update(world, resource, (it) => ({
      ...it,
      revocations: [...settled(it.revocations ?? [], [], recorded), { batch, from: recorded, act: place }],
    })),
  on: itsRecord,
});

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
  ...quality,
];
