/** journal 账簿: journals opened and closed, and which gateway a source reports to. Ours. */
import type { EventType } from "./definition";

export const types: readonly EventType[] = [];
