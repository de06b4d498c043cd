/** account 核算: costs, revenue, distribution, audit; all in fen. Clauses 六(五)4-5, 七(四)2. */
import type { EventType } from "./definition";

export const types: readonly EventType[] = [];
