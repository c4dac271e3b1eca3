// SPDX-License-Identifier: Apache-2.0
// The keys of tables and indexes.
import type { StatusError } from "@spandrel/base";
import type { KeyPart as KeyPartTree } from "@spandrel/sql";
import { duplicateKeyColumn, tooManyKeyColumns } from "../errors/schema.ts";
import type { Limits } from "../limits/limits.ts";
import type { Column, KeyPart } from "../schema/schema.ts";
import { nameOf } from "./name.ts";

/** Types that cannot be part of a key. */
const unkeyable = new Set(["FLOAT32", "ARRAY", "JSON", "STRUCT", "INTERVAL", "PROTO"]);

/** Whether values of a kind cannot be part of a key, or of a foreign key. */
export function isUnkeyable(kind: string): boolean {
  return unkeyable.has(kind);
}

/** Whose key it is, and what it says of columns that cannot be in it. */
export interface KeyOwner {
  readonly kind: "Table" | "Index";
  readonly name: string;
  readonly unknown: (column: string) => StatusError;
  readonly wrongType: (column: string, type: string) => StatusError;
}

/** A part of a key as a statement names it. */
export interface NamedPart {
  readonly name: string;
  readonly isDescending: boolean;
}

/** The parts of a key as a statement names them. */
export function namedParts(parts: readonly KeyPartTree[]): readonly NamedPart[] {
  return parts.map(({ column, direction }) => ({
    name: nameOf(column),
    isDescending: direction === "DESC",
  }));
}

/**
 * Makes the parts of a key, of a table or an index.
 *
 * @throws {StatusError} when a column is unknown, named twice, or of a type that no key can have.
 */
export function makeKey(
  { kind, name: owner, unknown, wrongType }: KeyOwner,
  parts: readonly NamedPart[],
  columns: readonly Column[],
  limits: Limits,
): readonly KeyPart[] {
  if (parts.length > limits.keyColumnsMax) {
    throw tooManyKeyColumns(`${kind} ${owner}`, limits.keyColumnsMax, parts.length);
  }
  const seen = new Set<number>();
  return parts.map(({ name, isDescending }) => {
    const column = columns.find((each) => each.name.toLowerCase() === name.toLowerCase());
    if (column === undefined) throw unknown(name);
    if (column.isTokenList === true) throw wrongType(column.name, "TOKENLIST");
    if (unkeyable.has(column.type.kind)) throw wrongType(column.name, column.type.kind);
    if (seen.has(column.id)) throw duplicateKeyColumn(kind, owner, column.name);
    seen.add(column.id);
    return { column, isDescending };
  });
}
