/** `GET /v1/events`: where an event stands, by the hash of its leaf or by its source and id. */
import { type Response, Router } from "express";
import { toHex } from "../../chaincode/proof/bytes";
import { leafHash } from "../../chaincode/proof/rfc6962";
import type { RecordedEvent } from "../../chaincode/events/envelope";
import type { EventRecord } from "../index/events";
import type { Position } from "../index/place";
import type { ReadModel } from "../index/read-model";
import type { Reader } from "../index/reader";
import type { Ledger } from "../ledger/port";
import { lookUp } from "./lookup";
import { Parameters } from "./parameters";
import { Problem } from "./problem";
import { sendJson } from "./send";

/** A fact that is durable in the outbox, with its place in the journal. */
export interface AcceptedFact extends Position {
  readonly leaf: Uint8Array;
}

/** What the outbox knows and the read model does not show yet. */
export interface AcceptedFacts {
  /** @param leafHash lower-case hex */
  byLeafHash(leafHash: string): Promise<AcceptedFact | undefined>;
  byPair(pair: { readonly source: string; readonly id: string }): Promise<readonly AcceptedFact[]>;
}

const LEAF_HASH = /^[0-9a-f]{64}$/;

export function events(readModel: ReadModel, ledger: Ledger, accepted: AcceptedFacts): Router {
  const router = Router();

  router.get("/v1/events/:leafHash", async (request, response) => {
    new Parameters(request).end();
    const { leafHash } = request.params;
    if (!LEAF_HASH.test(leafHash)) throw new Problem("not-found");
    // In this order: a fact goes from there to here, so that looking here first could miss it in both.
    const waiting = await accepted.byLeafHash(leafHash);
    const position = waiting === undefined ? await lookUp(readModel, ledger, leafHash) : await readModel.position(leafHash);
    const reader = await readModel.reader();
    if (position !== undefined) send(response, reader, await anchored(reader, position));
    else if (waiting !== undefined) send(response, reader, acceptedEvent(waiting));
    else throw new Problem("not-found");
  });

  router.get("/v1/events", async (request, response) => {
    const parameters = new Parameters(request);
    const pair = { source: parameters.required("source"), id: parameters.required("id") };
    parameters.end();
    const waiting = await accepted.byPair(pair);
    const [positions = []] = await readModel.positions([pair]);
    const reader = await readModel.reader();
    const known = new Set(positions.map(({ journal, index }) => `${journal}/${index}`));
    const found = await Promise.all(positions.map((position) => anchored(reader, position)));
    const events = [...found, ...waiting.filter(({ journal, index }) => !known.has(`${journal}/${index}`)).map(acceptedEvent)];
    if (events.length === 0) throw new Problem("not-found");
    send(response, reader, { events });
  });

  return router;
}

async function anchored(reader: Reader, position: Position): Promise<object> {
  const event = await reader.event(position);
  if (event === undefined) throw new Error(`the read model lacks ${position.journal}/${position.index}`);
  return { state: stateOf(event), ...event };
}

const stateOf = ({ quarantined }: EventRecord): "anchored" | "quarantined" => (quarantined === true ? "quarantined" : "anchored");

const acceptedEvent = ({ journal, index, leaf }: AcceptedFact): object => ({
  state: "accepted",
  journal,
  index,
  leafHash: toHex(leafHash(leaf)),
  event: JSON.parse(Buffer.from(leaf).toString("utf8")) as RecordedEvent,
});

const send = (response: Response, { height }: Reader, answer: object): void =>
  sendJson(response, 200, JSON.stringify({ height, ...answer }));
