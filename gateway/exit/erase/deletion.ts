/** What the ledger is told of a holding that was erased. */
import type { Erased } from "./eraser";
import type { DeletionEvent } from "./journal";
import type { Place, Places } from "./places";
import { standardOf } from "./standard";

const TOOL = "suyuan exit erase";

/** Whose event it is, with its id: the same holding is the same event. */
export const SOURCE = "urn:suyuan:exit-erase";

export interface Deletion {
  readonly authorization: string;
  readonly holding: string;
  /** As declared. */
  readonly digest: string;
  readonly place: Place;
  readonly erased: Erased;
  /** When it was gone, RFC 3339. */
  readonly at: string;
  /** Whether it was something else than was declared. */
  readonly differed: boolean;
  /** How often it was reported in vain. */
  readonly uncounted: number;
}

/** @param version of the tool */
export function deletionEvent(
  { authorization, holding, digest, place, erased, at, differed, uncounted }: Deletion,
  { executor, executorParty, backups }: Pick<Places, "executor" | "executorParty" | "backups">,
  version: string,
): DeletionEvent {
  const left = place.backups ?? backups;
  return {
    id: uncounted === 0 ? `deleted/${holding}` : `deleted/${holding}/${uncounted}`,
    type: "suyuan.holding.deleted",
    time: at,
    data: {
      ...{ authorization, holding, digest, method: erased.method, standard: standardOf(erased.unreached, differed) },
      ...{ tool: TOOL, toolVersion: erased.store === undefined ? version : `${version}, ${erased.store}`, executor },
      ...(executorParty === undefined ? {} : { executorParty }),
      ...(erased.key === undefined ? {} : { key: erased.key }),
      ...(left === undefined ? {} : { backups: left }),
    },
  };
}
