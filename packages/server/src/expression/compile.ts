// SPDX-License-Identifier: Apache-2.0
// Turns an expression into a function over rows, once; evaluating a row then walks no tree. What is
// decided by types and overloads is decided here, not for every row.
//
// Evaluation is synchronous. A subquery has been run by whoever evaluates the row, and its outcome
// lies in the frame; a subquery that failed throws only when its value is asked for, so that the
// branch of an IF that is not taken does no harm.
import { BugError, StatusError } from "@spandrel/base";
import type { Type, Value } from "@spandrel/model";
import { parameterNotBound } from "../errors/query.ts";
import { castBetween } from "../functions/cast.ts";
import { equalityOf } from "../functions/comparison.ts";
import { hashKeyOf } from "../functions/hash-key.ts";
import type { Evaluate } from "../functions/signature.ts";
import { PENDING_COMMIT_TIMESTAMP } from "./commit-timestamp.ts";
import type {
  Binding,
  Call,
  Cast,
  Conditional,
  Expression,
  Lambda,
  Logical,
  Membership,
  SubqueryReference,
} from "./expression.ts";
import type { Evaluator, Frame, SubqueryOutcome } from "./frame.ts";
import { comparisonOf, type IntegerEvaluator, integerEvaluator } from "./integer.ts";
import type { Layout } from "./layout.ts";
import { SubqueryWanted } from "./subquery-wanted.ts";

/** The layout of a table's own expressions: a column's number is its position. */
const tableLayout: Layout = (column) => column;

/** Makes the function that evaluates an expression over rows of a layout. */
export function compile(expression: Expression, layout: Layout = tableLayout): Evaluator {
  switch (expression.kind) {
    case "constant": {
      const { value } = expression;
      return () => value;
    }
    case "parameter": {
      const { name } = expression;
      return (_row, frame) => parameterOf(name, frame);
    }
    case "column":
      return compileColumn(expression.column, layout);
    case "call":
      return compileCall(expression, layout);
    case "and":
    case "or":
      return compileLogical(expression, layout);
    case "conditional":
      return compileConditional(expression, layout);
    case "coalesce": {
      const operands = expression.operands.map((operand) => compile(operand, layout));
      return (row, frame) => firstNotNull(operands, row, frame);
    }
    case "is error":
    case "if error": {
      const operand = compile(expression.operand, layout);
      const { otherwise, kind } = expression;
      const other = otherwise === undefined ? () => null : compile(otherwise, layout);
      if (kind === "if error") {
        return (row, frame) =>
          attempt(
            () => operand(row, frame),
            () => other(row, frame),
          );
      }
      return (row, frame) =>
        attempt(
          () => {
            operand(row, frame);
            return false;
          },
          () => true,
        );
    }
    case "cast":
      return compileCast(expression, layout);
    case "in":
      return compileMembership(expression, layout);
    case "array": {
      const elements = expression.elements.map((element) => compile(element, layout));
      return (row, frame) => elements.map((element) => element(row, frame));
    }
    case "struct": {
      const fields = expression.fields.map((field) => compile(field, layout));
      return (row, frame) => fields.map((field) => field(row, frame));
    }
    case "field": {
      const operand = compile(expression.operand, layout);
      const { index } = expression;
      return (row, frame) => {
        const value = operand(row, frame);
        // The operand's type is a struct, so its value is a list of fields.
        return value === null ? null : ((value as readonly Value[])[index] ?? null);
      };
    }
    case "binding":
      return compileBinding(expression, layout);
    case "lambda":
      throw new BugError("a lambda is compiled by the call that it is an argument of");
    case "subquery":
      return compileSubquery(expression, layout);
    case "commit timestamp":
      return () => PENDING_COMMIT_TIMESTAMP;
  }
}

/** Makes the function that evaluates an expression of type INT64, without bigints where it can. */
export function compileInteger(expression: Expression, layout: Layout): IntegerEvaluator {
  return integerEvaluator(expression, layout, compile);
}

function parameterOf(name: string, frame: Frame): Value {
  const value = frame.parameters.get(name);
  if (value === undefined) throw parameterNotBound(name);
  return value;
}

function compileColumn(column: number, layout: Layout): Evaluator {
  const place = layout(column);
  if (place === undefined) return (_row, frame) => frame.bound[column] ?? null;
  if (typeof place === "number") return (row) => row[place] ?? null;
  const { cell, packed } = place;
  return (row) => {
    const stored = row[cell] as string | null; // what a packed place says
    return stored === null ? null : packed.value(stored);
  };
}

