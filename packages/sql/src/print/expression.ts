// SPDX-License-Identifier: Apache-2.0

import { quoteBytes, quoteString } from "../lexer/quote.ts";
import type {
  ArrayConstructor,
  Between,
  Binary,
  Case,
  Cast,
  DistinctFrom,
  Expression,
  Extract,
  FieldAccess,
  In,
  IntervalExpression,
  Is,
  IsEndpoint,
  IsLabeled,
  Like,
  LikePattern,
  Literal,
  Logical,
  MembershipSource,
  StructConstructor,
  StructField,
  Subquery,
  Subscript,
  Unary,
  WithExpression,
} from "../tree/expression.ts";
import { printCall } from "./call.ts";
import { printLabel } from "./graph-pattern.ts";
import { printHint } from "./hint.ts";
import { printBraced, printNew, printReplaceFields } from "./message.ts";
import { type Printer, printAlias, printIdentifier, printPath, words } from "./printer.ts";
import {
  binaryTightness,
  comparisonTightness,
  logicalTightness,
  notTightness,
  printAt,
  printOperand,
  unaryTightness,
} from "./tightness.ts";
import { printType } from "./type.ts";

/** Any expression. */
export function printExpression(printer: Printer, expression: Expression): string {
  switch (expression.kind) {
    case "null":
    case "boolean":
    case "integer":
    case "float":
    case "string":
    case "bytes":
    case "typed-literal":
      return printLiteral(expression);
    case "interval":
      return printInterval(printer, expression);
    case "parameter":
      return `@${expression.name}`;
    case "positional-parameter":
      return "?";
    case "system-variable":
      return `@@${printPath(expression.name)}`;
    case "path":
      return printPath(expression);
    case "field":
      return printField(printer, expression);
    case "subscript":
      return printSubscript(printer, expression);
    case "unary":
      return printUnary(printer, expression);
    case "binary":
      return printBinary(printer, expression);
    case "or":
    case "and":
      return printLogical(printer, expression);
    case "between":
    case "in":
    case "like":
    case "is":
    case "distinct-from":
    case "is-labeled":
    case "is-endpoint":
      return printComparison(printer, expression);
    case "case":
      return printCase(printer, expression);
    case "cast":
      return printCast(printer, expression);
    case "extract":
      return printExtract(printer, expression);
    case "call":
      return printCall(printer, expression, (operand) => printOperand(printer, operand));
    case "array":
      return printArray(printer, expression);
    case "struct":
      return printStruct(printer, expression);
    case "subquery":
      return printSubquery(printer, expression);
    case "with-expression":
      return printWithExpression(printer, expression);
    case "replace-fields":
      return printReplaceFields(printer, expression);
    case "new":
      return printNew(printer, expression);
    case "braced":
      return printBraced(printer, expression);
  }
}

function printLiteral(literal: Literal): string {
  switch (literal.kind) {
    case "null":
      return "NULL";
    case "boolean":
      return literal.value ? "TRUE" : "FALSE";
    case "integer":
    case "float":
      return literal.text;
    case "string":
      return quoteString(literal.value);
    case "bytes":
      return quoteBytes(literal.value);
    case "typed-literal":
      return `${literal.type} ${quoteString(literal.text.value)}`;
  }
}

function printInterval(printer: Printer, interval: IntervalExpression): string {
  return words(
    "INTERVAL",
    printer.expression(interval.value),
    printIdentifier(interval.part),
    interval.lastPart && `TO ${printIdentifier(interval.lastPart)}`,
  );
}

function printField(printer: Printer, { operand, field, generalized }: FieldAccess): string {
  const name = generalized ? `(${printPath(generalized)})` : printIdentifier(field);
  return `${printOperand(printer, operand)}.${name}`;
}

function printSubscript(printer: Printer, { operand, access, index }: Subscript): string {
  const array = operand.kind === "path" ? printPath(operand) : printOperand(printer, operand);
  const place = printer.expression(index);
  return `${array}[${access ? `${access}(${place})` : place}]`;
}

/** Two minus signs in a row would start a comment. */
function printUnary(printer: Printer, { operator, operand }: Unary): string {
  if (operator === "NOT") return `NOT ${printAt(printer, operand, notTightness)}`;
  const text = printAt(printer, operand, unaryTightness);
  return text.startsWith(operator) ? `${operator} ${text}` : operator + text;
}

/** Operators group to the left, but comparisons do not group at all. */
function printBinary(printer: Printer, { operator, left, right }: Binary): string {
  const level = binaryTightness[operator];
  const leftLevel = level === comparisonTightness ? level + 1 : level;
  return words(printAt(printer, left, leftLevel), operator, printAt(printer, right, level + 1));
}

function printLogical(printer: Printer, { kind, operands }: Logical): string {
  const level = logicalTightness[kind];
  const texts = operands.map((operand) => printAt(printer, operand, level + 1));
  return texts.join(kind === "or" ? " OR " : " AND ");
}

