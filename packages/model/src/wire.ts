// SPDX-License-Identifier: Apache-2.0
// Values and types as Spanner's protocol carries them: google.protobuf.Value and spanner.v1.Type.
// https://cloud.google.com/spanner/docs/reference/rpc/google.spanner.v1#google.spanner.v1.TypeCode
import { fromBase64, toBase64 } from "@spandrel/base";
import { type Type as ProtoType, TypeCode } from "@spandrel/protocol";
import { parseDate, printDate } from "./date.ts";
import { parseInterval, printInterval } from "./interval.ts";
import { parseNumeric, printNumeric } from "./numeric.ts";
import { parseTimestamp, printTimestamp } from "./timestamp.ts";
import { printType, type ScalarKind, type Type } from "./type.ts";
import { parseUuid } from "./uuid.ts";
import { INT64_MAX, INT64_MIN, type IntervalValue, type Value } from "./value.ts";

/** A google.protobuf.Value: what JSON can say. */
export type WireValue =
  | null
  | boolean
  | number
  | string
  | readonly WireValue[]
  | { readonly [name: string]: WireValue };

/** A wire value is not one of the type that was asked for. */
export class WireFormatError extends Error {
  override readonly name = "WireFormatError";
  readonly type: Type;

  constructor(type: Type, value: WireValue) {
    super(`Could not parse ${describe(value)} as ${printType(type)}.`);
    this.type = type;
  }
}

function describe(value: WireValue): string {
  const text = JSON.stringify(value) ?? "undefined";
  return text.length > 64 ? `${text.slice(0, 64)}…` : text;
}

/** A value as the wire carries it. */
export function encodeValue(type: Type, value: Value): WireValue {
  if (value === null) return null;
  switch (type.kind) {
    case "BOOL":
      return value as boolean;
    case "INT64":
    case "ENUM":
      return (value as bigint).toString();
    case "FLOAT32":
    case "FLOAT64":
      return encodeFloat(value as number);
    case "NUMERIC":
      return printNumeric(value as bigint);
    case "TIMESTAMP":
      return printTimestamp(value as bigint);
    case "DATE":
      return printDate(value as number);
    case "STRING":
    case "JSON":
    case "UUID":
      return value as string;
    case "BYTES":
    case "PROTO":
      return toBase64(value as Uint8Array);
    case "INTERVAL":
      return printInterval(value as IntervalValue);
    case "ARRAY":
      return (value as readonly Value[]).map((element) => encodeValue(type.element, element));
    case "STRUCT": {
      const values = value as readonly Value[];
      return type.fields.map((field, index) => encodeValue(field.type, values[index] ?? null));
    }
  }
}

function encodeFloat(value: number): WireValue {
  if (Number.isFinite(value)) return value;
  return Number.isNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
}

/**
 * A value from the wire; JSON texts are taken as they are.
 *
 * @throws {WireFormatError} when the wire value is not one of the type.
 */
export function decodeValue(type: Type, wire: WireValue): Value {
  if (wire === null) return null;
  const value = tryDecodeValue(type, wire);
  if (value === undefined) throw new WireFormatError(type, wire);
  return value;
}

function tryDecodeValue(type: Type, wire: WireValue): Value | undefined {
  if (type.kind === "ARRAY") {
    return Array.isArray(wire)
      ? wire.map((element: WireValue) => decodeValue(type.element, element))
      : undefined;
  }
  if (type.kind === "STRUCT") {
    if (!Array.isArray(wire) || wire.length !== type.fields.length) return undefined;
    return type.fields.map((field, index) => decodeValue(field.type, wire[index] ?? null));
  }
  if (type.kind === "BOOL") return typeof wire === "boolean" ? wire : undefined;
  if (type.kind === "FLOAT64" || type.kind === "FLOAT32") return decodeFloat(type.kind, wire);
  return typeof wire === "string" ? decodeText(type.kind, wire) : undefined;
}

