// SPDX-License-Identifier: Apache-2.0

import type {
  Assignment,
  CallStatement,
  ConflictAction,
  DefaultValue,
  Delete,
  DmlStatement,
  Insert,
  InsertRow,
  InsertSource,
  OnConflict,
  Returning,
  ReturningAction,
  Update,
} from "../tree/dml.ts";
import type { Expression } from "../tree/expression.ts";
import type { Hint } from "../tree/hint.ts";
import type { Identifier } from "../tree/position.ts";
import { parseArgument } from "./call.ts";
import { parseCount } from "./count.ts";
import { type Cursor, present } from "./cursor.ts";
import { parseAlias, parseFromItems } from "./from.ts";
import { parseHint } from "./hint.ts";
import { startsQuery } from "./parentheses.ts";
import { parseSelectItems } from "./select.ts";

/** `INSERT [OR mode] [INTO] table [(columns)] source [ON CONFLICT …] [THEN RETURN …]`. */
export function parseInsert(cursor: Cursor, hint: Hint | undefined): Insert {
  const start = cursor.start();
  cursor.expectWord("INSERT");
  const mode = parseInsertMode(cursor);
  cursor.takeWord("INTO");
  const table = cursor.path();
  const tableHint = parseHint(cursor);
  const columns = parseColumns(cursor);
  const source = parseInsertSource(cursor);
  // After a bare query, ON would belong to a join.
  const isClosed = source.kind === "values" || source.body.kind === "query";
  const onConflict = isClosed ? parseOnConflict(cursor) : undefined;
  const assertRowsModified = parseAssertRowsModified(cursor);
  const returning = parseReturning(cursor);
  return {
    kind: "insert",
    ...present({ hint }),
    mode,
    table,
    ...present({ tableHint, columns }),
    source,
    ...present({ onConflict, assertRowsModified, returning }),
    position: cursor.since(start),
  };
}

function parseInsertMode(cursor: Cursor): Insert["mode"] {
  const hasOr = cursor.takeWord("OR");
  for (const mode of ["IGNORE", "UPDATE", "REPLACE"] as const) {
    // Without OR, the word may be the table's name.
    if (cursor.isWord(mode) && (hasOr || !namesTable(cursor))) {
      cursor.take();
      return mode;
    }
  }
  if (hasOr) throw cursor.expected("keyword IGNORE or keyword REPLACE or keyword UPDATE");
  return "INSERT";
}

function namesTable(cursor: Cursor): boolean {
  if (!cursor.isName()) return false;
  return cursor.isSymbol(".", 1);
}

function parseColumns(cursor: Cursor): Identifier[] | undefined {
  if (!cursor.isSymbol("(") || startsQuery(cursor)) return undefined;
  return cursor.parenthesized(() => cursor.identifier());
}

function parseInsertSource(cursor: Cursor): InsertSource {
  const start = cursor.start();
  if (!cursor.takeWord("VALUES")) {
    if (!startsQuery(cursor)) throw cursor.unexpected();
    return cursor.query();
  }
  const rows = cursor.list(() => parseRow(cursor));
  return { kind: "values", rows, position: cursor.since(start) };
}

function parseRow(cursor: Cursor): InsertRow {
  const start = cursor.start();
  const values = cursor.parenthesized(() => parseValueOrDefault(cursor));
  return { kind: "row", values, position: cursor.since(start) };
}

function parseValueOrDefault(cursor: Cursor): Expression | DefaultValue {
  const start = cursor.start();
  if (!cursor.takeWord("DEFAULT")) return cursor.expression();
  return { kind: "default", position: cursor.since(start) };
}

function parseOnConflict(cursor: Cursor): OnConflict | undefined {
  const start = cursor.start();
  if (!cursor.takeWords("ON", "CONFLICT")) return undefined;
  const columns = cursor.isSymbol("(")
    ? cursor.parenthesized(() => cursor.identifier())
    : undefined;
  const constraint = cursor.takeWords("ON", "UNIQUE", "CONSTRAINT")
    ? cursor.identifier()
    : undefined;
  cursor.expectWord("DO");
  const action = parseConflictAction(cursor);
  return {
    kind: "on-conflict",
    ...present({ columns, constraint }),
    action,
    position: cursor.since(start),
  };
}

function parseConflictAction(cursor: Cursor): ConflictAction {
  if (cursor.takeWord("NOTHING")) return { kind: "nothing" };
  if (!cursor.takeWord("UPDATE")) throw cursor.expected("keyword NOTHING or keyword UPDATE");
  cursor.expectWord("SET");
  const assignments = parseAssignments(cursor);
  const where = parseWhere(cursor);
  return { kind: "update", assignments, ...present({ where }) };
}

