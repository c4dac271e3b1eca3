// SPDX-License-Identifier: Apache-2.0
// Function calls: built-in functions, and the aggregates among them.
import { INT64, STRING, TIMESTAMP, type Type } from "@spandrel/model";
import type { Argument, FunctionCall, Lambda as LambdaTree, TreeNode } from "@spandrel/sql";
import {
  functionNotFound,
  noMatchingSignature,
  positionalAfterNamed,
  unsupportedFunction,
  unsupportedQuery,
} from "../errors/query.ts";
import type { Expression } from "../expression/expression.ts";
import { formatProblem } from "../functions/format-check.ts";
import {
  findAggregate,
  findFunction,
  functionNames,
  isRefusedFunction,
} from "../functions/registry.ts";
import type { Analysis, ExpressionContext } from "./analysis.ts";
import { analyzeLazyCall, isExpression } from "./case.ts";
import { partConstant, partOf } from "./cast.ts";
import { coerce, coercionCost, isNullLiteral, isPlainLiteral, isUntyped } from "./coercion.ts";
import {
  type GivenArgument,
  type LambdaAnalyzer,
  matchSignature,
  printArgumentTypes,
  printSignatures,
} from "./match.ts";
import {
  applyOperator,
  applyOverloads,
  kindName,
  pathAndValues,
  supportsGrouping,
  supportsOrder,
} from "./operator-call.ts";
import type { AggregatedColumn, SortKey } from "./resolved.ts";
import { scopeOf } from "./scope.ts";
import {
  analyzeIdentityState,
  analyzeSequenceCall,
  analyzeSequenceState,
} from "./sequence-call.ts";
import { suggest } from "./suggest.ts";

/** Analyzes a call. */
export function analyzeCall(
  analysis: Analysis,
  tree: FunctionCall,
  context: ExpressionContext,
): Expression {
  const { name, isSafe } = nameOf(tree);
  if (tree.over !== undefined) {
    if (isRefusedFunction(name)) throw unsupportedFunction(name);
    throw unsupportedQuery("Analytic functions not supported", analysis.place(tree));
  }
  if (name === "PENDING_COMMIT_TIMESTAMP" && tree.arguments.length === 0) {
    return { kind: "commit timestamp", type: TIMESTAMP };
  }
  if (name === "GET_NEXT_SEQUENCE_VALUE") return analyzeSequenceCall(analysis, tree);
  if (name === "GET_INTERNAL_SEQUENCE_STATE") return analyzeSequenceState(analysis, tree);
  if (name === "GET_TABLE_COLUMN_IDENTITY_STATE") return analyzeIdentityState(analysis, tree);
  const lazy = isSafe ? undefined : analyzeLazyCall(analysis, name, tree.arguments, context, tree);
  if (lazy !== undefined) return lazy;
  const isStar = tree.arguments.some((argument) => argument.kind === "star-argument");
  if (findAggregate(isStar ? "$count_star" : name) !== undefined && (!isStar || name === "COUNT")) {
    return analyzeAggregate(analysis, tree, isStar ? "$count_star" : name, isSafe, context);
  }
  if (isRefusedFunction(name)) throw unsupportedFunction(name);
  if (findFunction(name) === undefined || name.startsWith("$")) {
    const guess = suggest(name, functionNames());
    const hint = guess === undefined ? "" : `; Did you mean ${guess.toLowerCase()}?`;
    throw functionNotFound(`${writtenName(tree)}${hint}`, analysis.place(tree));
  }
  refuseAggregateClauses(analysis, tree, name);
  const given = givenArguments(analysis, name, tree.arguments, context);
  checkPairs(analysis, name, given, tree);
  return applyOverloads(analysis, name, given, tree, lambdaAnalyzer(analysis, context), isSafe);
}

function checkPairs(
  analysis: Analysis,
  name: string,
  given: readonly GivenArgument[],
  at: TreeNode,
): void {
  if (name === "JSON_OBJECT") checkKeys(analysis, given, at);
  if (name === "FORMAT") checkFormat(analysis, given, at);
  if (!pathAndValues.has(name)) return;
  const places = given.filter((each) => each.name === undefined).length;
  if (places > 1 && places % 2 === 0) {
    const message = `Call to function ${name.toLowerCase()} is missing repeated arguments.`;
    throw analysis.error(at, message);
  }
}

/** JSON_OBJECT takes keys and values in turns, or an array of each. */
function checkKeys(analysis: Analysis, given: readonly GivenArgument[], at: TreeNode): void {
  const isKey = (argument: GivenArgument): boolean =>
    argument.kind === "value" && coercionCost(argument.expression, STRING) !== undefined;
  const [first] = given;
  if (first?.kind === "value" && first.expression.type.kind === "ARRAY") return;
  const isWhole =
    given.length % 2 === 0 && given.every((each, index) => index % 2 > 0 || isKey(each));
  if (isWhole) return;
  throw noMatchingSignature(
    "function JSON_OBJECT",
    printArgumentTypes(given),
    ["JSON_OBJECT([STRING, ...], [ANY, ...])", "JSON_OBJECT(ARRAY<STRING>, ARRAY)"],
    analysis.place(at),
  );
}

