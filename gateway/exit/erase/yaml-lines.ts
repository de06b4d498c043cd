/** Where in a YAML file a value stands, so that who wrote it finds what is wrong. JSON is YAML. */
import { type Event, EVENT_ID, getScalarValue, parseEvents } from "js-yaml";

/** @param pointer JSON pointer (RFC 6901). @returns its line, from 1 on; that of a member is its name's; 1 where nothing stands there */
export function lineOf(text: string, pointer: string): number {
  const offset = offsetsIn(text).get(pointer) ?? 0;
  return text.slice(0, offset).split("\n").length;
}

function offsetsIn(text: string): ReadonlyMap<string, number> {
  const offsets = new Map<string, number>();
  const events: readonly Event[] = parseEvents(text, {});
  let at = events[0]?.type === EVENT_ID.DOCUMENT ? 1 : 0;
  /** Whether what was begun ends here. */
  const ends = (): boolean => {
    const event = events[at];
    if (event !== undefined && event.type !== EVENT_ID.POP) return false;
    at++;
    return true;
  };
  const visit = (pointer: string, member?: number): void => {
    const event = events[at++];
    if (event === undefined || event.type === EVENT_ID.POP || event.type === EVENT_ID.DOCUMENT) return;
    const own = event.type === EVENT_ID.SCALAR ? event.valueStart : event.type === EVENT_ID.ALIAS ? event.anchorStart : event.start;
    offsets.set(pointer, member ?? own);
    if (event.type === EVENT_ID.SEQUENCE) for (let i = 0; !ends(); i++) visit(`${pointer}/${i}`);
    if (event.type === EVENT_ID.MAPPING)
      while (!ends()) {
        const key = events[at++];
        const name = key?.type === EVENT_ID.SCALAR ? getScalarValue(text, key) : "";
        visit(`${pointer}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`, key?.type === EVENT_ID.SCALAR ? key.valueStart : undefined);
      }
  };
  visit("");
  return offsets;
}
