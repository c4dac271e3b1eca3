// SPDX-License-Identifier: Apache-2.0
// INFORMATION_SCHEMA: a schema described as rows. Its tables are tables like others to the
// analyzer and the planner, with keys that can be sought; their rows are made from the schema when
// they are first read, kept for as long as that schema lives, and never stored.
//
// Here stands what the tables are: their names, columns, types, and keys. What is in them is told
// in the other files of this room, a file for each kind of thing. Tables for things that this
// server does not have (functions, property graphs …) are there and empty, as they are in a database
// without such things.
//
// Nobody is kept from seeing anything: rows are not filtered by roles.
// https://cloud.google.com/spanner/docs/information-schema
import { arrayOf, BOOL, INT64, JSON_TYPE, STRING, type Type } from "@spandrel/model";
import { type Column, plainColumn, plainTable, type Table } from "../schema/schema.ts";

/** The name of the schema, as it tells itself. */
export const informationSchema = "INFORMATION_SCHEMA";

/** A table of the information schema. */
export interface InformationTable extends Table {
  /** Without the name of the schema. */
  readonly plainName: string;
}

// Names of columns: `?` may be NULL, `:` a type other than STRING, `*` part of the key in this
// order, `^` the last part of the key, a column named before.
const catalogTableColumn = "TABLE_CATALOG* TABLE_SCHEMA* TABLE_NAME* COLUMN_NAME*";
const catalogTable = "TABLE_CATALOG* TABLE_SCHEMA* TABLE_NAME*";
const table = "TABLE_CATALOG TABLE_SCHEMA TABLE_NAME";
const constraint = "CONSTRAINT_CATALOG* CONSTRAINT_SCHEMA* CONSTRAINT_NAME*";
const stream = "CHANGE_STREAM_CATALOG* CHANGE_STREAM_SCHEMA* CHANGE_STREAM_NAME*";
const routine = "SPECIFIC_CATALOG* SPECIFIC_SCHEMA* SPECIFIC_NAME*";
const model = "MODEL_CATALOG* MODEL_SCHEMA* MODEL_NAME*";
const option = "OPTION_NAME* OPTION_TYPE OPTION_VALUE";
const grant = "GRANTOR? GRANTEE*";

