// SPDX-License-Identifier: Apache-2.0

import type { ColumnDefinition, TableConstraint } from "../tree/ddl-column.ts";
import type {
  AddColumn,
  AlterColumn,
  AlterTable,
  AlterTableAction,
  ColumnChange,
  CreateTable,
  Interleave,
  PrimaryKey,
  RenameTable,
  RowDeletionPolicy,
  SequenceChange,
  SetOptions,
} from "../tree/ddl-table.ts";
import type { Options } from "../tree/hint.ts";
import type { Identifier } from "../tree/position.ts";
import {
  parseColumnAttributes,
  parseColumnDefinition,
  parseConstraint,
  parseDeleteAction,
  parseKeyParts,
  parseOnDelete,
  parseParenthesizedExpression,
  parseSkipRange,
  startsConstraint,
} from "./column.ts";
import { type Cursor, present } from "./cursor.ts";
import { expectOptions } from "./hint.ts";
import { integer, parseColumnType } from "./type.ts";

/** `IF NOT EXISTS`; true when written. */
export function parseIfNotExists(cursor: Cursor): boolean {
  return cursor.takeWords("IF", "NOT", "EXISTS");
}

/** The elements between the parentheses of CREATE TABLE. */
interface TableElements {
  readonly columns: ColumnDefinition[];
  readonly constraints: TableConstraint[];
  readonly synonyms: Identifier[];
  primaryKey: PrimaryKey | undefined;
}

/** `TABLE [IF NOT EXISTS] name (element, …) [PRIMARY KEY …] [, clause]…`, after CREATE. */
export function parseCreateTable(cursor: Cursor, start: number): CreateTable {
  cursor.expectWord("TABLE");
  const ifNotExists = parseIfNotExists(cursor);
  const name = cursor.path();
  const elements = parseTableElements(cursor);
  if (elements.primaryKey !== undefined && cursor.isWords("PRIMARY", "KEY")) {
    throw cursor.error("Can only specify PRIMARY KEY once.");
  }
  const primaryKey = parsePrimaryKey(cursor) ?? elements.primaryKey;
  const clauses = parseTableClauses(cursor);
  return {
    kind: "create-table",
    ifNotExists,
    name,
    columns: elements.columns,
    constraints: elements.constraints,
    synonyms: elements.synonyms,
    ...present({ primaryKey, ...clauses }),
    position: cursor.since(start),
  };
}

function parseTableElements(cursor: Cursor): TableElements {
  const elements: TableElements = {
    columns: [],
    constraints: [],
    synonyms: [],
    primaryKey: undefined,
  };
  cursor.expectSymbol("(");
  while (!cursor.isSymbol(")")) {
    cursor.item(() => parseTableElement(cursor, elements));
    if (!cursor.continuesList()) break;
  }
  cursor.expectListEnd();
  return elements;
}

function parseTableElement(cursor: Cursor, elements: TableElements): void {
  if (startsConstraint(cursor)) {
    elements.constraints.push(parseConstraint(cursor));
  } else if (cursor.isWords("PRIMARY", "KEY") && elements.primaryKey === undefined) {
    elements.primaryKey = parsePrimaryKey(cursor);
  } else if (cursor.isWord("SYNONYM") && cursor.isSymbol("(", 1)) {
    cursor.expectWord("SYNONYM");
    cursor.expectSymbol("(");
    elements.synonyms.push(cursor.identifier());
    cursor.expectSymbol(")");
  } else {
    elements.columns.push(parseColumnDefinition(cursor));
  }
}

function parsePrimaryKey(cursor: Cursor): PrimaryKey | undefined {
  const start = cursor.start();
  if (!cursor.takeWords("PRIMARY", "KEY")) return undefined;
  const parts = parseKeyParts(cursor);
  return { kind: "primary-key", parts, position: cursor.since(start) };
}

/** What may follow the primary key, each clause after a comma. */
interface TableClauses {
  interleave: Interleave | undefined;
  rowDeletionPolicy: RowDeletionPolicy | undefined;
  options: Options | undefined;
}

function parseTableClauses(cursor: Cursor): TableClauses {
  const clauses: TableClauses = {
    interleave: undefined,
    rowDeletionPolicy: undefined,
    options: undefined,
  };
  // A table without a PRIMARY KEY clause has no comma before its first clause.
  while (cursor.takeSymbol(",") || startsTableClause(cursor)) {
    parseTableClause(cursor, clauses);
  }
  return clauses;
}

function startsTableClause(cursor: Cursor): boolean {
  return cursor.isWord("INTERLEAVE") || cursor.isWord("ROW") || cursor.isWord("OPTIONS");
}

