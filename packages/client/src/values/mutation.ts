// SPDX-License-Identifier: Apache-2.0
import type { WireValue } from "@spandrel/model";
import type { Mutation } from "@spandrel/protocol";
import { badValue } from "./bad-value.ts";
import { encodeColumn } from "./encode.ts";
import { KeySet, type KeySetInput } from "./key-set.ts";
import type { InputValue } from "./typed-value.ts";

/** The ways to write rows. */
export type WriteKind = "insert" | "update" | "insertOrUpdate" | "replace";

/** A row to be written: values by column. */
export type RowInput = Readonly<Record<string, InputValue>>;

/** Mutations that write rows given as objects; rows with the same columns share one. */
export function writeObjects(
  kind: WriteKind,
  table: string,
  rows: readonly RowInput[],
): Mutation[] {
  const groups = new Map<string, { columns: string[]; values: WireValue[][] }>();
  for (const row of rows) {
    const columns = Object.keys(row);
    const signature = JSON.stringify(columns);
    const group = groups.get(signature) ?? { columns, values: [] };
    groups.set(signature, group);
    group.values.push(Object.values(row).map(encodeColumn));
  }
  return [...groups.values()].map(({ columns, values }) => write(kind, table, columns, values));
}

/**
 * A mutation that writes rows given as lists of values.
 *
 * @throws {StatusError} INVALID_ARGUMENT when a row has more or fewer values than there are columns.
 */
export function writeRows(
  kind: WriteKind,
  table: string,
  columns: readonly string[],
  rows: readonly (readonly InputValue[])[],
): Mutation {
  const values = rows.map((row) => {
    if (row.length !== columns.length)
      throw badValue(`row of ${columns.length} columns`, `a row of ${row.length} values`);
    return row.map(encodeColumn);
  });
  return write(kind, table, [...columns], values);
}

function write(kind: WriteKind, table: string, columns: string[], values: WireValue[][]): Mutation {
  const rows = { table, columns, values };
  switch (kind) {
    case "insert":
      return { operation: { $case: "insert", insert: rows } };
    case "update":
      return { operation: { $case: "update", update: rows } };
    case "insertOrUpdate":
      return { operation: { $case: "insertOrUpdate", insertOrUpdate: rows } };
    case "replace":
      return { operation: { $case: "replace", replace: rows } };
  }
}

/** A mutation that deletes rows by key. */
export function deleteRows(table: string, keys: KeySetInput): Mutation {
  return { operation: { $case: "delete", delete: { table, keySet: KeySet.from(keys).toProto() } } };
}
