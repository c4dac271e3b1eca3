// SPDX-License-Identifier: Apache-2.0

import type { Query, QueryBody, SetOperation } from "../tree/query.ts";
import { printFromItem } from "./from.ts";
import { printGraphQuery } from "./graph.ts";
import { printHint } from "./hint.ts";
import { printPipe } from "./pipe.ts";
import { type Printer, printPath, words } from "./printer.ts";
import { printLimit, printOrderBy, printSelect, printSetOperator, printWith } from "./select.ts";

/** A query, without parentheses around it. */
export function printQuery(printer: Printer, query: Query): string {
  return words(
    printHint(printer, query.hint),
    query.with && printWith(printer, query.with),
    printBody(printer, query.body),
    query.orderBy && printOrderBy(printer, query.orderBy),
    query.limit && printLimit(printer, query.limit),
    query.forUpdate && "FOR UPDATE",
    ...query.pipes.map((pipe) => `|> ${printPipe(printer, pipe)}`),
  );
}

function printBody(printer: Printer, body: QueryBody): string {
  switch (body.kind) {
    case "select":
      return printSelect(printer, body);
    case "set-operation":
      return printSetOperation(printer, body);
    case "from-query":
      return `FROM ${printFromItem(printer, body.from)}`;
    case "table-query":
      return `TABLE ${printPath(body.name)}`;
    case "graph-query":
      return printGraphQuery(printer, body);
    case "query":
      return `(${printer.query(body)})`;
  }
}

function printSetOperation(printer: Printer, operation: SetOperation): string {
  const operator = printSetOperator(printer, operation);
  const inputs = operation.inputs.map((input) => {
    const text = printBody(printer, input);
    return input.kind === "set-operation" ? `(${text})` : text;
  });
  return inputs.join(` ${operator} `);
}
