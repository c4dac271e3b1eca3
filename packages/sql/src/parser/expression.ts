// SPDX-License-Identifier: Apache-2.0

import type { Token } from "../lexer/token.ts";
import type {
  BinaryOperator,
  Expression,
  In,
  Is,
  IsEndpoint,
  LikePattern,
  Logical,
  MembershipSource,
  SubscriptAccess,
  UnaryOperator,
} from "../tree/expression.ts";
import { parseCall } from "./call.ts";
import type { Cursor } from "./cursor.ts";
import { present } from "./cursor.ts";
import { parseLabelExpression } from "./graph-filler.ts";
import { parseHint } from "./hint.ts";
import { parseParenthesized } from "./parentheses.ts";
import { parsePrimary } from "./primary.ts";

/** Any expression. The loosest operator is OR, then AND, NOT, comparisons, and arithmetic. */
export function parseExpression(cursor: Cursor): Expression {
  return parseLogical(cursor, "or", "OR", parseAnd);
}

function parseAnd(cursor: Cursor): Expression {
  return parseLogical(cursor, "and", "AND", parseNot);
}

function parseLogical(
  cursor: Cursor,
  kind: Logical["kind"],
  word: string,
  parseOperand: (cursor: Cursor) => Expression,
): Expression {
  const start = cursor.start();
  const first = parseOperand(cursor);
  if (!cursor.isWord(word)) return first;
  const operands = [first];
  while (cursor.takeWord(word)) operands.push(parseOperand(cursor));
  return { kind, operands, position: cursor.since(start) };
}

function parseNot(cursor: Cursor): Expression {
  const start = cursor.start();
  if (!cursor.takeWord("NOT")) return parseComparison(cursor);
  const operand = cursor.nested(() => parseNot(cursor));
  return { kind: "unary", operator: "NOT", operand, position: cursor.since(start) };
}

/** Comparisons do not chain: `a < b < c` and `a IS NULL = b` need parentheses. */
function parseComparison(cursor: Cursor): Expression {
  const start = cursor.start();
  const left = parseOperators(cursor);
  const compared = parseComparisonAfter(cursor, start, left);
  if (compared === undefined) return left;
  if (startsComparison(cursor)) throw cannotChain(cursor, compared);
  return compared;
}

function cannotChain(cursor: Cursor, compared: Expression): Error {
  if (compared.kind === "in" && cursor.isWord("LIKE")) {
    return cursor.error("Syntax error: Expression to the left of LIKE must be parenthesized");
  }
  return cursor.unexpected();
}

const comparisonSymbols: ReadonlyMap<string, BinaryOperator> = new Map([
  ["=", "="],
  ["!=", "!="],
  ["<>", "!="],
  ["<", "<"],
  ["<=", "<="],
  [">", ">"],
  [">=", ">="],
]);

const comparisonWords: ReadonlySet<string> = new Set(["LIKE", "IN", "BETWEEN", "IS"]);

function startsComparison(cursor: Cursor): boolean {
  const token = cursor.peek();
  if (token.kind === "symbol") return comparisonSymbols.has(token.text);
  return cursor.isAnyWord(comparisonWords) || isNegatedComparison(cursor);
}

function isNegatedComparison(cursor: Cursor): boolean {
  if (!cursor.isWord("NOT")) return false;
  return cursor.isWord("LIKE", 1) || cursor.isWord("IN", 1) || cursor.isWord("BETWEEN", 1);
}

function parseComparisonAfter(
  cursor: Cursor,
  start: number,
  left: Expression,
): Expression | undefined {
  const token = cursor.peek();
  const operator = token.kind === "symbol" ? comparisonSymbols.get(token.text) : undefined;
  if (operator !== undefined) {
    cursor.take();
    const right = parseOperators(cursor);
    return { kind: "binary", operator, left, right, position: cursor.since(start) };
  }
  if (cursor.isWord("IS")) return parseIs(cursor, start, left);
  const negated = isNegatedComparison(cursor) && cursor.takeWord("NOT");
  if (cursor.isWord("BETWEEN")) return parseBetween(cursor, start, left, negated);
  if (cursor.isWord("IN")) return parseIn(cursor, start, left, negated);
  if (cursor.isWord("LIKE")) return parseLike(cursor, start, left, negated);
  return undefined;
}

const isTests: readonly Is["test"][] = ["NULL", "TRUE", "FALSE", "UNKNOWN"];

const endpoints: readonly IsEndpoint["end"][] = ["SOURCE", "DESTINATION"];

