/** application 授权申请: from the form to the published result. Clauses 六(一)2-4, 七(一)2, 附件2. */
import type { EventType } from "./definition";

export const types: readonly EventType[] = [];