/** The pattern of FORMAT, when it is a literal, says which types come. */
function checkFormat(analysis: Analysis, given: readonly GivenArgument[], at: TreeNode): void {
  const [pattern, ...rest] = given;
  if (pattern?.kind !== "value" || pattern.expression.kind !== "constant") return;
  const { value } = pattern.expression;
  if (typeof value !== "string") return;
  const types = rest.map((each) =>
    each.kind === "value" && !isUntyped(each.expression) ? each.expression.type : undefined,
  );
  const problem = formatProblem(value, types);
  if (problem !== undefined) throw analysis.error(at, problem);
}

/** A call of a function over analyzed arguments. */
export function callFunction(
  analysis: Analysis,
  name: string,
  operands: readonly Expression[],
  at: TreeNode,
): Expression {
  return applyOperator(analysis, name, operands, at);
}

function nameOf(tree: FunctionCall): { readonly name: string; readonly isSafe: boolean } {
  const parts = tree.name.parts.map((part) => part.name.toUpperCase());
  const isSafe = parts.length > 1 && parts[0] === "SAFE";
  return { name: (isSafe ? parts.slice(1) : parts).join("."), isSafe };
}

function writtenName(tree: FunctionCall): string {
  return tree.name.parts.map((part) => part.name).join(".");
}

function refuseAggregateClauses(analysis: Analysis, tree: FunctionCall, name: string): void {
  const isPlain =
    !tree.distinct &&
    tree.nulls === undefined &&
    tree.having === undefined &&
    tree.orderBy.length === 0 &&
    tree.limit === undefined;
  if (!isPlain) {
    throw analysis.error(
      tree,
      `Function ${name} does not support DISTINCT, ORDER BY and other clauses of aggregate functions`,
    );
  }
}

function lambdaAnalyzer(analysis: Analysis, context: ExpressionContext): LambdaAnalyzer {
  return (tree, types) => analyzeLambda(analysis, tree, types, context);
}

function analyzeLambda(
  analysis: Analysis,
  tree: LambdaTree,
  types: readonly Type[],
  context: ExpressionContext,
): Expression {
  const columns = tree.parameters.map((parameter, index) => ({
    name: parameter.name,
    expression: {
      kind: "column",
      type: types[index] ?? INT64,
      column: analysis.newColumn(),
      name: parameter.name,
    } as const,
  }));
  const scope = scopeOf([{ columns, variables: [] }], context.scope);
  const parameters = columns.map(({ expression }) => expression.column);
  const lambdaColumns = [...(context.lambdaColumns ?? []), ...parameters];
  const inner = { ...context, scope, aggregates: undefined, lambdaColumns };
  const body = analysis.expression(tree.body, inner);
  return { kind: "lambda", type: body.type, parameters, body };
}

/** Functions in which `INTERVAL n PART` is two arguments. */
const takesParts = /^(?:DATE|TIMESTAMP)_(?:ADD|SUB)$|^GENERATE_(?:DATE|TIMESTAMP)_ARRAY$/;

function givenArguments(
  analysis: Analysis,
  name: string,
  argumentsGiven: readonly Argument[],
  context: ExpressionContext,
): readonly GivenArgument[] {
  const given: GivenArgument[] = [];
  for (const argument of argumentsGiven) {
    const node = argument;
    if (argument.kind !== "named-argument" && given.at(-1)?.name !== undefined) {
      throw positionalAfterNamed(name, analysis.place(argument));
    }
    const add = (expression: Expression, argumentName?: string): void => {
      given.push({ kind: "value", expression, node, name: argumentName });
    };
    if (argument.kind === "lambda") {
      given.push({ kind: "lambda", tree: argument, node, name: undefined });
    } else if (argument.kind === "named-argument") {
      if (!isExpression(argument.value)) {
        throw analysis.error(argument, "Only values can be given by name");
      }
      add(analysis.expression(argument.value, context), argument.name.name.toLowerCase());
    } else if (
      argument.kind === "interval" &&
      takesParts.test(name) &&
      argument.lastPart === undefined
    ) {
      add(analysis.expression(argument.value, context));
      add(partConstant(argument.part.name.toUpperCase()));
    } else if (isPartAt(name, given.length) && partOf(argument) !== undefined) {
      add(partConstant(partOf(argument) ?? ""));
    } else if (isExpression(argument)) add(analysis.expression(argument, context));
    else throw analysis.error(argument, `Unexpected argument of function ${name}`);
  }
  return given;
}

/** Whether some overload has a word, such as a date part, at this place. */
function isPartAt(name: string, index: number): boolean {
  const overloads = findFunction(name) ?? [];
  return overloads.some((overload) => overload.parameters[index]?.template.kind === "part");
}

