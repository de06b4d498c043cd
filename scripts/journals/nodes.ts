/** Nodes of trees whose hash tiles have to be fetched first, from wherever they are. */
import type { NodeSource } from "../../chaincode/proof/rfc6962";
import { nodesFromTiles, type Tile, tilePath } from "../../chaincode/proof/tile";

/**
 * What `work` makes of the nodes of a tree of `size` leaves; it is done again for every tile that it turns out to need, a few for a root or a proof.
 * @throws RangeError for a tile of another length; what `fetch` throws
 */
export async function withNodes<T>(size: number, fetch: (tile: Tile) => Promise<Uint8Array>, work: (nodes: NodeSource) => T): Promise<T> {
  const known = new Map<string, Uint8Array>();
  for (;;) {
    try {
      return work(
        nodesFromTiles(size, (tile) => {
          const bytes = known.get(tilePath(tile));
          if (bytes === undefined) throw new Needed(tile);
          return bytes;
        }),
      );
    } catch (error) {
      if (!(error instanceof Needed)) throw error;
      known.set(tilePath(error.tile), await fetch(error.tile));
    }
  }
}

class Needed extends Error {
  override readonly name = "Needed";
  constructor(readonly tile: Tile) {
    super(tilePath(tile));
  }
}
