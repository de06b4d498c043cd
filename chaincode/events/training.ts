/** Who of the staff has been trained (岗前安全培训). Clause 七(五)5. */
import { covers, type Span } from "./time";
import { table, type World } from "./definition";

/** By the salted digest of who it is: from when on, and until when where the training has to be repeated. */
export const trained = table<Span>("trained");

export function isTrained(world: World, person: string, at: number): boolean {
  const training = world.get(trained, person);
  return training !== undefined && covers(training, at);
}