function parseTableClause(cursor: Cursor, clauses: TableClauses): void {
  if (clauses.interleave === undefined && cursor.isWord("INTERLEAVE")) {
    clauses.interleave = parseInterleave(cursor);
  } else if (clauses.rowDeletionPolicy === undefined && cursor.isWord("ROW")) {
    clauses.rowDeletionPolicy = parseRowDeletionPolicy(cursor);
  } else if (clauses.options === undefined && cursor.isWord("OPTIONS")) {
    clauses.options = expectOptions(cursor);
  } else {
    throw cursor.unexpected();
  }
}

/** `INTERLEAVE IN [PARENT] table [ON DELETE …]`. */
function parseInterleave(cursor: Cursor): Interleave {
  const start = cursor.start();
  cursor.expectWords("INTERLEAVE", "IN");
  const inParent = cursor.isWord("PARENT") && !cursor.isSymbol(".", 1) && cursor.takeWord("PARENT");
  const table = cursor.path();
  const onDelete = parseOnDelete(cursor);
  return {
    kind: "interleave",
    inParent,
    table,
    ...present({ onDelete }),
    position: cursor.since(start),
  };
}

/** `ROW DELETION POLICY (OLDER_THAN (column, INTERVAL n DAY))`. */
function parseRowDeletionPolicy(cursor: Cursor): RowDeletionPolicy {
  const start = cursor.start();
  cursor.expectWords("ROW", "DELETION", "POLICY");
  cursor.expectSymbol("(");
  cursor.expectWord("OLDER_THAN");
  cursor.expectSymbol("(");
  const column = cursor.identifier();
  cursor.expectSymbol(",");
  cursor.expectWord("INTERVAL");
  const days = integer(cursor);
  cursor.expectWord("DAY");
  cursor.expectSymbol(")");
  cursor.expectSymbol(")");
  return { kind: "row-deletion-policy", column, days, position: cursor.since(start) };
}

/** `TABLE name action`, after ALTER. */
export function parseAlterTable(cursor: Cursor, start: number): AlterTable {
  cursor.expectWord("TABLE");
  const name = cursor.path();
  const action = parseAlterTableAction(cursor);
  return { kind: "alter-table", name, action, position: cursor.since(start) };
}

function parseAlterTableAction(cursor: Cursor): AlterTableAction {
  const start = cursor.start();
  if (cursor.takeWord("ADD")) return parseAdd(cursor, start);
  if (cursor.takeWord("DROP")) return parseDrop(cursor, start);
  if (cursor.takeWord("ALTER")) return parseAlterColumn(cursor, start);
  if (cursor.takeWord("SET")) return parseSet(cursor, start);
  if (cursor.takeWord("REPLACE")) {
    const policy = parseRowDeletionPolicy(cursor);
    return { kind: "replace-row-deletion-policy", policy, position: cursor.since(start) };
  }
  if (cursor.takeWords("RENAME", "TO")) return parseRenameTo(cursor, start);
  throw cursor.unexpected();
}

function parseAdd(cursor: Cursor, start: number): AlterTableAction {
  if (startsConstraint(cursor)) {
    const constraint = parseConstraint(cursor);
    return { kind: "add-constraint", constraint, position: cursor.since(start) };
  }
  if (cursor.isWords("ROW", "DELETION", "POLICY")) {
    const policy = parseRowDeletionPolicy(cursor);
    return { kind: "add-row-deletion-policy", policy, position: cursor.since(start) };
  }
  if (cursor.isWord("SYNONYM") && cursor.isName(1) && cursor.peek(2).kind === "end") {
    cursor.take();
    const synonym = cursor.identifier();
    return { kind: "add-synonym", synonym, position: cursor.since(start) };
  }
  return parseAddColumn(cursor, start);
}

function parseAddColumn(cursor: Cursor, start: number): AddColumn {
  cursor.takeWord("COLUMN");
  const ifNotExists = parseIfNotExists(cursor);
  const column = parseColumnDefinition(cursor);
  return { kind: "add-column", ifNotExists, column, position: cursor.since(start) };
}

function parseDrop(cursor: Cursor, start: number): AlterTableAction {
  if (cursor.takeWord("CONSTRAINT")) {
    return { kind: "drop-constraint", name: cursor.identifier(), position: cursor.since(start) };
  }
  if (cursor.takeWords("ROW", "DELETION", "POLICY")) {
    return { kind: "drop-row-deletion-policy", position: cursor.since(start) };
  }
  if (cursor.isWord("SYNONYM") && cursor.isName(1)) {
    cursor.take();
    return { kind: "drop-synonym", synonym: cursor.identifier(), position: cursor.since(start) };
  }
  if (cursor.isWord("COLUMN") && cursor.isName(1)) cursor.take();
  return { kind: "drop-column", column: cursor.identifier(), position: cursor.since(start) };
}

