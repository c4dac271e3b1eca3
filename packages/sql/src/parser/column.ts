// SPDX-License-Identifier: Apache-2.0

import type {
  CheckConstraint,
  ColumnDefinition,
  ColumnValue,
  DeleteAction,
  ForeignKeyConstraint,
  KeyPart,
  SequenceParameters,
  SkipRange,
  TableConstraint,
} from "../tree/ddl-column.ts";
import type { Expression } from "../tree/expression.ts";
import type { Options } from "../tree/hint.ts";
import { type Cursor, present } from "./cursor.ts";
import { expectOptions } from "./hint.ts";
import { parseDirection, parseNullOrder } from "./order.ts";
import { integer, parseColumnType } from "./type.ts";

/** `name type attribute …`. */
export function parseColumnDefinition(cursor: Cursor): ColumnDefinition {
  const start = cursor.start();
  const name = cursor.identifier();
  const type = parseColumnType(cursor);
  const attributes = parseColumnAttributes(cursor);
  return {
    kind: "column-definition",
    name,
    type,
    ...attributes,
    position: cursor.since(start),
  };
}

/** What may follow a column's type. */
export type ColumnAttributes = Omit<ColumnDefinition, "kind" | "name" | "type" | "position">;

/** Attributes while they are being collected. */
interface Collected {
  notNull: boolean;
  hidden: boolean;
  primaryKey: boolean;
  placementKey: boolean;
  value: ColumnValue | undefined;
  onUpdate: Expression | undefined;
  options: Options | undefined;
}

/** Which keys a column may be declared to be, where it is defined; none where it is altered. */
type KeyAttribute = "PRIMARY" | "PLACEMENT";

/** The attributes of a column, in any order, each at most once. */
export function parseColumnAttributes(
  cursor: Cursor,
  keys: readonly KeyAttribute[] = ["PRIMARY", "PLACEMENT"],
): ColumnAttributes {
  const collected: Collected = {
    notNull: false,
    hidden: false,
    primaryKey: false,
    placementKey: false,
    value: undefined,
    onUpdate: undefined,
    options: undefined,
  };
  while (parseColumnAttribute(cursor, collected, keys));
  const { value, onUpdate, options, ...flags } = collected;
  return { ...flags, ...present({ value, onUpdate, options }) };
}

/** Reads one attribute into the collection; false when none stands here. */
function parseColumnAttribute(
  cursor: Cursor,
  collected: Collected,
  keys: readonly KeyAttribute[],
): boolean {
  if (cursor.isWord("KEY", 1) && !keys.some((key) => cursor.isWord(key))) return false;
  if (!collected.notNull && cursor.takeWords("NOT", "NULL")) {
    collected.notNull = true;
  } else if (!collected.hidden && cursor.takeWord("HIDDEN")) {
    collected.hidden = true;
  } else if (!collected.primaryKey && cursor.takeWords("PRIMARY", "KEY")) {
    collected.primaryKey = true;
  } else if (!collected.placementKey && cursor.takeWords("PLACEMENT", "KEY")) {
    collected.placementKey = true;
  } else if (collected.value === undefined && startsColumnValue(cursor)) {
    collected.value = parseColumnValue(cursor);
  } else if (collected.onUpdate === undefined && cursor.takeWords("ON", "UPDATE")) {
    collected.onUpdate = parseParenthesizedExpression(cursor);
  } else if (collected.options === undefined && cursor.isWord("OPTIONS")) {
    collected.options = expectOptions(cursor);
  } else {
    return false;
  }
  return true;
}

const columnValueWords: ReadonlySet<string> = new Set([
  "DEFAULT",
  "AS",
  "GENERATED",
  "AUTO_INCREMENT",
]);

function startsColumnValue(cursor: Cursor): boolean {
  return cursor.isAnyWord(columnValueWords);
}

function parseColumnValue(cursor: Cursor): ColumnValue {
  const start = cursor.start();
  if (cursor.takeWord("DEFAULT")) {
    const expression = parseParenthesizedExpression(cursor);
    return { kind: "column-default", expression, position: cursor.since(start) };
  }
  if (cursor.takeWord("AUTO_INCREMENT")) {
    const parameters = { bitReversedPositive: false };
    return {
      kind: "column-identity",
      autoIncrement: true,
      parameters,
      position: cursor.since(start),
    };
  }
  if (cursor.takeWord("AS")) return parseGenerated(cursor, start);
  cursor.expectWords("GENERATED", "BY", "DEFAULT", "AS", "IDENTITY");
  const parameters = cursor.isSymbol("(")
    ? parseIdentityParameters(cursor)
    : { bitReversedPositive: false };
  return {
    kind: "column-identity",
    autoIncrement: false,
    parameters,
    position: cursor.since(start),
  };
}

function parseGenerated(cursor: Cursor, start: number): ColumnValue {
  const expression = parseParenthesizedExpression(cursor);
  const stored = cursor.takeWord("STORED");
  return { kind: "column-generated", expression, stored, position: cursor.since(start) };
}

function parseIdentityParameters(cursor: Cursor): SequenceParameters {
  cursor.expectSymbol("(");
  const parameters = parseSequenceParameters(cursor);
  cursor.expectSymbol(")");
  return parameters;
}

