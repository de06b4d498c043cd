/** Who of the staff has been trained (岗前安全培训). Clause 七(五)5. */
import { covers, type Span } from "./time";
import { table, type World } from "./definition";

/** By the salted digest of who it is: from when on, and until when where the training has to be repeated. */
export const trained = table<Span>("trained");

export function isTrained(world: World, person: string, at: number): boolean {
  const training = world.get(trained, person);
  return training !== undefined && covers(training, at);
}

/** What is known of a training once another is told of: both together where they meet, else the later one. */
export function joined(known: Span | undefined, { from, until }: Span): Span {
  if (known === undefined) return span(from, until);
  const [first, second] = known.from <= from ? [known, { from, until }] : [{ from, until }, known];
  if (first.until !== undefined && first.until <= second.from) return span(second.from, second.until);
  const isOpen = first.until === undefined || second.until === undefined;
  return span(first.from, isOpen ? undefined : Math.max(first.until, second.until));
}

const span = (from: number, until: number | undefined): Span => ({ from, ...(until === undefined ? {} : { until }) });
