// SPDX-License-Identifier: Apache-2.0
// Search indexes and vector indexes: their definitions are checked and kept, and what they name stays.
// They have no entries here, so no query is answered by them.
// https://cloud.google.com/spanner/docs/reference/standard-sql/data-definition-language#search_index_statements
// https://cloud.google.com/spanner/docs/reference/standard-sql/data-definition-language#vector_index_statements
import type {
  AlterIndex,
  CreateSearchIndex,
  CreateVectorIndex,
  Expression,
  Identifier,
  KeyPart,
  Options,
} from "@spandrel/sql";
import { duplicateKeyColumn, schemaTableNotFound } from "../errors/schema.ts";
import {
  badIndexOptions,
  indexOptionsFixed,
  searchIndexColumnNotTokens,
  searchIndexOrderNullable,
  searchIndexOrderType,
  searchIndexPartitionedByTokens,
  vectorIndexKey,
  vectorIndexPartitioned,
  vectorTooLong,
} from "../errors/search-index.ts";
import {
  indexColumnUnknown,
  indexFilterNotSupported,
  indexParentNotAncestor,
  indexParentNotFound,
  storedColumnInKey,
  storedColumnInTableKey,
  storedColumnNotFound,
  storedColumnRepeated,
} from "../errors/secondary-index.ts";
import {
  type Column,
  type Definition,
  findColumn,
  findTable,
  type Schema,
  type Table,
} from "../schema/schema.ts";
import { printColumnType } from "./column-type.ts";
import { isKey } from "./create-table.ts";
import { define, findDefinition, putDefinition } from "./definition.ts";
import { ancestorsOf } from "./interleave.ts";
import { nameOf, namesOf } from "./name.ts";
import {
  inOrderOf,
  integerOption,
  mergeOptions,
  type OptionRules,
  requireOptions,
  textOption,
} from "./options.ts";
import { type ChangeContext, type SchemaChange, unchanged } from "./schema-change.ts";

const searchOptions: OptionRules = {
  sort_order_sharding: "boolean",
  disable_automatic_uid_column: "boolean",
  locality_group: "string",
};

const vectorOptions: OptionRules = {
  tree_depth: "integer",
  num_leaves: "integer",
  num_branches: "integer",
  distance_type: "string",
  leaf_scatter_factor: "integer",
  min_branch_splits: "integer",
  min_leaf_splits: "integer",
  locality_group: "string",
};

type CreateIndexOver = CreateSearchIndex | CreateVectorIndex;

/** CREATE SEARCH INDEX. */
export function createSearchIndex(
  schema: Schema,
  statement: CreateSearchIndex,
  context: ChangeContext,
): SchemaChange {
  requireOptions(statement.options, searchOptions, context);
  return create(schema, statement, searchOptions, context, (table, name) => {
    const filter = filterColumns(name, table, statement.where);
    return [...searchedColumns(table, name, statement, filter), ...filter];
  });
}

/** CREATE VECTOR INDEX. */
export function createVectorIndex(
  schema: Schema,
  statement: CreateVectorIndex,
  context: ChangeContext,
): SchemaChange {
  requireOptions(statement.options, vectorOptions, context);
  return create(schema, statement, vectorOptions, context, (table, name) => {
    if (statement.partitionBy.length > 0) throw vectorIndexPartitioned(name);
    requireVectorOptions(statement.options);
    const filter = filterColumns(name, table, statement.where);
    const columns = statement.columns.map((column) => columnNamed(name, table, column));
    const [key] = columns;
    if (key !== undefined) requireVectorKey(name, key, filter, context);
    return [...columns, ...filter];
  });
}

function create(
  schema: Schema,
  statement: CreateIndexOver,
  rules: OptionRules,
  context: ChangeContext,
  columnsOf: (table: Table, name: string) => readonly Column[],
): SchemaChange {
  const name = nameOf(statement.name);
  const kind = statement.kind === "create-search-index" ? "SEARCH INDEX" : "VECTOR INDEX";
  const { ifNotExists, options } = statement;
  if (ifNotExists && schema.definitions.get(name.toLowerCase())?.kind === kind) {
    return unchanged(schema);
  }
  const table = findTable(schema, nameOf(statement.table));
  if (table === undefined) throw schemaTableNotFound(nameOf(statement.table));
  const own = columnsOf(table, name);
  const stored = storedColumns(name, table, own, statement.storing);
  const kept = options && { options: inOrderOf(rules, options) };
  const clean = { ...spelledAs(table, statement), ifNotExists: false, ...kept };
  requireInterleave(schema, table, statement, name);
  const defined = define(schema, { kind, name, statement: clean, ifNotExists }, context).schema;
  return withReads(defined, findDefinition(defined, kind, name, false), table, [...own, ...stored]);
}

