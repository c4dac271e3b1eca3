// SPDX-License-Identifier: Apache-2.0
// CREATE INDEX and ALTER INDEX.
// https://cloud.google.com/spanner/docs/reference/standard-sql/data-definition-language#create_index
import type { AlterIndex, CreateIndex } from "@spandrel/sql";
import {
  invalidKeyType,
  schemaIndexNotFound,
  schemaTableNotFound,
  tooManyKeyColumns,
} from "../errors/schema.ts";
import {
  indexColumnUnknown,
  indexInOtherSchema,
  indexParentKey,
  indexParentNotAncestor,
  indexParentNotFound,
  indexWithoutKey,
  storedColumnInKey,
  storedColumnInTableKey,
  storedColumnNotFound,
  storedColumnRepeated,
  tooManyIndexes,
} from "../errors/secondary-index.ts";
import type { Limits } from "../limits/limits.ts";
import {
  type Column,
  entryKeyOf,
  findColumn,
  findIndex,
  findTable,
  type Index,
  indexesOf,
  type KeyPart,
  type Schema,
  type Table,
} from "../schema/schema.ts";
import { ancestorsOf } from "./interleave.ts";
import { makeKey, namedParts } from "./key.ts";
import { localityGroupOf } from "./locality.ts";
import { namedSchemaOf, nameOf, requireNewName } from "./name.ts";
import { type OptionRules, requireOptions } from "./options.ts";
import { putIndex } from "./put-table.ts";
import type { ChangeContext, SchemaChange } from "./schema-change.ts";
import { filterColumns } from "./search-index.ts";

const indexOptions: OptionRules = { locality_group: "string" };

/**
 * The schema with a new index in it, to be filled from the rows that are there.
 *
 * @throws {StatusError} when the definition contradicts itself, the schema, or a limit.
 */
export function createIndex(
  schema: Schema,
  statement: CreateIndex,
  name: string,
  context: ChangeContext,
): SchemaChange {
  const { limits } = context;
  requireOptions(statement.options, indexOptions, context);
  requireNewName(schema, "Index", name, limits);
  const tableName = nameOf(statement.table);
  const table = findTable(schema, tableName);
  if (table === undefined) throw schemaTableNotFound(tableName);
  if (namedSchemaOf(name) !== namedSchemaOf(table.name)) {
    throw indexInOtherSchema(name, table.name);
  }
  if (statement.keys.length === 0) throw indexWithoutKey(name);
  requireRoom(schema, name, table, limits);
  const owner = {
    kind: "Index" as const,
    name,
    unknown: (column: string) => indexColumnUnknown(name, column),
    wrongType: (column: string, type: string) => invalidKeyType(`index ${name}`, column, type),
  };
  const key = makeKey(owner, namedParts(statement.keys), table.columns, limits);
  const index: Index = {
    id: schema.nextId,
    name,
    table: table.name,
    key,
    storing: storedColumns(name, statement, table, key),
    isUnique: statement.unique,
    isNullFiltered: statement.nullFiltered,
    notNullColumns: filterColumns(name, table, statement.where),
    isManaged: false,
    interleavedIn: parentOf(schema, statement, name, table, key),
    localityGroup: localityGroupOf(schema, statement.options),
  };
  const parts = entryKeyOf(index, table).length;
  if (parts > limits.keyColumnsMax) {
    throw tooManyKeyColumns(`Index ${name}`, limits.keyColumnsMax, parts);
  }
  return {
    schema: putIndex({ ...schema, nextId: schema.nextId + 1 }, index),
    effects: [{ kind: "backfill", index, table }],
  };
}

/**
 * The schema with an index changed.
 *
 * @throws {StatusError} when the index or the column is not there, or the column has its place already.
 */
export function alterIndex(
  schema: Schema,
  statement: AlterIndex,
  context: ChangeContext,
): SchemaChange {
  const name = nameOf(statement.name);
  const index = statement.type === "INDEX" ? findIndex(schema, name) : undefined;
  if (index === undefined || index.isManaged) throw schemaIndexNotFound(name);
  const table = findTable(schema, index.table);
  if (table === undefined) throw schemaTableNotFound(index.table);
  const { action } = statement;
  if (action.kind === "set-options") {
    requireOptions(action.options, indexOptions, context);
    const localityGroup = localityGroupOf(schema, action.options);
    return { schema: putIndex(schema, { ...index, localityGroup }), effects: [] };
  }
  if (action.kind === "drop-stored-column") {
    const lower = action.column.name.toLowerCase();
    const storing = index.storing.filter((column) => column.name.toLowerCase() !== lower);
    if (storing.length === index.storing.length) {
      throw storedColumnNotFound(index.name, action.column.name);
    }
    return { schema: putIndex(schema, { ...index, storing }), effects: [] };
  }
  const column = storedColumn(index.name, table, index.key, action.column.name);
  if (index.storing.some(({ id }) => id === column.id)) {
    throw storedColumnRepeated(index.name, column.name);
  }
  const changed = { ...index, storing: [...index.storing, column] };
  const effects = [{ kind: "backfill" as const, index: changed, table }];
  return { schema: putIndex(schema, changed), effects };
}

function requireRoom(schema: Schema, index: string, table: Table, limits: Limits): void {
  const count = (indexes: Iterable<Index>): number =>
    [...indexes].filter(({ isManaged }) => !isManaged).length;
  if (count(schema.indexes.values()) >= limits.indexesPerDatabaseMax) {
    throw tooManyIndexes(index, undefined, limits.indexesPerDatabaseMax);
  }
  if (count(indexesOf(schema, table)) >= limits.indexesPerTableMax) {
    throw tooManyIndexes(index, table.name, limits.indexesPerTableMax);
  }
}

function storedColumns(
  index: string,
  statement: CreateIndex,
  table: Table,
  key: readonly KeyPart[],
): readonly Column[] {
  const seen = new Set<number>();
  return statement.storing.map(({ name }) => {
    const column = storedColumn(index, table, key, name);
    if (seen.has(column.id)) throw storedColumnRepeated(index, column.name);
    seen.add(column.id);
    return column;
  });
}

function storedColumn(index: string, table: Table, key: readonly KeyPart[], name: string): Column {
  const column = findColumn(table, name);
  if (column === undefined) throw indexColumnUnknown(index, name);
  if (key.some((part) => part.column.id === column.id)) throw storedColumnInKey(index, column.name);
  if (table.primaryKey.some((part) => part.column.id === column.id)) {
    throw storedColumnInTableKey(index, column.name, table.name);
  }
  return column;
}

/** The table that the entries are placed with: an ancestor whose key the index's key begins with. */
function parentOf(
  schema: Schema,
  statement: CreateIndex,
  index: string,
  table: Table,
  key: readonly KeyPart[],
): string | undefined {
  const clause = statement.interleaveIn;
  if (clause === undefined) return undefined;
  const name = clause.table === undefined ? table.interleave?.parent : nameOf(clause.table);
  const parent = findTable(schema, name ?? "");
  if (parent === undefined) throw indexParentNotFound(index, name ?? "");
  if (parent !== table && !ancestorsOf(schema, table).includes(parent)) {
    throw indexParentNotAncestor(index, table.name, parent.name);
  }
  for (const [place, { column, isDescending }] of parent.primaryKey.entries()) {
    const own = key[place];
    const isAlike =
      own?.column.name.toLowerCase() === column.name.toLowerCase() &&
      own.isDescending === isDescending;
    if (!isAlike) throw indexParentKey(index, column.name);
  }
  return parent.name;
}
