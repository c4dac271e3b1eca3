// SPDX-License-Identifier: Apache-2.0

import type { Expression } from "../tree/expression.ts";
import type { Identifier } from "../tree/position.ts";
import type {
  GroupBy,
  GroupItem,
  GroupingSet,
  GroupingSetElement,
  Replacement,
  Select,
  SelectAs,
  SelectExpression,
  SelectItem,
  SelectStar,
} from "../tree/query.ts";
import { type Cursor, present } from "./cursor.ts";
import { parseFromItems } from "./from.ts";
import { parseHint } from "./hint.ts";
import { parseWindowClause } from "./window.ts";

/** `SELECT … [FROM …] [WHERE …] [GROUP BY …] [HAVING …]`. */
export function parseSelect(cursor: Cursor): Select {
  const start = cursor.start();
  const head = parseSelectHead(cursor);
  const from = cursor.takeWord("FROM") ? cursor.clause(() => parseFromItems(cursor)) : undefined;
  const where = cursor.takeWord("WHERE") ? cursor.clause(() => cursor.expression()) : undefined;
  const groupBy = cursor.isWord("GROUP") ? cursor.clause(() => parseGroupBy(cursor)) : undefined;
  const having = cursor.takeWord("HAVING") ? cursor.clause(() => cursor.expression()) : undefined;
  const filtered = where ?? groupBy ?? having;
  if (filtered === undefined && cursor.isWord("QUALIFY")) throw qualifyAlone(cursor);
  const qualify = cursor.takeWord("QUALIFY") ? cursor.expression() : undefined;
  const windows = parseWindowClause(cursor);
  return {
    kind: "select",
    ...head,
    ...present({ from, where, groupBy, having, qualify }),
    windows,
    position: cursor.since(start),
  };
}

function qualifyAlone(cursor: Cursor): Error {
  return cursor.error(
    "QUALIFY clause must be used in conjunction with WHERE or GROUP BY or HAVING clause",
  );
}

/** What stands before FROM. */
type SelectHead = Pick<Select, "hint" | "distinct" | "as" | "items">;

/** `SELECT [hint] [ALL | DISTINCT] [AS …] item, …`. A comma may follow the last item. */
export function parseSelectHead(cursor: Cursor): SelectHead {
  cursor.expectWord("SELECT");
  const hint = parseHint(cursor);
  const distinct = cursor.takeWord("DISTINCT");
  if (!distinct) cursor.takeWord("ALL");
  const as = parseSelectAs(cursor);
  if (cursor.isWord("FROM")) throw cursor.error("Syntax error: SELECT list must not be empty");
  const items = parseSelectItems(cursor);
  return { ...present({ hint, as }), distinct, items };
}

function parseSelectAs(cursor: Cursor): SelectAs | undefined {
  if (!cursor.takeWord("AS")) return undefined;
  if (cursor.takeWord("STRUCT")) return { kind: "struct" };
  if (cursor.isWord("VALUE") && !cursor.isSymbol(".", 1)) {
    cursor.take();
    return { kind: "value" };
  }
  return { kind: "proto", name: cursor.path() };
}

/** `item, …`, with an optional comma at the end. */
export function parseSelectItems(cursor: Cursor): SelectItem[] {
  const items: SelectItem[] = [];
  do cursor.addItem(items, () => parseSelectItem(cursor));
  while (cursor.takeSymbol(",") && !endsSelectList(cursor));
  return items;
}

const afterSelectList: ReadonlySet<string> = new Set([
  "FROM",
  "WHERE",
  "GROUP",
  "HAVING",
  "ORDER",
  "LIMIT",
  "UNION",
  "INTERSECT",
  "EXCEPT",
  "WINDOW",
]);

/** Whether a list that may end in a comma is over. */
export function endsSelectList(cursor: Cursor): boolean {
  if (cursor.isEnd() || cursor.isAnyWord(afterSelectList)) return true;
  return cursor.isSymbol(")") || cursor.isSymbol(";") || cursor.isSymbol("|>");
}

/** `value [AS alias]`, `*`, or `operand.*`. */
export function parseSelectItem(cursor: Cursor): SelectItem {
  const start = cursor.start();
  if (cursor.takeSymbol("*")) return parseStar(cursor, start, undefined);
  const value = cursor.expression();
  if (cursor.isSymbol(".") && cursor.isSymbol("*", 1)) {
    cursor.take();
    cursor.take();
    return parseStar(cursor, start, value);
  }
  return parseSelectAlias(cursor, start, value);
}

