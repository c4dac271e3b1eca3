// SPDX-License-Identifier: Apache-2.0
// The database itself, its schemas, and what holds no rows: sequences, change streams and roles.

import type { ChangeStreamWatch, Options, SequenceParameters, WatchedTable } from "@spandrel/sql";
import type { Definition, Schema } from "../schema/schema.ts";
import {
  definitionsOf,
  type Fact,
  optionFact,
  optionFacts,
  splitName,
  type Teller,
  tableName,
} from "./description.ts";
import { informationSchema } from "./tables.ts";

const schemata: Teller = (schema) =>
  [
    "",
    informationSchema,
    "SPANNER_SYS",
    ...definitionsOf(schema, "SCHEMA").map(({ name }) => name),
  ].map((name) => ({ CATALOG_NAME: "", SCHEMA_NAME: name }));

/** The dialect is always told: clients ask for it first of all. */
const databaseOptions: Teller = (schema) => {
  const values = new Map([["database_dialect", "'GOOGLE_STANDARD_SQL'"]]);
  for (const [name, literal] of schema.options?.values ?? []) values.set(name, literal);
  return [...values].map(([name, literal]) => ({
    CATALOG_NAME: "",
    SCHEMA_NAME: "",
    ...optionFact(name, literal),
  }));
};

function sequenceName({ name: whole }: Definition): Fact {
  const { schema, name } = splitName(whole);
  return { CATALOG: "", SCHEMA: schema, NAME: name };
}

const sequences: Teller = (schema) =>
  definitionsOf(schema, "SEQUENCE").map((sequence) => ({
    ...sequenceName(sequence),
    DATA_TYPE: "INT64",
  }));

const sequenceOptions: Teller = (schema) =>
  definitionsOf(schema, "SEQUENCE").flatMap((sequence) => {
    const { statement } = sequence;
    if (statement.kind !== "create-sequence") return [];
    const facts = [...optionFacts(statement.options), ...parameterFacts(statement.parameters)];
    return facts.map((fact) => ({ ...sequenceName(sequence), ...fact }));
  });

/** Clauses such as START COUNTER WITH are told as the options that they stand for. */
function parameterFacts(parameters: SequenceParameters): readonly Fact[] {
  const { bitReversedPositive, startCounterWith: start, skipRange } = parameters;
  return [
    ...(bitReversedPositive ? [optionFact("sequence_kind", "'bit_reversed_positive'")] : []),
    ...(start === undefined ? [] : [optionFact("start_with_counter", `${start}`)]),
    ...(skipRange === undefined
      ? []
      : [
          optionFact("skip_range_min", `${skipRange.low}`),
          optionFact("skip_range_max", `${skipRange.high}`),
        ]),
  ];
}

interface ListedStream {
  readonly at: Fact;
  readonly watch: ChangeStreamWatch | undefined;
  readonly options: Options | undefined;
}

function listStreams(schema: Schema): readonly ListedStream[] {
  return definitionsOf(schema, "CHANGE STREAM").flatMap(({ name: whole, statement }) => {
    if (statement.kind !== "create-change-stream") return [];
    const { schema, name } = splitName(whole);
    const at = {
      CHANGE_STREAM_CATALOG: "",
      CHANGE_STREAM_SCHEMA: schema,
      CHANGE_STREAM_NAME: name,
    };
    return { at, watch: statement.watch, options: statement.options };
  });
}

function watchedTables({ watch }: ListedStream): readonly WatchedTable[] {
  return watch?.kind === "tables" ? watch.tables : [];
}

function watchedName({ table }: WatchedTable): Fact {
  return tableName(table.parts.map(({ name }) => name).join("."));
}

const changeStreams: Teller = (schema) =>
  listStreams(schema).map(({ at, watch }) => ({ ...at, ALL: watch?.kind === "all" }));

const changeStreamTables: Teller = (schema) =>
  listStreams(schema).flatMap((stream) =>
    watchedTables(stream).map((watched) => ({
      ...stream.at,
      ...watchedName(watched),
      ALL_COLUMNS: watched.columns === undefined,
    })),
  );

const changeStreamColumns: Teller = (schema) =>
  listStreams(schema).flatMap((stream) =>
    watchedTables(stream).flatMap((watched) =>
      (watched.columns ?? []).map(({ name }) => ({
        ...stream.at,
        ...watchedName(watched),
        COLUMN_NAME: name,
      })),
    ),
  );

const changeStreamOptions: Teller = (schema) =>
  listStreams(schema).flatMap(({ at, options }) =>
    optionFacts(options).map((fact) => ({ ...at, ...fact })),
  );

/** The function of each change stream that gives its records. */
const routines: Teller = (schema) =>
  definitionsOf(schema, "CHANGE STREAM").map(({ name: whole }) => {
    const { schema: namedSchema, name } = splitName(whole);
    return {
      SPECIFIC_CATALOG: "",
      SPECIFIC_SCHEMA: namedSchema,
      SPECIFIC_NAME: `READ_${name}`,
      ROUTINE_CATALOG: "",
      ROUTINE_SCHEMA: namedSchema,
      ROUTINE_NAME: `READ_${name}`,
      ROUTINE_TYPE: "TABLE FUNCTION",
      ROUTINE_BODY: "EXTERNAL",
      SECURITY_TYPE: "INVOKER",
    };
  });

const roles: Teller = (schema) => [
  ...["public", "spanner_info_reader", "spanner_sys_reader"].map((name) => ({
    ROLE_NAME: name,
    IS_SYSTEM: true,
  })),
  ...definitionsOf(schema, "ROLE").map(({ name }) => ({ ROLE_NAME: name, IS_SYSTEM: false })),
];

/** The tellers of these tables. */
export const definitionTellers: Readonly<Record<string, Teller>> = {
  SCHEMATA: schemata,
  DATABASE_OPTIONS: databaseOptions,
  SEQUENCES: sequences,
  SEQUENCE_OPTIONS: sequenceOptions,
  CHANGE_STREAMS: changeStreams,
  CHANGE_STREAM_TABLES: changeStreamTables,
  CHANGE_STREAM_COLUMNS: changeStreamColumns,
  CHANGE_STREAM_OPTIONS: changeStreamOptions,
  ROLES: roles,
  ROUTINES: routines,
};
