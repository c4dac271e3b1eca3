// SPDX-License-Identifier: Apache-2.0

/** A part of a list, and where the next part begins. */
export interface Page<T> {
  readonly items: readonly T[] | undefined;
  readonly nextPageToken: string | undefined;
}

/** Every element of a list that is fetched page by page, a page when it is needed. */
export async function* everyItem<T>(
  fetchPage: (pageToken: string) => Promise<Page<T>>,
): AsyncGenerator<T, void, undefined> {
  let pageToken = "";
  do {
    const page = await fetchPage(pageToken);
    yield* page.items ?? [];
    pageToken = page.nextPageToken ?? "";
  } while (pageToken !== "");
}
