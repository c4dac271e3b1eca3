// SPDX-License-Identifier: Apache-2.0
// ROW DELETION POLICY: which rows are too old to be kept.
// https://cloud.google.com/spanner/docs/ttl
import type { RowDeletionPolicy as PolicyTree } from "@spandrel/sql";
import {
  deletionPolicyBelow,
  deletionPolicyColumnNotFound,
  deletionPolicyColumnType,
  deletionPolicyOnReferenced,
} from "../errors/row-deletion-policy.ts";
import {
  childrenOf,
  findColumn,
  type RowDeletionPolicy,
  type Schema,
  type Table,
} from "../schema/schema.ts";

/**
 * The policy of a table.
 *
 * @throws {StatusError} FAILED_PRECONDITION when its column is not a TIMESTAMP of the table, or the table has
 * children that would stand in the way.
 */
export function makeRowDeletionPolicy(
  schema: Schema,
  table: Table,
  { column: { name }, days }: PolicyTree,
): RowDeletionPolicy {
  const column = findColumn(table, name);
  if (column === undefined) throw deletionPolicyColumnNotFound(table.name, name);
  if (column.type.kind !== "TIMESTAMP") throw deletionPolicyColumnType(table.name, column.name);
  const keys = [...schema.tables.values()].flatMap((each) =>
    each.foreignKeys.filter((key) => key.isEnforced && key.referencedTable === table.name),
  );
  if (keys.length > 0) {
    throw deletionPolicyOnReferenced(
      table.name,
      keys.map((key) => key.name),
    );
  }
  const below = descendantsOf(schema, table).find(
    ({ interleave }) => interleave?.kind === "IN PARENT" && interleave.onDelete !== "CASCADE",
  );
  if (below !== undefined) throw deletionPolicyBelow(table.name, below.name);
  return { column: column.name, days };
}

function descendantsOf(schema: Schema, table: Table): readonly Table[] {
  return childrenOf(schema, table).flatMap((child) => [child, ...descendantsOf(schema, child)]);
}
