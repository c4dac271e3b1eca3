// SPDX-License-Identifier: Apache-2.0
// From a tree to a typed expression, kind by kind. Operators, calls and constructors have files of
// their own; here are literals, parameters and names, and the switch that finds the others.
import {
  arrayOf,
  BOOL,
  BYTES,
  DATE,
  FLOAT64,
  INT64,
  JSON_TYPE,
  NUMERIC,
  parseDate,
  parseNumeric,
  printType,
  STRING,
  TIMESTAMP,
  type Type,
  type Value,
} from "@spandrel/model";
import type {
  Expression as ExpressionTree,
  FieldAccess,
  Identifier,
  Path,
  TreeNode,
  TypedLiteral,
} from "@spandrel/sql";
import {
  ambiguousName,
  unqualifiedName,
  unrecognizedName,
  unsupportedQuery,
} from "../errors/query.ts";
import type { Constant, Expression } from "../expression/expression.ts";
import { flattenOverload } from "../functions/array.ts";
import { normalizeJson } from "../functions/json-text.ts";
import type { Analysis, ExpressionContext } from "./analysis.ts";
import { analyzeCall, callFunction } from "./call.ts";
import { analyzeCase } from "./case.ts";
import { analyzeCast, analyzeExtract, analyzeInterval } from "./cast.ts";
import { castTo, isInt64 } from "./coercion.ts";
import { analyzeArray, analyzeStruct, analyzeSubscript, analyzeWith } from "./constructor.ts";
import {
  analyzeBetween,
  analyzeBinary,
  analyzeDistinctFrom,
  analyzeIn,
  analyzeIs,
  analyzeLike,
  analyzeLogical,
  analyzeUnary,
} from "./operator.ts";
import {
  isColumnOfVariable,
  lookUp,
  namesInSight,
  type RangeVariable,
  valueOfVariable,
} from "./scope.ts";
import { suggest } from "./suggest.ts";

/** Analyzes an expression; the entrance of `Analysis.expression`. */
export function analyzeTree(
  analysis: Analysis,
  tree: ExpressionTree,
  context: ExpressionContext,
): Expression {
  switch (tree.kind) {
    case "null":
      return { kind: "constant", type: INT64, value: null, isUntyped: true };
    case "boolean":
      return constant(BOOL, tree.value);
    case "integer":
      if (!isInt64(tree.value)) throw analysis.error(tree, `Invalid integer literal: ${tree.text}`);
      return constant(INT64, tree.value);
    case "float":
      return floatLiteral(analysis, tree.value, tree.text, tree);
    case "string":
      return constant(STRING, tree.value);
    case "bytes":
      return constant(BYTES, tree.value);
    case "typed-literal":
      return typedLiteral(analysis, tree);
    case "parameter":
      return analysis.parameter(tree.name);
    case "positional-parameter":
      throw analysis.error(tree, "Positional parameters are not supported");
    case "system-variable":
      throw analysis.error(tree, "System variables are not supported");
    case "path":
      return analyzePath(analysis, tree, context);
    case "field":
      return analyzeField(analysis, tree, context);
    case "subscript":
      return analyzeSubscript(analysis, tree, context);
    case "unary":
      return analyzeUnary(analysis, tree, context);
    case "binary":
      return analyzeBinary(analysis, tree, context);
    case "and":
    case "or":
      return analyzeLogical(analysis, tree, context);
    case "between":
      return analyzeBetween(analysis, tree, context);
    case "in":
      return analyzeIn(analysis, tree, context, analyzeArrayPath);
    case "like":
      return analyzeLike(analysis, tree, context);
    case "is":
      return analyzeIs(analysis, tree, context);
    case "distinct-from":
      return analyzeDistinctFrom(analysis, tree, context);
    case "case":
      return analyzeCase(analysis, tree, context);
    case "cast":
      return analyzeCast(analysis, tree, context);
    case "extract":
      return analyzeExtract(analysis, tree, context);
    case "interval":
      return analyzeInterval(analysis, tree, context);
    case "call":
      return analyzeCall(analysis, tree, context);
    case "array":
      return analyzeArray(analysis, tree, context);
    case "struct":
      return analyzeStruct(analysis, tree, context);
    case "subquery":
      return analyzeSubquery(analysis, tree, context);
    case "with-expression":
      return analyzeWith(analysis, tree, context);
    case "is-labeled":
    case "is-endpoint":
      throw unsupportedQuery("Graph queries are not supported", analysis.place(tree));
    case "replace-fields":
    case "new":
    case "braced":
      throw unsupportedQuery("Protocol buffers are not supported", analysis.place(tree));
  }
}

