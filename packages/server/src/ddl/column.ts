// SPDX-License-Identifier: Apache-2.0
// A column as the DDL defines it; its expressions are resolved when the whole table is known.
import type { ColumnDefinition, ColumnIdentity, ColumnValue, Options } from "@spandrel/sql";
import { vectorLengthOnMadeUpValue } from "../errors/column-change.ts";
import {
  notNullOnVirtualColumn,
  onUpdateOnKeyColumn,
  onUpdateWithoutDefault,
} from "../errors/constraint.ts";
import { identityOnWrongType, sequenceKindMissing } from "../errors/definition.ts";
import { commitTimestampOptionOnWrongType } from "../errors/schema.ts";
import { type Column, type Identity, plainColumn, type Schema } from "../schema/schema.ts";
import { written } from "./column-expression.ts";
import { columnType } from "./column-type.ts";
import { localityGroupOf } from "./locality.ts";
import { requireIdentifier } from "./name.ts";
import { booleanOption, type OptionRules, requireOptions } from "./options.ts";
import type { ChangeContext } from "./schema-change.ts";
import { requireSequenceNumbers } from "./sequence.ts";
import { requireTokenList } from "./token-list.ts";

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
  const column = columnFrom(schema, table, { ...plainColumn, id, name }, definition, context);
  return definition.placementKey ? { ...column, isPlacementKey: true } : column;
}

/** A column with its id and name and all else as some clauses have it. */
export function columnFrom(
  schema: Schema,
  table: string,
  before: Pick<Column, "id" | "name"> & Partial<Column>,
  clauses: Clauses,
  context: ChangeContext,
): Column {
  const { id, name } = before;
  const label = `${table}.${name}`;
  const { value } = clauses;
  const columnTypeOf = columnType(label, clauses.type, context.limits);
  const { allowsCommitTimestamp, localityGroup } = optionsOver(schema, before, clauses, context);
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
    localityGroup,
    ...(before.isPlacementKey === true ? { isPlacementKey: true } : {}),
  };
  requireTokenList(table, column);
  const isMadeUp = column.defaultValue !== undefined || column.generated !== undefined;
  if (column.vectorLength !== undefined && isMadeUp) throw vectorLengthOnMadeUpValue(label);
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
  requireSequenceNumbers(parameters, undefined);
  return {
    isKindWritten,
    startCounterWith: parameters.startCounterWith,
    skipRange: parameters.skipRange,
  };
}

const columnOptions: OptionRules = { allow_commit_timestamp: "boolean", locality_group: "string" };

/** The options of a column. */
export type ColumnOptions = Pick<Column, "allowsCommitTimestamp" | "localityGroup">;

/** The options of a column with others set over them; one that is set to NULL goes. */
export function optionsOver(
  schema: Schema,
  { allowsCommitTimestamp, localityGroup }: Partial<ColumnOptions>,
  { options }: { readonly options?: Options },
  context: ChangeContext,
): ColumnOptions {
  requireOptions(options, columnOptions, context);
  const isGiven = (wanted: string): boolean =>
    options?.entries.some(({ name }) => name.name === wanted) === true;
  return {
    allowsCommitTimestamp: isGiven("allow_commit_timestamp")
      ? booleanOption(options, "allow_commit_timestamp")
      : allowsCommitTimestamp,
    localityGroup: isGiven("locality_group") ? localityGroupOf(schema, options) : localityGroup,
  };
}
