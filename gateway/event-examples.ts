/** An example of every event type, as it stands beside the vocabulary in `*.examples.json`. The reference and OpenAPI show them. */
import authorization from "../chaincode/events/authorization.examples.json";
import data from "../chaincode/events/data.examples.json";
import holding from "../chaincode/events/holding.examples.json";
import party from "../chaincode/events/party.examples.json";
import product from "../chaincode/events/product.examples.json";
import resource from "../chaincode/events/resource.examples.json";
import scenario from "../chaincode/events/scenario.examples.json";

export interface EventExample {
  /** The event's data. */
  readonly valid: unknown;
  /** Data with one mistake, and where it is: a JSON Pointer (RFC 6901) into the data. */
  readonly invalid: { readonly data: unknown; readonly at: string };
}

export const eventExamples: Readonly<Record<string, EventExample>> = {
  ...party,
  ...resource,
  ...authorization,
  ...scenario,
  ...data,
  ...product,
  ...holding,
};
