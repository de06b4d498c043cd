/** A trace as a tree of text: each thing once, below it what was done with it, the decisions that allowed each step by number. */
import { ruleClauses } from "../chaincode/events/codes";
import type { Breach } from "../chaincode/events/judge";
import { eventLabel, ruleLabel, valueLabel } from "../gateway/labels";
import type { Trace, TraceActivity, TraceEdge, TraceEntity } from "../gateway/index/trace";
import type { Output } from "./output";
import { language, text, textOf } from "./texts";

const HASH_SHOWN = 12;

export class TraceTree {
  /** What stands in the tree already. */
  readonly #shown = new Set<string>();
  readonly #lines: string[] = [];

  constructor(
    private readonly trace: Trace,
    private readonly output: Pick<Output, "style">,
  ) {}

  lines(): readonly string[] {
    const { entities, acts } = this.trace;
    if (entities.length > 0) this.#entity(0, "", "", undefined);
    if (acts.length > 0) this.#lines.push("", text("trace.decisions"), ...acts.map((_, i) => this.#act(i)));
    this.#lines.push("", ...this.#summary());
    return this.#lines;
  }

  #entity(number: number, first: string, rest: string, edge: TraceEdge | undefined): void {
    const { output, trace } = this;
    const entity = trace.entities[number] as TraceEntity;
    const again = this.#isShown(`entity ${number}`);
    const holes = [entity.hole, edge?.finding].filter((hole) => hole !== undefined);
    const line = joined(
      text(`trace.${entity.kind}`),
      output.style("bold", entity.id),
      entity.name,
      ...describe(entity.kind === "holding" ? entity.declared : edge?.as),
      entity.kind === "holding" && typeof entity.state === "string" ? (textOf("holding", entity.state) ?? entity.state) : undefined,
      again ? output.style("dim", text("trace.above")) : undefined,
    );
    this.#lines.push(first + line);
    for (const hole of new Set(holes)) this.#lines.push(`${rest}  ${this.#mark(hole, undefined)}`);
    if (again) return;
    for (const [type, [count, withFindings]] of Object.entries(entity.uses ?? {})) {
      const words = text(withFindings > 0 ? "trace.uses-found" : "trace.uses", {
        what: labelOf(type),
        count,
        found: withFindings,
      });
      this.#lines.push(`${rest}  ${withFindings > 0 ? output.style("red", words) : output.style("dim", words)}`);
    }
    const activities = this.#activitiesOf(number);
    activities.forEach(([activity, via], i) => {
      const last = i === activities.length - 1 && entity.open !== true;
      this.#activity(activity, `${rest}${last ? "└─ " : "├─ "}`, `${rest}${last ? "   " : "│  "}`, via);
    });
    const { kind, id, open } = entity;
    if (open) this.#lines.push(`${rest}└─ ${output.style("dim", text("trace.more", { kind, id, direction: trace.direction }))}`);
  }

  #activity(number: number, first: string, rest: string, via: TraceEdge): void {
    const { output, trace } = this;
    const { type, activity, journal, index, party, time, findings, decisions } = trace.activities[number] as TraceActivity;
    const again = this.#isShown(`activity ${number}`);
    const allowed = decisions.map((decision) => `[${decision + 1}]`).join(" ");
    const step = valueLabel(type.split(".")[1] ?? "", "step", activity)?.[language];
    const name = output.style("green", step === undefined ? labelOf(type) : text("title-detail", { title: labelOf(type), detail: step }));
    const above = again ? output.style("dim", text("trace.above")) : undefined;
    this.#lines.push(first + joined(name, type, time, `${journal}/${index}`, party, ...describe(via.as), above));
    if (again) return;
    if (allowed !== "") this.#lines.push(`${rest}  ${output.style("dim", text("trace.allowed", { decisions: allowed }))}`);
    for (const finding of findings) this.#lines.push(`${rest}  ${this.#mark(finding.code, finding)}`);
    const onward = trace.edges.filter(({ activity, role }) => activity === number && role === this.#there);
    onward.forEach((edge, i) => {
      const last = i === onward.length - 1;
      this.#entity(edge.entity, `${rest}${last ? "└─ " : "├─ "}`, `${rest}${last ? "   " : "│  "}`, edge);
    });
  }

  /** A finding or a hole, with its clause and what is missing. */
  #mark(code: string, finding: Breach | undefined): string {
    const clause = ruleClauses.get(code);
    const missing = finding?.missing ?? [];
    const words = joined(
      code,
      ruleLabel(code)?.[language],
      missing.length > 0 ? missing.join(", ") : undefined,
      clause && text("trace.clause", { clause }),
    );
    return this.output.style("red", `! ${words}`);
  }

  /** A thing, or what was done, that several lines lead to is told at the first of them. */
  #isShown(name: string): boolean {
    const shown = this.#shown.has(name);
    this.#shown.add(name);
    return shown;
  }

  /** On this side of an activity stand the things that the tree goes on to. */
  get #there(): TraceEdge["role"] {
    return this.trace.direction === "sources" ? "used" : "generated";
  }

  #activitiesOf(entity: number): readonly (readonly [activity: number, via: TraceEdge])[] {
    return this.trace.edges.filter((edge) => edge.entity === entity && edge.role !== this.#there).map((edge) => [edge.activity, edge]);
  }

  #act(number: number): string {
    const { type, journal, index, party, recorded, subjects } = this.trace.acts[number] as Trace["acts"][number];
    const about = subjects.map(({ kind, id }) => `${textOf("trace", kind) ?? kind} ${id}`).slice(0, 3);
    const name = `[${number + 1}]`.padStart(`[${this.trace.acts.length}]`.length);
    return `  ${name}  ${joined(labelOf(type), about.join(" "), recorded, `${journal}/${index}`, party)}`;
  }

  #summary(): readonly string[] {
    const { activities, acts, entities, edges, height, truncated } = this.trace;
    const findings = activities.reduce((sum, activity) => sum + activity.findings.length, 0);
    const holes = new Set([
      ...entities.flatMap(({ hole }, i) => (hole === undefined ? [] : [i])),
      ...edges.flatMap(({ finding, entity }) => (finding === undefined ? [] : [entity])),
    ]).size;
    const words = text("trace.summary-line", { steps: activities.length, decisions: acts.length, findings, holes, height });
    return [findings + holes > 0 ? this.output.style("red", words) : words, ...(truncated ? [text("trace.truncated")] : [])];
  }
}

const labelOf = (type: string): string => eventLabel(type)?.[language] ?? type;

const joined = (...parts: readonly (string | undefined)[]): string => parts.filter((part) => part !== undefined).join("  ");

/** What is known of data: version, form, rows, the beginning of its digest. */
function describe(data: Readonly<Record<string, unknown>> | undefined): readonly (string | undefined)[] {
  const { version, form, rows, digest } = data ?? {};
  return [
    typeof version === "string" ? version : undefined,
    typeof form === "string" ? (valueLabel("data", "form", form)?.[language] ?? form) : undefined,
    typeof rows === "number" ? text("trace.rows", { rows }) : undefined,
    typeof digest === "string" ? `${digest.slice(0, HASH_SHOWN)}…` : undefined,
  ];
}
