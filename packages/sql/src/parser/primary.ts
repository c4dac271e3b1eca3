// SPDX-License-Identifier: Apache-2.0

import type {
  ArrayConstructor,
  Case,
  CaseBranch,
  Cast,
  Expression,
  Extract,
  IntervalExpression,
  Parameter,
  StructConstructor,
  StructField,
  Subquery,
  SystemVariable,
  WithExpression,
} from "../tree/expression.ts";
import type { Path } from "../tree/position.ts";
import { parseCall } from "./call.ts";
import { type Cursor, present } from "./cursor.ts";
import { parseHint } from "./hint.ts";
import { isLiteral, parseLiteral } from "./literal.ts";
import { parseBraced, parseNew, parseReplaceFields } from "./message.ts";
import { parseParenthesized, startsQuery } from "./parentheses.ts";
import { parseArrayType, parseStructType, parseType } from "./type.ts";

/** An expression without operators: a literal, a name, a call, a constructor, or parentheses. */
export function parsePrimary(cursor: Cursor): Expression {
  if (isLiteral(cursor)) return parseLiteral(cursor);
  if (cursor.isSymbol("(")) return parseParentheses(cursor);
  if (cursor.isSymbol("[")) return parseArrayElements(cursor, cursor.start());
  if (cursor.isSymbol("@")) return parseParameter(cursor);
  if (cursor.isSymbol("@@")) return parseSystemVariable(cursor);
  if (cursor.isSymbol("?")) return parsePositionalParameter(cursor);
  const token = cursor.peek();
  if (token.kind === "keyword") return parseKeywordExpression(cursor, token.word);
  if (token.kind === "identifier" && cursor.isSymbol("(", 1)) {
    if (token.word === "SAFE_CAST") return parseCast(cursor);
    if (token.word === "REPLACE_FIELDS") return parseReplaceFields(cursor);
  }
  if (cursor.isSymbol("{")) return parseBraced(cursor, cursor.start());
  if (cursor.isSymbol("{", 1) && cursor.isWord("VALUE")) return parseGraphValue(cursor);
  return parseName(cursor);
}

function parseKeywordExpression(cursor: Cursor, word: string): Expression {
  switch (word) {
    case "CASE":
      return parseCase(cursor);
    case "CAST":
      return parseCast(cursor);
    case "EXTRACT":
      return parseExtract(cursor);
    case "INTERVAL":
      return parseInterval(cursor);
    case "ARRAY":
      return parseArray(cursor);
    case "STRUCT":
      return parseStruct(cursor);
    case "EXISTS":
      return parseExists(cursor);
    case "NEW":
      return parseNew(cursor);
    case "WITH":
      return parseWithExpression(cursor);
    case "IF":
    case "LEFT":
    case "RIGHT":
    case "COLLATE":
    case "GROUPING":
      return parseReservedCall(cursor);
    default:
      throw cursor.unexpected();
  }
}

/** A chain of names, read as far as it goes, or a call when a `(` follows it. */
function parseName(cursor: Cursor): Expression {
  const start = cursor.start();
  const parts = [cursor.identifier()];
  while (cursor.isSymbol(".") && cursor.isName(1)) {
    cursor.take();
    parts.push(cursor.identifier());
  }
  const path: Path = { kind: "path", parts, position: cursor.since(start) };
  return cursor.isSymbol("(") ? parseCall(cursor, path) : path;
}

/** `IF(…)` and the other functions whose names are reserved. */
function parseReservedCall(cursor: Cursor): Expression {
  const start = cursor.start();
  const name: Path = { kind: "path", parts: [cursor.anyWord()], position: cursor.since(start) };
  if (!cursor.isSymbol("(")) throw cursor.expected('"("');
  return parseCall(cursor, name);
}

