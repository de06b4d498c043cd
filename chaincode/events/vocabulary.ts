/** The vocabulary: every event type there is. A family is a file, and lists its own at its end. */
import { types as account } from "./account";
import { types as announcement } from "./announcement";
import { types as application } from "./application";
import { types as asset } from "./asset";
import { types as authorization } from "./authorization";
import { types as calendar } from "./calendar";
import { types as complaint } from "./complaint";
import { typesFor as corrections } from "./correction";
import { types as data } from "./data";
import type { EventType } from "./definition";
import { types as developer } from "./developer";
import { types as environment } from "./environment";
import { types as exit } from "./exit";
import { types as finding } from "./finding";
import { types as holding } from "./holding";
import { types as interconnect } from "./interconnect";
import { types as journal } from "./journal";
import { types as party } from "./party";
import { types as price } from "./price";
import { types as product } from "./product";
import { types as resource } from "./resource";
import { types as rulebook } from "./rulebook";
import { types as scenario } from "./scenario";
import { types as security } from "./security";
import { types as supervision } from "./supervision";

const others: readonly EventType[] = [
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
  ...journal,
];

/** Corrections ask how what they correct is defined. */
const types = [...others, ...corrections(others)];

/** Event types by name. */
export const vocabulary: ReadonlyMap<string, EventType> = new Map(types.map((it) => [it.type, it]));
