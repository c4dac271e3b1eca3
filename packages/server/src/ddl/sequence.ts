// SPDX-License-Identifier: Apache-2.0
// Sequences. The numbers of one that is called in a default are constants of the resolved expression,
// so a change of a sequence resolves the tables that call it anew.
// https://cloud.google.com/spanner/docs/reference/standard-sql/data-definition-language#sequence_statements
import { type AlterSequence, type CreateSequence, printExpression } from "@spandrel/sql";
import { sequenceInUse, sequenceKindMissing } from "../errors/definition.ts";
import { someParts } from "../expression/walk.ts";
import { NEXT_SEQUENCE_VALUE } from "../functions/sequence.ts";
import type { Column, Definition, Schema, Table } from "../schema/schema.ts";
import { resolveTable } from "./column-expression.ts";
import { define, dropDefinition, findDefinition, mergeOptions, replaced } from "./definition.ts";
import { nameOf } from "./name.ts";
import { putTable } from "./put-table.ts";
import { type ChangeContext, type Effect, type SchemaChange, unchanged } from "./schema-change.ts";

/** CREATE SEQUENCE: its kind has to be known. */
export function createSequence(
  schema: Schema,
  statement: CreateSequence,
  context: ChangeContext,
): SchemaChange {
  const name = nameOf(statement.name);
  const isKindKnown =
    statement.parameters.bitReversedPositive ||
    statement.options?.entries.some((entry) => entry.name.name === "sequence_kind") === true ||
    schema.options?.values.has("default_sequence_kind") === true;
  if (!isKindKnown) throw sequenceKindMissing(name);
  const { ifNotExists } = statement;
  return define(schema, { kind: "SEQUENCE", name, statement, ifNotExists }, context);
}

/** ALTER SEQUENCE. */
export function alterSequence(schema: Schema, statement: AlterSequence): SchemaChange {
  const name = nameOf(statement.name);
  const found = findDefinition(schema, "SEQUENCE", name, statement.ifExists);
  if (found?.statement.kind !== "create-sequence") return unchanged(schema);
  const after = changedStatement(found.statement, statement.change);
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
