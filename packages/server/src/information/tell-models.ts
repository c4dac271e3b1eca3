// SPDX-License-Identifier: Apache-2.0
// Models, their columns and their options.
import { type ColumnDefinition, type CreateModel, printType } from "@spandrel/sql";
import type { Schema } from "../schema/schema.ts";
import { definitionsOf, type Fact, optionFacts, splitName, type Teller } from "./description.ts";

interface ListedModel {
  readonly at: Fact;
  readonly statement: CreateModel;
}

function listModels(schema: Schema): readonly ListedModel[] {
  return definitionsOf(schema, "MODEL").flatMap(({ name: whole, statement }) => {
    if (statement.kind !== "create-model") return [];
    const { schema: namedSchema, name } = splitName(whole);
    const at = { MODEL_CATALOG: "", MODEL_SCHEMA: namedSchema, MODEL_NAME: name };
    return [{ at, statement }];
  });
}

const models: Teller = (schema) =>
  listModels(schema).map(({ at, statement }) => ({ ...at, IS_REMOTE: statement.remote }));

const modelOptions: Teller = (schema) =>
  listModels(schema).flatMap(({ at, statement }) =>
    optionFacts(statement.options).map((fact) => ({ ...at, ...fact })),
  );

interface ListedColumn {
  readonly at: Fact;
  readonly column: ColumnDefinition;
  readonly place: number;
}

/** The columns of a model: what goes in, then what comes out. */
function listColumns({ at, statement }: ListedModel): readonly ListedColumn[] {
  const listed = (kind: string, columns: CreateModel["input"] = []): readonly ListedColumn[] =>
    columns.map((column, place) => ({
      at: { ...at, COLUMN_KIND: kind, COLUMN_NAME: column.name.name },
      column,
      place,
    }));
  return [...listed("INPUT", statement.input), ...listed("OUTPUT", statement.output)];
}

const modelColumns: Teller = (schema) =>
  listModels(schema)
    .flatMap(listColumns)
    .map(({ at, column, place }) => ({
      ...at,
      DATA_TYPE: printType(column.type),
      ORDINAL_POSITION: BigInt(place + 1),
      IS_EXPLICIT: true,
    }));

const modelColumnOptions: Teller = (schema) =>
  listModels(schema)
    .flatMap(listColumns)
    .flatMap(({ at, column }) => optionFacts(column.options).map((fact) => ({ ...at, ...fact })));

/** The tellers of these tables. */
export const modelTellers: Readonly<Record<string, Teller>> = {
  MODELS: models,
  MODEL_OPTIONS: modelOptions,
  MODEL_COLUMNS: modelColumns,
  MODEL_COLUMN_OPTIONS: modelColumnOptions,
};
