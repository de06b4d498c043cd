/** finding 问题处置: what becomes of a finding; nobody closes their own. Clause 八(一). */
import type { EventType } from "./definition";

export const types: readonly EventType[] = [];
