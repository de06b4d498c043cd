/** complaint 投诉: anyone's, with a receipt number, and its answer. Clause 七(一)5. */
import type { EventType } from "./definition";

export const types: readonly EventType[] = [];
