/**
 * A trace as PROV-JSON (W3C member submission, https://www.w3.org/submissions/prov-json/): data are entities, events activities, parties
 * agents; the acts that allowed an activity are entities that influenced it.
 */
import type { Trace, TraceEntity } from "../index/trace";

type Members = Record<string, unknown>;

const PREFIX = {
  suyuan: "urn:suyuan:",
  resource: "urn:suyuan:resource:",
  product: "urn:suyuan:product:",
  holding: "urn:suyuan:holding:",
  event: "urn:suyuan:event:",
  party: "urn:suyuan:party:",
};

export function provJson({ entities, activities, edges, acts }: Trace): Members {
  const parties = new Set([...activities, ...acts].map(({ party }) => party).filter((party) => party !== ""));
  const named = (items: readonly (readonly [string, Members])[]): Members => Object.fromEntries(items);
  const related = (letter: string, items: readonly Members[]): Members => named(items.map((item, i) => [`_:${letter}${i}`, item]));
  const activityName = (number: number): string => eventName(activities[number]);
  const entityName = (number: number): string => nameOf(entities[number]);
  const uses = edges.filter(({ role }) => role === "used");
  const generations = edges.filter(({ role }) => role === "generated");
  return {
    prefix: PREFIX,
    entity: {
      ...named(entities.map((entity) => [nameOf(entity), describe(entity)])),
      ...named(
        acts.map((act) => [
          eventName(act),
          { "prov:type": "prov:Plan", "suyuan:type": act.type, "suyuan:leafHash": act.leafHash, "suyuan:recorded": act.recorded },
        ]),
      ),
    },
    activity: named(
      activities.map((activity) => [
        eventName(activity),
        {
          ...(isShown(activity) ? { "prov:startTime": activity.time, "prov:endTime": activity.time } : {}),
          "prov:type": `suyuan:${activity.activity}`,
          "suyuan:type": activity.type,
          "suyuan:leafHash": activity.leafHash,
          "suyuan:recorded": activity.recorded,
          ...(activity.findings.length > 0 ? { "suyuan:finding": activity.findings.map(({ code }) => code) } : {}),
        },
      ]),
    ),
    agent: named([...parties].map((party) => [`party:${party}`, { "prov:type": "prov:Organization" }])),
    used: related(
      "u",
      uses.map(({ activity, entity, finding }) => ({
        "prov:activity": activityName(activity),
        "prov:entity": entityName(entity),
        ...(finding === undefined ? {} : { "suyuan:finding": finding }),
      })),
    ),
    wasGeneratedBy: related(
      "g",
      generations.map(({ activity, entity, as }) => ({
        "prov:entity": entityName(entity),
        "prov:activity": activityName(activity),
        ...prefixed(as ?? {}),
      })),
    ),
    wasAssociatedWith: related(
      "a",
      activities.filter(isShown).map((activity) => ({ "prov:activity": eventName(activity), "prov:agent": `party:${activity.party}` })),
    ),
    wasAttributedTo: related(
      "t",
      acts.filter(isShown).map((act) => ({ "prov:entity": eventName(act), "prov:agent": `party:${act.party}` })),
    ),
    wasInfluencedBy: related(
      "d",
      activities.flatMap((activity) =>
        activity.decisions.map((act) => ({ "prov:influencee": eventName(activity), "prov:influencer": eventName(acts[act]) })),
      ),
    ),
  };
}

const isShown = ({ withheld }: { readonly withheld?: true }): boolean => withheld !== true;
const nameOf = (entity: TraceEntity | undefined): string => `${entity?.kind ?? ""}:${entity?.id ?? ""}`;
const eventName = (event: { readonly journal: string; readonly index: number } | undefined): string =>
  `event:${event?.journal ?? ""}/${event?.index ?? ""}`;

const describe = ({ kind, name, declared, hole, state }: TraceEntity): Members => ({
  "prov:type": `suyuan:${kind}`,
  ...(name === undefined ? {} : { "prov:label": name }),
  ...prefixed(declared ?? {}),
  ...(kind === "holding" && typeof state === "string" ? { "suyuan:state": state } : {}),
  ...(hole === undefined ? {} : { "suyuan:hole": hole }),
});

/** Only plain values: a text that was withheld is an object. */
const prefixed = (data: Readonly<Record<string, unknown>>): Members =>
  Object.fromEntries(
    Object.entries(data).flatMap(([name, value]) => (typeof value === "object" || value === undefined ? [] : [[`suyuan:${name}`, value]])),
  );
