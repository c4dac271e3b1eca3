// SPDX-License-Identifier: Apache-2.0

import type { DdlStatement } from "../tree/ddl.ts";
import type { Statement } from "../tree/dml.ts";
import type { Expression } from "../tree/expression.ts";
import type { Query } from "../tree/query.ts";
import type { TypeName } from "../tree/type.ts";
import { Cursor, present } from "./cursor.ts";
import { parseDdlStatement } from "./ddl.ts";
import { parseCallStatement, parseDelete, parseInsert, parseUpdate } from "./dml.ts";
import { parseExpression as expression } from "./expression.ts";
import { parseGraphQuery as graphQuery } from "./graph.ts";
import { parseHint } from "./hint.ts";
import { parseQuery as query, parseQueryAfter as queryAfter, readClause } from "./query.ts";
import type { Rules } from "./rules.ts";
import { parseType as typeName } from "./type.ts";

const rules: Rules<Cursor> = { expression, query, queryAfter, graphQuery };

/**
 * Parses what an ExecuteSql request may hold: a query, over tables or over a graph, or a statement
 * that changes rows.
 *
 * One semicolon may follow.
 *
 * @throws {SqlErrors} when the text is not one such statement.
 */
export function parseStatement(text: string): Statement {
  return whole(text, (cursor) => {
    const hint = parseHint(cursor);
    if (cursor.isWord("INSERT")) return parseInsert(cursor, hint);
    if (cursor.isWord("UPDATE")) return parseUpdate(cursor, hint);
    if (cursor.isWord("DELETE")) return parseDelete(cursor, hint);
    if (cursor.isWord("CALL") && hint === undefined) return parseCallStatement(cursor);
    return { ...queryOrGraphQuery(cursor), ...present({ hint }) };
  });
}

/**
 * Parses a query, perhaps with a statement hint before it.
 *
 * @throws {SqlErrors} when the text is not one query.
 */
export function parseQuery(text: string): Query {
  return whole(text, (cursor) => {
    const hint = parseHint(cursor);
    return { ...queryOrGraphQuery(cursor), ...present({ hint }) };
  });
}

function queryOrGraphQuery(cursor: Cursor): Query {
  return cursor.isWord("GRAPH") ? cursor.graphQuery("statement") : cursor.query();
}

/**
 * Parses a single expression, such as a default value or a partition condition.
 *
 * @throws {SqlErrors} when the text is not one expression.
 */
export function parseExpression(text: string): Expression {
  return whole(text, (cursor) => cursor.expression());
}

/**
 * Parses a type as a column or a cast has it, such as `ARRAY<STRING(MAX)>`.
 *
 * @throws {SqlErrors} when the text is not one type.
 */
export function parseType(text: string): TypeName {
  return whole(text, typeName);
}

/**
 * Parses one schema statement, an element of an UpdateDatabaseDdl request.
 *
 * As in Spanner, no semicolon may follow.
 *
 * @throws {SqlErrors} when the text is not one schema statement.
 */
export function parseDdl(text: string): DdlStatement {
  const cursor = new Cursor(text, rules, "ddl");
  return cursor.whole(
    () => {
      const statement = parseDdlStatement(cursor);
      if (!cursor.isEnd()) throw cursor.expected("end of input");
      return statement;
    },
    () => cursor.take(),
  );
}

function whole<T>(text: string, rule: (cursor: Cursor) => T): T {
  const cursor = new Cursor(text, rules);
  return cursor.whole(
    () => {
      const result = rule(cursor);
      cursor.expectEnd();
      return result;
    },
    () => readClause(cursor),
  );
}
