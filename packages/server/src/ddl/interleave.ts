// SPDX-License-Identifier: Apache-2.0
// How a table lies within another one.
// https://cloud.google.com/spanner/docs/schema-and-data-model#creating-interleaved-tables
import { printType, typesEqual } from "@spandrel/model";
import type { Interleave as InterleaveTree } from "@spandrel/sql";
import {
  interleavedTooDeep,
  parentKeyLength,
  parentKeyMisplaced,
  parentKeyMissing,
  parentKeyNullability,
  parentKeyOrder,
  parentKeyType,
  tableAddsNoColumns,
} from "../errors/interleave.ts";
import { deletionPolicyAbove } from "../errors/row-deletion-policy.ts";
import { schemaTableNotFound } from "../errors/schema.ts";
import type { Limits } from "../limits/limits.ts";
import {
  findTable,
  type Interleave,
  type KeyPart,
  type Schema,
  type Table,
} from "../schema/schema.ts";
import { nameOf } from "./name.ts";

/** The clause, with its parent found. */
export function makeInterleave(schema: Schema, tree: InterleaveTree): Interleave {
  const name = nameOf(tree.table);
  const parent = findTable(schema, name);
  if (parent === undefined) throw schemaTableNotFound(name);
  return {
    parent: parent.name,
    kind: tree.inParent ? "IN PARENT" : "IN",
    onDelete: tree.onDelete ?? "NO ACTION",
  };
}

/**
 * A child's key begins with its parent's, part by part alike.
 *
 * @throws {StatusError} FAILED_PRECONDITION when it does not, or lies too deep.
 */
export function requireParentKey(schema: Schema, table: Table, limits: Limits): void {
  const { interleave } = table;
  if (interleave === undefined) return;
  const parent = findTable(schema, interleave.parent);
  if (parent === undefined) throw schemaTableNotFound(interleave.parent);
  for (const [place, part] of parent.primaryKey.entries()) {
    requirePart(table, place, part, interleave.kind);
  }
  if (table.columns.length === 0) throw tableAddsNoColumns(table.name);
  if (depthOf(schema, table) > limits.interleaveDepthMax) {
    throw interleavedTooDeep(table.name, limits.interleaveDepthMax);
  }
  requireDeletable(schema, table);
}

function requirePart(table: Table, place: number, part: KeyPart, kind: Interleave["kind"]): void {
  const { name } = part.column;
  const isNamed = (each: KeyPart): boolean => each.column.name.toLowerCase() === name.toLowerCase();
  const found = table.primaryKey.findIndex(isNamed);
  const own = table.primaryKey[found];
  if (own === undefined) throw parentKeyMissing(table.name, name);
  if (found !== place) throw parentKeyMisplaced(table.name, name, found);
  if (own.isDescending !== part.isDescending) {
    throw parentKeyOrder(table.name, name, own.isDescending ? "DESC" : "ASC");
  }
  const { type, lengthMax, isNotNull } = part.column;
  if (!typesEqual(type, own.column.type)) {
    throw parentKeyType(table.name, name, printType(own.column.type), printType(type));
  }
  if (lengthMax !== own.column.lengthMax) {
    throw parentKeyLength(
      table.name,
      name,
      printLength(own.column.lengthMax),
      printLength(lengthMax),
    );
  }
  if (kind !== "IN" && isNotNull !== own.column.isNotNull) {
    throw parentKeyNullability(table.name, name, isNotNull);
  }
}

function printLength(lengthMax: number | undefined): string {
  return lengthMax === undefined ? "MAX" : String(lengthMax);
}

/** How many tables there are from the root of a hierarchy down to this one. */
function depthOf(schema: Schema, table: Table): number {
  return ancestorsOf(schema, table).length + 1;
}

/** The tables that a table is interleaved in, from its parent up. */
export function ancestorsOf(schema: Schema, table: Table): readonly Table[] {
  const ancestors: Table[] = [];
  let parent = table.interleave && findTable(schema, table.interleave.parent);
  while (parent !== undefined) {
    ancestors.push(parent);
    parent = parent.interleave && findTable(schema, parent.interleave.parent);
  }
  return ancestors;
}

/** Rows that are deleted by their age take their children along, so these must go. */
function requireDeletable(schema: Schema, table: Table): void {
  if (table.interleave?.kind !== "IN PARENT" || table.interleave.onDelete === "CASCADE") return;
  const above = ancestorsOf(schema, table).find((each) => each.rowDeletionPolicy !== undefined);
  if (above !== undefined) throw deletionPolicyAbove(table.name, above.name);
}