function parseParentheses(cursor: Cursor): Expression {
  const start = cursor.start();
  const contents = parseParenthesized(cursor);
  const position = cursor.since(start);
  if (contents.kind === "query") {
    return { kind: "subquery", form: "scalar", query: contents.query, position };
  }
  const [only, second] = contents.elements;
  if (only !== undefined && second === undefined) return only;
  const fields: StructField[] = contents.elements.map((value) => ({
    kind: "struct-field",
    value,
    position: value.position,
  }));
  return { kind: "struct", tuple: true, fields, position };
}

function parseParameter(cursor: Cursor): Parameter {
  const start = cursor.start();
  cursor.expectSymbol("@");
  const { name } = cursor.anyWord();
  return { kind: "parameter", name, position: cursor.since(start) };
}

function parsePositionalParameter(cursor: Cursor): Expression {
  const start = cursor.start();
  cursor.expectSymbol("?");
  return { kind: "positional-parameter", position: cursor.since(start) };
}

function parseSystemVariable(cursor: Cursor): SystemVariable {
  const start = cursor.start();
  cursor.expectSymbol("@@");
  const nameStart = cursor.start();
  const parts = [cursor.anyWord()];
  while (cursor.takeSymbol(".")) parts.push(cursor.identifier());
  const name: Path = { kind: "path", parts, position: cursor.since(nameStart) };
  return { kind: "system-variable", name, position: cursor.since(start) };
}

function parseCase(cursor: Cursor): Case {
  const start = cursor.start();
  cursor.expectWord("CASE");
  const operand = cursor.isWord("WHEN") ? undefined : cursor.expression();
  const branches: CaseBranch[] = [];
  do branches.push(parseCaseBranch(cursor));
  while (cursor.isWord("WHEN"));
  const otherwise = cursor.takeWord("ELSE") ? cursor.expression() : undefined;
  cursor.expectWord("END");
  return {
    kind: "case",
    ...present({ operand }),
    branches,
    ...present({ otherwise }),
    position: cursor.since(start),
  };
}

function parseCaseBranch(cursor: Cursor): CaseBranch {
  const start = cursor.start();
  cursor.expectWord("WHEN");
  const when = cursor.expression();
  cursor.expectWord("THEN");
  const result = cursor.expression();
  return { kind: "case-branch", when, result, position: cursor.since(start) };
}

function parseCast(cursor: Cursor): Cast {
  const start = cursor.start();
  const safe = cursor.isWord("SAFE_CAST");
  cursor.take();
  cursor.expectSymbol("(");
  const operand = cursor.expression();
  cursor.expectWord("AS");
  const type = parseType(cursor);
  const format = cursor.takeWord("FORMAT") ? cursor.expression() : undefined;
  const timeZone = format === undefined ? undefined : parseTimeZone(cursor);
  if (!cursor.takeSymbol(")")) {
    throw cursor.expected(format === undefined ? '")" or keyword FORMAT' : '")"');
  }
  return {
    kind: "cast",
    safe,
    operand,
    type,
    ...present({ format, timeZone }),
    position: cursor.since(start),
  };
}

function parseTimeZone(cursor: Cursor): Expression | undefined {
  return cursor.takeWords("AT", "TIME", "ZONE") ? cursor.expression() : undefined;
}

function parseExtract(cursor: Cursor): Extract {
  const start = cursor.start();
  cursor.expectWord("EXTRACT");
  cursor.expectSymbol("(");
  const part = cursor.expression();
  cursor.expectWord("FROM");
  const operand = cursor.expression();
  const timeZone = parseTimeZone(cursor);
  cursor.expectSymbol(")");
  return {
    kind: "extract",
    part,
    operand,
    ...present({ timeZone }),
    position: cursor.since(start),
  };
}

function parseInterval(cursor: Cursor): IntervalExpression {
  const start = cursor.start();
  cursor.expectWord("INTERVAL");
  const value = cursor.expression();
  const part = cursor.identifier();
  const lastPart = cursor.takeWord("TO") ? cursor.identifier() : undefined;
  return { kind: "interval", value, part, ...present({ lastPart }), position: cursor.since(start) };
}

