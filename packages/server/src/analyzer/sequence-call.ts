// SPDX-License-Identifier: Apache-2.0
// `GET_NEXT_SEQUENCE_VALUE(SEQUENCE s)`: the sequence is found, and its options become constants.
import { INT64 } from "@spandrel/model";
import { type CreateSequence, type FunctionCall, printExpression } from "@spandrel/sql";
import type { Expression } from "../expression/expression.ts";
import { NEXT_SEQUENCE_VALUE } from "../functions/sequence.ts";
import type { Analysis } from "./analysis.ts";
import { applyOperator } from "./operator-call.ts";

/** Analyzes the call. */
export function analyzeSequenceCall(analysis: Analysis, tree: FunctionCall): Expression {
  const [argument, ...more] = tree.arguments;
  if (argument?.kind !== "object-argument" || argument.object !== "SEQUENCE" || more.length > 0) {
    throw analysis.error(tree, "GET_NEXT_SEQUENCE_VALUE takes one argument: SEQUENCE and its name");
  }
  const name = argument.name.parts.map((part) => part.name).join(".");
  const sequence = analysis.schema.definitions.get(name.toLowerCase());
  if (sequence?.statement.kind !== "create-sequence") {
    throw analysis.error(argument, `Sequence not found: ${name}`);
  }
  const { start, low, high } = numbersOf(sequence.statement);
  const operands = [BigInt(sequence.id), start, low, high].map(constant);
  return applyOperator(analysis, NEXT_SEQUENCE_VALUE, operands, tree);
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