function constant(type: Type, value: Value): Constant {
  return { kind: "constant", type, value, isUntyped: false };
}

function floatLiteral(analysis: Analysis, value: number, text: string, at: TreeNode): Expression {
  if (!Number.isFinite(value)) {
    throw analysis.error(at, `Invalid floating point literal: ${text}`);
  }
  return analysis.rememberDigits(constant(FLOAT64, value), text);
}

function typedLiteral(analysis: Analysis, tree: TypedLiteral): Expression {
  const text = tree.text.value;
  const invalid = (): Error => analysis.error(tree, `Invalid ${tree.type} literal`);
  switch (tree.type) {
    case "DATE": {
      const days = parseDate(text.trim());
      if (days === undefined) throw analysis.error(tree, "Invalid DATE literal");
      return constant(DATE, days);
    }
    case "TIMESTAMP":
      // Which moment it is depends on the zone of the statement, so the text stays.
      return castTo(constant(STRING, text), TIMESTAMP);
    case "NUMERIC": {
      const units = parseNumeric(text, true);
      if (units === undefined) throw analysis.error(tree, "Invalid NUMERIC literal");
      return constant(NUMERIC, units);
    }
    case "JSON":
      try {
        return constant(JSON_TYPE, normalizeJson(text));
      } catch {
        // The place of the literal says more than the place within it.
        throw invalid();
      }
    default:
      throw analysis.error(tree, `Type not found: ${tree.type}`);
  }
}

function analyzeSubquery(
  analysis: Analysis,
  tree: Extract<ExpressionTree, { kind: "subquery" }>,
  context: ExpressionContext,
): Expression {
  const query = analysis.query(tree.query, context.scope, context.definitions);
  const number = analysis.addSubquery(query);
  if (tree.form === "exists") return subquery(BOOL, "exists", number, context);
  const [only] = query.columns;
  if (only === undefined || query.columns.length > 1) {
    const what = tree.form === "array" ? "ARRAY subquery" : "Scalar subquery";
    throw analysis.error(
      tree,
      `${what} cannot have more than one column unless using SELECT AS STRUCT to build STRUCT values`,
    );
  }
  if (tree.form === "scalar") return subquery(only.type, "scalar", number, context);
  if (only.type.kind === "ARRAY") {
    throw analysis.error(tree, "Cannot use array subquery with column of type ARRAY");
  }
  return subquery({ kind: "ARRAY", element: only.type }, "array", number, context);
}

function subquery(
  type: Type,
  form: "scalar" | "array" | "exists",
  query: number,
  { lambdaColumns }: ExpressionContext,
): Expression {
  return { kind: "subquery", type, form, query, operand: undefined, lambdaColumns };
}

const wordsWithoutParentheses = new Set(["CURRENT_DATE", "CURRENT_TIMESTAMP"]);

/** A chain of names: a column or range variable, then fields. */
function analyzePath(
  analysis: Analysis,
  path: Path,
  context: ExpressionContext,
  step: FieldStep = fieldOf,
): Expression {
  const [first, ...rest] = path.parts;
  if (first === undefined) throw analysis.error(path, "Empty path");
  const meaning = lookUp(context.scope, first.name);
  if (meaning === undefined) {
    const word = first.name.toUpperCase();
    if (rest.length === 0 && wordsWithoutParentheses.has(word)) {
      return callFunction(analysis, word, [], path);
    }
    throw unknownName(analysis, path, context);
  }
  if (meaning.kind === "ambiguous") throw ambiguousName(first.name, analysis.place(path));
  if (meaning.kind === "variable") {
    return throughVariable(analysis, path, meaning.variable, rest, step);
  }
  if (analysis.keptAs === "view" && isColumnOfVariable(context.scope, meaning.expression)) {
    throw unqualifiedName(first.name, analysis.place(path));
  }
  const column = analysis.remember({ ...meaning.expression }, path);
  return fieldsThrough(analysis, column, rest, step);
}

