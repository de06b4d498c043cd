/** An example of every event type, as it stands beside the vocabulary in `*.examples.json`. The reference and OpenAPI show them. */
import account from "../chaincode/events/account.examples.json";
import announcement from "../chaincode/events/announcement.examples.json";
import application from "../chaincode/events/application.examples.json";
import asset from "../chaincode/events/asset.examples.json";
import authorization from "../chaincode/events/authorization.examples.json";
import calendar from "../chaincode/events/calendar.examples.json";
import complaint from "../chaincode/events/complaint.examples.json";
import correction from "../chaincode/events/correction.examples.json";
import data from "../chaincode/events/data.examples.json";
import developer from "../chaincode/events/developer.examples.json";
import environment from "../chaincode/events/environment.examples.json";
import exit from "../chaincode/events/exit.examples.json";
import finding from "../chaincode/events/finding.examples.json";
import holding from "../chaincode/events/holding.examples.json";
import interconnect from "../chaincode/events/interconnect.examples.json";
import journal from "../chaincode/events/journal.examples.json";
import party from "../chaincode/events/party.examples.json";
import price from "../chaincode/events/price.examples.json";
import product from "../chaincode/events/product.examples.json";
import resource from "../chaincode/events/resource.examples.json";
import rulebook from "../chaincode/events/rulebook.examples.json";
import scenario from "../chaincode/events/scenario.examples.json";
import security from "../chaincode/events/security.examples.json";
import supervision from "../chaincode/events/supervision.examples.json";

export interface EventExample {
  /** The event's data. */
  readonly valid: unknown;
  /** Data with one mistake, and where it is: a JSON Pointer (RFC 6901) into the data. */
  readonly invalid: { readonly data: unknown; readonly at: string };
}

/** Each with the type of its own data. */
export const examples = {
  ...rulebook,
  ...calendar,
  ...party,
  ...resource,
  ...announcement,
  ...application,
  ...authorization,
  ...scenario,
  ...developer,
  ...environment,
  ...data,
  ...holding,
  ...product,
  ...price,
  ...account,
  ...asset,
  ...security,
  ...supervision,
  ...interconnect,
  ...finding,
  ...complaint,
  ...exit,
  ...correction,
  ...journal,
};

/** By the type of the event. */
export const eventExamples: Readonly<Record<string, EventExample>> = examples;
