/** The vocabulary: every event type there is. A family is a file. */
import * as authorization from "./authorization";
import * as data from "./data";
import type { EventType } from "./definition";
import * as holding from "./holding";
import * as party from "./party";
import * as product from "./product";
import * as resource from "./resource";
import * as scenario from "./scenario";

const types: readonly EventType[] = [
  party.registered,
  resource.catalogued,
  resource.approved,
  resource.published,
  resource.registered,
  resource.withdrawn,
  authorization.decided,
  authorization.signed,
  scenario.submitted,
  scenario.consented,
  scenario.approved,
  scenario.registered,
  scenario.closed,
  data.aggregated,
  data.supplied,
  data.pulled,
  data.processed,
  data.accessed,
  product.listed,
  product.listApproved,
  product.complianceReviewed,
  product.outboundApproved,
  product.registered,
  product.released,
  product.withdrawn,
  product.delivered,
  product.called,
  holding.deleted,
  holding.retained,
  holding.struck,
];

/** Event types by name. */
export const vocabulary: ReadonlyMap<string, EventType> = new Map(types.map((it) => [it.type, it]));