/** `UPDATE table [alias] SET … [FROM …] [WHERE …] [THEN RETURN …]`. */
export function parseUpdate(cursor: Cursor, hint: Hint | undefined): Update {
  const start = cursor.start();
  cursor.expectWord("UPDATE");
  const table = cursor.path();
  const tableHint = parseHint(cursor);
  const alias = parseAlias(cursor);
  cursor.expectWord("SET");
  const changes = cursor.list(() => parseChange(cursor));
  const from = cursor.takeWord("FROM") ? parseFromItems(cursor) : undefined;
  const where = parseWhere(cursor);
  const assertRowsModified = parseAssertRowsModified(cursor);
  const returning = parseReturning(cursor);
  return {
    kind: "update",
    ...present({ hint }),
    table,
    ...present({ tableHint, alias }),
    assignments: changes.filter((change) => change.kind === "assignment"),
    nested: changes.filter((change) => change.kind !== "assignment"),
    ...present({ from, where, assertRowsModified, returning }),
    position: cursor.since(start),
  };
}

/** `target = value`, or a statement in parentheses. */
function parseChange(cursor: Cursor): Assignment | DmlStatement {
  if (!cursor.isSymbol("(")) return parseAssignment(cursor);
  return cursor.nested(() => {
    cursor.expectSymbol("(");
    const statement = parseNestedStatement(cursor);
    cursor.expectSymbol(")");
    return statement;
  });
}

function parseNestedStatement(cursor: Cursor): DmlStatement {
  if (cursor.isWord("INSERT")) return parseInsert(cursor, undefined);
  if (cursor.isWord("UPDATE")) return parseUpdate(cursor, undefined);
  if (cursor.isWord("DELETE")) return parseDelete(cursor, undefined);
  throw cursor.expected("keyword DELETE or keyword INSERT or keyword UPDATE");
}

/** `target = value, …`. */
function parseAssignments(cursor: Cursor): Assignment[] {
  return cursor.list(() => parseAssignment(cursor));
}

function parseAssignment(cursor: Cursor): Assignment {
  const start = cursor.start();
  const target = parseTarget(cursor);
  cursor.expectSymbol("=");
  const value = parseValueOrDefault(cursor);
  return { kind: "assignment", target, value, position: cursor.since(start) };
}

/** A column, or a field of one, with at most the subscripts a path can have. */
function parseTarget(cursor: Cursor): Expression {
  const start = cursor.start();
  let target: Expression = cursor.path();
  for (let length = 1; cursor.isSymbol("[") || cursor.isSymbol("."); length += 1) {
    cursor.checkChain(length);
    if (cursor.takeSymbol("[")) {
      const index = cursor.expression();
      cursor.expectSymbol("]");
      target = { kind: "subscript", operand: target, index, position: cursor.since(start) };
    } else {
      cursor.expectSymbol(".");
      const field = cursor.identifier();
      target = { kind: "field", operand: target, field, position: cursor.since(start) };
    }
  }
  return target;
}

/** `DELETE [FROM] table [alias] [WHERE …] [THEN RETURN …]`. */
export function parseDelete(cursor: Cursor, hint: Hint | undefined): Delete {
  const start = cursor.start();
  cursor.expectWord("DELETE");
  cursor.takeWord("FROM");
  const table = cursor.path();
  const tableHint = parseHint(cursor);
  const alias = parseAlias(cursor);
  const where = parseWhere(cursor);
  const assertRowsModified = parseAssertRowsModified(cursor);
  const returning = parseReturning(cursor);
  return {
    kind: "delete",
    ...present({ hint }),
    table,
    ...present({ tableHint, alias, where, assertRowsModified, returning }),
    position: cursor.since(start),
  };
}

function parseWhere(cursor: Cursor): Expression | undefined {
  return cursor.takeWord("WHERE") ? cursor.clause(() => cursor.expression()) : undefined;
}

/** `ASSERT_ROWS_MODIFIED n`, where n is a constant or a parameter, if it stands here. */
function parseAssertRowsModified(cursor: Cursor): Expression | undefined {
  return cursor.takeWord("ASSERT_ROWS_MODIFIED") ? parseCount(cursor) : undefined;
}

/** `THEN RETURN [WITH ACTION [AS alias]] item, …`, if it stands here. */
function parseReturning(cursor: Cursor): Returning | undefined {
  const start = cursor.start();
  if (!cursor.takeWord("THEN")) return undefined;
  cursor.expectWord("RETURN");
  const action = parseReturningAction(cursor);
  const items = parseSelectItems(cursor);
  return { kind: "returning", ...present({ action }), items, position: cursor.since(start) };
}

function parseReturningAction(cursor: Cursor): ReturningAction | undefined {
  const start = cursor.start();
  if (!cursor.takeWord("WITH")) return undefined;
  cursor.expectWord("ACTION");
  const alias = cursor.takeWord("AS") ? cursor.identifier() : undefined;
  return { kind: "returning-action", ...present({ alias }), position: cursor.since(start) };
}

/** `CALL procedure(argument, …)`. */
export function parseCallStatement(cursor: Cursor): CallStatement {
  const start = cursor.start();
  cursor.expectWord("CALL");
  const name = cursor.path();
  cursor.expectSymbol("(");
  const written = cursor.isSymbol(")") ? [] : cursor.list(() => parseArgument(cursor));
  cursor.expectListEnd();
  return { kind: "call-statement", name, arguments: written, position: cursor.since(start) };
}
