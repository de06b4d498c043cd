/** asset 资产台账: registers of platform assets and data assets. Clauses 六(五)1-2. */
import type { EventType } from "./definition";

export const types: readonly EventType[] = [];