function parseArray(cursor: Cursor): ArrayConstructor | Subquery {
  const start = cursor.start();
  if (cursor.isSymbol("(", 1) || cursor.isSymbol("{", 1)) {
    cursor.expectWord("ARRAY");
    return parseSubquery(cursor, start, "array");
  }
  if (cursor.isSymbol("<", 1)) {
    const type = parseArrayType(cursor);
    return { ...parseArrayElements(cursor, start), type };
  }
  cursor.expectWord("ARRAY");
  if (!cursor.isSymbol("[")) throw cursor.expected('"(" or "<" or "["');
  return parseArrayElements(cursor, start);
}

function parseArrayElements(cursor: Cursor, start: number): ArrayConstructor {
  cursor.expectSymbol("[");
  const elements = cursor.isSymbol("]") ? [] : cursor.list(() => cursor.expression());
  cursor.expectSymbol("]");
  return { kind: "array", elements, position: cursor.since(start) };
}

function parseStruct(cursor: Cursor): StructConstructor {
  const start = cursor.start();
  const isTyped = cursor.isSymbol("<", 1) || cursor.isSymbol("<>", 1);
  const type = isTyped ? parseStructType(cursor) : undefined;
  if (type === undefined) cursor.expectWord("STRUCT");
  if (!cursor.takeSymbol("(")) throw cursor.expected(isTyped ? '"("' : '"(" or "<"');
  const fields = cursor.isSymbol(")") ? [] : cursor.list(() => parseStructField(cursor));
  cursor.expectListEnd();
  return {
    kind: "struct",
    tuple: false,
    ...present({ type }),
    fields,
    position: cursor.since(start),
  };
}

function parseStructField(cursor: Cursor): StructField {
  const start = cursor.start();
  const value = cursor.expression();
  const alias = cursor.takeWord("AS") ? cursor.identifier() : undefined;
  return { kind: "struct-field", value, ...present({ alias }), position: cursor.since(start) };
}

function parseExists(cursor: Cursor): Subquery {
  const start = cursor.start();
  cursor.expectWord("EXISTS");
  return parseSubquery(cursor, start, "exists");
}

/** `VALUE {graph query}`. */
function parseGraphValue(cursor: Cursor): Subquery {
  const start = cursor.start();
  cursor.expectWord("VALUE");
  const query = cursor.graphQuery("value");
  return { kind: "subquery", form: "scalar", query, position: cursor.since(start) };
}

function parseSubquery(cursor: Cursor, start: number, form: "array" | "exists"): Subquery {
  const hint = parseHint(cursor);
  if (cursor.isSymbol("{")) {
    const query = cursor.graphQuery(form === "exists" ? "exists" : "value");
    return { kind: "subquery", form, query, ...present({ hint }), position: cursor.since(start) };
  }
  cursor.expectSymbol("(");
  if (!startsQuery(cursor)) throw cursor.unexpected();
  const query = cursor.query();
  cursor.expectSymbol(")");
  return { kind: "subquery", form, query, ...present({ hint }), position: cursor.since(start) };
}

/** `WITH(a AS 1, b AS 2, body)`. */
function parseWithExpression(cursor: Cursor): WithExpression {
  const start = cursor.start();
  cursor.expectWord("WITH");
  cursor.expectSymbol("(");
  const bindings: StructField[] = [];
  while (cursor.isName() && cursor.isWord("AS", 1)) {
    const bindingStart = cursor.start();
    const alias = cursor.identifier();
    cursor.expectWord("AS");
    const value = cursor.expression();
    bindings.push({ kind: "struct-field", value, alias, position: cursor.since(bindingStart) });
    cursor.expectSymbol(",");
  }
  const body = cursor.expression();
  cursor.expectSymbol(")");
  return { kind: "with-expression", bindings, body, position: cursor.since(start) };
}
