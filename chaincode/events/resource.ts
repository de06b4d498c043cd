/** resource 数据资源: the catalogue, 一数一源一标准. Clauses 五, 六(五)3, 七(二), 七(三). */
import { ownOrAuthority, parties } from "./party";
import { digest, count, document, id, list, oneOf, optional, text } from "./schema";
import { recordIn, type Stepped, stands } from "./steps";
import { act, resource, rule, table } from "./definition";

export const SENSITIVITY = ["open", "internal", "sensitive", "core"] as const;

export interface Resource extends Stepped {
  /** Credit code of the one source of this data. */
  readonly source: string;
  readonly fields: readonly string[];
}

export const resources = table<Resource>("resource");

interface Named {
  readonly data: { readonly resource: string };
}

const itsRecord = recordIn(resources, (d: Named["data"]) => d.resource);

const oneSource = rule("second-source", ({ data, party }: Named & { party: string }, world) => {
  const known = world.get(resources, data.resource);
  return known !== undefined && known.source !== party;
});

/** Once in the catalogue, a resource changes by events of their own, so that what was in force earlier stays known. */
const notCataloguedTwice = rule(
  "resource-exists",
  ({ data, party }: Named & { party: string }, world) => world.get(resources, data.resource)?.source === party,
);

export const catalogued = act("resource.catalogued", {
  clause: "五(一)",
  by: ["source", "sector-authority"],
  data: {
    resource: id,
    name: text,
    fields: list(id, { min: 1, max: 500 }),
    sensitivity: oneOf(...SENSITIVITY),
    frequency: oneOf("realtime", "hourly", "daily", "monthly", "yearly", "once"),
    format: optional(text),
  },
  about: (d) => [resource(d.resource)],
  rules: [oneSource, notCataloguedTwice],
  effects: ({ data, party }, world) => world.put(resources, data.resource, { source: party, fields: data.fields, steps: {} }),
  on: itsRecord,
});

export const resourceKnown = rule("resource-unknown", ({ data }: Named, world) => world.get(resources, data.resource) === undefined);

export const approved = act("resource.approved", {
  clause: "六(五)3",
  by: ["authority"],
  data: { resource: id, opinion: optional(document) },
  about: (d) => [resource(d.resource)],
  rules: [resourceKnown],
  on: itsRecord,
});

const resourceApproved = rule(
  "resource-not-approved",
  ({ data, recorded }: Named & { recorded: number }, world) => !stands(world.get(resources, data.resource), "approved", recorded),
);

export const published = act("resource.published", {
  clause: "五(二)",
  by: ["authority"],
  data: { resource: id },
  about: (d) => [resource(d.resource)],
  rules: [resourceKnown, resourceApproved],
  on: itsRecord,
});

export const registered = act("resource.registered", {
  clause: "七(二)4",
  by: ["source", "sector-authority"],
  data: { resource: id, ownership: text, restrictions: optional(text), registration: id },
  about: (d) => [resource(d.resource)],
  rules: [resourceKnown, oneSource],
  on: itsRecord,
});

/** Facts: data comes from its one source, as that source or the platform reports it. */
export const fromItsSource = rule("second-source", ({ data, party }: Named & { party: string }, world) => {
  const known = world.get(resources, data.resource);
  const isPlatform = world.get(parties, party)?.roles.includes("platform") === true;
  return known !== undefined && known.source !== party && !isPlatform;
});

/** A source withdraws what is its own. */
const ownResource = rule("not-your-event", ({ data, party }: Named & { party: string }, world) => {
  const known = world.get(resources, data.resource);
  return known !== undefined && !ownOrAuthority(world, party, known.source);
});

export const withdrawn = act("resource.withdrawn", {
  clause: "五(一)",
  by: ["source", "authority"],
  data: { resource: id, reason: text },
  about: (d) => [resource(d.resource)],
  rules: [resourceKnown, ownResource],
  on: itsRecord,
  ends: ["published"],
});

/** Facts: the source had withdrawn the resource, or never published it, when the data flowed. */
export const sourceOffers = rule("source-withdrawn", ({ data, happened }: Named & { happened: number }, world) => {
  const known = world.get(resources, data.resource);
  return known !== undefined && !stands(known, "published", happened);
});

export const resourceRegistered = rule("resource-not-registered", ({ data, happened }: Named & { happened: number }, world) => {
  return !stands(world.get(resources, data.resource), "registered", happened);
});

/** What a delivery of data weighs, in events that report one. */
export const amount = { digest, bytes: count, rows: count };

export const types = [catalogued, approved, published, registered, withdrawn];
