/** correction 更正: nothing is deleted; what was wrong stays, with what is said of it. Ours. */
import type { EventType } from "./definition";

export const types: readonly EventType[] = [];
