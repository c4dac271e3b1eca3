// SPDX-License-Identifier: Apache-2.0

import { quoteBytes, quoteString } from "../lexer/quote.ts";
import type {
  BinaryOperator,
  Expression,
  LikePattern,
  MembershipSource,
  StructField,
  Subquery,
} from "../tree/expression.ts";
import { printCall } from "./call.ts";
import { printHint } from "./hint.ts";
import { type Printer, printAlias, printIdentifier, printPath, words } from "./printer.ts";
import { printType } from "./type.ts";

/** How tightly an expression holds together; one that stands inside a tighter one needs parentheses. */
const tightness = {
  or: 1,
  and: 2,
  not: 3,
  comparison: 4,
  unary: 11,
  postfix: 12,
} as const;

const binaryTightness: Readonly<Record<BinaryOperator, number>> = {
  "=": 4,
  "!=": 4,
  "<": 4,
  "<=": 4,
  ">": 4,
  ">=": 4,
  "|": 5,
  "^": 6,
  "&": 7,
  "<<": 8,
  ">>": 8,
  "+": 9,
  "-": 9,
  "*": 10,
  "/": 10,
  "||": 10,
};

function tightnessOf(expression: Expression): number {
  switch (expression.kind) {
    case "or":
    case "and":
      return tightness[expression.kind];
    case "unary":
      return expression.operator === "NOT" ? tightness.not : tightness.unary;
    case "binary":
      return binaryTightness[expression.operator];
    case "between":
    case "in":
    case "like":
    case "is":
    case "distinct-from":
      return tightness.comparison;
    case "interval":
      return tightness.unary;
    default:
      return tightness.postfix;
  }
}

/** An expression that may stand where only one at least this tight can. */
function printAt(printer: Printer, expression: Expression, atLeast: number): string {
  const text = printer.expression(expression);
  return tightnessOf(expression) < atLeast ? `(${text})` : text;
}

/** What would swallow a dot after it. */
const operandsToParenthesize: ReadonlySet<Expression["kind"]> = new Set([
  "path",
  "integer",
  "float",
  "system-variable",
]);

/** What a field, a subscript, or a chained call is applied to. */
export function printOperand(printer: Printer, operand: Expression): string {
  if (operandsToParenthesize.has(operand.kind)) return `(${printer.expression(operand)})`;
  return printAt(printer, operand, tightness.postfix);
}