const declarations: Readonly<Record<string, string>> = {
  SCHEMATA: "CATALOG_NAME* SCHEMA_NAME* SCHEMA_OWNER? EFFECTIVE_TIMESTAMP?:INT64 PROTO_BUNDLE?",
  DATABASE_OPTIONS: `CATALOG_NAME* SCHEMA_NAME* ${option}`,
  PLACEMENTS: "PLACEMENT_NAME* IS_DEFAULT:BOOL",
  PLACEMENT_OPTIONS: `PLACEMENT_NAME* ${option}`,
  LOCALITY_GROUP_OPTIONS: "LOCALITY_GROUP_NAME* OPTION_NAME* OPTION_VALUE",
  TABLES: `${catalogTable} TABLE_TYPE:STRING(32) PARENT_TABLE_NAME? ON_DELETE_ACTION?
    SPANNER_STATE? INTERLEAVE_TYPE? ROW_DELETION_POLICY_EXPRESSION?`,
  COLUMNS: `${catalogTableColumn} ORDINAL_POSITION:INT64 COLUMN_DEFAULT? DATA_TYPE? IS_NULLABLE?
    SPANNER_TYPE? IS_GENERATED GENERATION_EXPRESSION? IS_STORED? IS_HIDDEN:BOOL
    ON_UPDATE_EXPRESSION? SPANNER_STATE? IS_IDENTITY IDENTITY_GENERATION? IDENTITY_KIND?
    IDENTITY_START_WITH_COUNTER? IDENTITY_SKIP_RANGE_MIN? IDENTITY_SKIP_RANGE_MAX?`,
  COLUMN_COLUMN_USAGE: `${catalogTableColumn} DEPENDENT_COLUMN*`,
  COLUMN_OPTIONS: `${catalogTableColumn} ${option}`,
  COLUMN_PRIVILEGES: `${catalogTableColumn} PRIVILEGE_TYPE* GRANTEE*`,
  TABLE_PRIVILEGES: `${catalogTable} PRIVILEGE_TYPE* GRANTEE*`,
  TABLE_SYNONYMS: `${catalogTable} SYNONYM_CATALOG* SYNONYM_SCHEMA* SYNONYM_TABLE_NAME*`,
  TABLE_CONSTRAINTS: `${constraint} ${table} CONSTRAINT_TYPE IS_DEFERRABLE INITIALLY_DEFERRED
    ENFORCED`,
  CONSTRAINT_TABLE_USAGE: `${catalogTable} ${constraint}`,
  REFERENTIAL_CONSTRAINTS: `${constraint} UNIQUE_CONSTRAINT_CATALOG? UNIQUE_CONSTRAINT_SCHEMA?
    UNIQUE_CONSTRAINT_NAME? MATCH_OPTION UPDATE_RULE DELETE_RULE SPANNER_STATE`,
  CHECK_CONSTRAINTS: `${constraint} CHECK_CLAUSE SPANNER_STATE`,
  KEY_COLUMN_USAGE: `${constraint} ${table} COLUMN_NAME* ORDINAL_POSITION:INT64
    POSITION_IN_UNIQUE_CONSTRAINT?:INT64`,
  CONSTRAINT_COLUMN_USAGE: `${table} COLUMN_NAME ${constraint} ^COLUMN_NAME`,
  INDEXES: `${catalogTable} INDEX_NAME* INDEX_TYPE* PARENT_TABLE_NAME IS_UNIQUE:BOOL
    IS_NULL_FILTERED:BOOL INDEX_STATE?:STRING(100) FILTER? SPANNER_IS_MANAGED:BOOL
    SEARCH_PARTITION_BY?:ARRAY SEARCH_ORDER_BY?:ARRAY`,
  INDEX_COLUMNS: `${catalogTable} INDEX_NAME* INDEX_TYPE* COLUMN_NAME* ORDINAL_POSITION?:INT64
    COLUMN_ORDERING? IS_NULLABLE? SPANNER_TYPE?`,
  INDEX_OPTIONS: `${catalogTable} INDEX_NAME* INDEX_TYPE* ${option}`,
  SEQUENCES: "CATALOG* SCHEMA* NAME* DATA_TYPE?",
  SEQUENCE_OPTIONS: `CATALOG* SCHEMA* NAME* ${option}`,
  SPANNER_STATISTICS: "CATALOG_NAME* SCHEMA_NAME* PACKAGE_NAME* ALLOW_GC:BOOL",
  VIEWS: `${catalogTable} VIEW_DEFINITION? SECURITY_TYPE`,
  ROLES: "ROLE_NAME* IS_SYSTEM:BOOL",
  ROLE_GRANTEES: "ROLE_NAME* GRANTEE*",
  ROLE_TABLE_GRANTS: `${grant} ${catalogTable} PRIVILEGE_TYPE* IS_GRANTABLE`,
  ROLE_COLUMN_GRANTS: `${grant} ${catalogTableColumn} PRIVILEGE_TYPE* IS_GRANTABLE`,
  ROLE_CHANGE_STREAM_GRANTS: `${stream} PRIVILEGE_TYPE* GRANTEE*`,
  ROLE_MODEL_GRANTS: `${grant} ${model} PRIVILEGE_TYPE* IS_GRANTABLE`,
  ROLE_ROUTINE_GRANTS: `${grant} ${routine} PRIVILEGE_TYPE* IS_GRANTABLE`,
  CHANGE_STREAMS: `${stream} ALL:BOOL`,
  CHANGE_STREAM_TABLES: `${stream} ${catalogTable} ALL_COLUMNS:BOOL`,
  CHANGE_STREAM_COLUMNS: `${stream} ${catalogTableColumn}`,
  CHANGE_STREAM_OPTIONS: `${stream} ${option}`,
  CHANGE_STREAM_PRIVILEGES: `${stream} PRIVILEGE_TYPE* GRANTEE*`,
  ROUTINES: `${routine} ROUTINE_CATALOG ROUTINE_SCHEMA ROUTINE_NAME ROUTINE_TYPE DATA_TYPE?
    ROUTINE_BODY ROUTINE_DEFINITION? SECURITY_TYPE`,
  ROUTINE_OPTIONS: `${routine} ${option}`,
  ROUTINE_PRIVILEGES: `${routine} PRIVILEGE_TYPE* GRANTEE*`,
  PARAMETERS: `${routine} ORDINAL_POSITION*:INT64 PARAMETER_NAME DATA_TYPE PARAMETER_DEFAULT?`,
  MODELS: `${model} IS_REMOTE:BOOL`,
  MODEL_OPTIONS: `${model} ${option}`,
  MODEL_COLUMNS: `${model} COLUMN_KIND* COLUMN_NAME* DATA_TYPE ORDINAL_POSITION:INT64
    IS_EXPLICIT:BOOL`,
  MODEL_COLUMN_OPTIONS: `${model} COLUMN_KIND* COLUMN_NAME* ${option}`,
  MODEL_PRIVILEGES: `${model} PRIVILEGE_TYPE* GRANTEE*`,
  PROPERTY_GRAPHS: `PROPERTY_GRAPH_CATALOG* PROPERTY_GRAPH_SCHEMA* PROPERTY_GRAPH_NAME*
    PROPERTY_GRAPH_METADATA_JSON:JSON`,
};