function parseSet(cursor: Cursor, start: number): AlterTableAction {
  if (cursor.isWord("OPTIONS")) return parseSetOptions(cursor, start);
  if (cursor.isWord("INTERLEAVE")) {
    const interleave = parseInterleave(cursor);
    return { kind: "set-interleave", interleave, position: cursor.since(start) };
  }
  cursor.expectWords("ON", "DELETE");
  const action = parseDeleteAction(cursor);
  return { kind: "set-on-delete", action, position: cursor.since(start) };
}

/** `OPTIONS (…)`, after SET. */
export function parseSetOptions(cursor: Cursor, start: number): SetOptions {
  const options = expectOptions(cursor);
  return { kind: "set-options", options, position: cursor.since(start) };
}

function parseRenameTo(cursor: Cursor, start: number): AlterTableAction {
  const name = cursor.path();
  const synonym = cursor.takeSymbol(",") ? parseAddedSynonym(cursor) : undefined;
  return { kind: "rename-to", name, ...present({ synonym }), position: cursor.since(start) };
}

function parseAddedSynonym(cursor: Cursor): Identifier {
  cursor.expectWords("ADD", "SYNONYM");
  return cursor.identifier();
}

function parseAlterColumn(cursor: Cursor, start: number): AlterColumn {
  if (cursor.isWord("COLUMN") && cursor.isName(1)) cursor.take();
  const column = cursor.identifier();
  const change = parseColumnChange(cursor);
  return { kind: "alter-column", column, change, position: cursor.since(start) };
}

function parseColumnChange(cursor: Cursor): ColumnChange {
  const start = cursor.start();
  if (cursor.takeWord("SET")) return parseColumnSet(cursor, start);
  if (cursor.takeWord("DROP")) return parseColumnDrop(cursor, start);
  if (cursor.takeWords("ALTER", "IDENTITY")) {
    const change = parseSequenceChange(cursor);
    return { kind: "alter-identity", change, position: cursor.since(start) };
  }
  const type = parseColumnType(cursor);
  const { primaryKey: _, placementKey: __, ...attributes } = parseColumnAttributes(cursor, []);
  return { kind: "change-column-type", type, ...attributes, position: cursor.since(start) };
}

function parseColumnSet(cursor: Cursor, start: number): ColumnChange {
  if (cursor.isWord("OPTIONS")) return parseSetOptions(cursor, start);
  if (cursor.takeWords("NOT", "NULL")) {
    return { kind: "set-not-null", position: cursor.since(start) };
  }
  if (cursor.takeWords("ON", "UPDATE")) {
    const expression = parseParenthesizedExpression(cursor);
    return { kind: "set-on-update", expression, position: cursor.since(start) };
  }
  cursor.expectWord("DEFAULT");
  const expression = parseParenthesizedExpression(cursor);
  return { kind: "set-default", expression, position: cursor.since(start) };
}

function parseColumnDrop(cursor: Cursor, start: number): ColumnChange {
  if (cursor.takeWords("NOT", "NULL")) {
    return { kind: "drop-not-null", position: cursor.since(start) };
  }
  if (cursor.takeWords("ON", "UPDATE")) {
    return { kind: "drop-on-update", position: cursor.since(start) };
  }
  cursor.expectWord("DEFAULT");
  return { kind: "drop-default", position: cursor.since(start) };
}

/** `RESTART COUNTER WITH n`, `[SET] SKIP RANGE n, m`, or `[SET] NO SKIP RANGE`. */
export function parseSequenceChange(cursor: Cursor): SequenceChange {
  if (cursor.takeWords("RESTART", "COUNTER", "WITH")) {
    return { kind: "restart-counter", value: integer(cursor) };
  }
  cursor.takeWord("SET");
  if (cursor.takeWords("NO", "SKIP", "RANGE")) return { kind: "set-no-skip-range" };
  cursor.expectWords("SKIP", "RANGE");
  return { kind: "set-skip-range", range: parseSkipRange(cursor) };
}

/** `RENAME TABLE a TO b, …`. */
export function parseRenameTable(cursor: Cursor): RenameTable {
  const start = cursor.start();
  cursor.expectWords("RENAME", "TABLE");
  const renames = cursor.list(() => {
    const renameStart = cursor.start();
    const from = cursor.path();
    cursor.expectWord("TO");
    const to = cursor.path();
    return { kind: "renaming", from, to, position: cursor.since(renameStart) } as const;
  });
  return { kind: "rename-table", renames, position: cursor.since(start) };
}
