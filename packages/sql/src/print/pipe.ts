// SPDX-License-Identifier: Apache-2.0

import type { PipeAggregate, PipeAggregateItem, PipeOperator } from "../tree/pipe.ts";
import { printArgument } from "./call.ts";
import { printCondition, printFromItem, printJoinWords, printSample } from "./from.ts";
import { printHint } from "./hint.ts";
import { type Printer, printAlias, printIdentifier, printPath, words } from "./printer.ts";
import {
  printGroupBy,
  printLimit,
  printOrderBy,
  printSelect,
  printSelectItem,
  printSelectItems,
  printSetOperator,
  printWindows,
  printWith,
} from "./select.ts";

/** One step, without its `|>`. */
export function printPipe(printer: Printer, pipe: PipeOperator): string {
  switch (pipe.kind) {
    case "pipe-select":
      return printSelect(printer, pipe.select);
    case "pipe-where":
      return `WHERE ${printer.expression(pipe.condition)}`;
    case "pipe-aggregate":
      return printAggregate(printer, pipe);
    case "pipe-extend":
      return words(`EXTEND${printHint(printer, pipe.hint)}`, printSelectItems(printer, pipe.items));
    case "pipe-set": {
      const items = pipe.items.map(
        ({ column, value }) => `${printIdentifier(column)} = ${printer.expression(value)}`,
      );
      return `SET ${items.join(", ")}`;
    }
    case "pipe-drop":
      return `DROP ${pipe.columns.map(printIdentifier).join(", ")}`;
    case "pipe-rename": {
      const items = pipe.items.map(
        ({ from, to }) => `${printIdentifier(from)} AS ${printIdentifier(to)}`,
      );
      return `RENAME ${items.join(", ")}`;
    }
    case "pipe-as":
      return `AS ${printIdentifier(pipe.alias)}`;
    case "pipe-join":
      return words(
        printJoinWords(printer, pipe),
        printFromItem(printer, pipe.right),
        printCondition(printer, pipe.condition),
      );
    case "pipe-set-operation": {
      const inputs = pipe.inputs.map((input) => `(${printer.query(input)})`);
      return `${printSetOperator(printer, pipe)} ${inputs.join(", ")}`;
    }
    case "pipe-order-by":
      return printOrderBy(printer, pipe.orderBy);
    case "pipe-limit":
      return printLimit(printer, pipe.limit);
    case "pipe-distinct":
      return "DISTINCT";
    case "pipe-table-sample":
      return printSample(printer, pipe.sample) ?? "";
    case "pipe-call": {
      const written = pipe.arguments.map((argument) => printArgument(printer, argument)).join(", ");
      const call = `CALL ${printPath(pipe.name)}(${written})`;
      return call + printHint(printer, pipe.hint) + printAlias(pipe.alias);
    }
    case "pipe-assert": {
      const values = [pipe.condition, ...pipe.message].map((value) => printer.expression(value));
      return `ASSERT ${values.join(", ")}`;
    }
    case "pipe-window": {
      const keyword = pipe.windows.length > 0 ? "EXTEND" : "WINDOW";
      const items = printSelectItems(printer, pipe.items);
      return words(keyword, items, printWindows(printer, pipe.windows));
    }
    case "pipe-with":
      return printWith(printer, pipe.with);
  }
}

function printAggregate(printer: Printer, pipe: PipeAggregate): string {
  const items = pipe.items.map((item) => printAggregateItem(printer, item)).join(", ");
  const between = pipe.ordered ? "AND ORDER" : "";
  return words(
    `AGGREGATE${printHint(printer, pipe.hint)}`,
    items,
    pipe.groupBy && printGroupBy(printer, pipe.groupBy, between),
  );
}

function printAggregateItem(printer: Printer, item: PipeAggregateItem): string {
  return words(
    printSelectItem(printer, item.item),
    item.direction,
    item.nulls && `NULLS ${item.nulls}`,
  );
}
