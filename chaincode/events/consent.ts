/** What a source consented to (同意): one record for each resource of a scenario, since there may be hundreds and facts ask for none. Clause 六(五)3. */
import { type Consented, type Scenario, scenarios } from "./demand";
import { sameHands } from "./party";
import { recordBeside, type Stepped, takenBack } from "./steps";
import { type Effects, table, type World } from "./definition";

interface Consent extends Stepped, Consented {
  /** The act that asked for it. */
  readonly asked?: string;
}

const consents = table<Consent>("consent");

interface Named {
  readonly scenario: string;
  readonly resource: string;
}

/** Neither name has a space. */
const nameOf = ({ scenario, resource }: Named): string => `${scenario} ${resource}`;

export const itsConsent = recordBeside([scenarios, (d: Named) => d.scenario], [consents, nameOf]);

/** Notes a consent to what was asked for last. */
export function consent(world: Effects, named: Named, by: Consented): void {
  const asked = world.get(scenarios, named.scenario)?.asked;
  const { steps = {} } = world.get(consents, nameOf(named)) ?? {};
  world.put(consents, nameOf(named), { ...by, ...(asked === undefined ? {} : { asked }), steps });
}

/** Whether there is a consent to what was asked for last, of this source, that has not been taken back. */
export function hasConsented(world: World, named: Named, source: string, at: number): boolean {
  const it = world.get(scenarios, named.scenario);
  const own = world.get(consents, nameOf(named));
  const [given, record] = own !== undefined && own.asked === it?.asked ? [own, own] : [earlier(it, named.resource), it];
  return given !== undefined && record !== undefined && sameHands(world, given.source, source) && !takenBack(record, [given.act], at);
}

/** As versions before 0.5.0 kept it, with its mark among the scenario's own. */
const earlier = (it: Scenario | undefined, resource: string): Consented | undefined =>
  new Map(Object.entries(it?.consents ?? {})).get(resource);
