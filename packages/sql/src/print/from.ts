// SPDX-License-Identifier: Apache-2.0

import type { FromItem, Join, JoinCondition, TableSample, WithOffset } from "../tree/from.ts";
import { printArgument } from "./call.ts";
import { printHint } from "./hint.ts";
import {
  type Printer,
  printAlias,
  printColumns,
  printIdentifier,
  printPath,
  words,
} from "./printer.ts";

/** Anything after FROM. */
export function printFromItem(printer: Printer, item: FromItem): string {
  switch (item.kind) {
    case "table":
      return words(
        printPath(item.path) + printHint(printer, item.hint) + printAlias(item.alias),
        printOffset(item.offset),
        item.systemTime && `FOR SYSTEM_TIME AS OF ${printer.expression(item.systemTime)}`,
        printSample(printer, item.sample),
      );
    case "unnest": {
      const arrays = item.arrays.map((array) => printer.expression(array)).join(", ");
      return words(
        `UNNEST(${arrays})${printHint(printer, item.hint)}${printAlias(item.alias)}`,
        printOffset(item.offset),
        printSample(printer, item.sample),
      );
    }
    case "subquery-item":
      return words(
        item.lateral && "LATERAL",
        `(${printer.query(item.query)})${printHint(printer, item.hint)}${printAlias(item.alias)}`,
        printSample(printer, item.sample),
      );
    case "table-function": {
      const written = item.arguments.map((argument) => printArgument(printer, argument)).join(", ");
      return words(
        item.lateral && "LATERAL",
        `${printPath(item.name)}(${written})` +
          printHint(printer, item.hint) +
          printAlias(item.alias),
        printSample(printer, item.sample),
      );
    }
    case "graph-table":
      return words(
        `GRAPH_TABLE(${printer.graphTableQuery(item.query)})` +
          printHint(printer, item.hint) +
          printAlias(item.alias),
        printSample(printer, item.sample),
      );
    case "join":
      return printJoin(printer, item);
    case "parenthesized-join":
      return words(`(${printJoin(printer, item.join)})`, printSample(printer, item.sample));
  }
}

/** A join on the right side needs no parentheses: its condition comes first, then the outer one. */
function printJoin(printer: Printer, join: Join): string {
  const left = printFromItem(printer, join.left);
  const right = printFromItem(printer, join.right);
  if (join.type === "COMMA") return `${left}, ${right}`;
  return words(left, printJoinWords(printer, join), right, printCondition(printer, join.condition));
}

/** `LEFT HASH JOIN@{…}`. */
export function printJoinWords(
  printer: Printer,
  join: Pick<Join, "type" | "method" | "hint">,
): string {
  return words(join.type, join.method, `JOIN${printHint(printer, join.hint)}`);
}

/** `ON …` or `USING (…)`. */
export function printCondition(
  printer: Printer,
  condition: JoinCondition | undefined,
): string | undefined {
  if (condition === undefined) return undefined;
  if (condition.kind === "using") return `USING ${printColumns(condition.columns)}`;
  return `ON ${printer.expression(condition.condition)}`;
}

/** `WITH OFFSET [AS name]`, or nothing. */
export function printOffset(offset: WithOffset | undefined): string | undefined {
  return offset && `WITH OFFSET${printAlias(offset.alias)}`;
}

/** `TABLESAMPLE …`, or nothing. */
export function printSample(printer: Printer, sample: TableSample | undefined): string | undefined {
  if (sample === undefined) return undefined;
  const partitions = sample.partitionBy.map((partition) => printer.expression(partition));
  const size = words(
    printer.expression(sample.size),
    sample.unit,
    partitions.length > 0 && `PARTITION BY ${partitions.join(", ")}`,
  );
  return words(
    `TABLESAMPLE ${printIdentifier(sample.method)} (${size})`,
    sample.weight && `WITH WEIGHT${printAlias(sample.weight.alias)}`,
    sample.repeatable && `REPEATABLE (${printer.expression(sample.repeatable)})`,
  );
}
