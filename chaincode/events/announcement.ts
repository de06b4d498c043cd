/** announcement 公告: what is to be authorised, on which conditions, by when. Clause 六(一)1. */
import type { EventType } from "./definition";

export const types: readonly EventType[] = [];
