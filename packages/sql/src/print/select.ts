// SPDX-License-Identifier: Apache-2.0

import type {
  ColumnMatch,
  GroupBy,
  GroupItem,
  GroupingSet,
  GroupingSetElement,
  Limit,
  NamedWindow,
  OrderBy,
  Select,
  SelectAs,
  SelectItem,
  SetOperation,
  WithClause,
} from "../tree/query.ts";
import { printOrderItem, printWindow } from "./call.ts";
import { printFromItem } from "./from.ts";
import { printHint } from "./hint.ts";
import {
  type Printer,
  printAlias,
  printColumns,
  printIdentifier,
  printPath,
  words,
} from "./printer.ts";

/** `WITH name AS (…), …`. */
export function printWith(printer: Printer, clause: WithClause): string {
  const entries = clause.entries.map(
    (entry) => `${printIdentifier(entry.name)} AS (${printer.query(entry.query)})`,
  );
  return words("WITH", clause.recursive && "RECURSIVE", entries.join(", "));
}

/** `SELECT …` with its clauses. */
export function printSelect(printer: Printer, select: Select): string {
  return words(
    "SELECT",
    printHint(printer, select.hint),
    select.distinct && "DISTINCT",
    select.as && printSelectAs(select.as),
    printSelectItems(printer, select.items),
    select.from && `FROM ${printFromItem(printer, select.from)}`,
    select.where && `WHERE ${printer.expression(select.where)}`,
    select.groupBy && `${printGroupBy(printer, select.groupBy)}`,
    select.having && `HAVING ${printer.expression(select.having)}`,
    select.qualify && `QUALIFY ${printer.expression(select.qualify)}`,
    printWindows(printer, select.windows),
  );
}

function printSelectAs(as: SelectAs): string {
  switch (as.kind) {
    case "struct":
      return "AS STRUCT";
    case "value":
      return "AS VALUE";
    case "proto": {
      const name = printPath(as.name);
      return name.toUpperCase() === "VALUE" ? `AS \`${name}\`` : `AS ${name}`;
    }
  }
}

/** `WINDOW name AS (…), …`, or nothing. */
export function printWindows(printer: Printer, windows: readonly NamedWindow[]): string {
  if (windows.length === 0) return "";
  const entries = windows.map(
    ({ name, window }) => `${printIdentifier(name)} AS ${printWindow(printer, window)}`,
  );
  return `WINDOW ${entries.join(", ")}`;
}

/** The items of a select list. */
export function printSelectItems(printer: Printer, items: readonly SelectItem[]): string {
  return items.map((item) => printSelectItem(printer, item)).join(", ");
}

/** One item of a select list. */
export function printSelectItem(printer: Printer, item: SelectItem): string {
  if (item.kind === "select-expression") {
    return printer.expression(item.value) + printAlias(item.alias);
  }
  const replacements = item.replace.map(
    ({ value, column }) => `${printer.expression(value)} AS ${printIdentifier(column)}`,
  );
  const { operand } = item;
  const needsParentheses = operand?.kind === "binary" || operand?.kind === "unary";
  const text = operand && printer.expression(operand);
  return words(
    text === undefined ? "*" : `${needsParentheses ? `(${text})` : text}.*`,
    item.except.length > 0 && `EXCEPT ${printColumns(item.except)}`,
    replacements.length > 0 && `REPLACE (${replacements.join(", ")})`,
  );
}

/** `GROUP BY …`; pipe syntax has words of its own between GROUP and BY. */
export function printGroupBy(printer: Printer, groupBy: GroupBy, between = ""): string {
  const items = groupBy.items.map((item) => printGroupItem(printer, item));
  return words(
    `GROUP${printHint(printer, groupBy.hint)}`,
    between,
    "BY",
    groupBy.all ? "ALL" : items.join(", "),
  );
}

function printGroupItem(printer: Printer, item: GroupItem): string {
  if (item.kind === "group-expression") {
    return words(
      printer.expression(item.value) + printAlias(item.alias),
      item.order,
      item.nulls && `NULLS ${item.nulls}`,
    );
  }
  return printGroupingSet(printer, item);
}

function printGroupingSet(printer: Printer, set: GroupingSet): string {
  const elements = set.sets.map((element) => printGroupingElement(printer, element));
  const keyword = { rollup: "ROLLUP", cube: "CUBE", "grouping-sets": "GROUPING SETS" }[set.kind];
  return `${keyword}(${elements.join(", ")})`;
}

function printGroupingElement(printer: Printer, element: GroupingSetElement): string {
  if (element.kind !== "group") return printGroupingSet(printer, element);
  const elements = element.elements.map((expression) => printer.expression(expression));
  return elements.length === 1 ? elements.join("") : `(${elements.join(", ")})`;
}

/** `ORDER BY …`. */
export function printOrderBy(printer: Printer, orderBy: OrderBy): string {
  const items = orderBy.items.map((item) => printOrderItem(printer, item));
  return `ORDER${printHint(printer, orderBy.hint)} BY ${items.join(", ")}`;
}

/** `LIMIT … OFFSET …`. */
export function printLimit(printer: Printer, limit: Limit): string {
  const count = limit.count === undefined ? "ALL" : printer.expression(limit.count);
  return words(`LIMIT ${count}`, limit.offset && `OFFSET ${printer.expression(limit.offset)}`);
}
/** `UNION ALL` with its hint and the way it matches columns. */
export function printSetOperator(
  printer: Printer,
  operation: Pick<SetOperation, "operator" | "distinct" | "hint" | "match">,
): string {
  const { match } = operation;
  const isOuter = match?.propagation === "FULL" || match?.propagation === "LEFT";
  return words(
    isOuter && match.propagation,
    operation.operator,
    printHint(printer, operation.hint),
    operation.distinct ? "DISTINCT" : "ALL",
    match && printMatch(match),
  );
}

function printMatch(match: ColumnMatch): string {
  const hasColumns = match.columns.length > 0;
  const preposition = match.mode === "BY NAME" ? "ON" : "BY";
  return words(
    match.propagation === "STRICT" && "STRICT",
    match.mode,
    hasColumns && `${preposition} ${printColumns(match.columns)}`,
  );
}
