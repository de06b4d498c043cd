/**
 * A trace as someone may see it who may not see everything: the shape of the chain stays, what is not theirs is without content. What the asker itself
 * said leads no farther than to the names that it said: behind these it sees what is its to see without that.
 */
import type { Entity } from "../../chaincode/events/definition";
import type { Access } from "./access";
import type { Activity } from "./decisions";
import { visibleHoldings } from "./holdings";
import type { Store } from "./store";
import type { Trace, TraceAct, TraceActivity, TraceEntity } from "./trace";
import type { View } from "./view";

/** What stands behind the activities and acts of a trace, in their order. */
export interface Behind {
  readonly activities: readonly Activity[];
  readonly acts: readonly Activity[];
}

export class Withholding {
  constructor(
    private readonly store: Store,
    private readonly view: View,
    private readonly access: Access,
  ) {}

  /** Whether data is the asker's to see, whoever names it. */
  async owns({ kind, id }: Entity): Promise<boolean> {
    if (kind !== "holding") return this.access.subject({ kind, id });
    return (await visibleHoldings(this.store, this.view, this.access, [{ holding: id }])).length > 0;
  }

  /** Whether a trace goes on from data that an event led to. */
  async goesOn(entity: Entity, via: Activity["known"]): Promise<boolean> {
    return this.access.all || !(await this.#isOwn(via)) || this.owns(entity);
  }

  async of(trace: Trace, behind: Behind): Promise<Trace> {
    const { access } = this;
    if (access.all) return trace;
    const see = ({ known }: Activity): Promise<boolean> => access.event(known.event);
    const isOwn = ({ known }: Activity): Promise<boolean> => this.#isOwn(known);
    const [activities, acts, own, used, ownActivities, ownActs] = await Promise.all([
      Promise.all(behind.activities.map(see)),
      Promise.all(behind.acts.map(see)),
      Promise.all(trace.entities.map((entity) => this.owns(entity))),
      Promise.all(trace.entities.map((entity) => this.#knowsUses(entity))),
      Promise.all(behind.activities.map(isOwn)),
      Promise.all(behind.acts.map(isOwn)),
    ]);
    const edges = trace.edges.filter(({ activity }) => activities[activity] === true);
    const saidByOthers = new Set(edges.flatMap(({ activity, entity }) => (ownActivities[activity] === true ? [] : [entity])));
    const decided = behind.acts.filter((_, i) => acts[i] === true && ownActs[i] !== true).flatMap(({ subjects }) => subjects);
    trace.entities.forEach(({ kind, id }, i) => {
      if (decided.some((subject) => subject.kind === kind && subject.id === id)) saidByOthers.add(i);
    });
    const said = new Set(edges.map(({ entity }) => entity));
    const holes = new Set(edges.flatMap(({ entity, finding }) => (finding === undefined ? [] : [entity])));
    const shown = (entity: TraceEntity, i: number): TraceEntity => {
      const { kind, id } = entity;
      if (own[i] === true) return used[i] === true ? entity : withoutUses(entity);
      if (said.has(i) && saidByOthers.has(i)) return namedOnly(entity);
      if (said.has(i)) return { kind, id, ...(holes.has(i) ? { hole: "input-unknown" as const } : {}) };
      return { kind, id: `withheld-${i}`, withheld: true };
    };
    // What allowed what the asker did, and is not for it, would tell what there is of the things that it named.
    const kept = trace.acts.map(
      (_, act) => acts[act] === true || trace.activities.some(({ decisions }, i) => ownActivities[i] !== true && decisions.includes(act)),
    );
    const numbers = new Map([...kept.keys()].filter((act) => kept[act]).map((act, number) => [act, number]));
    return {
      ...trace,
      entities: trace.entities.map(shown),
      activities: trace.activities.map((activity, i) => {
        const decisions = activity.decisions.flatMap((act) => numbers.get(act) ?? []);
        return { ...(activities[i] === true ? activity : withheldActivity(activity)), decisions };
      }),
      acts: trace.acts.flatMap((act, i) => (kept[i] === true ? [acts[i] === true ? act : withheldAct(act)] : [])),
      edges: trace.edges.map((edge) => {
        const { activity, role, entity } = edge;
        return activities[activity] === true ? edge : { activity, role, entity };
      }),
    };
  }

  async #isOwn({ event }: Activity["known"]): Promise<boolean> {
    return (await this.access.codes()).has(event.party);
  }

  async #knowsUses({ kind, id }: Entity): Promise<boolean> {
    return kind !== "holding" && this.access.about([{ kind, id }], "fact");
  }
}

function withoutUses({ uses: _, ...entity }: TraceEntity): TraceEntity {
  return entity;
}

/** Of what others say, and is not the asker's to see, only what it is called. */
function namedOnly({ kind, id, name, hole, open, next }: TraceEntity): TraceEntity {
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
