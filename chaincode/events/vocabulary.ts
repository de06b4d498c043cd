/** The vocabulary: every event type there is. A family is a file, and lists its own at its end. */
import { types as authorization } from "./authorization";
import { types as data } from "./data";
import type { EventType } from "./definition";
import { types as holding } from "./holding";
import { types as party } from "./party";
import { types as product } from "./product";
import { types as resource } from "./resource";
import { types as scenario } from "./scenario";

const types: readonly EventType[] = [...party, ...resource, ...authorization, ...scenario, ...data, ...product, ...holding];

/** Event types by name. */
export const vocabulary: ReadonlyMap<string, EventType> = new Map(types.map((it) => [it.type, it]));