function firstNotNull(operands: readonly Evaluator[], row: readonly Value[], frame: Frame): Value {
  for (const operand of operands) {
    const value = operand(row, frame);
    if (value !== null) return value;
  }
  return null;
}

/** Does something else where an evaluation fails. Mistakes of our own are not evaluations. */
function attempt(evaluate: () => Value, otherwise: () => Value): Value {
  try {
    return evaluate();
  } catch (error) {
    if (!(error instanceof StatusError) || error instanceof SubqueryWanted) throw error;
    return otherwise();
  }
}

type Argument = (row: readonly Value[], frame: Frame) => Value;

/** A lambda's function travels as a value among the arguments; only the overload looks at it. */
function compileArgument(argument: Expression | undefined, layout: Layout): Argument {
  if (argument === undefined) return () => undefined as unknown as Value;
  if (argument.kind !== "lambda") return compile(argument, layout);
  return compileLambda(argument, layout);
}

function compileLambda(lambda: Lambda, layout: Layout): Argument {
  const hidden = new Set(lambda.parameters);
  const body = compile(lambda.body, (column) => (hidden.has(column) ? undefined : layout(column)));
  return (row, frame) => {
    const evaluate = (...values: readonly Value[]): Value => {
      lambda.parameters.forEach((column, index) => {
        frame.bound[column] = values[index] ?? null;
      });
      return body(row, frame);
    };
    return evaluate as unknown as Value;
  };
}

function compileCall(call: Call, layout: Layout): Evaluator {
  const { overload, arguments: given, type } = call;
  const comparison = comparisonOf(call, layout, compileInteger);
  if (comparison !== undefined) return comparison;
  const types = given.map((argument): Type => argument?.type ?? type);
  const plain = overload.prepare(types, type);
  // SAFE covers the function itself, not the evaluation of its arguments.
  const evaluate: Evaluate = call.isSafe
    ? (...values) =>
        attempt(
          () => plain(...values),
          () => null,
        )
    : plain;
  const operands = given.map((argument) => compileArgument(argument, layout));
  if (overload.takesContext) return callInContext(evaluate, operands, overload.isNullPropagating);
  if (!overload.isNullPropagating) {
    return (row, frame) => evaluate(...operands.map((operand) => operand(row, frame)));
  }
  return callByArity(evaluate, operands);
}

function callByArity(evaluate: Evaluate, operands: readonly Argument[]): Evaluator {
  const [first, second, third] = operands;
  if (first === undefined) return () => evaluate();
  if (second === undefined) {
    return (row, frame) => {
      const value = first(row, frame);
      return value === null ? null : evaluate(value);
    };
  }
  if (third === undefined) {
    return (row, frame) => {
      const left = first(row, frame);
      const right = second(row, frame);
      return left === null || right === null ? null : evaluate(left, right);
    };
  }
  return (row, frame) => {
    const values = operands.map((operand) => operand(row, frame));
    return values.includes(null) ? null : evaluate(...values);
  };
}

function callInContext(
  evaluate: Evaluate,
  operands: readonly Argument[],
  isNullPropagating: boolean,
): Evaluator {
  // The context goes first, though it is no value: the overload said that it takes one.
  const inContext = evaluate as unknown as (context: unknown, ...values: readonly Value[]) => Value;
  return (row, frame) => {
    const values = operands.map((operand) => operand(row, frame));
    if (isNullPropagating && values.includes(null)) return null;
    return inContext(frame.context, ...values);
  };
}

function compileLogical({ kind, operands }: Logical, layout: Layout): Evaluator {
  const evaluators = operands.map((operand) => compile(operand, layout));
  const decisive = kind === "or";
  return (row, frame) => {
    let answer: Value = !decisive;
    for (const evaluate of evaluators) {
      const value = evaluate(row, frame);
      if (value === decisive) return decisive;
      if (value === null) answer = null;
    }
    return answer;
  };
}

function compileConditional({ branches, otherwise }: Conditional, layout: Layout): Evaluator {
  const compiled = branches.map(({ when, result }) => ({
    when: compile(when, layout),
    result: compile(result, layout),
  }));
  const other = compile(otherwise, layout);
  return (row, frame) => {
    for (const { when, result } of compiled) {
      if (when(row, frame) === true) return result(row, frame);
    }
    return other(row, frame);
  };
}

