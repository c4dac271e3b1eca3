// SPDX-License-Identifier: Apache-2.0
// Mutations: what a commit writes without SQL, and how they are carried out, one after the other.
// https://cloud.google.com/spanner/docs/modify-mutation-api
import { assert } from "@spandrel/base";
import type { InsertMode, KeyPrefix, KeyRange, Row } from "../rows/contract.ts";
import type { WritableRows } from "../rows/write.ts";
import type { Column, Table } from "../schema/schema.ts";

/** A mutation whose table, columns and values have been looked up and checked. */
export type Mutation =
  | {
      readonly kind: "write";
      readonly mode: InsertMode | "UPDATE";
      readonly table: Table;
      readonly columns: readonly Column[];
      readonly rows: readonly Row[];
    }
  | {
      readonly kind: "delete";
      readonly table: Table;
      readonly keys: readonly KeyPrefix[];
      readonly ranges: readonly KeyRange[];
    };

/**
 * Carries mutations out in their order; uniqueness and foreign keys are judged over all of them.
 *
 * @throws {StatusError} as the rows' constraints say.
 */
export async function applyMutations(
  rows: WritableRows,
  mutations: readonly Mutation[],
): Promise<void> {
  for (const mutation of mutations) {
    if (mutation.kind === "delete") {
      await rows.delete(mutation.table, mutation.keys);
      for (const range of mutation.ranges) await rows.deleteRange(mutation.table, range);
    } else if (mutation.mode === "UPDATE") {
      await rows.update(mutation.table, mutation.columns, mutation.rows, false);
    } else {
      const written = await rows.insert(
        mutation.table,
        mutation.columns,
        mutation.rows,
        mutation.mode,
        false,
      );
      assert(written.length === mutation.rows.length, "each row of a mutation is written");
    }
  }
  rows.checkConstraints();
}
