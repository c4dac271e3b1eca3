// SPDX-License-Identifier: Apache-2.0

import type { Expression } from "../tree/expression.ts";
import type {
  BracedConstructor,
  BracedField,
  NewConstructor,
  ReplacedField,
  ReplaceFields,
} from "../tree/message.ts";
import type { Path } from "../tree/position.ts";
import { type Cursor, present } from "./cursor.ts";

/** `REPLACE_FIELDS(message, value AS path, …)`. */
export function parseReplaceFields(cursor: Cursor): ReplaceFields {
  const start = cursor.start();
  cursor.expectWord("REPLACE_FIELDS");
  cursor.expectSymbol("(");
  const operand = cursor.expression();
  cursor.expectSymbol(",");
  const fields = cursor.list(() => parseReplacedField(cursor));
  cursor.expectListEnd();
  return { kind: "replace-fields", operand, fields, position: cursor.since(start) };
}

function parseReplacedField(cursor: Cursor): ReplacedField {
  const start = cursor.start();
  const value = cursor.expression();
  cursor.expectWord("AS");
  const path = cursor.path();
  return { kind: "replaced-field", value, path, position: cursor.since(start) };
}

/** `NEW message(value AS field, …)`, or `NEW message {field: value, …}`. */
export function parseNew(cursor: Cursor): NewConstructor | BracedConstructor {
  const start = cursor.start();
  cursor.expectWord("NEW");
  const type = cursor.path();
  if (cursor.isSymbol("{")) return parseBraced(cursor, start, type);
  cursor.expectSymbol("(");
  const fields = cursor.isSymbol(")") ? [] : cursor.list(() => parseNewField(cursor));
  cursor.expectListEnd();
  return { kind: "new", type, fields, position: cursor.since(start) };
}

/** A field without a name takes that of its value, when the value is a path. */
function parseNewField(cursor: Cursor): ReplacedField {
  const start = cursor.start();
  const value = cursor.expression();
  const path = cursor.takeWord("AS") ? parseNewFieldPath(cursor) : impliedPath(value);
  return { kind: "replaced-field", value, path, position: cursor.since(start) };
}

function parseNewFieldPath(cursor: Cursor): Path {
  if (cursor.takeSymbol("(")) {
    const path = cursor.path();
    cursor.expectSymbol(")");
    return path;
  }
  const name = cursor.identifier();
  return { kind: "path", parts: [name], position: name.position };
}

function impliedPath(value: Expression): Path {
  if (value.kind === "path") return { ...value, parts: value.parts.slice(-1) };
  return { kind: "path", parts: [], position: value.position };
}

/**
 * `{field: value, …}`, which makes a protocol buffer, after `NEW type` if that was written.
 *
 * Commas may be left out, and so may the colon before braces.
 */
export function parseBraced(cursor: Cursor, start: number, type?: Path): BracedConstructor {
  return cursor.nested(() => {
    cursor.expectSymbol("{");
    const fields: BracedField[] = [];
    while (!cursor.isSymbol("}")) {
      fields.push(parseBracedField(cursor));
      cursor.takeSymbol(",");
    }
    cursor.expectSymbol("}");
    return { kind: "braced", ...present({ type }), fields, position: cursor.since(start) };
  });
}

function parseBracedField(cursor: Cursor): BracedField {
  const start = cursor.start();
  if (!startsField(cursor)) {
    // Whatever it is, it is read first, and may be wrong in itself.
    cursor.expression();
    throw valueMissing(cursor);
  }
  const isExtension = cursor.takeSymbol("(");
  const path = cursor.path();
  if (isExtension) cursor.expectSymbol(")");
  cursor.takeSymbol(":");
  const value = cursor.expression();
  return { kind: "braced-field", path, isExtension, value, position: cursor.since(start) };
}

/** Whether a field's name stands here, or an extension's in parentheses, and a value follows. */
function startsField(cursor: Cursor): boolean {
  const isExtension = cursor.isSymbol("(");
  let ahead = isExtension ? 1 : 0;
  if (!cursor.isName(ahead)) return false;
  while (cursor.isSymbol(".", ahead + 1) && cursor.isName(ahead + 2)) ahead += 2;
  const after = isExtension ? ahead + 2 : ahead + 1;
  if (isExtension && !cursor.isSymbol(")", ahead + 1)) return false;
  return cursor.isSymbol(":", after) || cursor.isSymbol("{", after);
}

function valueMissing(cursor: Cursor): Error {
  if (cursor.peek().kind === "invalid") return cursor.unexpected();
  return cursor.error(
    "Syntax error: Invalid braced constructor element, " +
      "expected ':' followed by an expression that computes the value",
  );
}
