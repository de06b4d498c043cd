/** developer 开发主体: the second level, from the call to the end. Clauses 四(一), 七(五)9, 七(六). */
import type { EventType } from "./definition";

export const types: readonly EventType[] = [];
