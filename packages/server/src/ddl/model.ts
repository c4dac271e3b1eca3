// SPDX-License-Identifier: Apache-2.0
// Machine-learning models: names of endpoints elsewhere, with the columns that go in and come out.
// https://cloud.google.com/spanner/docs/reference/standard-sql/data-definition-language#model_statements
import type { AlterModel, ColumnDefinition, CreateModel } from "@spandrel/sql";
import { tooManyModels } from "../errors/definition.ts";
import {
  modelBatchSize,
  modelColumnClause,
  modelColumnRepeated,
  modelColumnsMissing,
  modelEndpointAmbiguous,
  modelEndpointMissing,
  modelNotFound,
  modelNotRemote,
  tooManyModelColumns,
} from "../errors/model.ts";
import { primaryKeyNotExpected } from "../errors/schema.ts";
import type { Schema } from "../schema/schema.ts";
import { define, definitionsOf, replaced } from "./definition.ts";
import { modelColumnTypeName } from "./model-type.ts";
import { nameOf, requireIdentifier } from "./name.ts";
import {
  inOrderOf,
  integerOption,
  isSet,
  mergeOptions,
  type OptionRules,
  requireOptions,
} from "./options.ts";
import { type ChangeContext, type SchemaChange, unchanged } from "./schema-change.ts";

const modelOptions: OptionRules = {
  endpoint: "string",
  endpoints: "strings",
  default_batch_size: "integer",
};

const columnOptions: OptionRules = { required: "boolean" };

/** CREATE [OR REPLACE] MODEL. */
export function createModel(
  schema: Schema,
  statement: CreateModel,
  context: ChangeContext,
): SchemaChange {
  const name = nameOf(statement.name);
  requireOptions(statement.options, modelOptions, context);
  requireNoKey(statement, context);
  const present = schema.definitions.get(name.toLowerCase());
  if (present?.kind === "MODEL" && statement.ifNotExists) return unchanged(schema);
  const clean = checked(statement, name, context);
  if (present?.kind === "MODEL" && statement.orReplace) return replaced(schema, present, clean);
  const { modelsPerDatabaseMax } = context.limits;
  if (definitionsOf(schema, "MODEL").length >= modelsPerDatabaseMax) {
    throw tooManyModels(name, modelsPerDatabaseMax);
  }
  const { ifNotExists } = statement;
  return define(schema, { kind: "MODEL", name, statement: clean, ifNotExists }, context);
}

/** ALTER MODEL: its options. */
export function alterModel(
  schema: Schema,
  statement: AlterModel,
  context: ChangeContext,
): SchemaChange {
  requireOptions(statement.options, modelOptions, context);
  const name = nameOf(statement.name);
  const found = schema.definitions.get(name.toLowerCase());
  if (found?.statement.kind !== "create-model") {
    if (statement.ifExists) return unchanged(schema);
    throw modelNotFound(name);
  }
  const options = mergeOptions(found.statement.options, statement.options);
  return replaced(schema, found, checked({ ...found.statement, options }, found.name, context));
}

function requireNoKey({ input = [], output = [] }: CreateModel, { text }: ChangeContext): void {
  if ([...input, ...output].some((column) => column.primaryKey)) {
    throw primaryKeyNotExpected(text);
  }
}

/** The statement as it is kept, when all that it says is right. */
function checked(statement: CreateModel, name: string, context: ChangeContext): CreateModel {
  const { options, remote } = statement;
  if (!remote) throw modelNotRemote(name);
  const seen = new Map<string, string>();
  const columnsOf = (clause: "Input" | "Output"): readonly ColumnDefinition[] => {
    const columns = clause === "Input" ? statement.input : statement.output;
    if (columns === undefined) throw modelColumnsMissing(name, clause);
    return checkedColumns(columns, clause, name, seen, context);
  };
  const input = columnsOf("Input");
  const output = columnsOf("Output");
  if (!isSet(options, "endpoint") && !isSet(options, "endpoints")) throw modelEndpointMissing(name);
  if (isSet(options, "endpoint") && isSet(options, "endpoints")) throw modelEndpointAmbiguous(name);
  const size = integerOption(options, "default_batch_size");
  const { modelBatchSizeMax } = context.limits;
  if (size !== undefined && (size < 1n || size > BigInt(modelBatchSizeMax))) {
    throw modelBatchSize(name, size, modelBatchSizeMax);
  }
  const kept = options && { options: inOrderOf(modelOptions, options) };
  return { ...statement, orReplace: false, ifNotExists: false, input, output, ...kept };
}

function checkedColumns(
  columns: readonly ColumnDefinition[],
  clause: "Input" | "Output",
  model: string,
  seen: Map<string, string>,
  context: ChangeContext,
): readonly ColumnDefinition[] {
  const { columnsPerTableMax } = context.limits;
  if (columns.length > columnsPerTableMax) {
    throw tooManyModelColumns(model, `${clause}s`, columnsPerTableMax);
  }
  return columns.map((column) => {
    const { name } = column.name;
    requireIdentifier("Column", name, context.limits);
    requireOptions(column.options, columnOptions, context);
    requireBare(column, model);
    const type = modelColumnTypeName(column.type, { model, column: name });
    const before = seen.get(name.toLowerCase());
    if (before !== undefined) throw modelColumnRepeated(model, name, before);
    seen.set(name.toLowerCase(), name);
    return { ...column, type };
  });
}

/** @throws {StatusError} FAILED_PRECONDITION when a column says more than its name and type. */
function requireBare({ name: { name }, ...column }: ColumnDefinition, model: string): void {
  if (column.notNull) throw modelColumnClause(model, name, "NOT NULL");
  if (column.hidden) throw modelColumnClause(model, name, "HIDDEN");
  if (column.value === undefined) return;
  const isGenerated = column.value.kind === "column-generated";
  throw modelColumnClause(model, name, isGenerated ? "generated" : "default");
}
