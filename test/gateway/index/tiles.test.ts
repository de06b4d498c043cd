import { expect } from "chai";
import { rm } from "node:fs/promises";
import { CompactRange } from "../../../chaincode/proof/compact-range";
import { inclusionPath, rootOf, verifyInclusion } from "../../../chaincode/proof/rfc6962";
import { sha256 } from "../../../chaincode/proof/sha256";
import { openStore, type Store } from "../../../gateway/index/store";
import { readLeafHashes, TileWriter, treeNodes } from "../../../gateway/index/tiles";
import { newDirectory } from "./indexed";

describe("the tiles of a large journal", () => {
  it("hold every level of the tree, also when the writer is opened anew in between", async () => {
    const directory = await newDirectory();
    const store: Store = await openStore(directory);
    const range = CompactRange.empty();
    const hash = (index: number) => sha256(Buffer.from(String(index)));
    let writer = TileWriter.begin(3);
    // Beyond 65,536 leaves there are tiles of level 2.
    for (const size of [300, 65_500, 65_536, 65_537, 70_000]) {
      const batch = store.batch();
      while (range.size < size) range.append(hash(range.size), (level, _, node) => writer.add(level, node, batch));
      writer.save(batch);
      await batch.write();
      const nodes = treeNodes(store, 3, size);
      expect(Buffer.from(rootOf(size, nodes)).equals(range.root())).to.equal(true);
      for (const index of [0, 255, size - 1]) {
        expect(verifyInclusion(hash(index), index, size, inclusionPath(index, size, nodes), range.root())).to.equal(true);
      }
      expect(await readLeafHashes(store, 3, size - 3, size + 3)).to.deep.equal([hash(size - 3), hash(size - 2), hash(size - 1)]);
      writer = await TileWriter.open(store, 3, size);
    }
    await store.close();
    await rm(directory, { recursive: true });
  });
});
