/** interconnect 互联互通: with the provincial platform and the city base. Clause 六(三)1. */
import type { EventType } from "./definition";

export const types: readonly EventType[] = [];
