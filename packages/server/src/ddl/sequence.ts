// SPDX-License-Identifier: Apache-2.0
// Sequences. The numbers of one that is called in a default are constants of the resolved expression,
// so a change of a sequence resolves the tables that call it anew.
// https://cloud.google.com/spanner/docs/reference/standard-sql/data-definition-language#sequence_statements
import {
  type AlterSequence,
  type CreateSequence,
  type Options,
  printExpression,
  type SequenceParameters,
} from "@spandrel/sql";
import {
  invalidSequence,
  invalidSequenceKind,
  sequenceInUse,
  sequenceSaidTwice,
  sequenceWithoutKind,
} from "../errors/definition.ts";
import { someParts } from "../expression/walk.ts";
import { NEXT_SEQUENCE_VALUE } from "../functions/sequence.ts";
import type { Column, Definition, Schema, Table } from "../schema/schema.ts";
import { resolveTable } from "./column-expression.ts";
import { define, dropDefinition, findDefinition, replaced } from "./definition.ts";
import { nameOf } from "./name.ts";
import {
  integerOption,
  isSet,
  mergeOptions,
  type OptionRules,
  requireOptions,
  textOption,
} from "./options.ts";
import { putTable } from "./put-table.ts";
import { type ChangeContext, type Effect, type SchemaChange, unchanged } from "./schema-change.ts";

const sequenceOptions: OptionRules = {
  sequence_kind: "string",
  skip_range_min: "integer",
  skip_range_max: "integer",
  start_with_counter: "integer",
};

/** CREATE SEQUENCE: its kind has to be known. */
export function createSequence(
  schema: Schema,
  statement: CreateSequence,
  context: ChangeContext,
): SchemaChange {
  requireOptions(statement.options, sequenceOptions, context);
  const name = nameOf(statement.name);
  const { parameters, options } = statement;
  const isKindKnown =
    parameters.bitReversedPositive ||
    isSet(options, "sequence_kind") ||
    schema.options?.values.has("default_sequence_kind") === true;
  requireSaidOnce(name, statement);
  requireSequenceNumbers(parameters, options);
  if (!isKindKnown) throw sequenceWithoutKind();
  const { ifNotExists } = statement;
  return define(schema, { kind: "SEQUENCE", name, statement, ifNotExists }, context);
}

/** Clauses and options say the same, so one of them is enough. */
function requireSaidOnce(name: string, { parameters, options }: CreateSequence): void {
  const { bitReversedPositive, startCounterWith, skipRange } = parameters;
  const isClause = bitReversedPositive || startCounterWith !== undefined || skipRange !== undefined;
  if (isClause && (options?.entries.length ?? 0) > 0) throw sequenceSaidTwice(name);
}

/** @throws {StatusError} FAILED_PRECONDITION when the numbers of a sequence make no sense. */
export function requireSequenceNumbers(
  { startCounterWith, skipRange }: Pick<SequenceParameters, "startCounterWith" | "skipRange">,
  options: Options | undefined,
): void {
  const kind = textOption(options, "sequence_kind");
  if (kind !== undefined && kind !== "bit_reversed_positive") throw invalidSequenceKind(kind);
  const start = startCounterWith ?? integerOption(options, "start_with_counter");
  if (start !== undefined && start < 1n) throw invalidSequence("start");
  const low = skipRange?.low ?? integerOption(options, "skip_range_min");
  const high = skipRange?.high ?? integerOption(options, "skip_range_max");
  if ((low === undefined) !== (high === undefined)) throw invalidSequence("half a range");
  if (low === undefined || high === undefined) return;
  if (low > high) throw invalidSequence("range reversed");
  if (high < 1n) throw invalidSequence("range not positive");
}

/** ALTER SEQUENCE. */
export function alterSequence(
  schema: Schema,
  statement: AlterSequence,
  context: ChangeContext,
): SchemaChange {
  const { change } = statement;
  if (change.kind === "set-options") requireOptions(change.options, sequenceOptions, context);
  const name = nameOf(statement.name);
  const found = findDefinition(schema, "SEQUENCE", name, statement.ifExists);
  if (found?.statement.kind !== "create-sequence") return unchanged(schema);
  const after = changedStatement(found.statement, change);
  requireSaidOnce(name, after);
  requireSequenceNumbers(after.parameters, after.options);
  let changed = replaced(schema, found, after).schema;
  for (const { table } of callersOf(schema, found)) {
    changed = putTable(changed, resolveTable(changed, table));
  }
  return { schema: changed, effects: restartOf(found, statement.change) };
}

/** DROP SEQUENCE: no column may call it. */
export function dropSequence(schema: Schema, name: string, ifExists: boolean): SchemaChange {
  const found = findDefinition(schema, "SEQUENCE", name, ifExists);
  const callers = found === undefined ? [] : callersOf(schema, found);
  if (callers.length > 0) {
    throw sequenceInUse(
      name,
      callers.map(({ table, column }) => `${table.name}.${column.name}`),
    );
  }
  return dropDefinition(schema, "SEQUENCE", name, ifExists);
}

function changedStatement(before: CreateSequence, change: AlterSequence["change"]): CreateSequence {
  const { skipRange: _, ...rest } = before.parameters;
  switch (change.kind) {
    case "set-options":
      return { ...before, options: mergeOptions(before.options, change.options) };
    case "restart-counter":
      return { ...before, parameters: { ...before.parameters, startCounterWith: change.value } };
    case "set-skip-range":
      return { ...before, parameters: { ...rest, skipRange: change.range } };
    case "set-no-skip-range":
      return { ...before, parameters: rest };
  }
}

function restartOf({ id }: Definition, change: AlterSequence["change"]): readonly Effect[] {
  if (change.kind === "restart-counter") return [{ kind: "restart", id, counter: change.value }];
  if (change.kind !== "set-options") return [];
  const start = change.options.entries.find(({ name }) => name.name === "start_with_counter");
  const text = start === undefined ? "" : printExpression(start.value);
  return /^\d+$/.test(text) ? [{ kind: "restart", id, counter: BigInt(text) }] : [];
}

/** The columns whose defaults call a sequence. */
function callersOf(
  schema: Schema,
  sequence: Definition,
): readonly { readonly table: Table; readonly column: Column }[] {
  return [...schema.tables.values()].flatMap((table) =>
    table.columns
      .filter(({ defaultValue }) => defaultValue !== undefined && calls(defaultValue, sequence))
      .map((column) => ({ table, column })),
  );
}

function calls({ expression }: NonNullable<Column["defaultValue"]>, { id }: Definition): boolean {
  return someParts(expression, (part) => {
    if (part.kind !== "call" || part.overload.name !== NEXT_SEQUENCE_VALUE) return false;
    const [which] = part.arguments;
    return which?.kind === "constant" && which.value === BigInt(id);
  });
}