function parseIs(cursor: Cursor, start: number, operand: Expression): Expression {
  cursor.expectWord("IS");
  const negated = cursor.takeWord("NOT");
  if (cursor.takeWord("DISTINCT")) {
    cursor.expectWord("FROM");
    const right = parseOperators(cursor);
    return { kind: "distinct-from", left: operand, right, negated, position: cursor.since(start) };
  }
  if (cursor.takeWord("LABELED")) {
    const label = parseLabelExpression(cursor);
    return { kind: "is-labeled", operand, label, negated, position: cursor.since(start) };
  }
  const end = endpoints.find((word) => cursor.takeWord(word));
  if (end !== undefined) {
    cursor.takeWord("OF");
    const edge = parseOperators(cursor);
    const position = cursor.since(start);
    return { kind: "is-endpoint", node: operand, end, edge, negated, position };
  }
  const test = isTests.find((word) => cursor.takeWord(word));
  if (test === undefined) {
    throw cursor.expected("keyword FALSE or keyword NULL or keyword TRUE or keyword UNKNOWN");
  }
  return { kind: "is", operand, test, negated, position: cursor.since(start) };
}

function parseBetween(
  cursor: Cursor,
  start: number,
  operand: Expression,
  negated: boolean,
): Expression {
  cursor.expectWord("BETWEEN");
  const low = parseOperators(cursor);
  if (startsComparison(cursor)) {
    throw cursor.error("Syntax error: Expression in BETWEEN must be parenthesized", low.position);
  }
  cursor.expectWord("AND");
  const high = parseOperators(cursor);
  return { kind: "between", operand, low, high, negated, position: cursor.since(start) };
}

function parseIn(cursor: Cursor, start: number, operand: Expression, negated: boolean): In {
  cursor.expectWord("IN");
  const hint = parseHint(cursor);
  const source = parseMembershipSource(cursor, true);
  return {
    kind: "in",
    operand,
    source,
    negated,
    ...present({ hint }),
    position: cursor.since(start),
  };
}

/** `(query)`, `(1, 2, …)`, or `UNNEST(array)`; after IN also a graph query in braces. */
function parseMembershipSource(cursor: Cursor, mayBeGraph: boolean): MembershipSource {
  const start = cursor.start();
  if (cursor.takeWord("UNNEST")) {
    cursor.expectSymbol("(");
    const array = cursor.expression();
    cursor.expectSymbol(")");
    return { kind: "unnest-source", array, position: cursor.since(start) };
  }
  if (cursor.isSymbol("{") && mayBeGraph) {
    const query = cursor.graphQuery("value");
    return { kind: "query-source", query, position: cursor.since(start) };
  }
  if (!cursor.isSymbol("(")) throw cursor.unexpected();
  const contents = parseParenthesized(cursor);
  const position = cursor.since(start);
  if (contents.kind === "query") return { kind: "query-source", query: contents.query, position };
  return { kind: "list", elements: contents.elements, position };
}

function parseLike(
  cursor: Cursor,
  start: number,
  operand: Expression,
  negated: boolean,
): Expression {
  cursor.expectWord("LIKE");
  const pattern = parseLikePattern(cursor);
  return { kind: "like", operand, pattern, negated, position: cursor.since(start) };
}

function parseLikePattern(cursor: Cursor): LikePattern {
  const isAny = cursor.takeWord("ANY") || cursor.takeWord("SOME");
  if (!isAny && !cursor.takeWord("ALL")) return { kind: "one", pattern: parseOperators(cursor) };
  parseHint(cursor);
  const source = parseMembershipSource(cursor, false);
  return { kind: "quantified", quantifier: isAny ? "ANY" : "ALL", source };
}

/** The operators that chain to the left, by how tightly they bind. */
const tightness: ReadonlyMap<string, { level: number; operator: BinaryOperator }> = new Map([
  ["|", { level: 1, operator: "|" }],
  ["^", { level: 2, operator: "^" }],
  ["&", { level: 3, operator: "&" }],
  ["<<", { level: 4, operator: "<<" }],
  [">>", { level: 4, operator: ">>" }],
  ["+", { level: 5, operator: "+" }],
  ["-", { level: 5, operator: "-" }],
  ["*", { level: 6, operator: "*" }],
  ["/", { level: 6, operator: "/" }],
  ["||", { level: 6, operator: "||" }],
]);

