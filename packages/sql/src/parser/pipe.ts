// SPDX-License-Identifier: Apache-2.0

import type {
  PipeAggregate,
  PipeAggregateItem,
  PipeAssert,
  PipeCall,
  PipeDrop,
  PipeExtend,
  PipeJoin,
  PipeOperator,
  PipeRename,
  PipeRenameItem,
  PipeSelect,
  PipeSet,
  PipeSetItem,
  PipeSetOperation,
  PipeWindow,
  PipeWith,
} from "../tree/pipe.ts";
import type { GroupBy, GroupItem, OrderItem, Query, SelectItem, WithEntry } from "../tree/query.ts";
import { parseArgument } from "./call.ts";
import { type Cursor, present } from "./cursor.ts";
import { parseAlias, parseFromPrimary, parseSample } from "./from.ts";
import { parseHint } from "./hint.ts";
import { parseCondition, parseJoinHeader } from "./join.ts";
import { parseDirection, parseLimit, parseNullOrder, parseOrderItem } from "./order.ts";
import { isOuterMode } from "./parentheses.ts";
import { endsSelectList, parseGroupingSet, parseSelectHead, parseSelectItem } from "./select.ts";
import { parseSetOperator } from "./set-operator.ts";
import { parseWindowClause } from "./window.ts";
import { parseWithEntry } from "./with.ts";

/** One step after `|>`. */
export function parsePipeOperator(cursor: Cursor): PipeOperator {
  const token = cursor.peek();
  const word = token.kind === "keyword" || token.kind === "identifier" ? token.word : "";
  if (isOuterMode(cursor)) return parsePipeSetOperation(cursor);
  switch (word) {
    case "SELECT":
      return parsePipeSelect(cursor);
    case "WHERE":
      return parsePipeWhere(cursor);
    case "AGGREGATE":
      return parsePipeAggregate(cursor);
    case "EXTEND":
      return parsePipeExtend(cursor);
    case "SET":
      return parsePipeSet(cursor);
    case "DROP":
      return parsePipeDrop(cursor);
    case "RENAME":
      return parsePipeRename(cursor);
    case "AS":
      return parsePipeAs(cursor);
    case "UNION":
    case "INTERSECT":
    case "EXCEPT":
      return parsePipeSetOperation(cursor);
    case "ORDER":
      return parsePipeOrderBy(cursor);
    case "LIMIT":
      return parsePipeLimit(cursor);
    case "DISTINCT":
      return parsePipeDistinct(cursor);
    case "TABLESAMPLE":
      return parsePipeTableSample(cursor);
    case "CALL":
      return parsePipeCall(cursor);
    case "ASSERT":
      return parsePipeAssert(cursor);
    case "WINDOW":
      return parsePipeWindow(cursor);
    case "WITH":
      return parsePipeWith(cursor);
    case "GROUP":
      throw groupByNeedsAggregate(cursor);
    default:
      return parsePipeJoin(cursor);
  }
}

function groupByNeedsAggregate(cursor: Cursor): Error {
  return cursor.error(
    "Syntax error: GROUP BY should be part of a pipe AGGREGATE operator, " +
      "without a leading pipe symbol",
  );
}

/** One or more items with commas between them and perhaps one after the last. */
function listWithTrailingComma<T>(cursor: Cursor, item: () => T): T[] {
  const items: T[] = [];
  do cursor.addItem(items, item);
  while (cursor.takeSymbol(",") && !endsSelectList(cursor));
  return items;
}

function parsePipeSelect(cursor: Cursor): PipeSelect {
  const start = cursor.start();
  const head = parseSelectHead(cursor);
  const windows = parseWindowClause(cursor);
  const position = cursor.since(start);
  return { kind: "pipe-select", select: { kind: "select", ...head, windows, position }, position };
}

function parsePipeWhere(cursor: Cursor): PipeOperator {
  const start = cursor.start();
  cursor.expectWord("WHERE");
  return { kind: "pipe-where", condition: cursor.expression(), position: cursor.since(start) };
}

function parsePipeAggregate(cursor: Cursor): PipeAggregate {
  const start = cursor.start();
  cursor.expectWord("AGGREGATE");
  const hint = parseHint(cursor);
  const items = endsSelectList(cursor)
    ? []
    : listWithTrailingComma(cursor, () => parseAggregateItem(cursor));
  const groupStart = cursor.start();
  const isGrouped = cursor.takeWord("GROUP");
  const groupHint = isGrouped ? parseHint(cursor) : undefined;
  const ordered = isGrouped && cursor.takeWords("AND", "ORDER");
  const groupBy = isGrouped ? parsePipeGroups(cursor, groupStart) : undefined;
  return {
    kind: "pipe-aggregate",
    items,
    ...(groupBy && { groupBy: { ...groupBy, ...present({ hint: groupHint }) } }),
    ordered,
    ...present({ hint }),
    position: cursor.since(start),
  };
}

