// SPDX-License-Identifier: Apache-2.0
// A schema as the statements that would make it, in the form of GetDatabaseDdl: tables and indexes in
// the order of their creation.
// https://cloud.google.com/spanner/docs/reference/rpc/google.spanner.admin.database.v1#getdatabaseddlresponse
import { quoteIdentifier } from "@spandrel/sql";
import type { Column, Index, KeyPart, Schema, Table } from "../schema/schema.ts";
import { printColumnType } from "./column-type.ts";

/** Every statement, without a final semicolon. */
export function printSchema(schema: Schema): readonly string[] {
  const things: { readonly id: number; readonly text: string }[] = [];
  for (const table of schema.tables.values())
    things.push({ id: table.id, text: printTable(table) });
  for (const index of schema.indexes.values())
    things.push({ id: index.id, text: printIndex(index) });
  return things.sort((left, right) => left.id - right.id).map(({ text }) => text);
}

function printTable(table: Table): string {
  const columns = table.columns.map((column) => `  ${printColumn(column)},\n`).join("");
  const key = printKeyParts(table.primaryKey);
  return `CREATE TABLE ${quoteIdentifier(table.name)} (\n${columns}) PRIMARY KEY(${key})${printInterleave(table)}`;
}

function printInterleave({ interleave }: Table): string {
  if (interleave === undefined) return "";
  const parent = quoteIdentifier(interleave.parent);
  if (interleave.kind === "IN") return `,\n  INTERLEAVE IN ${parent}`;
  const onDelete = interleave.onDelete === "CASCADE" ? " ON DELETE CASCADE" : "";
  return `,\n  INTERLEAVE IN PARENT ${parent}${onDelete}`;
}

function printColumn(column: Column): string {
  const notNull = column.isNotNull ? " NOT NULL" : "";
  const options =
    column.allowsCommitTimestamp === undefined
      ? ""
      : ` OPTIONS (\n    allow_commit_timestamp = ${column.allowsCommitTimestamp}\n  )`;
  return `${quoteIdentifier(column.name)} ${printColumnType(column)}${notNull}${options}`;
}

function printIndex(index: Index): string {
  const unique = index.isUnique ? "UNIQUE " : "";
  const nullFiltered = index.isNullFiltered ? "NULL_FILTERED " : "";
  const stored = index.storing.map(({ name }) => quoteIdentifier(name)).join(", ");
  const storing = stored === "" ? "" : ` STORING (${stored})`;
  const parent =
    index.interleavedIn === undefined
      ? ""
      : `, INTERLEAVE IN ${quoteIdentifier(index.interleavedIn)}`;
  const name = quoteIdentifier(index.name);
  const on = `${quoteIdentifier(index.table)}(${printKeyParts(index.key)})`;
  return `CREATE ${unique}${nullFiltered}INDEX ${name} ON ${on}${storing}${parent}`;
}

function printKeyParts(parts: readonly KeyPart[]): string {
  return parts
    .map(
      ({ column, isDescending }) => `${quoteIdentifier(column.name)}${isDescending ? " DESC" : ""}`,
    )
    .join(", ");
}