/** Arithmetic, bits, and `||`: takes operators that bind at least as tightly as a level. */
function parseOperators(cursor: Cursor, level = 1): Expression {
  const start = cursor.start();
  let left = parseUnary(cursor);
  for (let length = 1; ; length += 1) {
    const token = cursor.peek();
    const found = token.kind === "symbol" ? tightness.get(token.text) : undefined;
    if (found === undefined || found.level < level) return left;
    cursor.checkChain(length);
    cursor.take();
    const right = parseOperators(cursor, found.level + 1);
    const { operator } = found;
    left = { kind: "binary", operator, left, right, position: cursor.since(start) };
  }
}

const unaryOperators: readonly UnaryOperator[] = ["-", "+", "~"];

function parseUnary(cursor: Cursor): Expression {
  const start = cursor.start();
  const operator = unaryOperators.find((symbol) => cursor.takeSymbol(symbol));
  if (operator === undefined) return parsePostfix(cursor);
  const operand = cursor.nested(() => parseUnary(cursor));
  return { kind: "unary", operator, operand, position: cursor.since(start) };
}

/** A primary with the fields, subscripts, and chained calls that follow it. */
function parsePostfix(cursor: Cursor): Expression {
  const start = cursor.start();
  const first = cursor.peek();
  let operand = parsePrimary(cursor);
  if (isDecimal(first)) return refuseCall(cursor, operand);
  for (let length = 1; ; length += 1) {
    const next = parseOnePostfix(cursor, start, operand);
    if (next === undefined) break;
    cursor.checkChain(length);
    operand = next;
  }
  return refuseCall(cursor, operand);
}

/** A dot after a decimal number belongs to no field: `1 .f` is not `(1).f`. */
function isDecimal(token: Token): boolean {
  return token.kind === "float" || (token.kind === "integer" && !/^0x/i.test(token.text));
}

/** Only a path can be called; a `(` after anything else is a mistake worth explaining. */
function refuseCall(cursor: Cursor, operand: Expression): Expression {
  if (!cursor.isSymbol("(")) return operand;
  throw cursor.error(
    "Syntax error: Function call cannot be applied to this expression. " +
      "Function calls require a path, e.g. a.b.c()",
  );
}

function parseOnePostfix(
  cursor: Cursor,
  start: number,
  operand: Expression,
): Expression | undefined {
  if (cursor.isSymbol("[")) return parseSubscript(cursor, start, operand);
  if (!cursor.isSymbol(".")) return undefined;
  if (cursor.isSymbol("(", 1)) return parseGeneralizedField(cursor, start, operand);
  if (cursor.isSymbol("*", 1)) return undefined;
  cursor.expectSymbol(".");
  const field = cursor.identifier();
  if (cursor.isSymbol("(")) {
    const name = { kind: "path", parts: [field], position: field.position } as const;
    return parseCall(cursor, name, operand);
  }
  return { kind: "field", operand, field, position: cursor.since(start) };
}

/** `operand.(a.b)`: a proto extension, or a chained call of a function with a dotted name. */
function parseGeneralizedField(cursor: Cursor, start: number, operand: Expression): Expression {
  cursor.expectSymbol(".");
  cursor.expectSymbol("(");
  const path = cursor.path();
  if (!cursor.takeSymbol(")")) throw cursor.expected('")" or "."');
  if (cursor.isSymbol("(")) return parseCall(cursor, path, operand);
  const field = path.parts.at(-1);
  if (field === undefined) throw cursor.unexpected();
  return { kind: "field", operand, field, generalized: path, position: cursor.since(start) };
}

const subscriptAccesses: readonly SubscriptAccess[] = [
  "OFFSET",
  "ORDINAL",
  "SAFE_OFFSET",
  "SAFE_ORDINAL",
  "KEY",
  "SAFE_KEY",
];

function parseSubscript(cursor: Cursor, start: number, operand: Expression): Expression {
  cursor.expectSymbol("[");
  const access = parseSubscriptAccess(cursor);
  if (access !== undefined) cursor.expectSymbol("(");
  const index = cursor.expression();
  if (access !== undefined) cursor.expectSymbol(")");
  cursor.expectSymbol("]");
  return {
    kind: "subscript",
    operand,
    ...present({ access }),
    index,
    position: cursor.since(start),
  };
}

function parseSubscriptAccess(cursor: Cursor): SubscriptAccess | undefined {
  if (!cursor.isSymbol("(", 1)) return undefined;
  return subscriptAccesses.find((access) => cursor.takeWord(access));
}