type Comparison = Between | DistinctFrom | In | Is | IsEndpoint | IsLabeled | Like;

function printComparison(printer: Printer, comparison: Comparison): string {
  const not = comparison.negated && "NOT";
  const compared = (operand: Expression): string =>
    printAt(printer, operand, comparisonTightness + 1);
  switch (comparison.kind) {
    case "between":
      return words(
        compared(comparison.operand),
        not,
        `BETWEEN ${compared(comparison.low)} AND ${compared(comparison.high)}`,
      );
    case "in":
      return words(
        compared(comparison.operand),
        not,
        "IN",
        printHint(printer, comparison.hint),
        printSource(printer, comparison.source),
      );
    case "like":
      return words(
        compared(comparison.operand),
        not,
        "LIKE",
        printPattern(printer, comparison.pattern, compared),
      );
    case "is-labeled":
      return words(
        compared(comparison.operand),
        "IS",
        not,
        `LABELED ${printLabel(comparison.label)}`,
      );
    case "is-endpoint":
      return words(
        compared(comparison.node),
        "IS",
        not,
        `${comparison.end} OF ${compared(comparison.edge)}`,
      );
    case "is":
      return words(compared(comparison.operand), "IS", not, comparison.test);
    case "distinct-from":
      return words(
        compared(comparison.left),
        "IS",
        not,
        `DISTINCT FROM ${compared(comparison.right)}`,
      );
  }
}

function printPattern(
  printer: Printer,
  pattern: LikePattern,
  compared: (operand: Expression) => string,
): string {
  if (pattern.kind === "one") return compared(pattern.pattern);
  return `${pattern.quantifier} ${printSource(printer, pattern.source)}`;
}

function printSource(printer: Printer, source: MembershipSource): string {
  switch (source.kind) {
    case "list":
      return `(${printList(printer, source.elements)})`;
    case "query-source":
      if (source.query.body.kind === "graph-query") return `{${printer.query(source.query)}}`;
      return `(${printer.query(source.query)})`;
    case "unnest-source":
      return `UNNEST(${printer.expression(source.array)})`;
  }
}

function printCase(printer: Printer, { operand, branches, otherwise }: Case): string {
  const whens = branches.map(
    ({ when, result }) => `WHEN ${printer.expression(when)} THEN ${printer.expression(result)}`,
  );
  return words(
    "CASE",
    operand && printer.expression(operand),
    ...whens,
    otherwise && `ELSE ${printer.expression(otherwise)}`,
    "END",
  );
}

function printCast(printer: Printer, cast: Cast): string {
  const inside = words(
    printer.expression(cast.operand),
    `AS ${printType(cast.type)}`,
    cast.format && `FORMAT ${printer.expression(cast.format)}`,
    printTimeZone(printer, cast.timeZone),
  );
  return `${cast.safe ? "SAFE_CAST" : "CAST"}(${inside})`;
}

function printExtract(printer: Printer, { part, operand, timeZone }: Extract): string {
  const inside = words(
    printer.expression(part),
    `FROM ${printer.expression(operand)}`,
    printTimeZone(printer, timeZone),
  );
  return `EXTRACT(${inside})`;
}

function printTimeZone(printer: Printer, zone: Expression | undefined): string | undefined {
  return zone && `AT TIME ZONE ${printer.expression(zone)}`;
}

function printArray(printer: Printer, { type, elements }: ArrayConstructor): string {
  return `${type === undefined ? "" : printType(type)}[${printList(printer, elements)}]`;
}

function printStruct(printer: Printer, { type, tuple, fields }: StructConstructor): string {
  const inside = fields.map((field) => printStructField(printer, field)).join(", ");
  if (tuple) return `(${inside})`;
  return `${type === undefined ? "STRUCT" : printType(type)}(${inside})`;
}

function printStructField(printer: Printer, { value, alias }: StructField): string {
  return printer.expression(value) + printAlias(alias);
}

function printSubquery(printer: Printer, { form, query, hint }: Subquery): string {
  const isOverGraph = query.body.kind === "graph-query";
  const inside = isOverGraph ? ` {${printer.query(query)}}` : `(${printer.query(query)})`;
  if (form === "scalar") return isOverGraph ? `VALUE${inside}` : inside;
  return (form === "array" ? "ARRAY" : "EXISTS") + printHint(printer, hint) + inside;
}

function printWithExpression(printer: Printer, { bindings, body }: WithExpression): string {
  const values = bindings.map(
    ({ alias, value }) =>
      `${alias === undefined ? "" : printIdentifier(alias)} AS ${printer.expression(value)}`,
  );
  return `WITH(${[...values, printer.expression(body)].join(", ")})`;
}

function printList(printer: Printer, expressions: readonly Expression[]): string {
  return expressions.map((expression) => printer.expression(expression)).join(", ");
}