/** Any expression. */
export function printExpression(printer: Printer, expression: Expression): string {
  switch (expression.kind) {
    case "null":
      return "NULL";
    case "boolean":
      return expression.value ? "TRUE" : "FALSE";
    case "integer":
    case "float":
      return expression.text;
    case "string":
      return quoteString(expression.value);
    case "bytes":
      return quoteBytes(expression.value);
    case "typed-literal":
      return `${expression.type} ${quoteString(expression.text.value)}`;
    case "interval":
      return words(
        "INTERVAL",
        printer.expression(expression.value),
        printIdentifier(expression.part),
        expression.lastPart && `TO ${printIdentifier(expression.lastPart)}`,
      );
    case "parameter":
      return `@${expression.name}`;
    case "positional-parameter":
      return "?";
    case "system-variable":
      return `@@${printPath(expression.name)}`;
    case "path":
      return printPath(expression);
    case "field": {
      const field = expression.generalized
        ? `(${printPath(expression.generalized)})`
        : printIdentifier(expression.field);
      return `${printOperand(printer, expression.operand)}.${field}`;
    }
    case "subscript": {
      const operand =
        expression.operand.kind === "path"
          ? printPath(expression.operand)
          : printOperand(printer, expression.operand);
      const index = printer.expression(expression.index);
      return `${operand}[${expression.access ? `${expression.access}(${index})` : index}]`;
    }
    case "unary":
      return printUnary(printer, expression.operator, expression.operand);
    case "binary": {
      const level = binaryTightness[expression.operator];
      const isComparison = level === tightness.comparison;
      const left = printAt(printer, expression.left, isComparison ? level + 1 : level);
      return `${left} ${expression.operator} ${printAt(printer, expression.right, level + 1)}`;
    }
    case "or":
    case "and": {
      const level = tightness[expression.kind];
      const operands = expression.operands.map((operand) => printAt(printer, operand, level + 1));
      return operands.join(expression.kind === "or" ? " OR " : " AND ");
    }
    case "between":
      return words(
        printCompared(printer, expression.operand),
        expression.negated && "NOT",
        "BETWEEN",
        printCompared(printer, expression.low),
        "AND",
        printCompared(printer, expression.high),
      );
    case "in":
      return words(
        printCompared(printer, expression.operand),
        expression.negated && "NOT",
        "IN",
        printHint(printer, expression.hint),
        printSource(printer, expression.source),
      );
    case "like":
      return words(
        printCompared(printer, expression.operand),
        expression.negated && "NOT",
        "LIKE",
        printPattern(printer, expression.pattern),
      );
    case "is":
      return words(
        printCompared(printer, expression.operand),
        "IS",
        expression.negated && "NOT",
        expression.test,
      );
    case "distinct-from":
      return words(
        printCompared(printer, expression.left),
        "IS",
        expression.negated && "NOT",
        "DISTINCT FROM",
        printCompared(printer, expression.right),
      );
    case "case":
      return words(
        "CASE",
        expression.operand && printer.expression(expression.operand),
        ...expression.branches.map(
          ({ when, result }) =>
            `WHEN ${printer.expression(when)} THEN ${printer.expression(result)}`,
        ),
        expression.otherwise && `ELSE ${printer.expression(expression.otherwise)}`,
        "END",
      );
    case "cast": {
      const inside = words(
        printer.expression(expression.operand),
        "AS",
        printType(expression.type),
        expression.format && `FORMAT ${printer.expression(expression.format)}`,
        printTimeZone(printer, expression.timeZone),
      );
      return `${expression.safe ? "SAFE_CAST" : "CAST"}(${inside})`;
    }
    case "extract": {
      const inside = words(
        printer.expression(expression.part),
        "FROM",
        printer.expression(expression.operand),
        printTimeZone(printer, expression.timeZone),
      );
      return `EXTRACT(${inside})`;
    }
    case "call":
      return printCall(printer, expression, (operand) => printOperand(printer, operand));
    case "array": {
      const type = expression.type === undefined ? "" : printType(expression.type);
      return `${type}[${printList(printer, expression.elements)}]`;
    }
    case "struct": {
      const fields = printFields(printer, expression.fields);
      if (expression.tuple) return `(${fields})`;
      return `${expression.type === undefined ? "STRUCT" : printType(expression.type)}(${fields})`;
    }
    case "subquery":
      return printSubquery(printer, expression);
    case "with-expression": {
      const bindings = expression.bindings.map(
        ({ alias, value }) =>
          `${alias === undefined ? "" : printIdentifier(alias)} AS ${printer.expression(value)}, `,
      );
      return `WITH(${bindings.join("")}${printer.expression(expression.body)})`;
    }
    case "replace-fields": {
      const fields = expression.fields.map(
        ({ value, path }) => `${printer.expression(value)} AS ${printPath(path)}`,
      );
      return `REPLACE_FIELDS(${[printer.expression(expression.operand), ...fields].join(", ")})`;
    }
    case "new": {
      const fields = expression.fields.map(({ value, path }) => {
        if (path.parts.length === 0) return printer.expression(value);
        const name = path.parts.length > 1 ? `(${printPath(path)})` : printPath(path);
        return `${printer.expression(value)} AS ${name}`;
      });
      return `NEW ${printPath(expression.type)}(${fields.join(", ")})`;
    }
  }
}

/** Two minus signs in a row would start a comment. */
function printUnary(printer: Printer, operator: string, operand: Expression): string {
  if (operator === "NOT") return `NOT ${printAt(printer, operand, tightness.not)}`;
  const text = printAt(printer, operand, tightness.unary);
  return text.startsWith(operator) ? `${operator} ${text}` : operator + text;
}

function printCompared(printer: Printer, operand: Expression): string {
  return printAt(printer, operand, tightness.comparison + 1);
}

function printPattern(printer: Printer, pattern: LikePattern): string {
  if (pattern.kind === "one") return printCompared(printer, pattern.pattern);
  return `${pattern.quantifier} ${printSource(printer, pattern.source)}`;
}

function printSource(printer: Printer, source: MembershipSource): string {
  switch (source.kind) {
    case "list":
      return `(${printList(printer, source.elements)})`;
    case "query-source":
      return `(${printer.query(source.query)})`;
    case "unnest-source":
      return `UNNEST(${printer.expression(source.array)})`;
  }
}

function printTimeZone(printer: Printer, zone: Expression | undefined): string | undefined {
  return zone && `AT TIME ZONE ${printer.expression(zone)}`;
}

function printList(printer: Printer, expressions: readonly Expression[]): string {
  return expressions.map((expression) => printer.expression(expression)).join(", ");
}

function printFields(printer: Printer, fields: readonly StructField[]): string {
  return fields.map(({ value, alias }) => printer.expression(value) + printAlias(alias)).join(", ");
}

function printSubquery(printer: Printer, subquery: Subquery): string {
  const query = `(${printer.query(subquery.query)})`;
  if (subquery.form === "scalar") return query;
  const hint = printHint(printer, subquery.hint);
  return (subquery.form === "array" ? "ARRAY" : "EXISTS") + hint + query;
}
