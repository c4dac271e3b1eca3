// SPDX-License-Identifier: Apache-2.0
import { invalidPageToken, negativePageSize } from "../errors/session.ts";
import type { Page } from "./sessions.ts";

const pageSizeMax = 1_000;

/**
 * A page of a list that is in the order of its names; the token is the last name that was given.
 *
 * @throws {StatusError} INVALID_ARGUMENT for a negative size, or a token that is no name.
 */
export function pageOf<T extends { readonly name: string }>(
  items: readonly T[],
  pageSize = 0,
  pageToken = "",
): Page<T> {
  if (pageSize < 0) throw negativePageSize();
  if (pageToken !== "" && !pageToken.startsWith("projects/")) throw invalidPageToken();
  const size = pageSize === 0 ? pageSizeMax : Math.min(pageSize, pageSizeMax);
  const left = pageToken === "" ? items : items.filter(({ name }) => name > pageToken);
  const page = left.slice(0, size);
  const last = page.at(-1);
  return { items: page, nextPageToken: left.length > size && last !== undefined ? last.name : "" };
}
