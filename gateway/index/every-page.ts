/** A list that is given page by page, to its end. */

/** @param read a page from where the one before says that it goes on; the first where nothing is said. It is read when it is asked for */
export async function* everyPage<P extends { readonly next?: string }>(
  read: (cursor: string | undefined) => Promise<P>,
): AsyncGenerator<P, void> {
  let cursor: string | undefined;
  do {
    const page = await read(cursor);
    yield page;
    cursor = page.next;
  } while (cursor !== undefined);
}