/** `[BIT_REVERSED_POSITIVE] [START COUNTER WITH n] [SKIP RANGE n, m]`, in any order. */
export function parseSequenceParameters(cursor: Cursor): SequenceParameters {
  let bitReversedPositive = false;
  let startCounterWith: bigint | undefined;
  let skipRange: SkipRange | undefined;
  for (;;) {
    if (cursor.takeWord("BIT_REVERSED_POSITIVE")) bitReversedPositive = true;
    else if (cursor.takeWords("START", "COUNTER", "WITH")) startCounterWith = integer(cursor);
    else if (cursor.takeWords("SKIP", "RANGE")) skipRange = parseSkipRange(cursor);
    else break;
  }
  return { bitReversedPositive, ...present({ startCounterWith, skipRange }) };
}

/** `low, high`. */
export function parseSkipRange(cursor: Cursor): SkipRange {
  const low = integer(cursor);
  cursor.expectSymbol(",");
  return { low, high: integer(cursor) };
}

/**
 * `(expression)`, where the expression may be a query.
 *
 * The node's position is all that stands between the parentheses, more of them included: that is
 * the text Spanner keeps.
 */
export function parseParenthesizedExpression(cursor: Cursor): Expression {
  if (cursor.isSymbol("(") && cursor.isWord("SELECT", 1)) return parseBareQuery(cursor);
  cursor.expectSymbol("(");
  const start = cursor.start();
  const expression = cursor.expression();
  const position = cursor.since(start);
  cursor.expectSymbol(")");
  return { ...expression, position };
}

function parseBareQuery(cursor: Cursor): Expression {
  cursor.expectSymbol("(");
  const query = cursor.query();
  cursor.expectSymbol(")");
  return { kind: "subquery", form: "scalar", query, position: query.position };
}

/** `(column [ASC | DESC], …)`, which may be empty and may end in a comma. */
export function parseKeyParts(cursor: Cursor): KeyPart[] {
  cursor.expectSymbol("(");
  const parts: KeyPart[] = [];
  while (!cursor.isSymbol(")")) {
    parts.push(parseKeyPart(cursor));
    if (!cursor.takeSymbol(",")) break;
  }
  cursor.expectListEnd();
  return parts;
}

/** `column [ASC | DESC] [NULLS FIRST | NULLS LAST]`. */
export function parseKeyPart(cursor: Cursor): KeyPart {
  const start = cursor.start();
  const column = cursor.path();
  const direction = parseDirection(cursor);
  const nulls = parseNullOrder(cursor);
  return {
    kind: "key-part",
    column,
    ...present({ direction, nulls }),
    position: cursor.since(start),
  };
}

/** Whether a constraint stands here, rather than a column. */
export function startsConstraint(cursor: Cursor): boolean {
  if (cursor.isWord("CONSTRAINT") && cursor.isName(1)) {
    return cursor.isWord("CHECK", 2) || cursor.isWord("FOREIGN", 2);
  }
  if (cursor.isWords("FOREIGN", "KEY")) return true;
  return cursor.isWord("CHECK") && cursor.isSymbol("(", 1);
}

/** `[CONSTRAINT name] CHECK …` or `[CONSTRAINT name] FOREIGN KEY …`. */
export function parseConstraint(cursor: Cursor): TableConstraint {
  const start = cursor.start();
  const name = cursor.takeWord("CONSTRAINT") ? cursor.identifier() : undefined;
  const constraint = cursor.isWord("CHECK") ? parseCheck(cursor) : parseForeignKey(cursor);
  return { ...constraint, ...present({ name }), position: cursor.since(start) };
}

function parseCheck(cursor: Cursor): CheckConstraint {
  const start = cursor.start();
  cursor.expectWord("CHECK");
  const expression = parseParenthesizedExpression(cursor);
  const enforced = parseEnforced(cursor);
  return { kind: "check", expression, ...present({ enforced }), position: cursor.since(start) };
}

function parseForeignKey(cursor: Cursor): ForeignKeyConstraint {
  const start = cursor.start();
  cursor.expectWords("FOREIGN", "KEY");
  const columns = cursor.parenthesized(() => cursor.identifier());
  cursor.expectWord("REFERENCES");
  const referencedTable = cursor.path();
  const referencedColumns = cursor.parenthesized(() => cursor.identifier());
  const onDelete = parseOnDelete(cursor);
  const enforced = parseEnforced(cursor);
  return {
    kind: "foreign-key",
    columns,
    referencedTable,
    referencedColumns,
    ...present({ onDelete, enforced }),
    position: cursor.since(start),
  };
}

function parseEnforced(cursor: Cursor): boolean | undefined {
  if (cursor.takeWord("ENFORCED")) return true;
  return cursor.takeWords("NOT", "ENFORCED") ? false : undefined;
}

/** `ON DELETE CASCADE | NO ACTION`, if it stands here. */
export function parseOnDelete(cursor: Cursor): DeleteAction | undefined {
  return cursor.takeWords("ON", "DELETE") ? parseDeleteAction(cursor) : undefined;
}

/** `CASCADE` or `NO ACTION`. */
export function parseDeleteAction(cursor: Cursor): DeleteAction {
  if (cursor.takeWord("CASCADE")) return "CASCADE";
  cursor.expectWords("NO", "ACTION");
  return "NO ACTION";
}
