/** What organisations' peers have to say alike before it counts. */
import { setTimeout as sleep } from "node:timers/promises";
import { endorserOf, type Signed } from "./fabric-evidence";
import { attesting, type EndorsedAttestation, type Endorsement, LedgerError } from "./port";

/** How often it is asked for again, while peers have not all reached the same block. */
const ATTEMPTS = 6;
const FIRST_PAUSE_MS = 50;

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

/** @param ask every organisation, as for {@link agreed}. @throws LedgerError `refused`, `unavailable` */
export async function attested(ask: () => readonly Promise<EndorsedAttestation>[]): Promise<EndorsedAttestation> {
  for (let attempt = 1; ; attempt++) {
    try {
      const asked = ask();
      return await agreed(asked, (endorsements) => endorsements.length >= attesting(asked.length));
    } catch (error) {
      if (!(error instanceof LedgerError) || error.code !== "conflict") throw error;
      if (attempt === ATTEMPTS) throw new LedgerError("unavailable", error.message, { cause: error });
    }
    await sleep(FIRST_PAUSE_MS * 2 ** attempt);
  }
}
