/** 会签: what takes two parties is done by an act of each. That the other agreed is nothing that one of them could say for it. */
import { isParty } from "./party";
import { marked, type Stepped } from "./steps";
import { type LedgerEvent, table, type World } from "./definition";

/** A paper, and of what it is: the fact that is to be void, or the subject that a joint decision is about. */
export interface Countersigned {
  readonly document: { readonly digest: string };
  readonly of: string;
}

const countersignatures = table<Stepped>("countersignature");

/** A digest has no space. */
const nameOf = ({ document, of }: Countersigned): string => `${document.digest} ${of}`;

export const countersign = (
  world: Pick<World, "get"> & { put: (t: typeof countersignatures, id: string, row: Stepped) => void },
  paper: Countersigned,
  event: LedgerEvent<unknown>,
): void =>
  world.put(countersignatures, nameOf(paper), marked(world.get(countersignatures, nameOf(paper)) ?? { steps: {} }, "countersigned", event));

/** Whether a party, by whatever code, signed that very paper for it. */
export const isCountersigned = (world: World, by: string, paper: Countersigned): boolean =>
  world.get(countersignatures, nameOf(paper))?.steps["countersigned"]?.some(({ party }) => isParty(world, by, party)) === true;
