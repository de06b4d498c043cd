/** supervision 监督: inspections, penalties, disclosure, reports, evaluation of contributions. Clauses 七, 八. */
import type { EventType } from "./definition";

export const types: readonly EventType[] = [];
