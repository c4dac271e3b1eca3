// SPDX-License-Identifier: Apache-2.0
// The types of a model's columns: few scalars, and structs and arrays of them, not too deep.
import { scalarTypeNamed } from "@spandrel/model";
import { printType, type StructTypeName, type TypeName } from "@spandrel/sql";
import {
  arrayOfArrays,
  emptyStruct,
  modelColumnLength,
  modelColumnType,
  structFieldRepeated,
} from "../errors/model.ts";
import { typeTooDeep, unrecognizedColumnType } from "../errors/schema.ts";
import { nameOf } from "./name.ts";

/** The column whose type it is. */
interface Owner {
  readonly model: string;
  readonly column: string;
}

/** How deep arrays and structs may stand in each other. */
const depthMax = 5;

/** What an endpoint understands. */
const scalars: ReadonlySet<string> = new Set(["INT64", "BOOL", "FLOAT64", "STRING", "BYTES"]);

/**
 * The type with its names as they are printed.
 *
 * @throws {StatusError} when a model's column cannot have it.
 */
export function modelColumnTypeName(type: TypeName, owner: Owner): TypeName {
  if (depthOf(type) > depthMax) throw typeTooDeep(depthMax);
  return canonical(type, owner, type);
}

function depthOf(type: TypeName): number {
  if (type.kind === "array-type") return 1 + depthOf(type.element);
  if (type.kind !== "struct-type") return 0;
  return 1 + Math.max(0, ...type.fields.map((field) => depthOf(field.type)));
}

function canonical(type: TypeName, owner: Owner, whole: TypeName): TypeName {
  const { model, column } = owner;
  if (type.kind === "array-type") {
    if (type.element.kind === "array-type") throw arrayOfArrays();
    return { ...type, element: canonical(type.element, owner, whole) };
  }
  if (type.kind === "struct-type") {
    requireFields(type);
    const fields = type.fields.map((field) => ({
      ...field,
      type: canonical(field.type, owner, whole),
    }));
    return { ...type, fields };
  }
  if (type.kind !== "simple-type") throw modelColumnType(model, column, printType(whole));
  const scalar = scalarTypeNamed(nameOf(type.name));
  if (scalar === undefined) throw unrecognizedColumnType(column, printType(type));
  if (!scalars.has(scalar.kind)) throw modelColumnType(model, column, printType(whole));
  if (type.parameters.some((parameter) => parameter.kind === "length")) {
    throw modelColumnLength(model, column);
  }
  const [part] = type.name.parts;
  return part === undefined
    ? type
    : { ...type, name: { ...type.name, parts: [{ ...part, name: scalar.kind }] } };
}

function requireFields(type: StructTypeName): void {
  if (type.fields.length === 0) throw emptyStruct();
  const seen = new Map<string, string>();
  for (const { name } of type.fields) {
    if (name === undefined) continue;
    const before = seen.get(name.name.toLowerCase());
    if (before !== undefined) throw structFieldRepeated(printType(type), name.name, before);
    seen.set(name.name.toLowerCase(), name.name);
  }
}
