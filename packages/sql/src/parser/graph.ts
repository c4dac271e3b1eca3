// SPDX-License-Identifier: Apache-2.0

import type {
  GraphDefinition,
  GraphFor,
  GraphLinearQuery,
  GraphMatch,
  GraphQuery,
  GraphReturn,
  GraphSetInput,
  GraphStatement,
  GraphStep,
  GraphWith,
} from "../tree/graph.ts";
import type { SelectItem } from "../tree/query.ts";
import { type Cursor, present } from "./cursor.ts";
import { parseSample } from "./from.ts";
import { parseGraphCall } from "./graph-call.ts";
import { parseGraphPattern } from "./graph-pattern.ts";
import { parseHint } from "./hint.ts";
import { parseDirection, parseOrderBy } from "./order.ts";
import { isOuterMode } from "./parentheses.ts";
import type { GraphPlace, OverGraph } from "./rules.ts";
import { parseGroupBy, parseSelectItem } from "./select.ts";
import { parsePropagation, takeSetOperator } from "./set-operator.ts";

/**
 * A graph query as the body of a query.
 *
 * A statement begins with GRAPH. A subquery stands in braces, where GRAPH may be left out; that of
 * EXISTS may be a bare pattern. The parentheses of GRAPH_TABLE begin with the graph's name.
 */
export function parseGraphQuery(cursor: Cursor, place: GraphPlace): OverGraph {
  const start = cursor.start();
  if (place === "value" || place === "exists") cursor.expectSymbol("{");
  if (place === "table") cursor.expectSymbol("(");
  const body = parseBody(cursor, place);
  if (place === "value" || place === "exists") cursor.expectSymbol("}");
  if (place === "table" && !cursor.takeSymbol(")")) throw cursor.expected('")" or keyword NEXT');
  return { kind: "query", body, forUpdate: false, pipes: [], position: cursor.since(start) };
}

function parseBody(cursor: Cursor, place: GraphPlace): GraphQuery {
  const start = cursor.start();
  const isNamed = place !== "table" && cursor.isWord("GRAPH") && cursor.isName(1);
  if (isNamed || place === "statement") cursor.expectWord("GRAPH");
  const graph = isNamed || place === "table" || place === "statement" ? cursor.path() : undefined;
  const steps = [parseStep(cursor, place)];
  while (cursor.takeWord("NEXT")) {
    steps.push(parseStep(cursor, place));
    cursor.checkChain(steps.length);
  }
  return { kind: "graph-query", ...present({ graph }), steps, position: cursor.since(start) };
}

function parseStep(cursor: Cursor, place: GraphPlace): GraphStep {
  const start = cursor.start();
  const first = parseLinearQuery(cursor, place, "keyword INSERT or keyword RETURN");
  const rest: GraphSetInput[] = [];
  for (let next = parseSetInput(cursor); next !== undefined; next = parseSetInput(cursor)) {
    rest.push(next);
    cursor.checkChain(rest.length);
  }
  return { kind: "graph-step", first, rest, position: cursor.since(start) };
}

function parseSetInput(cursor: Cursor): GraphSetInput | undefined {
  const start = cursor.start();
  const isOuter = isOuterMode(cursor) && !cursor.isWord("INNER") && !cursor.isWord("STRICT");
  const outer = isOuter ? parsePropagation(cursor) : undefined;
  const operator = takeSetOperator(cursor);
  if (operator === undefined) return undefined;
  const distinct = cursor.takeWord("DISTINCT");
  if (!distinct && !cursor.takeWord("ALL")) {
    throw cursor.expected("keyword ALL or keyword DISTINCT");
  }
  const query = parseLinearQuery(cursor, "statement", "keyword RETURN");
  return {
    kind: "graph-set-input",
    operator,
    distinct,
    ...present({ outer }),
    query,
    position: cursor.since(start),
  };
}