function unknownName(analysis: Analysis, path: Path, context: ExpressionContext): Error {
  const name = path.parts.map((part) => part.name).join(".");
  // The columns of a table are found otherwise than names in scope, and are not suggested.
  const isColumn = analysis.keptAs === "column expression";
  const guess = isColumn ? undefined : suggest(name, namesInSight(context.scope));
  return unrecognizedName(name, guess, analysis.place(path));
}

function throughVariable(
  analysis: Analysis,
  path: Path,
  variable: RangeVariable,
  rest: readonly Identifier[],
  step: FieldStep,
): Expression {
  const [next, ...fields] = rest;
  if (next === undefined) return analysis.remember({ ...valueOfVariable(variable) }, path);
  const wanted = next.name.toLowerCase();
  const found = variable.columns.filter((column) => column.name.toLowerCase() === wanted);
  const [only] = found;
  if (found.length > 1) throw ambiguousName(next.name, analysis.place(next));
  if (only !== undefined) {
    return fieldsThrough(analysis, analysis.remember({ ...only.expression }, path), fields, step);
  }
  if (variable.value !== undefined) return fieldsThrough(analysis, variable.value, rest, step);
  throw analysis.error(next, `Name ${next.name} not found inside ${variable.name}`);
}

function fieldsThrough(
  analysis: Analysis,
  operand: Expression,
  fields: readonly Identifier[],
  step: FieldStep,
): Expression {
  return fields.reduce((value, field) => step(analysis, value, field), operand);
}

/** How a path goes from a value to one of its fields. */
type FieldStep = (analysis: Analysis, operand: Expression, field: Identifier) => Expression;

/** The operand of UNNEST: a field of an array is the array of its elements' fields. */
function analyzeArrayPath(
  analysis: Analysis,
  tree: ExpressionTree,
  context: ExpressionContext,
): Expression {
  if (tree.kind === "path") return analyzePath(analysis, tree, context, flattenedField);
  if (tree.kind !== "field") return analysis.expression(tree, context);
  const operand = analyzeArrayPath(analysis, tree.operand, context);
  return flattenedField(analysis, operand, tree.field);
}

function flattenedField(analysis: Analysis, operand: Expression, field: Identifier): Expression {
  if (operand.type.kind !== "ARRAY") return fieldOf(analysis, operand, field);
  const column = analysis.newColumn();
  const { element } = operand.type;
  const value: Expression = { kind: "column", type: element, column, name: "" };
  const body = fieldOf(analysis, value, field);
  const lambda: Expression = { kind: "lambda", type: body.type, parameters: [column], body };
  const type = body.type.kind === "ARRAY" ? body.type : arrayOf(body.type);
  return {
    kind: "call",
    type,
    overload: flattenOverload,
    arguments: [operand, lambda],
    isSafe: false,
  };
}

function analyzeField(
  analysis: Analysis,
  tree: FieldAccess,
  context: ExpressionContext,
): Expression {
  return fieldOf(analysis, analysis.expression(tree.operand, context), tree.field);
}

function fieldOf(analysis: Analysis, operand: Expression, field: Identifier): Expression {
  const { type } = operand;
  if (type.kind === "JSON") {
    const key = constant(STRING, field.name);
    return callFunction(analysis, "$json_field", [operand, key], field);
  }
  if (type.kind !== "STRUCT") {
    throw analysis.error(
      field,
      `Cannot access field ${field.name} on a value with type ${type.kind}`,
    );
  }
  const wanted = field.name.toLowerCase();
  const index = type.fields.findIndex((each) => each.name.toLowerCase() === wanted);
  const found = type.fields[index];
  if (found === undefined) {
    const names = type.fields.map(({ name }) => name);
    const guess = suggest(field.name, names);
    const hint = guess === undefined ? "" : `; Did you mean ${guess}?`;
    const message = `Field name ${field.name} does not exist in ${printType(type)}${hint}`;
    throw analysis.error(field, message);
  }
  if (type.fields.filter((each) => each.name.toLowerCase() === wanted).length > 1) {
    throw analysis.error(field, `Struct field name ${field.name} is ambiguous`);
  }
  return { kind: "field", type: found.type, operand, index };
}
