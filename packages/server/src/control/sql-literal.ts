// SPDX-License-Identifier: Apache-2.0
// Values as GoogleSQL literals that read back as exactly the same value.
// https://cloud.google.com/spanner/docs/reference/standard-sql/lexical#literals
import { BugError } from "@spandrel/base";
import {
  type ArrayType,
  encodeValue,
  INT64_MIN,
  printType,
  type Type,
  type Value,
} from "@spandrel/model";
import { printExpression } from "@spandrel/sql";

/** A value of a type that a column can have, as a literal. */
export function sqlLiteral(type: Type, value: Value): string {
  if (value === null) return "NULL";
  switch (type.kind) {
    case "BOOL":
      return value === true ? "TRUE" : "FALSE";
    case "INT64":
    case "ENUM":
      // The smallest one is a minus before a number that is too large.
      return value === INT64_MIN ? `CAST("${INT64_MIN}" AS INT64)` : String(value);
    case "FLOAT64":
      return finiteLiteral(value as number) ?? `CAST("${value}" AS FLOAT64)`;
    case "FLOAT32":
      return `CAST(${finiteLiteral(value as number) ?? `"${value}"`} AS FLOAT32)`;
    case "STRING":
      return stringLiteral(value as string);
    case "BYTES":
    case "PROTO":
      return printExpression({ kind: "bytes", value: value as Uint8Array, position: nowhere });
    case "NUMERIC":
    case "DATE":
    case "TIMESTAMP":
    case "JSON":
      return `${type.kind} ${textLiteral(type, value)}`;
    case "UUID":
    case "INTERVAL":
      return `CAST(${textLiteral(type, value)} AS ${type.kind})`;
    case "ARRAY":
      return arrayLiteral(type, value as readonly Value[]);
    case "STRUCT":
      throw new BugError("no column holds a STRUCT");
  }
}

function arrayLiteral(type: ArrayType, elements: readonly Value[]): string {
  const literals = elements.map((element) => sqlLiteral(type.element, element));
  return `${printType(type)}[${literals.join(", ")}]`;
}

function textLiteral(type: Type, value: Value): string {
  return stringLiteral(String(encodeValue(type, value)));
}

const nowhere = { start: 0, end: 0 };

/** A text as a literal, on one line. */
export function stringLiteral(value: string): string {
  return printExpression({ kind: "string", value, position: nowhere });
}

/** A float as a number; undefined for those that only a cast of a word gives. */
function finiteLiteral(value: number): string | undefined {
  if (!Number.isFinite(value)) return undefined;
  const digits = Object.is(value, -0) ? "-0" : String(value);
  return /[.e]/.test(digits) ? digits : `${digits}.0`;
}