/** Spanner's grammar knows an INSERT where its documentation does not: errors name it. */
function parseLinearQuery(cursor: Cursor, place: GraphPlace, ends: string): GraphLinearQuery {
  const start = cursor.start();
  const statements: GraphStatement[] = [];
  if (place === "exists" && !startsStatement(cursor)) statements.push(parseMatchAfter(cursor));
  for (;;) {
    const last = statements.at(-1);
    if (last?.kind === "graph-return" || last?.kind === "graph-columns") break;
    const read = cursor.clause(() => ({ next: parseGraphStatement(cursor, place, statements) }));
    if (read === undefined) continue;
    if (read.next === undefined) {
      if (mayEnd(cursor, place, statements)) break;
      throw statements.length === 0 ? cursor.unexpected() : cursor.expected(ends);
    }
    statements.push(read.next);
  }
  return { kind: "graph-linear-query", statements, position: cursor.since(start) };
}

/** Whether a query may end without RETURN: EXISTS only counts rows, and GRAPH_TABLE may match. */
function mayEnd(cursor: Cursor, place: GraphPlace, before: readonly GraphStatement[]): boolean {
  if (place === "exists") return before.length > 0 && cursor.isSymbol("}");
  return place === "table" && cursor.isSymbol(")") && isOneMatch(before);
}

function isOneMatch(statements: readonly GraphStatement[]): boolean {
  const [only, second] = statements;
  return only?.kind === "graph-match" && !only.optional && second === undefined;
}

const statementWords: ReadonlySet<string> = new Set(
  "MATCH OPTIONAL LET FILTER FOR ORDER LIMIT OFFSET SKIP WITH RETURN CALL TABLESAMPLE".split(" "),
);

function startsStatement(cursor: Cursor): boolean {
  return cursor.isAnyWord(statementWords) && !cursor.isSymbol("=", 1);
}

function parseGraphStatement(
  cursor: Cursor,
  place: GraphPlace,
  before: readonly GraphStatement[],
): GraphStatement | undefined {
  const token = cursor.peek();
  switch (token.kind === "identifier" || token.kind === "keyword" ? token.word : "") {
    case "MATCH":
      return parseMatch(cursor, false);
    case "OPTIONAL":
      return cursor.isWord("CALL", 1) ? parseGraphCall(cursor) : parseMatch(cursor, true);
    case "CALL":
      return parseGraphCall(cursor);
    case "LET":
      return parseLet(cursor);
    case "FILTER":
      return parseFilter(cursor);
    case "FOR":
      return parseFor(cursor);
    case "ORDER":
      return parseOrderByStatement(cursor);
    case "LIMIT":
    case "OFFSET":
    case "SKIP":
      return parsePage(cursor);
    case "WITH":
      return parseWith(cursor);
    case "RETURN":
      return parseReturn(cursor);
    case "TABLESAMPLE":
      return parseSampleStatement(cursor);
    case "COLUMNS":
      return place === "table" && isOneMatch(before) ? parseGraphColumns(cursor) : undefined;
    default:
      return undefined;
  }
}

function parseMatch(cursor: Cursor, optional: boolean): GraphMatch {
  const start = cursor.start();
  if (optional) cursor.expectWord("OPTIONAL");
  cursor.expectWord("MATCH");
  return { ...parseMatchAfter(cursor), optional, position: cursor.since(start) };
}

/** What follows MATCH, which EXISTS may have alone. */
function parseMatchAfter(cursor: Cursor): GraphMatch {
  const start = cursor.start();
  const hint = parseHint(cursor);
  const pattern = parseGraphPattern(cursor);
  return {
    kind: "graph-match",
    optional: false,
    ...present({ hint }),
    pattern,
    position: cursor.since(start),
  };
}

function parseLet(cursor: Cursor): GraphStatement {
  const start = cursor.start();
  cursor.expectWord("LET");
  const definitions = cursor.list((): GraphDefinition => {
    const definitionStart = cursor.start();
    const name = cursor.identifier();
    cursor.expectSymbol("=");
    const value = cursor.expression();
    return { kind: "graph-definition", name, value, position: cursor.since(definitionStart) };
  });
  return { kind: "graph-let", definitions, position: cursor.since(start) };
}

function parseFilter(cursor: Cursor): GraphStatement {
  const start = cursor.start();
  cursor.expectWord("FILTER");
  cursor.takeWord("WHERE");
  return { kind: "graph-filter", condition: cursor.expression(), position: cursor.since(start) };
}