function analyzeAggregate(
  analysis: Analysis,
  tree: FunctionCall,
  name: string,
  isSafe: boolean,
  context: ExpressionContext,
): Expression {
  const { aggregates } = context;
  if (aggregates === undefined) {
    throw analysis.error(
      tree,
      `Aggregate function ${name === "$count_star" ? "COUNT" : name} not allowed in ${context.clause}`,
    );
  }
  const inner: ExpressionContext = {
    ...context,
    aggregates: undefined,
    clause: "an argument of an aggregate function",
  };
  const values = name === "$count_star" ? [] : tree.arguments;
  const given = givenArguments(analysis, name, values, inner);
  const overloads = findAggregate(name) ?? [];
  const match = matchSignature(analysis, overloads, given, lambdaAnalyzer(analysis, inner));
  if (match === undefined) {
    throw noMatchingSignature(
      `aggregate function ${name}`,
      printArgumentTypes(given),
      printSignatures(overloads, undefined),
      analysis.place(tree),
    );
  }
  const operands = match.arguments.filter((argument) => argument !== undefined);
  const separator = given[1];
  if (name === "STRING_AGG" && separator?.kind === "value" && isNullLiteral(separator.expression)) {
    throw analysis.error(separator.node, "Argument 2 to STRING_AGG must be non-NULL");
  }
  checkOperand(analysis, tree, name, operands[0]?.type);
  const column: AggregatedColumn = {
    column: analysis.newColumn(),
    type: match.type,
    aggregate: match.signature,
    arguments: operands,
    isDistinct: tree.distinct,
    ignoresNulls: tree.nulls === undefined ? match.signature.ignoresNulls : tree.nulls === "IGNORE",
    isSafe,
    having: havingOf(analysis, tree, inner),
    orderBy: sortKeysOf(analysis, tree, inner),
    limit: limitOf(analysis, tree, inner),
  };
  checkDistinctOrder(analysis, tree, column);
  aggregates.push(column);
  return analysis.remember(
    { kind: "column", type: match.type, column: column.column, name: "" },
    tree,
  );
}

function checkOperand(
  analysis: Analysis,
  tree: FunctionCall,
  name: string,
  type: Type | undefined,
): void {
  if (type === undefined) return;
  if (tree.distinct && !supportsGrouping(type)) {
    throw analysis.error(
      tree,
      `Aggregate functions with DISTINCT cannot be used with arguments of type ${kindName(type)}`,
    );
  }
  if ((name === "MIN" || name === "MAX") && !supportsOrder(type)) {
    throw analysis.error(tree, `${name} is not defined for arguments of type ${kindName(type)}`);
  }
  if (name === "ARRAY_AGG" && type.kind === "ARRAY") {
    throw analysis.error(tree, "The argument to ARRAY_AGG cannot be an array type");
  }
}

function havingOf(
  analysis: Analysis,
  tree: FunctionCall,
  context: ExpressionContext,
): AggregatedColumn["having"] {
  if (tree.having === undefined) return undefined;
  const value = analysis.expression(tree.having.value, context);
  if (!supportsOrder(value.type)) {
    throw analysis.error(
      tree.having,
      `HAVING modifier does not support expressions of type ${value.type.kind}`,
    );
  }
  return { extreme: tree.having.extreme, value };
}

function sortKeysOf(
  analysis: Analysis,
  tree: FunctionCall,
  context: ExpressionContext,
): readonly SortKey[] {
  return tree.orderBy.map((item) => {
    checkAggregateOrder(analysis, item.value);
    const expression = analysis.expression(item.value, context);
    if (!supportsOrder(expression.type)) {
      throw analysis.error(
        item,
        `ORDER BY does not support expressions of type ${kindName(expression.type)}`,
      );
    }
    const isDescending = item.direction === "DESC";
    const nullsFirst = item.nulls === undefined ? !isDescending : item.nulls === "FIRST";
    return { expression, isDescending, nullsFirst };
  });
}

function checkAggregateOrder(analysis: Analysis, key: TreeNode): void {
  if (key.kind === "integer") {
    const message = "Aggregate functions do not allow ORDER BY by index in arguments";
    throw analysis.error(key, message);
  }
  if (isPlainLiteral(key)) throw analysis.error(key, "Cannot ORDER BY literal values");
}

function limitOf(
  analysis: Analysis,
  tree: FunctionCall,
  context: ExpressionContext,
): Expression | undefined {
  if (tree.limit === undefined) return undefined;
  const limit = analysis.expression(tree.limit, context);
  if (coercionCost(limit, INT64) === undefined) {
    throw analysis.error(tree.limit, "LIMIT expects an integer literal or parameter");
  }
  return coerce(analysis, limit, INT64, tree.limit);
}

/** With DISTINCT, what is sorted by must be what is aggregated: else which of equals came first? */
function checkDistinctOrder(
  analysis: Analysis,
  tree: FunctionCall,
  column: AggregatedColumn,
): void {
  if (!column.isDistinct || column.orderBy.length === 0) return;
  const [operand] = tree.arguments;
  const written = operand === undefined ? "" : analysis.textOf(operand).toLowerCase();
  const isSame = tree.orderBy.every(
    (item) => analysis.textOf(item.value).toLowerCase() === written,
  );
  if (!isSame) {
    throw analysis.error(
      tree,
      "An aggregate function that has both DISTINCT and ORDER BY arguments can only ORDER BY columns that are arguments to the function",
    );
  }
}