function compileCast({ operand, type, isSafe }: Cast, layout: Layout): Evaluator {
  const evaluate = compile(operand, layout);
  const plain = castBetween(operand.type, type);
  if (plain === undefined) throw new BugError(`no cast from ${operand.type.kind} to ${type.kind}`);
  // What fails within the operand fails: SAFE_CAST covers the cast alone.
  const cast: typeof plain = isSafe
    ? (value, context) =>
        attempt(
          () => plain(value, context),
          () => null,
        )
    : plain;
  return (row, frame) => {
    const value = evaluate(row, frame);
    return value === null ? null : cast(value, frame.context);
  };
}

function compileMembership({ operand, elements, array }: Membership, layout: Layout): Evaluator {
  const value = compile(operand, layout);
  const equal = equalityOf(operand.type);
  if (array !== undefined) {
    const list = compile(array, layout);
    return (row, frame) => {
      const wanted = value(row, frame);
      const values = list(row, frame);
      // The analyzer lets nothing but an array stand after IN UNNEST; a NULL array is empty.
      return values === null ? false : isMember(wanted, values as readonly Value[], equal);
    };
  }
  const list = elements ?? [];
  if (list.length > 8 && list.every((element) => element.kind === "constant")) {
    const found = memberSet(
      list.map((element) => (element.kind === "constant" ? element.value : null)),
      operand.type,
    );
    return (row, frame) => found(value(row, frame));
  }
  const evaluators = list.map((element) => compile(element, layout));
  return (row, frame) => {
    const wanted = value(row, frame);
    if (wanted === null) return null;
    let answer: Value = false;
    for (const evaluate of evaluators) {
      const same = equal(wanted, evaluate(row, frame));
      if (same === true) return true;
      if (same === null) answer = null;
    }
    return answer;
  };
}

/** Whether a value is among others, with three truth values. */
function isMember(
  wanted: Value,
  values: readonly Value[],
  equal: (left: Value, right: Value) => boolean | null,
): Value {
  let answer: Value = false;
  for (const value of values) {
    const same = equal(wanted, value);
    if (same === true) return true;
    if (same === null) answer = null;
  }
  return answer;
}

/** Membership in a fixed list, by hash. */
export function memberSet(values: readonly Value[], type: Type): (wanted: Value) => Value {
  const keyOf = hashKeyOf(type);
  if (keyOf === undefined) {
    const equal = equalityOf(type);
    return (wanted) => isMember(wanted, values, equal);
  }
  const present = values.filter((value) => value !== null && !Number.isNaN(value));
  const keys = new Set(present.map(keyOf));
  const hasNull = values.includes(null);
  return (wanted) => {
    if (wanted === null) return values.length === 0 ? false : null;
    if (!Number.isNaN(wanted) && keys.has(keyOf(wanted))) return true;
    return hasNull ? null : false;
  };
}

function compileBinding({ bindings, body }: Binding, layout: Layout): Evaluator {
  const names = new Set(bindings.map(({ column }) => column));
  const inner: Layout = (column) => (names.has(column) ? undefined : layout(column));
  const values = bindings.map(({ column, value }) => ({ column, evaluate: compile(value, inner) }));
  const result = compile(body, inner);
  return (row, frame) => {
    for (const { column, evaluate } of values) frame.bound[column] = evaluate(row, frame);
    return result(row, frame);
  };
}

/** The outcome for these arguments of the lambdas; wanted when it is not there yet. */
function demandedOutcome(
  query: number,
  lambdaColumns: readonly number[],
  { bound, demanded }: Frame,
): SubqueryOutcome {
  const values = lambdaColumns.map((column) => describeArgument(bound[column] ?? null));
  const key = `${query}:${values.join()}`;
  const outcome = demanded.get(key);
  if (outcome === undefined) throw new SubqueryWanted(query, key);
  return outcome;
}

/** A text that differs for different values of one type. */
function describeArgument(value: Value): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === "bigint" || typeof part === "number" ? `#${part}` : part,
  );
}

function compileSubquery(
  { form, query, operand, type, lambdaColumns }: SubqueryReference,
  layout: Layout,
): Evaluator {
  const wanted = operand === undefined ? undefined : compile(operand, layout);
  return (row, frame) => {
    const outcome =
      lambdaColumns === undefined
        ? frame.subqueries[query]
        : demandedOutcome(query, lambdaColumns, frame);
    if (outcome === undefined) throw new BugError(`subquery ${query} has not been run`);
    if (outcome.kind === "failed") throw outcome.error;
    if (outcome.kind === "value") return outcome.value;
    if (wanted === undefined) throw new BugError(`${form} of ${type.kind} without an operand`);
    return outcome.test(wanted(row, frame));
  };
}