/** The statement with names as the table spells them. */
function spelledAs<S extends CreateIndexOver>(table: Table, statement: S): S {
  const spelled = (named: Identifier): Identifier => {
    const name = findColumn(table, named.name)?.name ?? named.name;
    return { ...named, name };
  };
  const { columns, storing, partitionBy } = statement;
  return {
    ...statement,
    table: { ...statement.table, parts: namesOf(table.name, statement.table.position) },
    columns: columns.map(spelled),
    storing: storing.map(spelled),
    partitionBy: partitionBy.map(spelled),
  };
}

/** The schema with an index that says which columns it has. */
function withReads(
  schema: Schema,
  index: Definition | undefined,
  { id }: Table,
  columns: readonly Column[],
): SchemaChange {
  if (index === undefined) return unchanged(schema);
  const reads = [{ tableId: id, columnIds: [...new Set(columns.map((column) => column.id))] }];
  return { schema: putDefinition(schema, { ...index, reads }), effects: [] };
}

/** ALTER SEARCH INDEX or ALTER VECTOR INDEX: stored columns come and go. */
export function alterIndexOver(
  schema: Schema,
  statement: AlterIndex,
  context: ChangeContext,
): SchemaChange {
  const kind = statement.type === "SEARCH INDEX" ? "SEARCH INDEX" : "VECTOR INDEX";
  const { action } = statement;
  if (action.kind === "set-options" && kind === "SEARCH INDEX") {
    requireOptions(action.options, searchOptions, context);
  }
  const index = findDefinition(schema, kind, nameOf(statement.name), false);
  const before = index?.statement;
  const isIndex = before?.kind === "create-search-index" || before?.kind === "create-vector-index";
  if (index === undefined || !isIndex) return unchanged(schema);
  const table = findTable(schema, nameOf(before.table));
  if (table === undefined) throw schemaTableNotFound(nameOf(before.table));
  if (action.kind === "set-options") {
    if (kind === "VECTOR INDEX") throw indexOptionsFixed();
    const options = mergeOptions(before.options, action.options);
    const changed = { ...before, options: inOrderOf(searchOptions, options) };
    return { schema: putDefinition(schema, { ...index, statement: changed }), effects: [] };
  }
  const storing = changedStoring(index.name, table, before, action.kind, action.column);
  const columns = columnsOf(table, { ...before, storing });
  return withReads(schema, { ...index, statement: { ...before, storing } }, table, columns);
}

function changedStoring(
  index: string,
  table: Table,
  before: CreateIndexOver,
  action: "add-stored-column" | "drop-stored-column",
  column: Identifier,
): readonly Identifier[] {
  const { storing } = before;
  const rest = storing.filter(({ name }) => name.toLowerCase() !== column.name.toLowerCase());
  if (action === "drop-stored-column") {
    if (rest.length === storing.length) throw storedColumnNotFound(index, column.name);
    return rest;
  }
  const all = [...storing, column];
  storedColumns(index, table, columnsOf(table, { ...before, storing: [] }), all);
  return all;
}

/** Every column that a statement names; those it names wrongly are passed over. */
function columnsOf(table: Table, statement: CreateIndexOver): readonly Column[] {
  const { columns, storing, partitionBy, where } = statement;
  const order = statement.kind === "create-search-index" ? statement.orderBy : [];
  const named = [...columns, ...storing, ...partitionBy].map(({ name }) => name);
  const all = [...named, ...order.map(({ column }) => nameOf(column))];
  const found = all.flatMap((name) => findColumn(table, name) ?? []);
  return [...found, ...filterColumns(nameOf(statement.name), table, where)];
}

function columnNamed(index: string, table: Table, { name }: Pick<Identifier, "name">): Column {
  const column = findColumn(table, name);
  if (column === undefined) throw indexColumnUnknown(index, name);
  return column;
}

function searchedColumns(
  table: Table,
  index: string,
  { columns, partitionBy, orderBy }: CreateSearchIndex,
  filter: readonly Column[],
): readonly Column[] {
  const seen = new Set<number>();
  const searched = columns.map((name) => {
    const column = columnNamed(index, table, name);
    if (column.isTokenList !== true) throw searchIndexColumnNotTokens(index, column.name);
    if (seen.has(column.id)) throw duplicateKeyColumn("Index", index, column.name);
    seen.add(column.id);
    return column;
  });
  const parts = partitionBy.map((name) => {
    const column = columnNamed(index, table, name);
    if (column.isTokenList === true) throw searchIndexPartitionedByTokens(index, column.name);
    return column;
  });
  return [...searched, ...parts, ...orderBy.map((part) => orderColumn(index, table, part, filter))];
}