function decodeFloat(kind: ScalarKind, wire: WireValue): number | undefined {
  if (typeof wire === "number") return kind === "FLOAT32" ? Math.fround(wire) : wire;
  if (wire === "NaN") return Number.NaN;
  if (wire === "Infinity") return Number.POSITIVE_INFINITY;
  return wire === "-Infinity" ? Number.NEGATIVE_INFINITY : undefined;
}

const integer = /^[+-]?\d{1,40}$/;

function decodeText(kind: ScalarKind | "PROTO" | "ENUM", text: string): Value | undefined {
  switch (kind) {
    case "INT64":
    case "ENUM": {
      if (!integer.test(text)) return undefined;
      const value = BigInt(text);
      return value >= INT64_MIN && value <= INT64_MAX ? value : undefined;
    }
    case "NUMERIC":
      return parseNumeric(text);
    case "TIMESTAMP":
      return parseTimestamp(text);
    case "DATE":
      return parseDate(text);
    case "STRING":
    case "JSON":
      return text;
    case "UUID":
      return parseUuid(text);
    case "BYTES":
    case "PROTO":
      return fromBase64(text);
    case "INTERVAL":
      return parseInterval(text);
    default:
      return undefined;
  }
}

const codeByKind: Readonly<Record<ScalarKind | "PROTO" | "ENUM", TypeCode>> = {
  BOOL: TypeCode.BOOL,
  INT64: TypeCode.INT64,
  FLOAT32: TypeCode.FLOAT32,
  FLOAT64: TypeCode.FLOAT64,
  NUMERIC: TypeCode.NUMERIC,
  STRING: TypeCode.STRING,
  BYTES: TypeCode.BYTES,
  DATE: TypeCode.DATE,
  TIMESTAMP: TypeCode.TIMESTAMP,
  JSON: TypeCode.JSON,
  UUID: TypeCode.UUID,
  INTERVAL: TypeCode.INTERVAL,
  PROTO: TypeCode.PROTO,
  ENUM: TypeCode.ENUM,
};

const kindByCode = new Map<TypeCode, ScalarKind | "PROTO" | "ENUM">(
  Object.entries(codeByKind).map(([kind, code]) => [code, kind as ScalarKind]),
);

/** A type as the protocol carries it. */
export function typeToProto(type: Type): ProtoType {
  switch (type.kind) {
    case "ARRAY":
      return { code: TypeCode.ARRAY, arrayElementType: typeToProto(type.element) };
    case "STRUCT":
      return {
        code: TypeCode.STRUCT,
        structType: {
          fields: type.fields.map(({ name, type: field }) => ({ name, type: typeToProto(field) })),
        },
      };
    case "PROTO":
    case "ENUM":
      return { code: codeByKind[type.kind], protoTypeFqn: type.name };
    default:
      return { code: codeByKind[type.kind] };
  }
}

/** A type from the protocol; undefined when it is unspecified, incomplete or not known here. */
export function typeFromProto(type: ProtoType | undefined): Type | undefined {
  if (type?.code === TypeCode.ARRAY) {
    const element = typeFromProto(type.arrayElementType);
    return element === undefined ? undefined : { kind: "ARRAY", element };
  }
  if (type?.code === TypeCode.STRUCT) {
    const fields = (type.structType?.fields ?? []).map(({ name, type: field }) => ({
      name: name ?? "",
      type: typeFromProto(field),
    }));
    return fields.every((field): field is { name: string; type: Type } => field.type !== undefined)
      ? { kind: "STRUCT", fields }
      : undefined;
  }
  const kind = kindByCode.get(type?.code ?? TypeCode.TYPE_CODE_UNSPECIFIED);
  if (kind === undefined) return undefined;
  if (kind === "PROTO" || kind === "ENUM") return { kind, name: type?.protoTypeFqn ?? "" };
  return { kind };
}
