// SPDX-License-Identifier: Apache-2.0
// Search indexes and vector indexes: told in the same tables as other indexes are.
import type { CreateSearchIndex, CreateVectorIndex, Expression, Path } from "@spandrel/sql";
import { findColumn, findTable, type Schema, type Table } from "../schema/schema.ts";
import {
  definitionsOf,
  type Fact,
  optionFacts,
  spannerType,
  splitName,
  type Teller,
  tableName,
  yesOrNo,
} from "./description.ts";

interface ListedIndex {
  readonly at: Fact;
  readonly table: Table;
  readonly statement: CreateSearchIndex | CreateVectorIndex;
}

function listIndexes(schema: Schema): readonly ListedIndex[] {
  const definitions = [
    ...definitionsOf(schema, "SEARCH INDEX"),
    ...definitionsOf(schema, "VECTOR INDEX"),
  ];
  return definitions.flatMap(({ name, statement }) => {
    const isIndex =
      statement.kind === "create-search-index" || statement.kind === "create-vector-index";
    const table = isIndex ? findTable(schema, nameOf(statement.table)) : undefined;
    if (!isIndex || table === undefined) return [];
    const type = statement.kind === "create-search-index" ? "SEARCH" : "VECTOR";
    const names = { INDEX_NAME: splitName(name).name, INDEX_TYPE: type };
    return [{ at: { ...tableName(table.name), ...names }, table, statement }];
  });
}

function nameOf({ parts }: Path): string {
  return parts.map(({ name }) => name).join(".");
}

/** The rows of INDEXES. */
export const searchIndexFacts: Teller = (schema) =>
  listIndexes(schema).map(({ at, statement }) => ({
    ...at,
    PARENT_TABLE_NAME: parentOf(statement),
    IS_UNIQUE: false,
    IS_NULL_FILTERED: false,
    INDEX_STATE: "READ_WRITE",
    FILTER: filterOf(statement.where),
    SPANNER_IS_MANAGED: false,
    SEARCH_PARTITION_BY: statement.partitionBy.map(({ name }) => name),
    SEARCH_ORDER_BY:
      statement.kind === "create-search-index"
        ? statement.orderBy.map(
            ({ column, direction }) => nameOf(column) + (direction === "DESC" ? " DESC" : ""),
          )
        : [],
  }));

function parentOf(statement: ListedIndex["statement"]): string {
  if (statement.kind !== "create-search-index") return "";
  const table = statement.interleaveIn?.table;
  return table === undefined ? "" : nameOf(table);
}

/** `a IS NOT NULL AND b IS NOT NULL`, which is all that a filter can say. */
function filterOf(where: Expression | undefined): string | null {
  if (where?.kind === "and") return where.operands.map(filterOf).join(" AND ");
  if (where?.kind !== "is" || where.operand.kind !== "path") return null;
  return `${nameOf(where.operand)} IS NOT NULL`;
}

/** The rows of INDEX_COLUMNS: the stored columns have no place. */
export const searchIndexColumnFacts: Teller = (schema) =>
  listIndexes(schema).flatMap(({ at, table, statement }) => {
    const fact = (name: string): Fact => {
      const column = findColumn(table, name);
      if (column === undefined) return { ...at, COLUMN_NAME: name };
      return {
        ...at,
        COLUMN_NAME: column.name,
        IS_NULLABLE: yesOrNo(!column.isNotNull),
        SPANNER_TYPE: spannerType(column),
      };
    };
    return [
      ...statement.columns.map(({ name }, place) => ({
        ...fact(name),
        ORDINAL_POSITION: BigInt(place + 1),
      })),
      ...statement.storing.map(({ name }) => fact(name)),
    ];
  });

const indexOptions: Teller = (schema) =>
  listIndexes(schema).flatMap(({ at, statement }) =>
    optionFacts(statement.options).map((fact) => ({ ...at, ...fact })),
  );

/** The teller of a table that only these indexes have rows in. */
export const searchIndexTellers: Readonly<Record<string, Teller>> = {
  INDEX_OPTIONS: indexOptions,
};
