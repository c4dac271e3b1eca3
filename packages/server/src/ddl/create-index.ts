// SPDX-License-Identifier: Apache-2.0
// CREATE INDEX and ALTER INDEX.
// https://cloud.google.com/spanner/docs/reference/standard-sql/data-definition-language#create_index
import type { AlterIndex, CreateIndex, Expression } from "@spandrel/sql";
import {
  indexColumnUnknown,
  indexFilterNotSupported,
  indexParentMismatch,
  invalidKeyType,
  schemaIndexNotFound,
  schemaTableNotFound,
  statementNotSupported,
  storedColumnInKey,
  storedColumnNotFound,
  storedColumnRepeated,
  tooManyIndexes,
  tooManyKeyColumns,
} from "../errors/schema.ts";
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
import { nameOf, requireNewName } from "./name.ts";
import { putIndex } from "./put-table.ts";
import type { ChangeContext, SchemaChange } from "./schema-change.ts";

/**
 * The schema with a new index in it, to be filled from the rows that are there.
 *
 * @throws {StatusError} when the definition contradicts itself, the schema, or a limit.
 */
export function createIndex(
  schema: Schema,
  statement: CreateIndex,
  name: string,
  { limits }: ChangeContext,
): SchemaChange {
  if (statement.options !== undefined) throw statementNotSupported(`OPTIONS of index ${name}`);
  requireNewName(schema, "Index", name, limits);
  const tableName = nameOf(statement.table);
  const table = findTable(schema, tableName);
  if (table === undefined) throw schemaTableNotFound(tableName);
  requireRoom(schema, table, limits);
  const owner = {
    name: `Index ${name}`,
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
    notNullColumns: statement.where === undefined ? [] : filtered(name, table, statement.where),
    isManaged: false,
    interleavedIn: parentOf(schema, statement, name, table, key),
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
export function alterIndex(schema: Schema, statement: AlterIndex): SchemaChange {
  const name = nameOf(statement.name);
  const index = statement.type === "INDEX" ? findIndex(schema, name) : undefined;
  if (index === undefined || index.isManaged) throw schemaIndexNotFound(name);
  const table = findTable(schema, index.table);
  if (table === undefined) throw schemaTableNotFound(index.table);
  const { action } = statement;
  if (action.kind === "set-options") throw statementNotSupported("ALTER INDEX … SET OPTIONS");
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

function requireRoom(schema: Schema, table: Table, limits: Limits): void {
  const count = (indexes: Iterable<Index>): number =>
    [...indexes].filter(({ isManaged }) => !isManaged).length;
  if (count(schema.indexes.values()) >= limits.indexesPerDatabaseMax) {
    throw tooManyIndexes("The database", limits.indexesPerDatabaseMax);
  }
  if (count(indexesOf(schema, table)) >= limits.indexesPerTableMax) {
    throw tooManyIndexes(`Table ${table.name}`, limits.indexesPerTableMax);
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
  const isInKey = [...key, ...table.primaryKey].some((part) => part.column.id === column.id);
  if (isInKey) throw storedColumnInKey(index, column.name);
  return column;
}

/** `a IS NOT NULL AND b IS NOT NULL`: the columns named so. */
function filtered(index: string, table: Table, tree: Expression): readonly Column[] {
  if (tree.kind === "and") return tree.operands.flatMap((each) => filtered(index, table, each));
  if (tree.kind !== "is" || !tree.negated || tree.test !== "NULL" || tree.operand.kind !== "path") {
    throw indexFilterNotSupported(index);
  }
  const name = nameOf(tree.operand);
  const column = findColumn(table, name);
  if (column === undefined) throw indexColumnUnknown(index, name);
  return [column];
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
  if (parent === undefined) throw schemaTableNotFound(name ?? "");
  const begins = parent.primaryKey.every(
    ({ column, isDescending }, place) =>
      key[place]?.column.name.toLowerCase() === column.name.toLowerCase() &&
      key[place]?.isDescending === isDescending,
  );
  const isAncestor = parent === table || ancestorsOf(schema, table).includes(parent);
  if (!begins || !isAncestor) throw indexParentMismatch(index, parent.name);
  return parent.name;
}
