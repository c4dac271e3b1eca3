// SPDX-License-Identifier: Apache-2.0
// A column as the DDL defines it; its expressions are resolved when the whole table is known.
import type { ColumnDefinition, ColumnIdentity, ColumnValue, Options } from "@spandrel/sql";
import {
  notNullOnVirtualColumn,
  onUpdateOnKeyColumn,
  onUpdateWithoutDefault,
} from "../errors/constraint.ts";
import { identityOnWrongType, sequenceKindMissing } from "../errors/definition.ts";
import {
  commitTimestampOptionOnWrongType,
  invalidOptionValue,
  statementNotSupported,
  unknownOption,
} from "../errors/schema.ts";
import { type Column, type Identity, plainColumn, type Schema } from "../schema/schema.ts";
import { written } from "./column-expression.ts";
import { columnType } from "./column-type.ts";
import { requireIdentifier } from "./name.ts";
import type { ChangeContext } from "./schema-change.ts";

/** What a column's definition says of its values, whether it creates the column or changes it. */
type Clauses = Pick<
  ColumnDefinition,
  "type" | "notNull" | "value" | "onUpdate" | "hidden" | "options"
>;

/**
 * Makes a column from its definition.
 *
 * @throws {StatusError} INVALID_ARGUMENT for a wrong name, type or option, FAILED_PRECONDITION when its
 * clauses contradict each other.
 */
export function makeColumn(
  schema: Schema,
  table: string,
  definition: ColumnDefinition,
  id: number,
  context: ChangeContext,
): Column {
  const name = definition.name.name;
  requireIdentifier("Column", name, context.limits);
  if (definition.placementKey) throw statementNotSupported(`PLACEMENT KEY on column ${name}`);
  return columnFrom(schema, table, { ...plainColumn, id, name }, definition, context);
}

/** A column with its id and name and all else as some clauses have it. */
export function columnFrom(
  schema: Schema,
  table: string,
  { id, name, allowsCommitTimestamp: optionBefore }: Pick<Column, "id" | "name"> & Partial<Column>,
  clauses: Clauses,
  context: ChangeContext,
): Column {
  const label = `${table}.${name}`;
  const { value } = clauses;
  const columnTypeOf = columnType(label, clauses.type, context.limits);
  const allowsCommitTimestamp =
    clauses.options === undefined ? optionBefore : commitTimestampOption(clauses.options);
  if (allowsCommitTimestamp !== undefined && columnTypeOf.type.kind !== "TIMESTAMP") {
    throw commitTimestampOptionOnWrongType(table, name);
  }
  const column: Column = {
    id,
    name,
    ...columnTypeOf,
    isNotNull: clauses.notNull,
    defaultValue:
      value?.kind === "column-default" ? written(context.text, value.expression) : undefined,
    generated:
      value?.kind === "column-generated"
        ? { ...written(context.text, value.expression), isStored: value.stored }
        : undefined,
    identity: identityOf(schema, label, columnTypeOf.type.kind, value),
    onUpdate: clauses.onUpdate && written(context.text, clauses.onUpdate),
    isHidden: clauses.hidden,
    allowsCommitTimestamp,
  };
  if (column.generated?.isStored === false && column.isNotNull) throw notNullOnVirtualColumn(label);
  return column;
}

/** @throws {StatusError} when ON UPDATE stands on a column that cannot have it. */
export function requireOnUpdate(table: string, column: Column, isKey: boolean): void {
  if (column.onUpdate === undefined) return;
  if (isKey) throw onUpdateOnKeyColumn(`${table}.${column.name}`);
  if (column.allowsCommitTimestamp !== true)
    throw onUpdateWithoutDefault(`${table}.${column.name}`);
}

function identityOf(
  schema: Schema,
  column: string,
  kind: string,
  value: ColumnValue | undefined,
): Identity | undefined {
  if (value?.kind !== "column-identity") return undefined;
  if (kind !== "INT64") throw identityOnWrongType(column);
  const { parameters }: ColumnIdentity = value;
  const isKindWritten = parameters.bitReversedPositive;
  const isKindKnown = isKindWritten || schema.options?.values.has("default_sequence_kind") === true;
  if (!isKindKnown) throw sequenceKindMissing(column);
  return {
    isKindWritten,
    startCounterWith: parameters.startCounterWith,
    skipRange: parameters.skipRange,
  };
}

/** The option allow_commit_timestamp of a column; undefined when it is not set, or set to NULL. */
export function commitTimestampOption(options: Options | undefined): boolean | undefined {
  let allowed: boolean | undefined;
  for (const { name, value } of options?.entries ?? []) {
    if (name.name !== "allow_commit_timestamp") throw unknownOption(name.name, "a column");
    if (value.kind === "boolean") allowed = value.value;
    else if (value.kind !== "null") throw invalidOptionValue(name.name, "true, false and null");
  }
  return allowed;
}
