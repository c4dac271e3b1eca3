// SPDX-License-Identifier: Apache-2.0

import type {
  GraphFunctionCall,
  GraphLinearQuery,
  GraphQuery,
  GraphReturn,
  GraphSetInput,
  GraphStatement,
  GraphStep,
  GraphWith,
} from "../tree/graph.ts";
import { printArgument } from "./call.ts";
import { printOffset, printSample } from "./from.ts";
import { printGraphPattern } from "./graph-pattern.ts";
import { printHint } from "./hint.ts";
import {
  type Printer,
  printAlias,
  printColumns,
  printIdentifier,
  printPath,
  words,
} from "./printer.ts";
import { printGroupBy, printOrderBy, printSelectItems } from "./select.ts";

/** `GRAPH name …`, without braces around it. */
export function printGraphQuery(printer: Printer, query: GraphQuery): string {
  return words(
    query.graph && `GRAPH ${printPath(query.graph)}`,
    query.steps.map((step) => printStep(printer, step)).join(" NEXT "),
  );
}

/** What stands in the parentheses of GRAPH_TABLE: the same, without the word GRAPH. */
export function printGraphTableQuery(printer: Printer, query: GraphQuery): string {
  const { graph, ...rest } = query;
  return words(graph && printPath(graph), printGraphQuery(printer, rest));
}

function printStep(printer: Printer, { first, rest }: GraphStep): string {
  return words(
    printLinearQuery(printer, first),
    ...rest.map((input) => printSetInput(printer, input)),
  );
}

function printSetInput(printer: Printer, input: GraphSetInput): string {
  const quantifier = input.distinct ? "DISTINCT" : "ALL";
  return words(input.outer, input.operator, quantifier, printLinearQuery(printer, input.query));
}

function printLinearQuery(printer: Printer, { statements }: GraphLinearQuery): string {
  return statements.map((statement) => printGraphStatement(printer, statement)).join(" ");
}

function printGraphStatement(printer: Printer, statement: GraphStatement): string {
  switch (statement.kind) {
    case "graph-match": {
      const match = `MATCH${printHint(printer, statement.hint)}`;
      const pattern = printGraphPattern(printer, statement.pattern);
      return words(statement.optional && "OPTIONAL", match, pattern);
    }
    case "graph-let": {
      const definitions = statement.definitions.map(
        ({ name, value }) => `${printIdentifier(name)} = ${printer.expression(value)}`,
      );
      return `LET ${definitions.join(", ")}`;
    }
    case "graph-filter":
      return `FILTER ${printer.expression(statement.condition)}`;
    case "graph-for": {
      const element = printIdentifier(statement.element);
      const array = printer.expression(statement.array);
      return words("FOR", element, "IN", array, printOffset(statement.offset));
    }
    case "graph-order-by":
      return printOrderBy(printer, statement.orderBy);
    case "graph-limit":
      return `LIMIT ${printer.expression(statement.count)}`;
    case "graph-offset":
      return `OFFSET ${printer.expression(statement.count)}`;
    case "graph-sample":
      return printSample(printer, statement.sample) ?? "";
    case "graph-call":
      return words(
        statement.optional && "OPTIONAL",
        "CALL",
        statement.variables && printColumns(statement.variables),
        `{${printGraphQuery(printer, statement.query)}}`,
      );
    case "graph-function-call":
      return printFunctionCall(printer, statement);
    case "graph-with":
      return `WITH${printItems(printer, statement)}`;
    case "graph-return":
      return printReturn(printer, statement);
    case "graph-columns":
      return `COLUMNS (${printSelectItems(printer, statement.items)})`;
  }
}

function printFunctionCall(printer: Printer, call: GraphFunctionCall): string {
  const written = call.arguments.map((argument) => printArgument(printer, argument)).join(", ");
  const columns = call.columns?.map(
    ({ column, alias }) => printIdentifier(column) + printAlias(alias),
  );
  // A function called PER is told from the clause by its quotes.
  const name = printPath(call.name);
  const isPer = name.toUpperCase() === "PER";
  return words(
    call.optional && "OPTIONAL",
    "CALL",
    call.partitionBy && `PER ${printColumns(call.partitionBy)}`,
    `${isPer ? `\`${name}\`` : name}(${written})`,
    columns && `YIELD ${columns.join(", ")}`,
  );
}

function printItems(
  printer: Printer,
  { hint, distinct, items, groupBy }: Pick<GraphWith, "hint" | "distinct" | "items" | "groupBy">,
): string {
  const inside = words(
    distinct && "DISTINCT",
    printSelectItems(printer, items),
    groupBy && printGroupBy(printer, groupBy),
  );
  return `${printHint(printer, hint)} ${inside}`;
}

function printReturn(printer: Printer, statement: GraphReturn): string {
  const { orderBy, offset, limit } = statement;
  return words(
    `RETURN${printItems(printer, statement)}`,
    orderBy && printOrderBy(printer, orderBy),
    offset && `OFFSET ${printer.expression(offset)}`,
    limit && `LIMIT ${printer.expression(limit)}`,
  );
}
