/** Where an event stands: by the hash of its leaf, or by its source and id. */
import type { RecordedEvent } from "../../chaincode/events/envelope";
import { toHex } from "../../chaincode/proof/bytes";
import { leafHash as hashOf } from "../../chaincode/proof/rfc6962";
import type { EventRecord } from "../index/events";
import type { Position } from "../index/place";
import type { Reader } from "../index/reader";
import type { WaitingFact } from "../outbox/outbox";
import { eventState, height, listOf, object, ref } from "./answer-schemas";
import { lookUp } from "./lookup";
import { leafHash, text } from "./parameters";
import { asJson, custom } from "./query";

const asReported = text("As it was reported");

export const eventQueries = [
  custom("/v1/events", {
    id: "eventsOfPair",
    toLeavers: true,
    tag: "events",
    zh: "按来源和编号查询事件",
    en: "Events with a source and id; the first is the one that counts",
    parameters: { source: asReported, id: asReported },
    forms: asJson(object({ height, events: listOf(ref("EventState")) })),
    problems: ["not-found"],
    async answer(pair, { readModel, outbox }, asker) {
      const waiting = await outbox.byPair(pair);
      const [positions = []] = await readModel.positions([pair]);
      const reader = await readModel.reader(undefined, asker);
      const known = new Set(positions.map(nameOf));
      const anchored = await Promise.all(positions.map((position) => anchoredEvent(reader, position)));
      const accepted = await Promise.all(waiting.filter((fact) => !known.has(nameOf(fact))).map((fact) => acceptedEvent(reader, fact)));
      const events = [...anchored, ...accepted].filter((event) => event !== undefined);
      return events.length === 0 ? undefined : { height: reader.height, events };
    },
  }),

  custom("/v1/events/{leafHash}", {
    id: "event",
    toLeavers: true,
    tag: "events",
    zh: "事件状态",
    en: "Where an event stands, what it says, what was found",
    parameters: { leafHash },
    forms: asJson(object({ height, ...eventState })),
    async answer({ leafHash }, { readModel, ledger, outbox }, asker) {
      // In this order: a fact goes from there to here, so that looking here first could miss it in both.
      const waiting = await outbox.byLeafHash(leafHash);
      const position = waiting === undefined ? await lookUp(readModel, ledger, leafHash) : await readModel.position(leafHash);
      const reader = await readModel.reader(undefined, asker);
      const event = position !== undefined ? await anchoredEvent(reader, position) : waiting && (await acceptedEvent(reader, waiting));
      return event && { height: reader.height, ...event };
    },
  }),
];

const nameOf = ({ journal, index }: Position): string => `${journal}/${index}`;

/** @returns undefined where the asker may not see it */
async function anchoredEvent(reader: Reader, position: Position): Promise<object | undefined> {
  const event = await reader.event(position);
  return event && { state: stateOf(event), ...event };
}

const stateOf = ({ quarantined }: EventRecord): "anchored" | "quarantined" => (quarantined === true ? "quarantined" : "anchored");

/** @returns undefined where the asker may not see it */
async function acceptedEvent(reader: Reader, { journal, index, leaf }: WaitingFact): Promise<object | undefined> {
  const event = JSON.parse(Buffer.from(leaf).toString("utf8")) as RecordedEvent;
  return (await reader.sees(event)) ? { state: "accepted", journal, index, leafHash: toHex(hashOf(leaf)), event } : undefined;
}