const types: Readonly<Record<string, { readonly type: Type; readonly lengthMax?: number }>> = {
  INT64: { type: INT64 },
  BOOL: { type: BOOL },
  JSON: { type: JSON_TYPE },
  ARRAY: { type: arrayOf(STRING) },
  "STRING(32)": { type: STRING, lengthMax: 32 },
  "STRING(100)": { type: STRING, lengthMax: 100 },
};

/** All tables of the information schema, in the order of their names. */
export const informationTables: readonly InformationTable[] = Object.keys(declarations)
  .sort()
  .map((name, place) => declare(name, declarations[name] ?? "", -1 - place * 100));

const byName = new Map(informationTables.map((each) => [each.name.toLowerCase(), each]));
const members = new WeakSet<Table>(informationTables);

/** Finds a table of the information schema by its whole name, in any case. */
export function findInformationTable(name: string): InformationTable | undefined {
  return byName.get(name.toLowerCase());
}

/** Whether a table is one of the information schema. */
export function isInformationTable(each: Table): each is InformationTable {
  return members.has(each);
}

/** Ids of tables that are never stored are negative, so that they are nobody else's. */
function declare(plainName: string, declaration: string, id: number): InformationTable {
  const words = declaration.split(/\s+/);
  const columns = words
    .filter((word) => !word.startsWith("^"))
    .map((word, place) => columnOf(word, id - 1 - place));
  const inOrder = columns.filter(({ name }) => words.some((word) => word.startsWith(`${name}*`)));
  const last = columns.filter(({ name }) => words.includes(`^${name}`));
  return {
    ...plainTable,
    id,
    name: `${informationSchema}.${plainName}`,
    plainName,
    columns,
    primaryKey: [...inOrder, ...last].map((column) => ({ column, isDescending: false })),
  };
}

function columnOf(word: string, id: number): Column {
  const [marked = "", typeName = ""] = word.split(":");
  const { type, lengthMax } = types[typeName] ?? { type: STRING };
  return {
    ...plainColumn,
    id,
    name: marked.replace(/[*?]$/, ""),
    type,
    lengthMax,
    isNotNull: !marked.endsWith("?"),
  };
}
