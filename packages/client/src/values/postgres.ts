// SPDX-License-Identifier: Apache-2.0
// Where PostgreSQL's dialect has types of its own: they travel as GoogleSQL's with an annotation.
// https://cloud.google.com/spanner/docs/reference/postgresql/data-types
import { arrayOf, type ScalarType, type Type, typeToProto } from "@spandrel/model";
import { type Type as ProtoType, TypeAnnotationCode } from "@spandrel/protocol";
import { Numeric } from "./numeric.ts";
import { json, TypedValue } from "./typed-value.ts";

/** A type of PostgreSQL's dialect that GoogleSQL has not, or not with these values. */
export interface PostgresType extends ScalarType {
  readonly annotation: "PG_NUMERIC" | "PG_JSONB" | "PG_OID";
}

/** `numeric` of PostgreSQL: up to 147,455 digits before the point, 16,383 behind, and NaN. */
export const PG_NUMERIC: PostgresType = { kind: "NUMERIC", annotation: "PG_NUMERIC" };
/** `jsonb` of PostgreSQL. */
export const PG_JSONB: PostgresType = { kind: "JSON", annotation: "PG_JSONB" };
/** `oid` of PostgreSQL. */
export const PG_OID: PostgresType = { kind: "INT64", annotation: "PG_OID" };

/** Decimal text, which may be `NaN`, or a whole number as PostgreSQL's `numeric`. */
export function pgNumeric(value: string | bigint | Numeric | null): TypedValue {
  return new TypedValue(PG_NUMERIC, value);
}

/** Anything that JSON can say as PostgreSQL's `jsonb`. */
export function pgJsonb(value: unknown): TypedValue {
  return new TypedValue(PG_JSONB, json(value).value);
}

/** A whole number as PostgreSQL's `oid`. */
export function pgOid(value: number | bigint | null): TypedValue {
  return new TypedValue(PG_OID, value);
}

/** Whether a type is one of PostgreSQL's own. */
export function isPostgres(type: Type): type is PostgresType {
  return "annotation" in type;
}

const numericText = /^(?:nan|[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)$/i;

/** A value as the text of PostgreSQL's `numeric`; undefined when it is none. */
export function printPostgresNumeric(value: unknown): string | undefined {
  if (typeof value === "bigint" || value instanceof Numeric) return value.toString();
  return typeof value === "string" && numericText.test(value) ? value : undefined;
}

/** A type as a request says it, with the annotations of PostgreSQL's own. */
export function protoTypeOf(type: Type): ProtoType {
  if (isPostgres(type))
    return { ...typeToProto(type), typeAnnotation: TypeAnnotationCode[type.annotation] };
  if (type.kind === "ARRAY")
    return { ...typeToProto(arrayOf(type.element)), arrayElementType: protoTypeOf(type.element) };
  if (type.kind !== "STRUCT") return typeToProto(type);
  const fields = type.fields.map(({ name, type: field }) => ({ name, type: protoTypeOf(field) }));
  return { ...typeToProto(type), structType: { fields } };
}
