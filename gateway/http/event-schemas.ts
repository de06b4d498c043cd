/** The vocabulary as OpenAPI shows it: for every event type the JSON Schema of what a sender writes, with words and an example. */
import { eventSchema } from "../../chaincode/events/envelope";
import { vocabulary } from "../../chaincode/events/vocabulary";
import type { JsonSchema } from "../../chaincode/events/schema";
import type { EventType } from "../../chaincode/events/definition";
import { eventExamples } from "../event-examples";
import { attributeLabel, eventLabel, fieldLabel, kindLabel, type Label, roleLabel, valueLabel } from "../labels";

type Schemas = Readonly<Record<string, JsonSchema>>;

export const both = (label: Label | undefined): string => (label === undefined ? "" : `${label.zh} · ${label.en}`);

/** A credit code of the examples' party in this role, for the attribute `party` of an example. */
const EXAMPLE_PARTY = { authority: "11990000MB1A0001XD", source: "11990000MB1A000443", other: "91990000MA1A00024N" };

/** Schemas of all types, by type: what a sender writes. */
export function reportSchemas(): Schemas {
  return Object.fromEntries([...vocabulary.values()].map((it) => [it.type, reportSchema(it)]));
}

/** A sender does not write when it was taken in, and need not write the party that its token speaks for. */
function reportSchema(it: EventType): JsonSchema {
  const { properties, required, ...rest } = eventSchema(it) as { properties: Schemas; required: readonly string[] };
  const { data, ...all } = properties;
  const attributes = Object.entries(all).filter(([name]) => name !== "recordedtime");
  return {
    title: both(eventLabel(it.type)),
    description: descriptionOf(it),
    ...rest,
    properties: {
      ...Object.fromEntries(attributes.map(([name, schema]) => [name, { ...schema, description: both(attributeLabel(name)) }])),
      data: { ...described(it.family, data as JsonSchema), description: both(attributeLabel("data")) },
    },
    required: required.filter((name) => name !== "recordedtime" && name !== "party"),
    examples: [exampleReport(it)],
  };
}

/** An event of this type as a sender writes it. */
export function exampleReport({ type, by }: EventType): Readonly<Record<string, unknown>> {
  const [role] = by;
  return {
    specversion: "1.0",
    id: `${type.slice("suyuan.".length)}-0001`,
    source: "https://platform.example.cn/flow",
    type,
    time: "2026-03-10T10:00:00+08:00",
    party: role === "authority" || role === "source" ? EXAMPLE_PARTY[role] : EXAMPLE_PARTY.other,
    data: eventExamples[type]?.valid,
  };
}

function descriptionOf({ kind, by, clause, rules }: EventType): string {
  const roles = by.map((role) => `\`${role}\` ${roleLabel(role).zh}`).join(", ");
  const codes = [...new Set(rules.map(({ code }) => `\`${code}\``))].join(", ");
  return [
    `${both(kindLabel(kind))}. By ${roles}. ${clause === undefined ? "Ours 自定" : `Clause ${clause}`}.`,
    codes === "" ? "" : `${kind === "act" ? "Refused with" : "Findings"}: ${codes}.`,
  ]
    .filter((line) => line !== "")
    .join("\n\n");
}

/** The schema of an event's data with words for its fields and for the values that they take. */
function described(family: string, schema: JsonSchema): JsonSchema {
  const { properties, items } = schema as { properties?: Schemas; items?: JsonSchema };
  if (items !== undefined) return { ...schema, items: described(family, items) };
  if (properties === undefined) return schema;
  return {
    ...schema,
    properties: Object.fromEntries(
      Object.entries(properties).map(([name, field]) => [
        name,
        { ...described(family, field), description: fieldWords(family, name, field) },
      ]),
    ),
  };
}

function fieldWords(family: string, name: string, field: JsonSchema): string {
  const { enum: values = [] } = { ...field, ...(field["items"] as JsonSchema | undefined) } as { enum?: readonly string[] };
  const words = values.map((value) => `\`${value}\` ${both(valueLabel(family, name, value))}`);
  return [both(fieldLabel(family, name)), ...words].join("\n- ");
}
