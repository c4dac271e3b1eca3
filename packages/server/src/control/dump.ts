// SPDX-License-Identifier: Apache-2.0
// A database in the order in which it can be made anew: the statements of the schema, the rows of each
// table behind those that they refer to, and last what must wait until all rows are there.
//
// Tables come in the order of their creation, which puts parents before children. A foreign key that
// refers to a later table, or to its own, is added when the rows are in; then identity columns and
// sequences are told where to go on. Generated columns are left out: they follow from the others.
//
// All of it is of one moment. It is read from a fork, a few rows at a time, so that neither the size of
// the database nor what is committed meanwhile makes a difference.
import type { Value } from "@spandrel/model";
import { quoteIdentifier } from "@spandrel/sql";
import type { Database } from "../database/database.ts";
import { printSchema } from "../ddl/print.ts";
import type { Row } from "../rows/contract.ts";
import type { ForeignKey } from "../schema/constraint.ts";
import { type Column, findTable, type Schema, type Table } from "../schema/schema.ts";

/** A part of a dump. */
export type DumpPart =
  | { readonly kind: "ddl"; readonly statements: readonly string[] }
  | {
      readonly kind: "rows";
      readonly table: Table;
      readonly columns: readonly Column[];
      readonly rows: readonly Row[];
    };

/** The parts of a database, in order. */
export async function* dumpParts(source: Database): AsyncGenerator<DumpPart> {
  const database = source.fork();
  try {
    yield* partsOf(database);
  } finally {
    database.retire();
  }
}

async function* partsOf(database: Database): AsyncGenerator<DumpPart> {
  const { schema } = database;
  const deferred = new Map(
    [...schema.tables.values()].map((table) => [table, late(schema, table)]),
  );
  yield { kind: "ddl", statements: statementsOf(schema, deferred) };
  const snapshot = await database.snapshot({ kind: "strong" });
  for (const table of inOrder(schema)) {
    const columns = table.columns.filter(({ generated }) => generated === undefined);
    const { batches } = snapshot.read({
      table: table.name,
      index: "",
      columns: columns.map(({ name }) => name),
      keySet: { all: true, keys: [], ranges: [] },
      limit: 0n,
    });
    for await (const rows of batches) yield { kind: "rows", table, columns, rows };
  }
  const statements = [
    ...inOrder(schema).flatMap((table) =>
      (deferred.get(table) ?? []).map((key) => printAddForeignKey(table, key)),
    ),
    ...restarts(schema, database.counters),
  ];
  if (statements.length > 0) yield { kind: "ddl", statements };
}

function inOrder(schema: Schema): readonly Table[] {
  return [...schema.tables.values()].sort((left, right) => left.id - right.id);
}

/**
 * The foreign keys that are added when the rows are in: from the first one on that cannot be kept
 * before, so that their order stays.
 */
function late(schema: Schema, { id, foreignKeys }: Table): readonly ForeignKey[] {
  const first = foreignKeys.findIndex(({ referencedTable }) => {
    const referenced = findTable(schema, referencedTable);
    return referenced === undefined || referenced.id >= id;
  });
  return first < 0 ? [] : foreignKeys.slice(first);
}

/** Named schemas and sequences come first: a table that is older may have come to use them. */
const comesFirst = /^(?:ALTER DATABASE|CREATE SCHEMA|CREATE SEQUENCE)\b/;

function statementsOf(
  schema: Schema,
  deferred: ReadonlyMap<Table, readonly ForeignKey[]>,
): readonly string[] {
  const tables = new Map(
    [...schema.tables].map(([key, table]) => {
      const count = table.foreignKeys.length - (deferred.get(table)?.length ?? 0);
      return [key, { ...table, foreignKeys: table.foreignKeys.slice(0, count) }];
    }),
  );
  const statements = printSchema({ ...schema, tables });
  return [
    ...statements.filter((text) => comesFirst.test(text)),
    ...statements.filter((text) => !comesFirst.test(text)),
  ];
}

function printAddForeignKey(table: Table, key: ForeignKey): string {
  const bare = key.name.slice(key.name.lastIndexOf(".") + 1);
  const named = key.isNameGiven ? `CONSTRAINT ${quoteIdentifier(bare)} ` : "";
  const onDelete = key.onDelete === undefined ? "" : ` ON DELETE ${key.onDelete}`;
  const enforced = key.isEnforced ? "" : " NOT ENFORCED";
  const columns = key.columns.map(quoteIdentifier).join(", ");
  const referenced = key.referencedColumns.map(quoteIdentifier).join(", ");
  return (
    `ALTER TABLE ${printPath(table.name)} ADD ${named}FOREIGN KEY(${columns}) ` +
    `REFERENCES ${printPath(key.referencedTable)}(${referenced})${onDelete}${enforced}`
  );
}

function restarts(schema: Schema, counters: ReadonlyMap<number, bigint>): readonly string[] {
  const statements: string[] = [];
  for (const { id, name, statement } of schema.definitions.values()) {
    const counter = counters.get(id);
    if (statement.kind !== "create-sequence" || counter === undefined) continue;
    // A sequence is told of itself in options or in clauses, never in both.
    const isOfOptions = (statement.options?.entries.length ?? 0) > 0;
    const restart = isOfOptions
      ? `SET OPTIONS (start_with_counter = ${counter})`
      : `RESTART COUNTER WITH ${counter}`;
    statements.push(`ALTER SEQUENCE ${printPath(name)} ${restart}`);
  }
  for (const table of inOrder(schema)) {
    for (const { id, name, identity } of table.columns) {
      const counter = counters.get(id);
      if (identity === undefined || counter === undefined) continue;
      statements.push(
        `ALTER TABLE ${printPath(table.name)} ALTER COLUMN ${quoteIdentifier(name)} ` +
          `ALTER IDENTITY RESTART COUNTER WITH ${counter}`,
      );
    }
  }
  return statements;
}

/** A name, with its named schema when it has one. */
export function printPath(name: string): string {
  return name.split(".").map(quoteIdentifier).join(".");
}

/** The rows of a part with their columns, one after the other. */
export function* cellsOf(
  columns: readonly Column[],
  row: Row,
): Generator<readonly [column: Column, value: Value]> {
  for (const [place, column] of columns.entries()) yield [column, row[place] ?? null];
}
