// SPDX-License-Identifier: Apache-2.0
// What the tellers of this room share: a fact about the schema is a row by the names of its
// columns, and whatever a column is not named for is NULL.
import { printType, type Value } from "@spandrel/model";
import { type Options, printExpression } from "@spandrel/sql";
import {
  type Column,
  type Definition,
  type DefinitionKind,
  type Index,
  indexesOf,
  type Schema,
  type Table,
} from "../schema/schema.ts";
import { informationSchema, informationTables } from "./tables.ts";

/** A row of a table of the information schema. */
export type Fact = Readonly<Record<string, Value>>;

/** Tells the rows of one table. */
export type Teller = (schema: Schema) => readonly Fact[];

/** A table, and how the information schema calls it. */
export interface ListedTable {
  readonly table: Table;
  readonly at: TableName;
  /** Whether it is one of the information schema's own. */
  readonly isSystem: boolean;
}

/** The name of a table in three columns. */
export interface TableName {
  readonly [column: string]: string;
  readonly TABLE_CATALOG: string;
  readonly TABLE_SCHEMA: string;
  readonly TABLE_NAME: string;
}

/** All tables, those of the information schema last. */
export function listTables(schema: Schema): readonly ListedTable[] {
  const own = [...schema.tables.values()].map((table) => ({
    table,
    at: tableName(table.name),
    isSystem: false,
  }));
  const system = informationTables.map((table) => ({
    table,
    at: { TABLE_CATALOG: "", TABLE_SCHEMA: informationSchema, TABLE_NAME: table.plainName },
    isSystem: true,
  }));
  return [...own, ...system];
}

/** The indexes of a listed table, none for the information schema's own. */
export function indexesOfListed(
  schema: Schema,
  { table, isSystem }: ListedTable,
): readonly Index[] {
  return isSystem ? [] : indexesOf(schema, table);
}

/** The definitions of a kind, in the order of their creation. */
export function definitionsOf(schema: Schema, kind: DefinitionKind): readonly Definition[] {
  return [...schema.definitions.values()].filter((definition) => definition.kind === kind);
}

/** A name as its schema, empty for the default one, and the name within. */
export function splitName(name: string): { readonly schema: string; readonly name: string } {
  const dot = name.indexOf(".");
  return { schema: name.slice(0, Math.max(dot, 0)), name: name.slice(dot + 1) };
}

/** A table's name in three columns. */
export function tableName(whole: string): TableName {
  const { schema, name } = splitName(whole);
  return { TABLE_CATALOG: "", TABLE_SCHEMA: schema, TABLE_NAME: name };
}

/** A constraint's name in three columns. */
export function constraintName(schema: string, name: string): Fact {
  return { CONSTRAINT_CATALOG: "", CONSTRAINT_SCHEMA: schema, CONSTRAINT_NAME: name };
}

/** YES or NO, as the SQL standard has it. */
export function yesOrNo(answer: boolean): string {
  return answer ? "YES" : "NO";
}

/** A column's type as the DDL writes it, with its length. */
export function spannerType(column: Column): string {
  const { type, lengthMax, vectorLength } = column;
  if (column.isTokenList === true) return "TOKENLIST";
  const text = printType(type).replace(
    /\b(?:STRING|BYTES)\b/,
    (name) => `${name}(${lengthMax ?? "MAX"})`,
  );
  return vectorLength === undefined ? text : `${text}(vector_length=>${vectorLength})`;
}

/** The value of a literal of the DDL: a text without its quotes. */
export function optionValue(literal: string): { readonly type: string; readonly value: string } {
  if (/^['"]/.test(literal)) return { type: "STRING", value: literal.slice(1, -1) };
  if (/^(?:true|false)$/i.test(literal)) return { type: "BOOL", value: literal.toUpperCase() };
  return { type: /^[-+]?\d+$/.test(literal) ? "INT64" : "STRING", value: literal };
}

/** An option by its name and its literal. */
export function optionFact(name: string, literal: string): Fact {
  const { type, value } = optionValue(literal);
  return { OPTION_NAME: name, OPTION_TYPE: type, OPTION_VALUE: value };
}

/** The options of a statement. */
export function optionFacts(options: Options | undefined): readonly Fact[] {
  return (options?.entries ?? []).map(({ name, value }) =>
    optionFact(name.name, printExpression(value)),
  );
}
