// SPDX-License-Identifier: Apache-2.0
// The types of GoogleSQL as Spanner has them, as plain immutable data. A type never says how long a
// STRING may be: that is a property of a column.
// https://cloud.google.com/spanner/docs/reference/standard-sql/data-types

/** A type without parts. */
export type ScalarKind =
  | "BOOL"
  | "INT64"
  | "FLOAT32"
  | "FLOAT64"
  | "NUMERIC"
  | "STRING"
  | "BYTES"
  | "DATE"
  | "TIMESTAMP"
  | "JSON"
  | "UUID"
  | "INTERVAL";

/** A type without parts, such as `INT64`. */
export interface ScalarType {
  readonly kind: ScalarKind;
}

/** An array; its element is never an array. */
export interface ArrayType {
  readonly kind: "ARRAY";
  readonly element: Type;
}

/** A struct: fields in order; names may be empty and may repeat. */
export interface StructType {
  readonly kind: "STRUCT";
  readonly fields: readonly StructField[];
}

/** A field of a struct. */
export interface StructField {
  readonly name: string;
  readonly type: Type;
}

/** A protocol buffer message or enum, known by its full name. */
export interface NamedType {
  readonly kind: "PROTO" | "ENUM";
  readonly name: string;
}

/** A type of GoogleSQL. */
export type Type = ScalarType | ArrayType | StructType | NamedType;

export const BOOL: ScalarType = { kind: "BOOL" };
export const INT64: ScalarType = { kind: "INT64" };
export const FLOAT32: ScalarType = { kind: "FLOAT32" };
export const FLOAT64: ScalarType = { kind: "FLOAT64" };
export const NUMERIC: ScalarType = { kind: "NUMERIC" };
export const STRING: ScalarType = { kind: "STRING" };
export const BYTES: ScalarType = { kind: "BYTES" };
export const DATE: ScalarType = { kind: "DATE" };
export const TIMESTAMP: ScalarType = { kind: "TIMESTAMP" };
export const JSON_TYPE: ScalarType = { kind: "JSON" };
export const UUID: ScalarType = { kind: "UUID" };
export const INTERVAL: ScalarType = { kind: "INTERVAL" };

const scalarsByName: ReadonlyMap<string, ScalarType> = new Map(
  [
    BOOL,
    INT64,
    FLOAT32,
    FLOAT64,
    NUMERIC,
    STRING,
    BYTES,
    DATE,
    TIMESTAMP,
    JSON_TYPE,
    UUID,
    INTERVAL,
  ].map((type) => [type.kind, type]),
);

/** The type without parts that has a name, in any case; undefined when none has. */
export function scalarTypeNamed(name: string): ScalarType | undefined {
  return scalarsByName.get(name.toUpperCase());
}

/** The type of arrays with such elements. */
export function arrayOf(element: Type): ArrayType {
  return { kind: "ARRAY", element };
}

/** The type of structs with such fields. */
export function structOf(fields: readonly StructField[]): StructType {
  return { kind: "STRUCT", fields };
}

/** Whether two types are the same; field names count, but for their case. */
export function typesEqual(left: Type, right: Type): boolean {
  if (left.kind !== right.kind) return false;
  if (left.kind === "ARRAY" && right.kind === "ARRAY")
    return typesEqual(left.element, right.element);
  if (left.kind === "STRUCT" && right.kind === "STRUCT") {
    return (
      left.fields.length === right.fields.length &&
      left.fields.every((field, index) => {
        const other = right.fields[index];
        return (
          other !== undefined &&
          field.name.toLowerCase() === other.name.toLowerCase() &&
          typesEqual(field.type, other.type)
        );
      })
    );
  }
  if ("name" in left && "name" in right) return left.name === right.name;
  return true;
}

/** A type as GoogleSQL writes it: `ARRAY<STRUCT<a INT64, STRING>>`. */
export function printType(type: Type): string {
  switch (type.kind) {
    case "ARRAY":
      return `ARRAY<${printType(type.element)}>`;
    case "STRUCT": {
      const fields = type.fields.map((field) =>
        field.name === "" ? printType(field.type) : `${field.name} ${printType(field.type)}`,
      );
      return `STRUCT<${fields.join(", ")}>`;
    }
    case "PROTO":
    case "ENUM":
      return type.name;
    default:
      return type.kind;
  }
}
