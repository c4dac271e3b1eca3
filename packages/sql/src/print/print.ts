// SPDX-License-Identifier: Apache-2.0

import type { DdlStatement } from "../tree/ddl.ts";
import type { Statement } from "../tree/dml.ts";
import type { Expression } from "../tree/expression.ts";
import type { Query } from "../tree/query.ts";
import type { TypeName } from "../tree/type.ts";
import { printDdlStatement } from "./ddl.ts";
import { printCallStatement, printDmlStatement } from "./dml.ts";
import { printExpression as expressionText } from "./expression.ts";
import { printGraphTableQuery } from "./graph.ts";
import type { Printer } from "./printer.ts";
import { printQuery as queryText } from "./query.ts";
import { printType as typeText } from "./type.ts";

const printer: Printer = {
  expression: (expression) => expressionText(printer, expression),
  query: (query) => queryText(printer, query),
  graphTableQuery: (query) => printGraphTableQuery(printer, query),
};

/** The canonical text of a query or of a statement that changes rows, on one line. */
export function printStatement(statement: Statement): string {
  switch (statement.kind) {
    case "query":
      return printer.query(statement);
    case "insert":
    case "update":
    case "delete":
      return printDmlStatement(printer, statement);
    case "call-statement":
      return printCallStatement(printer, statement);
  }
}

/** The canonical text of a query, on one line. */
export function printQuery(query: Query): string {
  return printer.query(query);
}

/** The canonical text of an expression, on one line. */
export function printExpression(expression: Expression): string {
  return printer.expression(expression);
}

/** The canonical text of a schema statement, on one line, without a semicolon. */
export function printDdl(statement: DdlStatement): string {
  return printDdlStatement(printer, statement);
}

/** The canonical text of a type: `ARRAY<STRING(MAX)>`. */
export function printType(type: TypeName): string {
  return typeText(type);
}