function parseAggregateItem(cursor: Cursor): PipeAggregateItem {
  const start = cursor.start();
  const item = parseComputedItem(cursor);
  const direction = item.kind === "select-star" ? undefined : parseDirection(cursor);
  const nulls = direction === undefined ? undefined : parseNullOrder(cursor);
  return {
    kind: "pipe-aggregate-item",
    item,
    ...present({ direction, nulls }),
    position: cursor.since(start),
  };
}

/** An item that computes something: `*` alone has no meaning here. */
function parseComputedItem(cursor: Cursor): SelectItem {
  if (cursor.isSymbol("*")) throw cursor.unexpected();
  return parseSelectItem(cursor);
}

function parsePipeGroups(cursor: Cursor, start: number): GroupBy {
  cursor.expectWord("BY");
  const items = listWithTrailingComma(cursor, () => parsePipeGroup(cursor));
  return { kind: "group-by", all: false, items, position: cursor.since(start) };
}

function parsePipeGroup(cursor: Cursor): GroupItem {
  const set = parseGroupingSet(cursor);
  if (set !== undefined) return set;
  const start = cursor.start();
  const value = cursor.expression();
  const alias = parseAlias(cursor);
  const order = parseDirection(cursor);
  const nulls = parseNullOrder(cursor);
  return {
    kind: "group-expression",
    value,
    ...present({ alias, order, nulls }),
    position: cursor.since(start),
  };
}

function parsePipeExtend(cursor: Cursor): PipeExtend | PipeWindow {
  const start = cursor.start();
  cursor.expectWord("EXTEND");
  const hint = parseHint(cursor);
  const items = listWithTrailingComma(cursor, () => parseComputedItem(cursor));
  const windows = parseWindowClause(cursor);
  if (windows.length > 0) {
    return { kind: "pipe-window", items, windows, position: cursor.since(start) };
  }
  return { kind: "pipe-extend", items, ...present({ hint }), position: cursor.since(start) };
}

function parsePipeSet(cursor: Cursor): PipeSet {
  const start = cursor.start();
  cursor.expectWord("SET");
  const items = listWithTrailingComma(cursor, () => parsePipeSetItem(cursor));
  return { kind: "pipe-set", items, position: cursor.since(start) };
}

function parsePipeSetItem(cursor: Cursor): PipeSetItem {
  const start = cursor.start();
  const column = cursor.identifier();
  if (cursor.isSymbol(".")) {
    throw cursor.error(
      "Syntax error: Pipe SET can only update columns by column name alone; " +
        "Setting columns under table aliases or fields under paths is not supported",
    );
  }
  cursor.expectSymbol("=");
  const value = cursor.expression();
  return { kind: "pipe-set-item", column, value, position: cursor.since(start) };
}

function parsePipeDrop(cursor: Cursor): PipeDrop {
  const start = cursor.start();
  cursor.expectWord("DROP");
  const columns = listWithTrailingComma(cursor, () => cursor.identifier());
  if (cursor.isSymbol(".")) {
    throw cursor.error(
      "Syntax error: Pipe DROP can only drop columns by name alone; " +
        "Dropping columns under table aliases or fields under paths is not supported",
    );
  }
  return { kind: "pipe-drop", columns, position: cursor.since(start) };
}

function parsePipeRename(cursor: Cursor): PipeRename {
  const start = cursor.start();
  cursor.expectWord("RENAME");
  const items = listWithTrailingComma(cursor, () => parsePipeRenameItem(cursor));
  return { kind: "pipe-rename", items, position: cursor.since(start) };
}

function parsePipeRenameItem(cursor: Cursor): PipeRenameItem {
  const start = cursor.start();
  const from = cursor.identifier();
  if (cursor.isSymbol(".")) {
    throw cursor.error(
      "Syntax error: Pipe RENAME can only rename columns by name alone; " +
        "Renaming columns under table aliases or fields under paths is not supported",
    );
  }
  cursor.takeWord("AS");
  const to = cursor.identifier();
  return { kind: "pipe-rename-item", from, to, position: cursor.since(start) };
}

function parsePipeAs(cursor: Cursor): PipeOperator {
  const start = cursor.start();
  cursor.expectWord("AS");
  return { kind: "pipe-as", alias: cursor.identifier(), position: cursor.since(start) };
}

