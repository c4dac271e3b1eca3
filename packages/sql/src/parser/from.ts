// SPDX-License-Identifier: Apache-2.0

import type { Expression } from "../tree/expression.ts";
import type {
  FromItem,
  GraphTableItem,
  SubqueryItem,
  TableFunctionItem,
  TableItem,
  TableSample,
  UnnestItem,
  WithOffset,
} from "../tree/from.ts";
import type { Identifier, Path } from "../tree/position.ts";
import type { Query } from "../tree/query.ts";
import { parseArgument } from "./call.ts";
import { parseCount } from "./count.ts";
import { type Cursor, present } from "./cursor.ts";
import { parseHint } from "./hint.ts";
import { parseJoins } from "./join.ts";
import { continuesQuery, startsQuery } from "./parentheses.ts";

/** Everything after FROM: items joined by commas and JOIN. */
export function parseFromItems(cursor: Cursor): FromItem {
  return cursor.nested(() => parseJoins(cursor, parseFromPrimary));
}

/** One item without joins: a table, an array, a subquery, a table function, or parentheses. */
export function parseFromPrimary(cursor: Cursor): FromItem {
  if (cursor.isSymbol("(")) return cursor.nested(() => parseFromParentheses(cursor));
  if (cursor.isWord("UNNEST")) return parseUnnest(cursor);
  if (cursor.isWord("LATERAL")) return parseLateral(cursor);
  if (cursor.isSymbol("@") || cursor.isSymbol("?")) {
    throw cursor.error("Query parameters cannot be used in place of table names");
  }
  if (cursor.isWord("GRAPH_TABLE") && cursor.isSymbol("(", 1)) return parseGraphTable(cursor);
  const start = cursor.start();
  const path = cursor.path();
  if (cursor.isSymbol("(")) return parseTableFunction(cursor, start, path, false);
  if (cursor.isSymbol("[")) throw arrayNeedsUnnest(cursor);
  return parseTable(cursor, start, path);
}

function arrayNeedsUnnest(cursor: Cursor): Error {
  return cursor.error(
    "Syntax error: Array element access is not allowed in the FROM clause without UNNEST; " +
      "Use UNNEST(<expression>)",
  );
}

function parseTable(cursor: Cursor, start: number, path: Path): TableItem {
  const hint = parseHint(cursor);
  const alias = parseAlias(cursor);
  const offset = parseWithOffset(cursor);
  const systemTime = parseSystemTime(cursor);
  const sample = parseSample(cursor);
  return {
    kind: "table",
    path,
    ...present({ hint, alias, offset, systemTime, sample }),
    position: cursor.since(start),
  };
}

/** `[AS] name`, if it stands here. */
export function parseAlias(cursor: Cursor): Identifier | undefined {
  return cursor.takeWord("AS") ? cursor.identifier() : cursor.identifierIfAny();
}

function parseWithOffset(cursor: Cursor): WithOffset | undefined {
  const start = cursor.start();
  if (!cursor.takeWords("WITH", "OFFSET")) return undefined;
  const alias = parseAlias(cursor);
  return { kind: "with-offset", ...present({ alias }), position: cursor.since(start) };
}

function parseSystemTime(cursor: Cursor): Expression | undefined {
  const isSystemTime =
    cursor.takeWords("FOR", "SYSTEM_TIME") || cursor.takeWords("FOR", "SYSTEM", "TIME");
  if (!isSystemTime) return undefined;
  cursor.expectWords("AS", "OF");
  return cursor.expression();
}

function parseUnnest(cursor: Cursor): UnnestItem {
  const start = cursor.start();
  cursor.expectWord("UNNEST");
  cursor.expectSymbol("(");
  const arrays = cursor.list(() => cursor.expression());
  cursor.expectSymbol(")");
  const hint = parseHint(cursor);
  const alias = parseAlias(cursor);
  const offset = parseWithOffset(cursor);
  const sample = parseSample(cursor);
  return {
    kind: "unnest",
    arrays,
    ...present({ hint, alias, offset, sample }),
    position: cursor.since(start),
  };
}

/** `LATERAL (query)` or `LATERAL function(…)`, which may use earlier items. */
function parseLateral(cursor: Cursor): FromItem {
  const start = cursor.start();
  cursor.expectWord("LATERAL");
  if (!cursor.isSymbol("(")) return parseTableFunction(cursor, start, cursor.path(), true);
  cursor.expectSymbol("(");
  const query = cursor.query();
  cursor.expectSymbol(")");
  return parseSubqueryEnd(cursor, start, query, true);
}

/**
 * `(query)` or `(item JOIN item)`.
 *
 * `((SELECT 1)` may go on as either. The inner parentheses are read as an item, and taken for the
 * first part of a query when they hold one and nothing but a query can follow.
 */
