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
    tag: "events",
    zh: "按来源和编号查询事件",
    en: "Events with a source and id; the first is the one that counts",
    parameters: { source: asReported, id: asReported },
    forms: asJson(object({ height, events: listOf(ref("EventState")) })),
    problems: ["not-found"],
    async answer(pair, { readModel, outbox }) {
      const waiting = await outbox.byPair(pair);
      const [positions = []] = await readModel.positions([pair]);
      const reader = await readModel.reader();
      const known = new Set(positions.map(nameOf));
      const anchored = await Promise.all(positions.map((position) => anchoredEvent(reader, position)));
      const events = [...anchored, ...waiting.filter((fact) => !known.has(nameOf(fact))).map(acceptedEvent)];
      return events.length === 0 ? undefined : { height: reader.height, events };
    },
  }),

  custom("/v1/events/{leafHash}", {
    id: "event",
    tag: "events",
    zh: "事件状态",
    en: "Where an event stands, what it says, what was found",
    parameters: { leafHash },
    forms: asJson(object({ height, ...eventState })),
    async answer({ leafHash }, { readModel, ledger, outbox }) {
      // In this order: a fact goes from there to here, so that looking here first could miss it in both.
      const waiting = await outbox.byLeafHash(leafHash);
      const position = waiting === undefined ? await lookUp(readModel, ledger, leafHash) : await readModel.position(leafHash);
      const reader = await readModel.reader();
      const event = position !== undefined ? await anchoredEvent(reader, position) : waiting && acceptedEvent(waiting);
      return event && { height: reader.height, ...event };
    },
  }),
];

const nameOf = ({ journal, index }: Position): string => `${journal}/${index}`;

async function anchoredEvent(reader: Reader, position: Position): Promise<object> {
  const event = await reader.event(position);
  if (event === undefined) throw new Error(`the read model lacks ${nameOf(position)}`);
  return { state: stateOf(event), ...event };
}

const stateOf = ({ quarantined }: EventRecord): "anchored" | "quarantined" => (quarantined === true ? "quarantined" : "anchored");

const acceptedEvent = ({ journal, index, leaf }: WaitingFact): object => ({
  state: "accepted",
  journal,
  index,
  leafHash: toHex(hashOf(leaf)),
  event: JSON.parse(Buffer.from(leaf).toString("utf8")) as RecordedEvent,
});
