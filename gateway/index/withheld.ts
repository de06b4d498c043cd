/** A trace as someone may see it who may not see everything: the shape of the chain stays, what is not theirs is without content. */
import type { Entity } from "../../chaincode/events/definition";
import type { Access } from "./access";
import type { Activity } from "./decisions";
import type { Trace, TraceAct, TraceActivity, TraceEntity } from "./trace";

/** What stands behind the activities and acts of a trace, in their order. */
export interface Behind {
  readonly activities: readonly Activity[];
  readonly acts: readonly Activity[];
}

/** @returns undefined where its start may not be seen */
export async function withholding(trace: Trace, behind: Behind, access: Access): Promise<Trace | undefined> {
  if (access.all) return trace;
  const see = ({ known }: Activity): Promise<boolean> => access.event(known.event);
  const [activities, acts, own, used] = await Promise.all([
    Promise.all(behind.activities.map(see)),
    Promise.all(behind.acts.map(see)),
    Promise.all(trace.entities.map((entity) => owns(access, entity))),
    Promise.all(trace.entities.map((entity) => knowsUses(access, entity))),
  ]);
  // Who sees an event sees what data it names.
  const named = new Set(trace.edges.flatMap(({ activity, entity }) => (activities[activity] === true ? [entity] : [])));
  if (own[0] !== true && !named.has(0)) return undefined;
  return {
    ...trace,
    entities: trace.entities.map((entity, i) =>
      own[i] === true
        ? used[i] === true
          ? entity
          : withoutUses(entity)
        : named.has(i)
          ? namedOnly(entity)
          : { kind: entity.kind, id: `withheld-${i}`, withheld: true },
    ),
    activities: trace.activities.map((activity, i) => (activities[i] === true ? activity : withheldActivity(activity))),
    acts: trace.acts.map((act, i) => (acts[i] === true ? act : withheldAct(act))),
    edges: trace.edges.map((edge) => {
      const { activity, role, entity } = edge;
      return activities[activity] === true ? edge : { activity, role, entity };
    }),
  };
}

const owns = (access: Access, { kind, id }: Entity): Promise<boolean> =>
  kind === "holding" ? Promise.resolve(false) : access.subject({ kind, id });

const knowsUses = (access: Access, { kind, id }: Entity): Promise<boolean> =>
  kind === "holding" ? Promise.resolve(false) : access.about([{ kind, id }], "fact");

function withoutUses({ uses: _, ...entity }: TraceEntity): TraceEntity {
  return entity;
}

/** A holding is what was declared of it; of others' resources and products only what they are called. */
function namedOnly(entity: TraceEntity): TraceEntity {
  if (entity.kind === "holding") return entity;
  const { kind, id, name, hole, open, next } = entity;
  return {
    ...{ kind, id },
    ...(name === undefined ? {} : { name }),
    ...(hole === undefined ? {} : { hole }),
    ...(open && { open }),
    ...(next === undefined ? {} : { next }),
  };
}

const withheldAct = ({ journal, index }: TraceAct): TraceAct => ({
  ...{ journal, index, leafHash: "", type: "", party: "", time: "", recorded: "", subjects: [] },
  withheld: true,
});

const withheldActivity = (activity: TraceActivity): TraceActivity => ({
  ...withheldAct(activity),
  ...{ activity: "withheld", findings: [], decisions: activity.decisions },
});
