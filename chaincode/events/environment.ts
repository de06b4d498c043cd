/** environment 开发资源: what developers work in. Clause 六(三)2. */
import type { EventType } from "./definition";

export const types: readonly EventType[] = [];
