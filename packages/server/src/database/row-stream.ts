// SPDX-License-Identifier: Apache-2.0
import type { StructField } from "@spandrel/model";
import type { Row, RowReader } from "../rows/contract.ts";
import type { ResolvedRead } from "./resolve.ts";

/** Rows to come, and what their columns are. */
export interface RowStream {
  readonly columns: readonly StructField[];
  readonly batches: AsyncIterable<readonly Row[]>;
}

/** The rows of a read, up to its limit. */
export function limited(reader: RowReader, read: ResolvedRead, isForUpdate: boolean): RowStream {
  const { table, index, columns, ranges, limit } = read;
  const batches = reader.scan({ table, index, columns, ranges, isReverse: false, isForUpdate });
  return {
    columns: columns.map(({ name, type }) => ({ name, type })),
    batches: limit === 0 ? batches : take(batches, limit),
  };
}

async function* take(
  batches: AsyncIterable<readonly Row[]>,
  limit: number,
): AsyncIterable<readonly Row[]> {
  let left = limit;
  for await (const batch of batches) {
    if (batch.length >= left) {
      yield batch.slice(0, left);
      return;
    }
    left -= batch.length;
    yield batch;
  }
}
