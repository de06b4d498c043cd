/** What is asked for in a data demand list before anybody reviews it: all of it is offered, and none is wider than what it is part of. Clause 六(五)3. */
import { entryAt, isAbove, type Resource, resources, type Sensitivity } from "./catalogue";
import { beyond, type Demand, isOpen, LEVELS, linesFor, type Request, scenarios, withItsParents } from "./demand";
import { stands, versionAt } from "./steps";
import { rule, type World } from "./definition";

/** Acts that bring a demand list. */
export interface Requesting {
  readonly recorded: number;
  readonly data: {
    readonly scenario: string;
    readonly authorization: string;
    readonly parent?: string;
    readonly sensitivity?: Sensitivity;
    readonly demands: readonly Demand[];
  };
}

const eachDemand = (demands: readonly Demand[], fails: (demand: Demand) => boolean): readonly string[] =>
  demands.filter(fails).map((demand) => demand.resource);

const demandsKnown = rule("resource-unknown", ({ data }: Requesting, world) =>
  eachDemand(data.demands, (demand) => world.get(resources, demand.resource) === undefined),
);

const demandsApproved = rule("resource-not-approved", ({ data, recorded }: Requesting, world) =>
  eachDemand(data.demands, (demand) => !stands(world.get(resources, demand.resource), "approved", recorded)),
);

/** Ours: a demand beyond the catalogued fields could never be consented to knowingly. */
const demandsCatalogued = rule("fields-not-catalogued", ({ data, recorded }: Requesting, world) =>
  eachDemand(data.demands, (demand) => {
    const fields = new Set(entryAt(world.get(resources, demand.resource), recorded)?.fields);
    return demand.fields.some((field) => !fields.has(field));
  }),
);

const sensitivityOf = (it: Resource | undefined, at: number): Sensitivity => entryAt(it, at)?.sensitivity ?? "open";

/** Nothing is demanded above the level that is asked for. */
const demandsWithinLevel = rule("classification-exceeded", ({ data, recorded }: Requesting, world) => {
  const { sensitivity } = data;
  if (sensitivity === undefined) return [];
  return eachDemand(data.demands, (demand) => isAbove(sensitivityOf(world.get(resources, demand.resource), recorded), sensitivity));
});

/** As a new scenario names it; one that changes keeps it. */
const parentOf = ({ data, recorded }: Requesting, world: World): string | undefined => {
  const it = world.get(scenarios, data.scenario);
  return data.parent ?? (stands(it, "submitted", recorded) ? it?.parent : undefined);
};

/** A scenario is part of one that is approved, under the same authorization, and so are all that this one is part of; and no part of itself. */
const parentApproved = rule("scenario-not-approved", (event: Requesting, world) => {
  const parent = parentOf(event, world);
  if (parent === undefined) return [];
  const { data, recorded } = event;
  const above = withItsParents(parent, world);
  const isSound = parent !== data.scenario && above.length < LEVELS && above.every((it) => isOpen(it, data.authorization, recorded));
  return isSound ? [] : [parent];
});

/** Lists each field that the parent was not approved for, for that use, and the level where it is above the parent's. */
const withinParent = rule("scenario-wider-than-parent", (event: Requesting, world) => {
  const parent = parentOf(event, world);
  const allowed = parent === undefined ? undefined : versionAt(world.get(scenarios, parent), event.recorded);
  if (allowed === undefined) return [];
  const fields = event.data.demands.flatMap(({ resource, use, fields }) =>
    beyond(linesFor(allowed.demands, resource, use), fields).map((field) => `${resource}/${field}`),
  );
  return isAbove(request(event, world).sensitivity, allowed.sensitivity) ? [...fields, "sensitivity"] : fields;
});

export const demandRules = [demandsKnown, demandsApproved, demandsCatalogued, demandsWithinLevel, parentApproved, withinParent];

/** What the authority and the sources are asked to review. */
export function request({ data, recorded }: Requesting, world: World): Request {
  const levels = data.demands.map((line) => sensitivityOf(world.get(resources, line.resource), recorded));
  const highest = levels.reduce((one, other) => (isAbove(other, one) ? other : one), "open");
  return { demands: data.demands, sensitivity: data.sensitivity ?? highest };
}
