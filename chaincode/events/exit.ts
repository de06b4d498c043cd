/** exit 退出: from its ground to the certificate, in this order. Clause 六(五)6. */
import type { EventType } from "./definition";

export const types: readonly EventType[] = [];
