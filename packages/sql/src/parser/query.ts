// SPDX-License-Identifier: Apache-2.0

import type { PipeOperator } from "../tree/pipe.ts";
import type { FromQuery, Query, QueryBody, TableQuery, WithClause } from "../tree/query.ts";
import { type Cursor, present } from "./cursor.ts";
import { parseFromItems } from "./from.ts";
import { parseLimit, parseOrderBy } from "./order.ts";
import { parsePipeOperator } from "./pipe.ts";
import { parseGroupBy, parseSelect } from "./select.ts";
import { parseSetOperator, type SetOperator } from "./set-operator.ts";
import { parseWithClause } from "./with.ts";

/** `[WITH …] body [ORDER BY …] [LIMIT …] [FOR UPDATE] [|> …]`. */
export function parseQuery(cursor: Cursor): Query {
  const start = cursor.start();
  const entries = parseWithClause(cursor);
  if (entries !== undefined && cursor.isSymbol("|>")) throw pipeAfterWith(cursor);
  const first = parseQueryPrimary(cursor);
  checkAfterFrom(cursor, first);
  return finishQuery(cursor, start, parseSetOperations(cursor, first), entries);
}

const clausesAfterSelect: ReadonlySet<string> = new Set(
  "WHERE GROUP HAVING ORDER LIMIT UNION INTERSECT EXCEPT".split(" "),
);

/** `FROM t WHERE …` forgets the `|>`. */
function checkAfterFrom(cursor: Cursor, first: QueryBody): void {
  if (first.kind !== "from-query" || !cursor.isAnyWord(clausesAfterSelect)) return;
  const token = cursor.peek();
  const word = token.kind === "keyword" ? token.word : "";
  const clause = word === "ORDER" || word === "GROUP" ? `${word} BY` : word;
  const advice = word === "WHERE" ? "" : " or parentheses around the FROM query";
  throw cursor.error(
    `Syntax error: ${clause} not supported after FROM query; ` +
      `Consider using pipe operator \`|> ${clause}\`${advice}`,
  );
}

/** The rest of a query after a first part in parentheses. */
export function parseQueryAfter(cursor: Cursor, first: Query, start: number): Query {
  return finishQuery(cursor, start, parseSetOperations(cursor, first), undefined);
}

/** Reads a clause torn from its query, only for what is wrong with it. */
export function readClause(cursor: Cursor): void {
  if (cursor.isWord("SELECT")) parseSelect(cursor);
  else if (cursor.isWord("FROM")) parseFromQuery(cursor);
  else if (cursor.isWord("GROUP")) parseGroupBy(cursor);
  else if (cursor.isWord("ORDER")) parseOrderBy(cursor);
  else if (cursor.isWord("LIMIT")) parseLimit(cursor);
  else if (cursor.takeWord("WHERE") || cursor.takeWord("HAVING")) cursor.expression();
  else cursor.take();
}

function pipeAfterWith(cursor: Cursor): Error {
  return cursor.error(
    "Syntax error: A pipe operator cannot follow the WITH clause before the main query; " +
      "The main query usually starts with SELECT or FROM here",
  );
}

function finishQuery(
  cursor: Cursor,
  start: number,
  body: QueryBody,
  entries: WithClause | undefined,
): Query {
  const orderBy = cursor.isWord("ORDER") ? cursor.clause(() => parseOrderBy(cursor)) : undefined;
  const limit = cursor.isWord("LIMIT") ? cursor.clause(() => parseLimit(cursor)) : undefined;
  const forUpdate = cursor.takeWords("FOR", "UPDATE");
  const pipes: PipeOperator[] = [];
  while (cursor.takeSymbol("|>")) {
    cursor.addClause(pipes, () => parsePipeOperator(cursor));
    cursor.checkChain(pipes.length);
  }
  return {
    kind: "query",
    ...present({ with: entries }),
    body,
    ...present({ orderBy, limit }),
    forUpdate,
    pipes,
    position: cursor.since(start),
  };
}

/** A query's core without set operators. */
function parseQueryPrimary(cursor: Cursor): QueryBody {
  if (cursor.isWord("SELECT")) return parseSelect(cursor);
  if (cursor.isWord("FROM")) return parseFromQuery(cursor);
  if (cursor.isWord("TABLE") && cursor.isName(1)) return parseTableQuery(cursor);
  if (!cursor.takeSymbol("(")) throw cursor.unexpected();
  const query = cursor.query();
  cursor.expectSymbol(")");
  if (cursor.isWord("AS")) {
    throw cursor.error("Syntax error: Alias not allowed on parenthesized outer query");
  }
  return query;
}

function parseFromQuery(cursor: Cursor): FromQuery {
  const start = cursor.start();
  cursor.expectWord("FROM");
  const from = parseFromItems(cursor);
  return { kind: "from-query", from, position: cursor.since(start) };
}

function parseTableQuery(cursor: Cursor): TableQuery {
  const start = cursor.start();
  cursor.expectWord("TABLE");
  const name = cursor.path();
  return { kind: "table-query", name, position: cursor.since(start) };
}

function parseSetOperations(cursor: Cursor, first: QueryBody): QueryBody {
  const start = first.position.start;
  const operator = parseSetOperator(cursor);
  if (operator === undefined) return first;
  const inputs: QueryBody[] = [first, parseSetInput(cursor)];
  for (;;) {
    const next = parseSetOperator(cursor);
    if (next === undefined) break;
    checkSameOperator(cursor, operator, next);
    inputs.push(parseSetInput(cursor));
  }
  const { start: _, ...words } = operator;
  return { kind: "set-operation", ...words, inputs, position: cursor.since(start) };
}

function parseSetInput(cursor: Cursor): QueryBody {
  if (cursor.isWord("FROM")) {
    throw cursor.error(
      "Syntax error: Unexpected FROM; " +
        "FROM queries following a set operation must be parenthesized",
    );
  }
  return parseQueryPrimary(cursor);
}

function checkSameOperator(cursor: Cursor, first: SetOperator, next: SetOperator): void {
  const isSame = first.operator === next.operator && first.distinct === next.distinct;
  if (isSame) return;
  throw cursor.error(
    "Syntax error: Different set operations cannot be used in the same query without using " +
      "parentheses for grouping",
    { start: next.start, end: cursor.end() },
  );
}