function parsePipeJoin(cursor: Cursor): PipeJoin {
  const start = cursor.start();
  const header = parseJoinHeader(cursor);
  if (header === undefined) throw cursor.expected("keyword JOIN");
  const { type, method, hint } = header;
  if (type === "COMMA") throw cursor.unexpected();
  const right = parseFromPrimary(cursor);
  const condition = parseCondition(cursor);
  return {
    kind: "pipe-join",
    type,
    ...present({ method, hint }),
    right,
    ...present({ condition }),
    position: cursor.since(start),
  };
}

function parsePipeSetOperation(cursor: Cursor): PipeSetOperation {
  const start = cursor.start();
  const operator = parseSetOperator(cursor);
  if (operator === undefined) throw cursor.unexpected();
  const { start: _, ...words } = operator;
  const inputs = listWithTrailingComma(cursor, () => parsePipeInput(cursor));
  return { kind: "pipe-set-operation", ...words, inputs, position: cursor.since(start) };
}

/** `(query)`, or `TABLE name` without parentheses. */
function parsePipeInput(cursor: Cursor): Query {
  if (cursor.isWord("TABLE")) return parseTableInput(cursor);
  cursor.expectSymbol("(");
  const query = cursor.query();
  cursor.expectSymbol(")");
  return query;
}

function parseTableInput(cursor: Cursor): Query {
  const start = cursor.start();
  cursor.expectWord("TABLE");
  const name = cursor.path();
  const position = cursor.since(start);
  const body = { kind: "table-query", name, position } as const;
  return { kind: "query", body, forUpdate: false, pipes: [], position };
}

function parsePipeOrderBy(cursor: Cursor): PipeOperator {
  const start = cursor.start();
  cursor.expectWord("ORDER");
  const hint = parseHint(cursor);
  cursor.expectWord("BY");
  const items: OrderItem[] = listWithTrailingComma(cursor, () => parseOrderItem(cursor));
  const position = cursor.since(start);
  const orderBy = { kind: "order-by", ...present({ hint }), items, position } as const;
  return { kind: "pipe-order-by", orderBy, position };
}

function parsePipeLimit(cursor: Cursor): PipeOperator {
  const limit = parseLimit(cursor);
  if (limit === undefined) throw cursor.unexpected();
  return { kind: "pipe-limit", limit, position: limit.position };
}

function parsePipeDistinct(cursor: Cursor): PipeOperator {
  const start = cursor.start();
  cursor.expectWord("DISTINCT");
  return { kind: "pipe-distinct", position: cursor.since(start) };
}

function parsePipeTableSample(cursor: Cursor): PipeOperator {
  const sample = parseSample(cursor);
  if (sample === undefined) throw cursor.unexpected();
  return { kind: "pipe-table-sample", sample, position: sample.position };
}

function parsePipeCall(cursor: Cursor): PipeCall {
  const start = cursor.start();
  cursor.expectWord("CALL");
  const name = cursor.path();
  cursor.expectSymbol("(");
  const written = cursor.isSymbol(")") ? [] : cursor.list(() => parseArgument(cursor));
  cursor.expectListEnd();
  const hint = parseHint(cursor);
  const alias = parseAlias(cursor);
  return {
    kind: "pipe-call",
    name,
    arguments: written,
    ...present({ alias, hint }),
    position: cursor.since(start),
  };
}

function parsePipeAssert(cursor: Cursor): PipeAssert {
  const start = cursor.start();
  cursor.expectWord("ASSERT");
  const condition = cursor.expression();
  const message =
    cursor.takeSymbol(",") && !endsSelectList(cursor)
      ? listWithTrailingComma(cursor, () => cursor.expression())
      : [];
  return { kind: "pipe-assert", condition, message, position: cursor.since(start) };
}

function parsePipeWindow(cursor: Cursor): PipeWindow {
  const start = cursor.start();
  cursor.expectWord("WINDOW");
  const items = listWithTrailingComma(cursor, () => parseComputedItem(cursor));
  return { kind: "pipe-window", items, windows: [], position: cursor.since(start) };
}

function parsePipeWith(cursor: Cursor): PipeWith {
  const start = cursor.start();
  cursor.expectWord("WITH");
  const recursive = cursor.takeWord("RECURSIVE");
  const entries: WithEntry[] = listWithTrailingComma(cursor, () => parseWithEntry(cursor));
  const position = cursor.since(start);
  return { kind: "pipe-with", with: { kind: "with", recursive, entries, position }, position };
}