function parseFromParentheses(cursor: Cursor): FromItem {
  const start = cursor.start();
  cursor.expectSymbol("(");
  if (!cursor.isSymbol("(") && startsQuery(cursor)) {
    const query = cursor.query();
    cursor.expectSymbol(")");
    return parseSubqueryEnd(cursor, start, query, false);
  }
  const innerStart = cursor.start();
  const first = parseFromPrimary(cursor);
  if (isBareSubquery(first) && (continuesQuery(cursor) || cursor.isSymbol(")"))) {
    const query = cursor.queryAfter(first.query, innerStart);
    cursor.expectSymbol(")");
    return parseSubqueryEnd(cursor, start, query, false);
  }
  return parseJoinEnd(cursor, start, first);
}

function isBareSubquery(item: FromItem): item is SubqueryItem {
  if (item.kind !== "subquery-item" || item.lateral) return false;
  return item.alias === undefined && item.hint === undefined && item.sample === undefined;
}

/** The rest of `(item JOIN …)` after its first item. */
function parseJoinEnd(cursor: Cursor, start: number, first: FromItem): FromItem {
  if (first.kind === "parenthesized-join" && cursor.isSymbol(")")) {
    throw cursor.expected("keyword JOIN");
  }
  if (cursor.isSymbol(",")) throw cursor.expected("keyword JOIN");
  const join = parseJoins(cursor, parseFromPrimary, first);
  if (join.kind !== "join") throw cursor.expected("keyword JOIN");
  cursor.expectSymbol(")");
  const sample = parseSample(cursor);
  return {
    kind: "parenthesized-join",
    join,
    ...present({ sample }),
    position: cursor.since(start),
  };
}

function parseSubqueryEnd(
  cursor: Cursor,
  start: number,
  query: Query,
  lateral: boolean,
): SubqueryItem {
  const hint = parseHint(cursor);
  const alias = parseAlias(cursor);
  const sample = parseSample(cursor);
  return {
    kind: "subquery-item",
    query,
    lateral,
    ...present({ hint, alias, sample }),
    position: cursor.since(start),
  };
}

function parseTableFunction(
  cursor: Cursor,
  start: number,
  name: Path,
  lateral: boolean,
): TableFunctionItem {
  cursor.expectSymbol("(");
  const written = cursor.isSymbol(")") ? [] : cursor.list(() => parseArgument(cursor));
  cursor.expectListEnd();
  const hint = parseHint(cursor);
  const alias = parseAlias(cursor);
  const sample = parseSample(cursor);
  return {
    kind: "table-function",
    name,
    arguments: written,
    lateral,
    ...present({ hint, alias, sample }),
    position: cursor.since(start),
  };
}

/** `GRAPH_TABLE(graph MATCH … RETURN …)`. */
function parseGraphTable(cursor: Cursor): GraphTableItem {
  const start = cursor.start();
  cursor.expectWord("GRAPH_TABLE");
  const { body: query } = cursor.graphQuery("table");
  const hint = parseHint(cursor);
  const alias = parseAlias(cursor);
  const sample = parseSample(cursor);
  return {
    kind: "graph-table",
    query,
    ...present({ hint, alias, sample }),
    position: cursor.since(start),
  };
}

/** `TABLESAMPLE method (size ROWS | PERCENT …) …`, if it stands here. */
export function parseSample(
  cursor: Cursor,
  parseName: (cursor: Cursor) => Identifier | undefined = parseWeightAlias,
): TableSample | undefined {
  const start = cursor.start();
  if (!cursor.takeWord("TABLESAMPLE")) return undefined;
  const method = cursor.identifier();
  cursor.expectSymbol("(");
  const size = parseConstant(cursor);
  const unit = cursor.takeWord("PERCENT") ? "PERCENT" : "ROWS";
  if (unit === "ROWS" && !cursor.takeWord("ROWS")) {
    throw cursor.expected("keyword PERCENT or keyword ROWS");
  }
  const partitionBy = cursor.takeWords("PARTITION", "BY")
    ? cursor.list(() => cursor.expression())
    : [];
  cursor.expectSymbol(")");
  const weight = cursor.takeWords("WITH", "WEIGHT")
    ? present({ alias: parseName(cursor) })
    : undefined;
  const repeatable = parseRepeatable(cursor);
  return {
    kind: "table-sample",
    method,
    size,
    unit,
    partitionBy,
    ...present({ weight, repeatable }),
    position: cursor.since(start),
  };
}

function parseWeightAlias(cursor: Cursor): Identifier | undefined {
  return cursor.isWord("REPEATABLE") && cursor.isSymbol("(", 1) ? undefined : parseAlias(cursor);
}

/** A number or a parameter, perhaps in a cast. */
function parseConstant(cursor: Cursor): Expression {
  const isConstant =
    cursor.peek().kind === "integer" ||
    cursor.peek().kind === "float" ||
    cursor.isWord("CAST") ||
    ["@", "@@", "?"].some((symbol) => cursor.isSymbol(symbol));
  if (!isConstant) throw cursor.unexpected();
  return cursor.expression();
}

function parseRepeatable(cursor: Cursor): Expression | undefined {
  if (!cursor.takeWord("REPEATABLE")) return undefined;
  cursor.expectSymbol("(");
  const seed = parseCount(cursor);
  cursor.expectSymbol(")");
  return seed;
}
