// SPDX-License-Identifier: Apache-2.0
// Functions of sequences and identity columns: what they name is found, and what it is becomes constants.
// https://cloud.google.com/spanner/docs/reference/standard-sql/sequence_functions
import { INT64 } from "@spandrel/model";
import { type CreateSequence, type FunctionCall, printExpression } from "@spandrel/sql";
import type { Expression } from "../expression/expression.ts";
import { COUNTER_STATE, NEXT_SEQUENCE_VALUE } from "../functions/sequence.ts";
import { findColumn, findTable } from "../schema/schema.ts";
import type { Analysis } from "./analysis.ts";
import { applyOperator } from "./operator-call.ts";

/** Analyzes `GET_NEXT_SEQUENCE_VALUE(SEQUENCE s)`. */
export function analyzeSequenceCall(analysis: Analysis, tree: FunctionCall): Expression {
  const { id, statement } = sequenceOf(analysis, tree, "GET_NEXT_SEQUENCE_VALUE");
  const { start, low, high } = numbersOf(statement);
  const operands = [BigInt(id), start, low, high].map(constant);
  return applyOperator(analysis, NEXT_SEQUENCE_VALUE, operands, tree);
}

/** Analyzes `GET_INTERNAL_SEQUENCE_STATE(SEQUENCE s)`. */
export function analyzeSequenceState(analysis: Analysis, tree: FunctionCall): Expression {
  const { id } = sequenceOf(analysis, tree, "GET_INTERNAL_SEQUENCE_STATE");
  return applyOperator(analysis, COUNTER_STATE, [constant(BigInt(id))], tree);
}

/** Analyzes `GET_TABLE_COLUMN_IDENTITY_STATE("Table.Column")`. */
export function analyzeIdentityState(analysis: Analysis, tree: FunctionCall): Expression {
  const [argument, ...more] = tree.arguments;
  if (argument?.kind !== "string" || more.length > 0) {
    const wanted = "takes one argument: a literal such as 'Table.Column'";
    throw analysis.error(tree, `GET_TABLE_COLUMN_IDENTITY_STATE ${wanted}`);
  }
  const parts = argument.value.replaceAll("`", "").split(".");
  const table = findTable(analysis.schema, parts.slice(0, -1).join("."));
  const column = table && findColumn(table, parts.at(-1) ?? "");
  if (column?.identity === undefined) {
    throw analysis.error(argument, `Identity column not found: ${argument.value}`);
  }
  return applyOperator(analysis, COUNTER_STATE, [constant(BigInt(column.id))], tree);
}

function sequenceOf(
  analysis: Analysis,
  tree: FunctionCall,
  name: string,
): { readonly id: number; readonly statement: CreateSequence } {
  const [argument, ...more] = tree.arguments;
  if (argument?.kind !== "object-argument" || argument.object !== "SEQUENCE" || more.length > 0) {
    throw analysis.error(tree, `${name} takes one argument: SEQUENCE and its name`);
  }
  const path = argument.name.parts.map((part) => part.name).join(".");
  const sequence = analysis.schema.definitions.get(path.toLowerCase());
  if (sequence?.statement.kind !== "create-sequence") {
    throw analysis.error(argument, `Sequence not found: ${path}`);
  }
  return { id: sequence.id, statement: sequence.statement };
}

function constant(value: bigint | undefined): Expression {
  return { kind: "constant", type: INT64, value: value ?? null, isUntyped: false };
}

/** Clauses say it in newer statements, options in older ones. */
function numbersOf({ parameters, options }: CreateSequence): {
  readonly start: bigint | undefined;
  readonly low: bigint | undefined;
  readonly high: bigint | undefined;
} {
  const option = (name: string): bigint | undefined => {
    const entry = options?.entries.find((each) => each.name.name.toLowerCase() === name);
    const text = entry === undefined ? "" : printExpression(entry.value);
    return /^-?\d+$/.test(text) ? BigInt(text) : undefined;
  };
  return {
    start: parameters.startCounterWith ?? option("start_with_counter"),
    low: parameters.skipRange?.low ?? option("skip_range_min"),
    high: parameters.skipRange?.high ?? option("skip_range_max"),
  };
}
