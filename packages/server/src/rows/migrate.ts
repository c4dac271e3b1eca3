// SPDX-License-Identifier: Apache-2.0
// Bringing stored rows along with a change of their table: writing each anew, or making sure that each
// keeps a new rule. All of it happens in the transaction of the schema change, over a table that is
// locked whole.
import type { Value } from "@spandrel/model";
import { printTimestamp, type Type, typesEqual } from "@spandrel/model";
import {
  existingTimestampInFuture,
  existingValueNotConvertible,
  existingValueNull,
  existingValueTooLong,
} from "../errors/column-change.ts";
import { existingRowWithoutParent } from "../errors/interleave.ts";
import { checkViolated, foreignKeyViolated } from "../errors/row.ts";
import { compile } from "../expression/compile.ts";
import type { Frame } from "../expression/frame.ts";
import { afterPrefix } from "../keys/part.ts";
import { readRows, writeRows } from "../locks/columns.ts";
import type { CheckConstraint, ForeignKey } from "../schema/constraint.ts";
import type { Column, Schema, Table } from "../schema/schema.ts";
import type { KeyValueWriter } from "../txn/key-values.ts";
import { checkValue, type ValueBounds } from "./check-value.ts";
import type { Row } from "./contract.ts";
import type { Counters } from "./counters.ts";
import { foreignKeysOf, lookupPrefix } from "./foreign-key-program.ts";
import { keyBytes, printKey, tableLayout } from "./layout.ts";
import { putRow } from "./put-row.ts";
import { RowUnpacker } from "./row-codec.ts";
import { tableProgram, valuesAt } from "./table-program.ts";

/** What bringing rows along works with. */
export interface MigrationOptions {
  readonly keyValues: KeyValueWriter;
  /** The schema as it will be. */
  readonly schema: Schema;
  readonly frame: Frame;
  readonly bounds: ValueBounds;
  readonly counters: Counters;
}

/** A table's rows in the shape of another description of it. */
export interface Rewrite {
  readonly before: Table;
  readonly after: Table;
  /** Columns whose values are worked out: by default, identity or expression. */
  readonly filled: readonly Column[];
}

/**
 * Writes every row of a table anew.
 *
 * @throws {StatusError} FAILED_PRECONDITION when a value does not fit, and as evaluating does.
 */
export async function rewriteRows(
  { before, after, filled }: Rewrite,
  options: MigrationOptions,
): Promise<void> {
  const { keyValues, schema, frame, bounds, counters } = options;
  const program = tableProgram(schema, after);
  const filledIds = new Set(filled.map(({ id }) => id));
  const isFilled = (place: number): boolean => filledIds.has(after.columns[place]?.id ?? -1);
  const sources = after.columns.map((column) => {
    const place = before.columns.findIndex(({ id }) => id === column.id);
    return { place, column, type: before.columns[place]?.type ?? column.type };
  });
  const oldKeyPlaces = program.keyPlaces.map((place) => sources[place]?.place ?? -1);
  const printedKey = (row: Row): string => printKey(before.primaryKey, valuesAt(row, oldKeyPlaces));
  for (const { key, row } of await lockedRows(before, keyValues)) {
    const values = sources.map(({ place, type, column }) => {
      const value = row[place] ?? null;
      if (typesEqual(type, column.type)) return value;
      return converted(after, column, type, value, printedKey(row));
    });
    for (const { place, evaluate } of program.defaults) {
      if (isFilled(place)) values[place] = evaluate([], frame);
    }
    for (const { place, id, identity } of program.identities) {
      if (isFilled(place)) values[place] = counters.take(id, identity);
    }
    for (const { place, evaluate } of program.generated) {
      if (isFilled(place)) values[place] = evaluate(values, frame);
    }
    for (const [place, column] of after.columns.entries()) {
      if (isFilled(place)) checkValue(after, column, values[place] ?? null, bounds);
    }
    const newKey = keyBytes(program.layout, valuesAt(values, program.keyPlaces));
    if (newKey !== key) keyValues.put(program.layout.space, key, null);
    const { layout, mayAwaitTimestamp, keyPlaces } = program;
    putRow(keyValues, { layout, values, key: newKey, mayAwaitTimestamp, keyPlaces });
  }
}

/** Rules that every row of a table must keep. */
export interface Validation {
  readonly table: Table;
  readonly columns: readonly Column[];
  readonly checks: readonly CheckConstraint[];
  readonly foreignKeys: readonly ForeignKey[];
  /** The table in which each row must have its parent. */
  readonly parent?: Table | undefined;
}

/**
 * Looks at every row of a table.
 *
 * @throws {StatusError} FAILED_PRECONDITION or OUT_OF_RANGE when one breaks a rule.
 */
