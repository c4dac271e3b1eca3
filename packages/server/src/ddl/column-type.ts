// SPDX-License-Identifier: Apache-2.0
// The type of a column as the DDL writes it: a type, and how long its texts may be.
import { arrayOf, scalarTypeNamed, type Type } from "@spandrel/model";
import type { TypeName } from "@spandrel/sql";
import { vectorLengthOnWrongType } from "../errors/column-change.ts";
import { arrayOfArrays } from "../errors/model.ts";
import {
  invalidLength,
  lengthMissing,
  typeNotStorable,
  unrecognizedColumnType,
} from "../errors/schema.ts";
import { TOKENLIST } from "../functions/token-list.ts";
import type { Limits } from "../limits/limits.ts";

/** What a column's type says. */
export interface ColumnType {
  /** The length that every value of an array has: `ARRAY<FLOAT32>(vector_length=>4)`. */
  readonly vectorLength: bigint | undefined;
  readonly type: Type;
  /** Undefined is MAX, or a type that has no length. */
  readonly lengthMax: number | undefined;
  readonly isTokenList?: boolean;
}

/**
 * Reads a column's type.
 *
 * @throws {StatusError} INVALID_ARGUMENT when no column can have such a type, or such a length.
 */
export function columnType(column: string, name: TypeName, limits: Limits): ColumnType {
  if (name.kind === "array-type") {
    const element = columnType(column, name.element, limits);
    if (element.type.kind === "ARRAY") throw arrayOfArrays();
    if (element.isTokenList === true) throw typeNotStorable(column, "ARRAY of TOKENLIST");
    const vectorLength = vectorLengthOf(column, element.type, name);
    return { type: arrayOf(element.type), lengthMax: element.lengthMax, vectorLength };
  }
  if (name.kind !== "simple-type") throw typeNotStorable(column, "STRUCT");
  const word = name.name.parts.map((part) => part.name).join(".");
  if (word.toUpperCase() === "TOKENLIST") return tokenList;
  const type = scalarTypeNamed(word);
  if (type === undefined) throw unrecognizedColumnType(column, word);
  if (type.kind === "INTERVAL") throw typeNotStorable(column, word);
  const lengthMax = lengthOf(column, type, name.parameters, limits);
  return { type, lengthMax, vectorLength: undefined };
}

const tokenList: ColumnType = {
  type: TOKENLIST,
  lengthMax: undefined,
  vectorLength: undefined,
  isTokenList: true,
};

type Parameters = Extract<TypeName, { kind: "simple-type" }>["parameters"];

function lengthOf(column: string, type: Type, parameters: Parameters, limits: Limits) {
  const [parameter] = parameters;
  if (type.kind !== "STRING" && type.kind !== "BYTES") {
    if (parameter !== undefined) throw typeNotStorable(column, `${type.kind} with a length`);
    return undefined;
  }
  if (parameter === undefined) throw lengthMissing(column, type.kind);
  if (parameter.kind === "max") return undefined;
  const most = type.kind === "STRING" ? limits.stringLengthMax : limits.bytesLengthMax;
  if (parameter.value < 1n || parameter.value > BigInt(most)) {
    throw invalidLength(column, parameter.value, most);
  }
  return Number(parameter.value);
}

/** A column's type as GetDatabaseDdl writes it: `ARRAY<STRING(MAX)>`. */
export function printColumnType(column: ColumnType): string {
  const { type, lengthMax, vectorLength } = column;
  if (column.isTokenList === true) return "TOKENLIST";
  if (type.kind === "ARRAY") {
    const element = printColumnType({ type: type.element, lengthMax, vectorLength: undefined });
    const length = vectorLength === undefined ? "" : `(vector_length=>${vectorLength})`;
    return `ARRAY<${element}>${length}`;
  }
  if (type.kind !== "STRING" && type.kind !== "BYTES") return type.kind;
  return `${type.kind}(${lengthMax ?? "MAX"})`;
}

type ArrayTypeName = Extract<TypeName, { kind: "array-type" }>;

function vectorLengthOf(column: string, element: Type, { vectorLength }: ArrayTypeName) {
  if (vectorLength === undefined) return undefined;
  if (element.kind !== "FLOAT32" && element.kind !== "FLOAT64") {
    throw vectorLengthOnWrongType(column);
  }
  return vectorLength;
}