/** Results are sorted by whole numbers that are always there, if only in the index. */
function orderColumn(
  index: string,
  table: Table,
  part: KeyPart,
  filter: readonly Column[],
): Column {
  const column = columnNamed(index, table, { name: nameOf(part.column) });
  const isThere = column.isNotNull || filter.some(({ id }) => id === column.id);
  if (!isThere) throw searchIndexOrderNullable(index, column.name);
  if (column.type.kind !== "INT64") {
    throw searchIndexOrderType(index, column.name, printColumnType(column));
  }
  return column;
}

function storedColumns(
  index: string,
  table: Table,
  own: readonly Column[],
  names: readonly Identifier[],
): readonly Column[] {
  const seen = new Set<number>();
  return names.map((name) => {
    const column = columnNamed(index, table, name);
    if (own.some(({ id }) => id === column.id)) throw storedColumnInKey(index, column.name);
    if (isKey(table, column)) throw storedColumnInTableKey(index, column.name, table.name);
    if (seen.has(column.id)) throw storedColumnRepeated(index, column.name);
    seen.add(column.id);
    return column;
  });
}

/** `a IS NOT NULL AND b IS NOT NULL`: the columns named so. */
export function filterColumns(
  index: string,
  table: Table,
  tree: Expression | undefined,
): readonly Column[] {
  if (tree === undefined) return [];
  if (tree.kind === "and")
    return tree.operands.flatMap((each) => filterColumns(index, table, each));
  if (tree.kind !== "is" || !tree.negated || tree.test !== "NULL" || tree.operand.kind !== "path") {
    throw indexFilterNotSupported(index);
  }
  return [columnNamed(index, table, { name: nameOf(tree.operand) })];
}

function requireInterleave(
  schema: Schema,
  table: Table,
  statement: CreateIndexOver,
  index: string,
): void {
  if (statement.kind !== "create-search-index" || statement.interleaveIn === undefined) return;
  const path = statement.interleaveIn.table;
  const name = path === undefined ? (table.interleave?.parent ?? "") : nameOf(path);
  const parent = findTable(schema, name);
  if (parent === undefined) throw indexParentNotFound(index, name);
  if (!ancestorsOf(schema, table).includes(parent)) {
    throw indexParentNotAncestor(index, table.name, parent.name);
  }
}

function requireVectorKey(
  index: string,
  column: Column,
  filter: readonly Column[],
  { limits }: ChangeContext,
): void {
  const { type, vectorLength, name } = column;
  if (type.kind !== "ARRAY") throw vectorIndexKey(index, name, "array");
  const element = type.element.kind;
  if (element !== "FLOAT32" && element !== "FLOAT64") throw vectorIndexKey(index, name, "float");
  if (vectorLength === undefined) throw vectorIndexKey(index, name, "length");
  if (vectorLength > BigInt(limits.vectorLengthMax)) {
    throw vectorTooLong(index, name, vectorLength, limits.vectorLengthMax);
  }
  const isThere = column.isNotNull || filter.some(({ id }) => id === column.id);
  if (!isThere) throw vectorIndexKey(index, name, "nullable");
}

const distanceTypes: ReadonlySet<string> = new Set(["COSINE", "DOT_PRODUCT", "EUCLIDEAN"]);

function requireVectorOptions(options: Options | undefined): void {
  const distance = textOption(options, "distance_type");
  if (distance === undefined) throw badIndexOptions("distance_type is required.");
  if (!distanceTypes.has(distance)) {
    throw badIndexOptions(
      `distance_type ${distance} is not one of ${[...distanceTypes].join(", ")}.`,
    );
  }
  const depth = integerOption(options, "tree_depth");
  if (depth !== undefined && depth !== 2n && depth !== 3n) {
    throw badIndexOptions("tree_depth must be 2 or 3.");
  }
  if (integerOption(options, "num_branches") !== undefined && depth !== 3n) {
    throw badIndexOptions("num_branches can only be set when tree_depth is 3.");
  }
}

/** The search and vector indexes of a table, or of a column of it. */
export function indexesOver(
  schema: Schema,
  table: Table,
  column: Column | undefined,
): readonly string[] {
  return [...schema.definitions.values()].flatMap(({ name, kind, reads }) => {
    if (kind !== "SEARCH INDEX" && kind !== "VECTOR INDEX") return [];
    const isOver = reads.some(
      ({ tableId, columnIds }) =>
        tableId === table.id && (column === undefined || columnIds.includes(column.id)),
    );
    return isOver ? [name] : [];
  });
}
