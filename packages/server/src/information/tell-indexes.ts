// SPDX-License-Identifier: Apache-2.0
// Indexes and their columns. The primary key of a table is told as an index of that name.
import type { Column, Index, KeyPart } from "../schema/schema.ts";
import {
  type Fact,
  indexesOfListed,
  listTables,
  spannerType,
  splitName,
  type TableName,
  type Teller,
  yesOrNo,
} from "./description.ts";
import { searchIndexColumnFacts, searchIndexFacts } from "./tell-search-indexes.ts";

const indexes: Teller = (schema) =>
  listTables(schema).flatMap((listed) => [
    {
      ...listed.at,
      ...primaryKey,
      PARENT_TABLE_NAME: "",
      IS_UNIQUE: true,
      IS_NULL_FILTERED: false,
      SPANNER_IS_MANAGED: false,
    },
    ...indexesOfListed(schema, listed).map((index) => indexFact(listed.at, index)),
  ]);

const allIndexes: Teller = (schema) => [...indexes(schema), ...searchIndexFacts(schema)];

const allIndexColumns: Teller = (schema) => [
  ...indexColumns(schema),
  ...searchIndexColumnFacts(schema),
];

const primaryKey: Fact = { INDEX_NAME: "PRIMARY_KEY", INDEX_TYPE: "PRIMARY_KEY" };

function indexFact(at: TableName, index: Index): Fact {
  const filter = index.notNullColumns.map(({ name }) => `${name} IS NOT NULL`);
  return {
    ...at,
    INDEX_NAME: splitName(index.name).name,
    INDEX_TYPE: "INDEX",
    PARENT_TABLE_NAME: index.interleavedIn ?? "",
    IS_UNIQUE: index.isUnique,
    IS_NULL_FILTERED: index.isNullFiltered,
    INDEX_STATE: "READ_WRITE",
    FILTER: filter.length === 0 ? null : filter.join(" AND "),
    SPANNER_IS_MANAGED: index.isManaged,
  };
}

const indexColumns: Teller = (schema) =>
  listTables(schema).flatMap((listed) => [
    ...keyFacts({ ...listed.at, ...primaryKey }, listed.table.primaryKey, false),
    ...indexesOfListed(schema, listed).flatMap((index) => {
      const name = { ...listed.at, INDEX_NAME: splitName(index.name).name, INDEX_TYPE: "INDEX" };
      return [
        ...keyFacts(name, index.key, index.isNullFiltered),
        ...index.storing.map((column) => columnFact(name, column, !column.isNotNull)),
      ];
    }),
  ]);

/** A NULL_FILTERED index has no row with a NULL in its key. */
function keyFacts(index: Fact, key: readonly KeyPart[], isNullFiltered: boolean): readonly Fact[] {
  return key.map(({ column, isDescending }, place) => ({
    ...columnFact(index, column, !column.isNotNull && !isNullFiltered),
    ORDINAL_POSITION: BigInt(place + 1),
    COLUMN_ORDERING: isDescending ? "DESC" : "ASC",
  }));
}

function columnFact(index: Fact, column: Column, isNullable: boolean): Fact {
  return {
    ...index,
    COLUMN_NAME: column.name,
    IS_NULLABLE: yesOrNo(isNullable),
    SPANNER_TYPE: spannerType(column),
  };
}

/** The tellers of these tables. */
export const indexTellers: Readonly<Record<string, Teller>> = {
  INDEXES: allIndexes,
  INDEX_COLUMNS: allIndexColumns,
};