function parseSelectAlias(cursor: Cursor, start: number, value: Expression): SelectExpression {
  const alias = cursor.takeWord("AS") ? cursor.identifier() : parseBareAlias(cursor);
  return { kind: "select-expression", value, ...present({ alias }), position: cursor.since(start) };
}

/** An alias without AS; `123abc` is a typing error, not 123 under the name of abc. */
function parseBareAlias(cursor: Cursor): Identifier | undefined {
  const token = cursor.peek();
  if (token.kind !== "identifier") return undefined;
  const touches = token.word !== "" && cursor.end() === token.start;
  if (touches && /[0-9A-Za-z_.]/.test(cursor.text.charAt(token.start - 1))) {
    throw cursor.error("Syntax error: Missing whitespace between literal and alias");
  }
  return cursor.identifier();
}

function parseStar(cursor: Cursor, start: number, operand: Expression | undefined): SelectStar {
  const except = parseExcept(cursor);
  const replace = cursor.takeWord("REPLACE")
    ? cursor.parenthesized(() => parseReplacement(cursor))
    : [];
  return {
    kind: "select-star",
    ...present({ operand }),
    except,
    replace,
    position: cursor.since(start),
  };
}

function parseExcept(cursor: Cursor): Identifier[] {
  if (!(cursor.isWord("EXCEPT") && cursor.isSymbol("(", 1))) return [];
  cursor.take();
  return cursor.parenthesized(() => cursor.identifier());
}

function parseReplacement(cursor: Cursor): Replacement {
  const start = cursor.start();
  const value = cursor.expression();
  cursor.expectWord("AS");
  const column = cursor.identifier();
  return { kind: "replacement", value, column, position: cursor.since(start) };
}

/** `GROUP [hint] BY item, …`, or `GROUP BY ALL`, if it stands here. */
export function parseGroupBy(cursor: Cursor): GroupBy | undefined {
  const start = cursor.start();
  if (!cursor.takeWord("GROUP")) return undefined;
  const hint = parseHint(cursor);
  cursor.expectWord("BY");
  const all = cursor.takeWord("ALL");
  const items = all ? [] : cursor.list(() => parseGroupItem(cursor));
  return { kind: "group-by", ...present({ hint }), all, items, position: cursor.since(start) };
}

/** An expression, or a grouping set. */
function parseGroupItem(cursor: Cursor): GroupItem {
  const set = parseGroupingSet(cursor);
  if (set !== undefined) return set;
  const value = cursor.expression();
  return { kind: "group-expression", value, position: value.position };
}

/** `ROLLUP(…)`, `CUBE(…)`, `GROUPING SETS(…)`, or `()`, if it stands here. */
export function parseGroupingSet(cursor: Cursor): GroupingSet | undefined {
  const start = cursor.start();
  const kind = groupingSetHere(cursor);
  if (kind === undefined) {
    if (!(cursor.isSymbol("(") && cursor.isSymbol(")", 1))) return undefined;
    const empty = parseGroupingElement(cursor);
    return { kind: "grouping-sets", sets: [empty], position: cursor.since(start) };
  }
  const sets = cursor.parenthesized(() => parseGroupingElement(cursor));
  return { kind, sets, position: cursor.since(start) };
}

function groupingSetHere(cursor: Cursor): GroupingSet["kind"] | undefined {
  if (cursor.takeWord("ROLLUP")) return "rollup";
  if (cursor.takeWord("CUBE")) return "cube";
  return cursor.takeWords("GROUPING", "SETS") ? "grouping-sets" : undefined;
}

function parseGroupingElement(cursor: Cursor): GroupingSetElement {
  const start = cursor.start();
  if (cursor.isSymbol("(") && cursor.isSymbol(")", 1)) {
    cursor.take();
    cursor.take();
    return { kind: "group", elements: [], position: cursor.since(start) };
  }
  const inner = cursor.nested(() => parseGroupingSet(cursor));
  if (inner !== undefined) return inner;
  const value = cursor.expression();
  const isTuple = value.kind === "struct" && value.tuple;
  const elements = isTuple ? value.fields.map((field) => field.value) : [value];
  return { kind: "group", elements, position: cursor.since(start) };
}
