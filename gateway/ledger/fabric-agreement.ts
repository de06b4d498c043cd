/** What organisations' peers have to say alike before it counts. */
import { setTimeout as sleep } from "node:timers/promises";
import { endorserOf, type Signed } from "./fabric-evidence";
import { attesting, type EndorsedAttestation, type Endorsement, LedgerError } from "./port";

/** How long peers may take to come to the same block, while there are ever new ones, and how often each is asked meanwhile, ms. */
const PATIENCE_MS = 10_000;
const PAUSE_MS = 50;

/** Who may endorse together: of each group as many organisations' peers as one of the layouts says. */
export interface Plan {
  readonly groups: Readonly<Record<string, { readonly peers: readonly { readonly mspid: string }[] }>>;
  readonly layouts: readonly Readonly<Record<string, number>>[];
}

/** Whether one of the layouts finds as many organisations of each group as it asks for. */
export function satisfies({ groups, layouts }: Plan, endorsements: readonly Endorsement[]): boolean {
  const signed = new Set(endorsements.map(endorserOf));
  const within = (group: string): number => {
    const members = new Set(groups[group]?.peers.map(({ mspid }) => mspid));
    return [...signed].filter((mspId) => members.has(mspId)).length;
  };
  return layouts.some((layout) => Object.entries(layout).every(([group, needed]) => within(group) >= needed));
}

/**
 * The first answer that enough organisations sign. All have been asked, so that one that is out of reach or behind holds up nobody.
 * @param asked an organisation each; rejected by LedgerError, with `refused` only where the own peer refuses, with `conflict` where another does
 * @throws LedgerError `refused` as soon as that; once all have answered `conflict` where they differ, else `unavailable`
 */
export function agreed<S extends Signed>(
  asked: readonly Promise<S>[],
  enough: (endorsements: readonly Endorsement[]) => boolean,
): Promise<S> {
  return new Promise((resolve, reject) => {
    const alike = new Map<string, S>();
    const failures: LedgerError[] = [];
    const answers = asked.map((answer) =>
      answer.then(
        (one) => {
          const others = alike.get(one.response);
          const all = others === undefined ? one : { ...others, endorsements: [...others.endorsements, ...one.endorsements] };
          alike.set(one.response, all);
          if (enough(all.endorsements)) resolve(all);
        },
        (error: unknown) => {
          if (!(error instanceof LedgerError) || error.code === "refused") throw error;
          failures.push(error);
        },
      ),
    );
    void Promise.all(answers).then(() => {
      const differ = alike.size > 1 || failures.some(({ code }) => code === "conflict");
      const told = [`${alike.size} different answers`, ...failures.map(({ message }) => message)].join("; ");
      reject(new LedgerError(differ ? "conflict" : "unavailable", `too few organisations answer alike: ${told}`));
    }, reject);
  });
}

/**
 * An answer that enough organisations sign, though not at the same moment: each is asked the same again, so that what one said of a state still counts when
 * another comes to it. What the ledger says of now would else be agreed on only while nothing happens.
 * @param organisations asks each the same proposal; rejected as for {@link agreed}
 * @throws LedgerError `refused`; `unavailable`, at once where too few are within reach
 */
export async function attested(
  organisations: readonly (() => Promise<EndorsedAttestation>)[],
  patience = PATIENCE_MS,
): Promise<EndorsedAttestation> {
  const needed = attesting(organisations.length);
  const until = performance.now() + patience;
  const alike = new Map<string, EndorsedAttestation>();
  const unreached = new Set<object>();
  let [found, told]: [EndorsedAttestation | undefined, string] = [undefined, ""];
  const goesOn = (): boolean => found === undefined && organisations.length - unreached.size >= needed && performance.now() < until;
  const answers = organisations.map(async (ask) => {
    do {
      try {
        const one = await ask();
        unreached.delete(ask);
        const all = joined(alike.get(one.response), one);
        alike.set(one.response, all);
        if (all.endorsements.length >= needed) return (found ??= all);
      } catch (error) {
        if (!(error instanceof LedgerError) || error.code === "refused") throw error;
        told = error.message;
        if (error.code === "unavailable") unreached.add(ask);
      }
    } while (goesOn() && (await sleep(PAUSE_MS, true)) && goesOn());
    return undefined;
  });
  // Whoever does not answer holds up nobody.
  const first = await Promise.race([
    ...answers.map((answer) => answer.then((one) => one ?? new Promise<never>(() => undefined))),
    Promise.all(answers).then(() => found),
  ]);
  if (first === undefined)
    throw new LedgerError("unavailable", `too few organisations answer alike: ${alike.size} different answers; ${told}`);
  return first;
}

/** An organisation's word counts once. */
function joined(others: EndorsedAttestation | undefined, one: EndorsedAttestation): EndorsedAttestation {
  if (others === undefined) return one;
  const signed = new Set(others.endorsements.map(endorserOf));
  return {
    ...others,
    endorsements: [...others.endorsements, ...one.endorsements.filter((endorsement) => !signed.has(endorserOf(endorsement)))],
  };
}