export async function validateRows(
  { table, columns, checks, foreignKeys, parent }: Validation,
  { keyValues, schema, frame, bounds }: MigrationOptions,
): Promise<void> {
  const program = tableProgram(schema, table);
  const evaluators = checks.map((check) => ({ check, evaluate: compile(check.expression) }));
  const names = new Set(foreignKeys.map(({ name }) => name));
  const references = foreignKeysOf(schema, table).filter((each) => names.has(each.foreignKey.name));
  for (const { referenced } of references) {
    const { space } = referenced.layout;
    await keyValues.lock({ space, start: "", end: afterPrefix }, readRows);
  }
  if (parent !== undefined) {
    const { space } = tableLayout(parent);
    await keyValues.lock({ space, start: "", end: afterPrefix }, readRows);
  }
  for (const { row } of await lockedRows(table, keyValues)) {
    const key = printKey(table.primaryKey, valuesAt(row, program.keyPlaces));
    if (parent !== undefined && !hasParent(parent, valuesAt(row, program.keyPlaces), keyValues)) {
      throw existingRowWithoutParent(table.name, parent.name, key);
    }
    for (const column of columns) {
      const place = table.columns.findIndex(({ id }) => id === column.id);
      const value = row[place] ?? null;
      requireFits(table, column, value, key);
      if (column.allowsCommitTimestamp === true && isLater(value, bounds.nowNanos)) {
        throw existingTimestampInFuture(`${table.name}.${column.name}`, key, printTimestamp(value));
      }
    }
    for (const { check, evaluate } of evaluators) {
      if (evaluate(row, frame) === false) throw checkViolated(table.name, check.name, key);
    }
    for (const { foreignKey, places, referenced, referencedTable } of references) {
      const values = valuesAt(row, places);
      if (values.includes(null)) continue;
      const start = lookupPrefix(referenced, values);
      const { space } = referenced.layout;
      const found = keyValues.scan(space, start, start + afterPrefix, false);
      if (found.next().done !== true) continue;
      const { referencedColumns } = foreignKey;
      throw foreignKeyViolated(
        foreignKey.name,
        table.name,
        referencedTable.name,
        referencedColumns,
      );
    }
  }
}

function isLater(value: Value, nowNanos: bigint): value is bigint {
  return typeof value === "bigint" && value > nowNanos;
}

/** A row's key begins with its parent's. */
function hasParent(parent: Table, key: readonly Value[], keyValues: KeyValueWriter): boolean {
  const layout = tableLayout(parent);
  const start = keyBytes(layout, key.slice(0, parent.primaryKey.length));
  return keyValues.scan(layout.space, start, start + afterPrefix, false).next().done !== true;
}

async function lockedRows(
  table: Table,
  keyValues: KeyValueWriter,
): Promise<readonly { readonly key: string; readonly row: Row }[]> {
  const { space } = tableLayout(table);
  await keyValues.lock({ space, start: "", end: afterPrefix }, writeRows);
  const unpacker = new RowUnpacker(table.columns);
  const entries = keyValues.scan(space, "", afterPrefix, false);
  return Array.from(entries, ([key, packed]) => ({ key, row: unpacker.unpack(packed) }));
}

function requireFits(table: Table, column: Column, value: Value, key: string): void {
  if (value === null) {
    if (column.isNotNull) throw existingValueNull(`${table.name}.${column.name}`, key);
    return;
  }
  const limit = column.lengthMax;
  if (limit === undefined) return;
  const elements = Array.isArray(value) ? (value as readonly Value[]) : [value];
  for (const element of elements) {
    const size = typeof element === "string" ? [...element].length : lengthOf(element);
    if (size > limit) {
      throw existingValueTooLong(`${table.name}.${column.name}`, limit, size, key);
    }
  }
}

function lengthOf(value: Value): number {
  return value instanceof Uint8Array ? value.length : 0;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** STRING and BYTES turn into each other by UTF-8. */
function converted(table: Table, column: Column, from: Type, value: Value, key: string): Value {
  if (value === null) return null;
  if (from.kind === "ARRAY" && Array.isArray(value)) {
    const elements: readonly Value[] = value;
    return elements.map((element) => converted(table, column, from.element, element, key));
  }
  const result = convertedText(table, column, value, key);
  requireFits(table, column, result, key);
  return result;
}

function convertedText(table: Table, column: Column, value: Value, key: string): Value {
  if (typeof value === "string") return encoder.encode(value);
  if (!(value instanceof Uint8Array)) return value;
  try {
    return decoder.decode(value);
  } catch {
    throw existingValueNotConvertible(`${table.name}.${column.name}`, key);
  }
}
