// SPDX-License-Identifier: Apache-2.0
// A column as the DDL defines it.
import type { ColumnDefinition, Options } from "@spandrel/sql";
import {
  commitTimestampOptionOnWrongType,
  invalidIdentifier,
  invalidOptionValue,
  statementNotSupported,
  unknownOption,
} from "../errors/schema.ts";
import type { Limits } from "../limits/limits.ts";
import { type Column, plainColumn } from "../schema/schema.ts";
import { columnType } from "./column-type.ts";

/**
 * Makes a column from its definition.
 *
 * @throws {StatusError} INVALID_ARGUMENT for a wrong name, type or option; UNIMPLEMENTED for a kind of
 * column that is not built yet.
 */
export function makeColumn(definition: ColumnDefinition, id: number, limits: Limits): Column {
  const name = definition.name.name;
  requireIdentifier(name, limits);
  if (definition.value !== undefined) {
    throw statementNotSupported(`${definition.value.kind.replaceAll("-", " ")} of column ${name}`);
  }
  if (definition.onUpdate !== undefined) throw statementNotSupported(`ON UPDATE of column ${name}`);
  if (definition.placementKey) throw statementNotSupported(`PLACEMENT KEY on column ${name}`);
  if (definition.hidden) throw statementNotSupported(`HIDDEN on column ${name}`);
  const { type, lengthMax } = columnType(name, definition.type, limits);
  const allowsCommitTimestamp = commitTimestampOption(definition.options);
  if (allowsCommitTimestamp !== undefined && type.kind !== "TIMESTAMP") {
    throw commitTimestampOptionOnWrongType(name);
  }
  return {
    ...plainColumn,
    id,
    name,
    type,
    lengthMax,
    isNotNull: definition.notNull,
    allowsCommitTimestamp,
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

const identifier = /^[A-Za-z][A-Za-z0-9_]*$/;

/** A name of a table, index or column: letters, digits and underscores behind a first letter. */
export function requireIdentifier(name: string, limits: Limits): void {
  if (!identifier.test(name) || name.length > limits.identifierLengthMax) {
    throw invalidIdentifier(name);
  }
}
