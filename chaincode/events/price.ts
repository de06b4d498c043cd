/** price 价格: what may be earned and charged. Clause 七(四)1. */
import type { EventType } from "./definition";

export const types: readonly EventType[] = [];
