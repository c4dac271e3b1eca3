// SPDX-License-Identifier: Apache-2.0

import type { Path } from "../tree/position.ts";
import type {
  ArrayTypeName,
  SimpleTypeName,
  StructFieldType,
  StructTypeName,
  TypeName,
  TypeParameter,
} from "../tree/type.ts";
import { type Cursor, present } from "./cursor.ts";

/** Any type: `INT64`, `STRING(MAX)`, `ARRAY<…>`, `STRUCT<…>`, or the name of a proto. */
export function parseType(cursor: Cursor): TypeName {
  return parseTypeOf(cursor, "expression");
}

/** The type of a column: like any other, but that every field of a struct has a name. */
export function parseColumnType(cursor: Cursor): TypeName {
  return parseTypeOf(cursor, "column");
}

/** What a type is the type of. */
type TypeUse = "expression" | "column";

function parseTypeOf(cursor: Cursor, use: TypeUse): TypeName {
  if (cursor.isWord("ARRAY")) return parseArrayType(cursor, use);
  if (cursor.isWord("STRUCT")) return parseStructType(cursor, use);
  if (!cursor.isName() && !cursor.isWord("INTERVAL")) throw cursor.unexpected("column_type");
  return parseSimpleType(cursor);
}

/** `ARRAY<element>`, with the vector length that a column may add. */
export function parseArrayType(cursor: Cursor, use: TypeUse = "expression"): ArrayTypeName {
  const start = cursor.start();
  cursor.expectWord("ARRAY");
  cursor.expectSymbol("<");
  const element = cursor.nested(() => parseTypeOf(cursor, use));
  expectClosingAngle(cursor);
  const vectorLength = parseVectorLength(cursor);
  return {
    kind: "array-type",
    element,
    ...present({ vectorLength }),
    position: cursor.since(start),
  };
}

function parseVectorLength(cursor: Cursor): bigint | undefined {
  if (!(cursor.isSymbol("(") && cursor.isWord("VECTOR_LENGTH", 1))) return undefined;
  cursor.expectSymbol("(");
  cursor.expectWord("VECTOR_LENGTH");
  cursor.expectSymbol("=>");
  const length = integer(cursor);
  cursor.expectSymbol(")");
  return length;
}

/** `STRUCT<name type, …>`. */
export function parseStructType(cursor: Cursor, use: TypeUse = "expression"): StructTypeName {
  const start = cursor.start();
  cursor.expectWord("STRUCT");
  const fields = cursor.takeSymbol("<>") ? [] : parseStructFields(cursor, use);
  return { kind: "struct-type", fields, position: cursor.since(start) };
}

function parseStructFields(cursor: Cursor, use: TypeUse): StructFieldType[] {
  cursor.expectSymbol("<");
  if (cursor.takeClosingAngle()) return [];
  const fields = cursor.list(() => parseStructField(cursor, use));
  expectClosingAngle(cursor);
  return fields;
}

function parseStructField(cursor: Cursor, use: TypeUse): StructFieldType {
  const start = cursor.start();
  const isNamed = use === "column" || isFieldName(cursor);
  const name = isNamed ? cursor.identifier() : undefined;
  const type = cursor.nested(() => parseTypeOf(cursor, use));
  return { kind: "struct-field-type", ...present({ name }), type, position: cursor.since(start) };
}

/** A name is the field's name when a type follows it, and the type itself otherwise. */
function isFieldName(cursor: Cursor): boolean {
  if (!cursor.isName()) return false;
  return cursor.isName(1) || cursor.isAnyWord(reservedTypes, 1);
}

const reservedTypes: ReadonlySet<string> = new Set(["ARRAY", "STRUCT", "INTERVAL"]);

function expectClosingAngle(cursor: Cursor): void {
  if (!cursor.takeClosingAngle()) throw cursor.expected('">"');
}

function parseSimpleType(cursor: Cursor): SimpleTypeName {
  const start = cursor.start();
  const name = parseTypeName(cursor);
  const parameters = cursor.isSymbol("(") ? parseTypeParameters(cursor) : [];
  return { kind: "simple-type", name, parameters, position: cursor.since(start) };
}

/** INTERVAL is a type although the word is reserved. */
function parseTypeName(cursor: Cursor): Path {
  if (!cursor.isWord("INTERVAL")) return cursor.path();
  const start = cursor.start();
  const part = cursor.anyWord();
  return { kind: "path", parts: [part], position: cursor.since(start) };
}

function parseTypeParameters(cursor: Cursor): TypeParameter[] {
  return cursor.parenthesized(() => {
    if (cursor.takeWord("MAX")) return { kind: "max" };
    return { kind: "length", value: integer(cursor) };
  });
}

/** A plain integer, decimal or hexadecimal. */
export function integer(cursor: Cursor): bigint {
  const token = cursor.peek();
  if (token.kind === "float") throw cursor.expected("integer literal");
  if (token.kind !== "integer") throw cursor.unexpected();
  cursor.take();
  return BigInt(token.text);
}
