/** Journals of a gateway as whoever copies them reads them: heads, tiles, consistency proofs. */
import { fromBase64 } from "../chaincode/proof/bytes";
import type { Hash } from "../chaincode/proof/sha256";
import { decodeBundle, type Tile, tilePath } from "../chaincode/proof/tile";
import { bodyOf, type Gateway, request } from "./request";

export class Journals {
  constructor(private readonly gateway: Gateway) {}

  /** Names of all of them. */
  async names(): Promise<readonly string[]> {
    const { journals } = JSON.parse(await this.#text("/v1/journals")) as { readonly journals: readonly { readonly journal: string }[] };
    return journals.map(({ journal }) => journal);
  }

  /** The newest head, as a file's content. */
  head(journal: string): Promise<string> {
    return this.#text(`${pathOf(journal)}/head`);
  }

  /** Leaves, unverified. @returns undefined for what is no bundle of that width. @throws Failure `not-found` where the token does not show everything */
  async leaves(journal: string, tile: Tile): Promise<readonly Uint8Array[] | undefined> {
    const response = await request(this.gateway, { path: `${pathOf(journal)}/${tilePath({ ...tile, level: "entries" })}` });
    return decodeBundle(new Uint8Array(await response.arrayBuffer()), tile.width);
  }

  /** RFC 6962, unverified. */
  async consistency(journal: string, from: number, to: number): Promise<readonly Hash[]> {
    const { path } = JSON.parse(await this.#text(`${pathOf(journal)}/consistency?from=${from}&to=${to}`)) as {
      readonly path: readonly string[];
    };
    return path.map((hash) => fromBase64(hash) ?? new Uint8Array());
  }

  async #text(path: string): Promise<string> {
    return bodyOf(await request(this.gateway, { path }));
  }
}

const pathOf = (journal: string): string => `/v1/journals/${encodeURIComponent(journal)}`;
