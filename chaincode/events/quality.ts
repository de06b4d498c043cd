/** Problems of data quality (问题数据): reported, assigned and resolved (可反馈可追溯可定责). Clauses 六(五)3, 七(五)4. */
import { resourceKnown, resources, sourceAt } from "./catalogue";
import { ownOrAuthority, parties } from "./party";
import { count, creditCode, document, id, oneOf, optional, text } from "./schema";
import { endedStep, kept, recordIn, standing, type Stepped, stands } from "./steps";
import { act, fact, party, resource, rule, table } from "./definition";

/** Whose it is, from when on, and what was done about it. */
interface QualityIssue extends Stepped {
  readonly responsible: readonly { readonly party: string; readonly from: number }[];
}

export const qualityIssues = table<QualityIssue>("quality-issue");

interface OfIssue {
  readonly data: { readonly resource: string; readonly issue: string };
}

const issueKey = ({ resource, issue }: OfIssue["data"]): string => `${resource} ${issue}`;
const itsIssue = recordIn(qualityIssues, issueKey);

/** At first it is the source's, who ever reports it; so it is again where it comes back after it was resolved. */
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
  effects: ({ data, happened, recorded, place }, world) => {
    const of = world.get(resources, data.resource);
    if (of === undefined) return;
    const { responsible, steps } = world.get(qualityIssues, issueKey(data)) ?? { responsible: [], steps: {} };
    const resolved = standing({ steps }, "quality-resolved", recorded);
    if (responsible.length > 0 && (resolved === undefined || happened <= resolved.at)) return;
    const all = kept([...responsible, { party: sourceAt(of, happened), from: happened }]);
    world.put(qualityIssues, issueKey(data), { responsible: all, ...endedStep({ steps }, "quality-resolved", recorded, place) });
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
    if (it) world.put(qualityIssues, issueKey(data), { ...it, responsible: kept([...it.responsible, { party: data.to, from: recorded }]) });
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

export const types = [qualityReported, qualityAssigned, qualityResolved];
