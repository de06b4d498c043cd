/** security 安全: plans, risks, incidents, training. Clauses 六(六), 七(一)4, 七(五)5, 七(五)13. */
import type { EventType } from "./definition";

export const types: readonly EventType[] = [];
