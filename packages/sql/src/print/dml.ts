// SPDX-License-Identifier: Apache-2.0

import type {
  Assignment,
  CallStatement,
  ConflictAction,
  DefaultValue,
  Delete,
  DmlStatement,
  Insert,
  InsertSource,
  OnConflict,
  Returning,
  Update,
} from "../tree/dml.ts";
import type { Expression } from "../tree/expression.ts";
import { printArgument } from "./call.ts";
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
import { printSelectItems } from "./select.ts";

/** `INSERT INTO …`. */
function printInsert(printer: Printer, insert: Insert): string {
  return words(
    printHint(printer, insert.hint),
    "INSERT",
    insert.mode !== "INSERT" && `OR ${insert.mode}`,
    "INTO",
    printPath(insert.table) + printHint(printer, insert.tableHint),
    insert.columns && printColumns(insert.columns),
    printSource(printer, insert.source),
    insert.onConflict && printOnConflict(printer, insert.onConflict),
    printEnd(printer, insert),
  );
}

function printSource(printer: Printer, source: InsertSource): string {
  if (source.kind === "query") return printer.query(source);
  const rows = source.rows.map(
    (row) => `(${row.values.map((value) => printValue(printer, value)).join(", ")})`,
  );
  return `VALUES ${rows.join(", ")}`;
}

function printValue(printer: Printer, value: Expression | DefaultValue): string {
  return value.kind === "default" ? "DEFAULT" : printer.expression(value);
}

function printOnConflict(printer: Printer, conflict: OnConflict): string {
  return words(
    "ON CONFLICT",
    conflict.columns && printColumns(conflict.columns),
    conflict.constraint && `ON UNIQUE CONSTRAINT ${printIdentifier(conflict.constraint)}`,
    printAction(printer, conflict.action),
  );
}

function printAction(printer: Printer, action: ConflictAction): string {
  if (action.kind === "nothing") return "DO NOTHING";
  return words(
    `DO UPDATE SET ${printAssignments(printer, action.assignments)}`,
    action.where && `WHERE ${printer.expression(action.where)}`,
  );
}

function printAssignments(printer: Printer, assignments: readonly Assignment[]): string {
  return assignments.map((assignment) => printAssignment(printer, assignment)).join(", ");
}

function printAssignment(printer: Printer, { target, value }: Assignment): string {
  return `${printTarget(printer, target)} = ${printValue(printer, value)}`;
}

/** A target is a path with fields and subscripts, and never has parentheses. */
function printTarget(printer: Printer, target: Expression): string {
  switch (target.kind) {
    case "field":
      return `${printTarget(printer, target.operand)}.${printIdentifier(target.field)}`;
    case "subscript":
      return `${printTarget(printer, target.operand)}[${printer.expression(target.index)}]`;
    default:
      return printer.expression(target);
  }
}

/** `UPDATE … SET …`. */
function printUpdate(printer: Printer, update: Update): string {
  return words(
    printHint(printer, update.hint),
    "UPDATE",
    printPath(update.table) + printHint(printer, update.tableHint) + printAlias(update.alias),
    `SET ${printChanges(printer, update)}`,
    update.from && `FROM ${printFromItem(printer, update.from)}`,
    update.where && `WHERE ${printer.expression(update.where)}`,
    printEnd(printer, update),
  );
}

function printChanges(printer: Printer, update: Update): string {
  const assignments = update.assignments.map((assignment) => printAssignment(printer, assignment));
  const nested = update.nested.map((statement) => `(${printDmlStatement(printer, statement)})`);
  return [...assignments, ...nested].join(", ");
}

/** Any statement that changes rows. */
export function printDmlStatement(printer: Printer, statement: DmlStatement): string {
  switch (statement.kind) {
    case "insert":
      return printInsert(printer, statement);
    case "update":
      return printUpdate(printer, statement);
    case "delete":
      return printDelete(printer, statement);
  }
}

/** `DELETE FROM …`. */
function printDelete(printer: Printer, statement: Delete): string {
  const table = printPath(statement.table) + printHint(printer, statement.tableHint);
  return words(
    printHint(printer, statement.hint),
    `DELETE FROM ${table}${printAlias(statement.alias)}`,
    statement.where && `WHERE ${printer.expression(statement.where)}`,
    printEnd(printer, statement),
  );
}

/** What may end any statement that changes rows. */
function printEnd(
  printer: Printer,
  statement: Pick<Insert, "assertRowsModified" | "returning">,
): string {
  return words(
    statement.assertRowsModified &&
      `ASSERT_ROWS_MODIFIED ${printer.expression(statement.assertRowsModified)}`,
    statement.returning && printReturning(printer, statement.returning),
  );
}

function printReturning(printer: Printer, returning: Returning): string {
  return words(
    "THEN RETURN",
    returning.action && `WITH ACTION${printAlias(returning.action.alias)}`,
    printSelectItems(printer, returning.items),
  );
}

/** `CALL procedure(…)`. */
export function printCallStatement(printer: Printer, call: CallStatement): string {
  const written = call.arguments.map((argument) => printArgument(printer, argument));
  return `CALL ${printPath(call.name)}(${written.join(", ")})`;
}
