/** Events to be reported: valid, mutated, spoiled, and said before. */
import { vocabulary } from "../../chaincode/events/vocabulary";
import { exampleReport } from "../../gateway/http/event-schemas";
import { creditCode } from "../gateway/running";
import type { Told } from "../scripts/story";
import type { Chance } from "./chance";
import { PARTIES } from "./fuzzed";
import { mutate, spell, type Spoiling, spoil, type Tree, treeOf } from "./tree";

export interface Report {
  readonly bytes: Buffer;
  /** What it must be refused for. */
  readonly spoiled?: Spoiling;
  /** What it was answered the first time. */
  readonly before?: Told;
}

const roles: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  PARTIES.map((party, i) => [party, [["authority"], ["primary-operator", "platform"], ["developer"], ["source"], ["source"]][i] ?? []]),
);
const types = [...vocabulary.values()];
const typesOf = (party: string): typeof types => types.filter(({ by }) => by.some((role) => roles[party]?.includes(role)));
const examples: readonly Tree[] = types.map((type) => treeOf(exampleReport(type)));

/** How many acknowledged reports are remembered, to be sent again. */
const REMEMBERED = 500;

export class Reports {
  readonly #before: { readonly party: string; readonly bytes: Buffer; readonly told: Told }[] = [];
  #parties = 5000;

  /** @param id unused so far */
  next(party: string, id: string, chance: Chance): Report {
    const kind = chance.below(20);
    const before = this.#before.length === 0 ? undefined : chance.pick(this.#before);
    if (kind === 0 && before?.party === party) return { bytes: before.bytes, before: before.told };
    const tree = treeOf(
      kind === 1 && before?.party === party
        ? { ...this.#event(party, "", chance), ...pairOf(before.bytes) }
        : this.#event(party, id, chance),
    );
    if (kind < 8) return { bytes: spell(tree) };
    for (let left = chance.below(4); left > 0; left--) mutate(tree, chance, examples);
    if (kind < 17 || ("members" in tree && tree.members.length === 0)) return { bytes: spell(tree) };
    return { spoiled: spoil(tree, chance), bytes: spell(tree) };
  }

  /** It was acknowledged. */
  remember(party: string, bytes: Buffer, told: Told): void {
    this.#before[this.#before.length < REMEMBERED ? this.#before.length : told.index % REMEMBERED] = { party, bytes, told };
  }

  #event(party: string, id: string, chance: Chance): Readonly<Record<string, unknown>> {
    const type = chance.pick(chance.odds(0.95) ? typesOf(party) : types);
    const { party: _, ...example } = exampleReport(type);
    const registration =
      type.type === "suyuan.party.registered" ? { data: { code: creditCode(this.#parties++), name: "主体", roles: ["source"] } } : {};
    return { ...example, ...registration, id, time: new Date().toISOString(), ...(chance.odds(0.5) ? { party } : {}) };
  }
}

function pairOf(bytes: Buffer): { readonly source: unknown; readonly id: unknown } {
  const { source, id } = JSON.parse(bytes.toString("utf8")) as { source: unknown; id: unknown };
  return { source, id };
}