function parseFor(cursor: Cursor): GraphFor {
  const start = cursor.start();
  cursor.expectWord("FOR");
  const element = cursor.identifier();
  cursor.expectWord("IN");
  const array = cursor.expression();
  const offsetStart = cursor.start();
  if (!cursor.takeWords("WITH", "OFFSET")) {
    return { kind: "graph-for", element, array, position: cursor.since(start) };
  }
  const alias = cursor.takeWord("AS") ? cursor.identifier() : undefined;
  const position = cursor.since(offsetStart);
  const offset = { kind: "with-offset", ...present({ alias }), position } as const;
  return { kind: "graph-for", element, array, offset, position: cursor.since(start) };
}

function parseOrderByStatement(cursor: Cursor): GraphStatement {
  const start = cursor.start();
  const orderBy = parseOrderBy(cursor, parseGraphDirection);
  if (orderBy === undefined) throw cursor.unexpected();
  return { kind: "graph-order-by", orderBy, position: cursor.since(start) };
}

function parseGraphDirection(cursor: Cursor): "ASC" | "DESC" | undefined {
  if (cursor.takeWord("ASCENDING")) return "ASC";
  return cursor.takeWord("DESCENDING") ? "DESC" : parseDirection(cursor);
}

function parsePage(cursor: Cursor): GraphStatement {
  const start = cursor.start();
  const isLimit = cursor.takeWord("LIMIT");
  if (!isLimit) cursor.take();
  const kind = isLimit ? "graph-limit" : "graph-offset";
  return { kind, count: cursor.expression(), position: cursor.since(start) };
}

function parseSampleStatement(cursor: Cursor): GraphStatement {
  const start = cursor.start();
  // Without AS, a weight's name could not be told from the next statement.
  const sample = parseSample(cursor, () =>
    cursor.takeWord("AS") ? cursor.identifier() : undefined,
  );
  if (sample === undefined) throw cursor.unexpected();
  return { kind: "graph-sample", sample, position: cursor.since(start) };
}

/** `[hint] [ALL | DISTINCT] item, … [GROUP BY …]`, which WITH and RETURN share. */
function parseItems(cursor: Cursor): Pick<GraphWith, "hint" | "distinct" | "items" | "groupBy"> {
  const hint = parseHint(cursor);
  const distinct = cursor.takeWord("DISTINCT");
  if (!distinct) cursor.takeWord("ALL");
  const items = cursor.list(() => parseItem(cursor));
  const groupBy = parseGroupBy(cursor);
  return { ...present({ hint, groupBy }), distinct, items };
}

/** `*`, or `value [AS name]`. */
function parseItem(cursor: Cursor): SelectItem {
  const start = cursor.start();
  if (cursor.takeSymbol("*")) {
    return { kind: "select-star", except: [], replace: [], position: cursor.since(start) };
  }
  const value = cursor.expression();
  if (cursor.takeSymbol(".")) throw cursor.unexpected();
  const alias = cursor.takeWord("AS") ? cursor.identifier() : undefined;
  return { kind: "select-expression", value, ...present({ alias }), position: cursor.since(start) };
}

function parseWith(cursor: Cursor): GraphWith {
  const start = cursor.start();
  cursor.expectWord("WITH");
  return { kind: "graph-with", ...parseItems(cursor), position: cursor.since(start) };
}

function parseReturn(cursor: Cursor): GraphReturn {
  const start = cursor.start();
  cursor.expectWord("RETURN");
  const items = parseItems(cursor);
  const orderBy = parseOrderBy(cursor, parseGraphDirection);
  const hasOffset = cursor.takeWord("OFFSET") || cursor.takeWord("SKIP");
  const offset = hasOffset ? cursor.expression() : undefined;
  const limit = cursor.takeWord("LIMIT") ? cursor.expression() : undefined;
  return {
    kind: "graph-return",
    ...items,
    ...present({ orderBy, offset, limit }),
    position: cursor.since(start),
  };
}

function parseGraphColumns(cursor: Cursor): GraphStatement {
  const start = cursor.start();
  cursor.expectWord("COLUMNS");
  const items = cursor.parenthesized(() => parseSelectItem(cursor));
  return { kind: "graph-columns", items, position: cursor.since(start) };
}
